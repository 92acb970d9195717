"""A booking by its code, from any device."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind
from bot.bookings.service import confirm_place, hold_place
from bot.families.service import welcome
from tests.sessions import POLICY
from tests.web.client import PageClient
from tests.web.test_timetable import first
from tests.web.world import World


def book(world: World, *, confirmed: bool = True) -> Claim:
    slot = first(world, bookable=True)

    def act(db) -> Claim:
        adult = welcome(db, channel="telegram", key="1", lang="en", now=world.now)
        claim = hold_place(
            db, adult=adult, occurrence=slot.id, size=1, key="k", policy=POLICY, now=world.now
        )
        if confirmed:
            facts = {"name": "Amina", "phone": "07700 900982"}
            confirm_place(db, claim, facts=facts, born=None, policy=POLICY, now=world.now)
        return claim

    return world.store.write_now(act)


def kind_of(world: World, claim: Claim) -> ClaimKind:
    return world.store.read_now(lambda db: db.get_one(Claim, claim.id).kind)


async def open_with(client: PageClient, code: str, *, status: int = 200):
    return await client.press(
        await client.get("/booking"), "Show my booking", status=status, code=code
    )


async def test_a_code_in_any_writing_opens_the_booking(client: PageClient) -> None:
    claim = book(client.world)
    seen = await open_with(client, f" {claim.code[:4].lower()}-{claim.code[4:]} ")
    assert "You are booked." in seen.text
    assert f"{claim.code[:4]}-{claim.code[4:]}" in seen.text
    assert claim.code not in seen.url
    assert "Amina" not in seen.text
    assert "900982" not in seen.text
    assert seen.headers["Cache-Control"] == "no-store"
    ics = await client.raw.get("/booking.ics")
    assert ics.content_type == "text/calendar"


async def test_cancel_in_one_tap_and_take_it_back(client: PageClient) -> None:
    claim = book(client.world)
    seen = await open_with(client, claim.code)
    cancelled = await client.press(seen, "Cancel my booking")
    assert "This booking is cancelled." in cancelled.text
    assert kind_of(client.world, claim) is ClaimKind.HOLD
    back = await client.press(cancelled, "Undo: I want my place back")
    assert "You are booked." in back.text
    assert kind_of(client.world, claim) is ClaimKind.BOOKING


async def test_cancelling_when_it_is_over_is_refused_on_the_page(client: PageClient) -> None:
    claim = book(client.world)
    seen = await open_with(client, claim.code)
    client.world.now += timedelta(minutes=20)
    client.world.now, later = client.world.now + timedelta(days=200), client.world.now
    gone = await client.post("/booking/cancel", status=404)
    assert "We can't find that booking" in gone.text  # half an hour is over, too
    client.world.now = later
    assert seen.status == 200


@pytest.mark.parametrize("code", ["", "WRONG", "22222222", "' OR 1=1 --", "x" * 500, "\x00"])
async def test_a_wrong_code_is_said_on_the_form(client: PageClient, code: str) -> None:
    seen = await open_with(client, code, status=400)
    assert seen.page.title.startswith("Error: ")
    assert "There is a problem" in seen.text
    assert 'aria-describedby="code-hint code-fault"' in seen.html


async def test_a_place_that_is_only_held_is_no_booking(client: PageClient) -> None:
    await open_with(client, book(client.world, confirmed=False).code, status=400)


async def test_guessing_codes_is_stopped(client: PageClient) -> None:
    for _try in range(10):
        await open_with(client, "22222222", status=400)
    stopped = await open_with(client, book(client.world).code, status=429)
    assert "minute" in stopped.text or "second" in stopped.text
    assert int(stopped.headers["Retry-After"]) > 0


async def test_the_booking_closes_by_itself_on_request_and_on_exit(client: PageClient) -> None:
    claim = book(client.world)
    seen = await open_with(client, claim.code)
    closed = await client.press(seen, "Close this booking on this device")
    assert "Show my booking" in closed.html
    await open_with(client, claim.code)
    client.world.now += timedelta(minutes=31)
    assert "Show my booking" in (await client.get("/booking")).html
    client.world.now -= timedelta(minutes=31)
    await client.raw.get("/exit", allow_redirects=False)
    assert "Show my booking" in (await client.get("/booking")).html


async def test_a_made_up_cookie_opens_nothing(client: PageClient) -> None:
    for value in ("x", "AAAA", "é" * 9, "djEueC4="):
        client.raw.session.cookie_jar.update_cookies({"booking": value})
        assert "Show my booking" in (await client.get("/booking")).html

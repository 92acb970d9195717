"""Nobody gets in without a session; a link works once; a session ends by itself."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.enquiries.rules import EnquiryKind
from bot.staff.models import Audit, StaffLink, StaffSession
from bot.staff.service import make_link
from handlers.staff import add_staff
from tests.staff.browsing import Browser
from tests.staff.conftest import Cast, rows
from tests.web.world import World

SECRETS = ("Amina", "07700 900123", "+447700900123", "Dana", "982", "a quiet corner")


def everything(world: World) -> list[tuple[str, str]]:
    """Method and path pattern of every staff route, as the application itself lists them."""
    app = world.app()
    add_staff(app)
    found = []
    for route in app.router.routes():
        path = route.resource.canonical if route.resource else ""
        if path.startswith("/staff") and route.method != "HEAD":
            found.append((route.method, path))
    return found


async def test_every_route_is_shut_without_a_session(
    world: World, stranger: Browser, cast: Cast
) -> None:
    slot = cast.bookable()
    cast.books(slot, "Amina", phone="+447700900123", needs="a quiet corner")
    request = cast.asks(EnquiryKind.CONTACT_ME)
    open_to_all = {"/staff/enter/{link}", "/staff/enter", "/staff/out"}
    tried = 0
    for method, pattern in everything(world):
        if pattern in open_to_all:
            continue
        choices = [
            ("places/{act}", "places/kept"), ("{entry}/{act}", "1/off"), ("{entry}", "1"),
            ("{claim}", "1"), ("{kind}", "cancel"), ("{act}", "take"), ("{notice}", "1"),
        ]  # fmt: skip
        path = pattern
        for name, value in choices:
            path = path.replace(name, value)
        path = path.replace("{id}", slot.id if "/session/" in path else str(request))
        seen = await (stranger.open(path) if method == "GET" else stranger.post(path))
        assert seen.status == 403, (method, path)
        assert "python -m bot staff link" in seen.text
        assert not any(secret in seen.body for secret in SECRETS), path
        tried += 1
    assert tried == 25
    assert seen.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/staff/", "/staff/x", "/staff/session/1/2", "/staff/static/a"])
async def test_an_unknown_address_says_no_more_than_a_known_one(
    stranger: Browser, path: str
) -> None:
    seen = await stranger.open(path)
    assert (seen.status, seen.title) == (403, "For staff only")


async def test_a_made_up_cookie_opens_nothing(stranger: Browser) -> None:
    for cookie in ("x", "x" * 43, "'; --", "é" * 9):
        seen = await stranger.open("/staff", Cookie=f"staff={cookie}")
        assert seen.status == 403


async def test_opening_the_link_does_not_spend_it_and_posting_does(
    world: World, stranger: Browser
) -> None:
    link = world.store.write_now(make_link, now=world.now)
    for _look in range(3):  # a chat app and a mail scanner look at it, too
        assert (await stranger.open(f"/staff/enter/{link}")).status == 200
    assert (await stranger.open("/staff")).status == 403
    await stranger.open(f"/staff/enter/{link}")
    seen = await stranger.send("/enter", name="  Esi   Mensah ")
    assert (seen.status, seen.path) == (200, "/staff")
    assert "Esi Mensah" in seen.text


async def test_a_used_link_is_refused(world: World, stranger: Browser, esi: Browser) -> None:
    link = world.store.write_now(make_link, now=world.now)
    await stranger.open(f"/staff/enter/{link}")
    await stranger.send("/enter", name="Kofi")
    second = await esi.post("/staff/enter", {"link": link, "name": "Mallory"})
    assert second.status == 403
    assert "used or is too old" in second.text


async def test_a_link_is_good_for_ten_minutes(world: World, stranger: Browser) -> None:
    link = world.store.write_now(make_link, now=world.now)
    world.now += timedelta(minutes=10)
    assert (await stranger.post("/staff/enter", {"link": link, "name": "Esi"})).status == 403


async def test_without_a_name_the_link_is_kept(world: World, stranger: Browser) -> None:
    link = world.store.write_now(make_link, now=world.now)
    for name in ("", "  ", "7", "x" * 200):
        seen = await stranger.post("/staff/enter", {"link": link, "name": name})
        assert (seen.status, 'href="#name"' in seen.body) == (400, True)
    assert (await stranger.post("/staff/enter", {"link": link, "name": "Esi"})).status == 200


async def test_two_of_one_name_are_told_apart(
    world: World, stranger: Browser, esi: Browser
) -> None:
    path = f"/staff/enter/{world.store.write_now(make_link, now=world.now)}"
    await stranger.open(path)
    seen = await stranger.send("/staff/enter", name="ESI")
    assert seen.status == 409
    assert "Somebody by that name is signed in now" in seen.text
    assert "I am ESI, on another device" in seen.text
    assert (await esi.open("/staff")).status == 200  # and nothing happened to her
    assert (await stranger.open("/staff")).status == 403
    await stranger.open(path)  # the link is not spent
    assert (await stranger.send("/staff/enter", name="Esi Boateng")).path == "/staff"


async def test_one_person_may_be_signed_in_on_two_devices(
    world: World, stranger: Browser, esi: Browser
) -> None:
    await stranger.open(f"/staff/enter/{world.store.write_now(make_link, now=world.now)}")
    await stranger.send("/staff/enter", name="Esi")
    assert (await stranger.send("/staff/enter", same="yes")).path == "/staff"
    assert (await esi.open("/staff")).status == 200


async def test_a_name_is_free_once_its_session_is_over(
    world: World, stranger: Browser, esi: Browser
) -> None:
    world.now += timedelta(minutes=31)
    await stranger.open(f"/staff/enter/{world.store.write_now(make_link, now=world.now)}")
    assert (await stranger.send("/staff/enter", name="Esi")).path == "/staff"


async def test_wrong_links_are_counted(stranger: Browser) -> None:
    statuses = [
        (await stranger.post("/staff/enter", {"link": f"{n:040}", "name": "Esi"})).status
        for n in range(12)
    ]
    assert statuses == [403] * 10 + [429] * 2


async def test_half_an_hour_without_use_signs_out(world: World, esi: Browser) -> None:
    world.now += timedelta(minutes=29)
    assert (await esi.open("/staff")).status == 200
    world.now += timedelta(minutes=29)
    assert (await esi.open("/staff")).status == 200
    world.now += timedelta(minutes=30)
    seen = await esi.post("/staff/requests/1/take")
    assert seen.status == 403
    assert "no longer signed in, so nothing was changed" in seen.text


async def test_eight_hours_sign_out_however_busy(world: World, esi: Browser) -> None:
    for _quarter in range(31):
        world.now += timedelta(minutes=15)
        assert (await esi.open("/staff")).status == 200
    world.now += timedelta(minutes=15)
    assert (await esi.open("/staff")).status == 403


async def test_use_is_noted_at_most_once_a_minute(world: World, esi: Browser) -> None:
    def seen_ago() -> timedelta:
        [row] = rows(world, StaffSession)
        return world.now - row.seen_at

    world.now += timedelta(seconds=59)
    await esi.open("/staff/questions")
    assert seen_ago() == timedelta(seconds=59)
    world.now += timedelta(seconds=1)
    await esi.open("/staff/questions")
    assert seen_ago() == timedelta(0)


async def test_signing_out_ends_the_session_on_the_server(world: World, esi: Browser) -> None:
    cookies = {c.key: c.value for c in esi.client.session.cookie_jar}
    await esi.open("/staff")
    seen = await esi.send("/leave")
    assert (seen.status, seen.path) == (200, "/staff/out")
    again = await esi.open("/staff", Cookie=f"staff={cookies['staff']}")
    assert again.status == 403


async def test_signing_in_again_ends_the_earlier_session(world: World, esi: Browser) -> None:
    link = world.store.write_now(make_link, now=world.now)
    await esi.post("/staff/enter", {"link": link, "name": "Kofi"})
    assert [s.name for s in rows(world, StaffSession) if s.ended_at is None] == ["Kofi"]


async def test_only_hashes_are_kept(world: World, esi: Browser) -> None:
    [cookie] = [c.value for c in esi.client.session.cookie_jar if c.key == "staff"]
    kept = [r.model_dump_json() for table in (StaffSession, StaffLink) for r in rows(world, table)]
    assert len(kept) == 2
    assert not [row for row in kept if cookie in row]


async def test_the_cookie_is_for_https_where_we_are_on_https(world: World) -> None:
    app = world.app(public_url="https://families.example.gov.uk")
    add_staff(app)
    link = world.store.write_now(make_link, now=world.now)
    async with TestClient(TestServer(app)) as client:
        answer = await client.post(
            "/staff/enter", data={"link": link, "name": "Esi"}, allow_redirects=False,
            headers={"Origin": "https://families.example.gov.uk"},
        )  # fmt: skip
        cookie = answer.headers["Set-Cookie"]
    assert answer.status == 303
    assert cookie.startswith("__Host-staff=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie
    assert "Max-Age" not in cookie


async def test_a_form_of_another_website_changes_nothing(
    world: World, esi: Browser, cast: Cast
) -> None:
    request = cast.asks()
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        assert (await esi.post(f"/staff/requests/{request}/take", origin=origin)).status == 403
    assert (await esi.post(f"/staff/requests/{request}/take", origin=None)).status == 403
    assert "has this" not in (await esi.open("/staff/requests")).text
    assert (await esi.post(f"/staff/requests/{request}/take")).status == 200


async def test_no_log_repeats_the_secret(
    world: World, stranger: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    link = world.store.write_now(make_link, now=world.now)
    await stranger.open(f"/staff/enter/{link}")
    await stranger.send("/enter", name="Esi")
    await stranger.post("/staff/enter", {"link": link, "name": "Esi"})
    ours = [r for r in caplog.records if r.name.startswith(("bot", "handlers"))]
    assert ours
    assert all(link not in r.getMessage() for r in caplog.records if r.name != "asyncio")


async def test_coming_and_going_is_in_the_audit(world: World, esi: Browser) -> None:
    await esi.open("/staff")
    await esi.send("/leave")
    assert [(a.by, a.act) for a in rows(world, Audit)] == [
        ("Esi", "signed in"),
        ("Esi", "signed out"),
    ]


async def test_what_is_not_there_is_said_on_a_staff_page(esi: Browser) -> None:
    nowhere = "00000000-0000-0000-0000-000000000000"
    for path in (
        "/staff/nothing", f"/staff/session/{nowhere}", "/staff/session/x", "/staff/change/9",
        f"/staff/session/{nowhere}/cancel", f"/staff/session/{nowhere}/move",
        "/staff/session/x/cancel", "/staff/change/x", "/staff/change/9999999999",
    ):  # fmt: skip
        seen = await esi.open(path)
        assert (seen.status, seen.title) == (404, "Page not found"), path
        assert "Sign out" in seen.text
    for path in (
        "/staff/requests/9/take", "/staff/requests/9/close", "/staff/change/9/undo",
        f"/staff/session/{nowhere}/register", "/staff/change/9/rung/1",
        f"/staff/session/{nowhere}/cancel", f"/staff/session/{nowhere}/cancel/confirm",
    ):  # fmt: skip
        assert (await esi.post(path)).status == 404, path

"""The first staff page: what is on, what waits, what is wrong."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlmodel import Session

from bot.enquiries.rules import EnquiryKind
from bot.inbox import service as inbox
from bot.inbox.rules import Arrival
from bot.outbox import service as outbox
from bot.outbox.rules import Kind
from bot.timetable.service import cancel_occurrence
from tests.staff.browsing import Browser
from tests.staff.conftest import Cast
from tests.web.world import World


async def test_two_weeks_of_sessions_by_day(world: World, esi: Browser) -> None:
    seen = await esi.open("/staff")
    coming = {
        s.id for s in world.slots(13) if s.starts_at.date() < world.now.date() + timedelta(days=14)
    }
    shown = set(re.findall(r'/staff/session/([0-9a-f-]{36})"', seen.body))
    assert coming <= shown
    assert "Today, Tuesday 10 March" in seen.text
    assert "Tomorrow, Wednesday 11 March" in seen.text
    assert seen.headers["Cache-Control"] == "no-store"


async def test_what_began_this_morning_is_still_listed(world: World, sign_in) -> None:
    today = [s for s in world.slots(1) if s.starts_at.date() == world.now.date()]
    assert today
    world.now += timedelta(hours=6)
    seen = await (await sign_in("Esi")).open("/staff")
    assert all(s.id in seen.body for s in today)


async def test_a_day_and_a_venue_can_be_chosen(world: World, esi: Browser) -> None:
    slot = world.slots()[40]
    on = slot.starts_at.astimezone(world.settings.zone).date()
    seen = await esi.open(f"/staff?day={on}&venue={slot.venue}")
    shown = set(re.findall(r'/staff/session/([0-9a-f-]{36})"', seen.body))
    wanted = {
        s.id
        for s in world.slots()
        if s.venue == slot.venue and s.starts_at.astimezone(world.settings.zone).date() == on
    }
    assert shown == wanted


async def test_a_filter_that_means_nothing_is_ignored(esi: Browser) -> None:
    plain = await esi.open("/staff")
    for query in ("day=yesterday", "day=9999-99-99", "venue=nowhere", "day=&venue=", "x=1"):
        seen = await esi.open(f"/staff?{query}")
        assert (seen.status, len(re.findall("<li", seen.body))) == (
            200,
            len(re.findall("<li", plain.body)),
        )


async def test_places_booked_and_marks(world: World, esi: Browser, cast: Cast) -> None:
    slot, other = cast.bookable(), world.slots()[30]
    cast.books(slot, "Amina")
    cast.books(slot, "Ben")

    def call_off(db: Session) -> None:
        cancel_occurrence(db, other.id, reason="No heating", by="Kofi", now=world.now)

    world.store.write_now(call_off)
    body = (await esi.open("/staff?day=" + slot.starts_at.date().isoformat())).text
    assert f"2 of {slot.capacity} booked" in body
    day = other.starts_at.astimezone(world.settings.zone).date()
    assert "Cancelled" in (await esi.open(f"/staff?day={day}")).text


async def test_who_waits_is_counted_beside_what_is_booked(
    world: World, esi: Browser, cast: Cast
) -> None:
    slot = cast.bookable()
    cast.keeps(slot, capacity=1, kept=0)
    cast.books(slot, "Amina")
    path = "/staff?day=" + slot.starts_at.date().isoformat()
    assert "waiting" not in (await esi.open(path)).text
    for name in ("Ben", "Carol", "Dev"):
        cast.waits(slot, name)
    assert "1 of 1 booked 3 waiting" in (await esi.open(path)).text
    assert "Places 3 waiting" in (await esi.open(f"/staff/session/{slot.id}")).text


async def test_open_requests_are_counted(esi: Browser, cast: Cast) -> None:
    assert "to be rung" not in (await esi.open("/staff")).text
    cast.asks(name="Dana")
    cast.asks(EnquiryKind.CONTACT_ME, name="Eve")
    cast.asks(EnquiryKind.FEEDBACK, text="Lovely")
    seen = await esi.open("/staff")
    assert "2 families ask to be rung" in seen.text
    assert "Dana" not in seen.body


async def test_faults_are_said_in_plain_words(world: World, esi: Browser, cast: Cast) -> None:
    def break_things(db: Session) -> None:
        came = inbox.store_all(db, [Arrival("1", "1", b"{}")], channel="telegram", now=world.now)
        inbox.park(db, came["1"], reason="ValueError", now=world.now)
        outbox.post(
            db, to=adult, kind=Kind.REMINDER_EVE, about="1/x", dedupe="d", send_after=world.now
        )
        [lost] = outbox.lease_due(db, now=world.now, limit=5)
        outbox.failed(db, lost.id, reason="blocked", now=world.now)

    adult = cast.adult("amina")
    world.store.write_now(break_things)
    text = (await esi.open("/staff")).text
    for said in (
        "1 message from a family could not be read by the service",
        "1 message was not delivered",
        "The programme is a sample",
        "texts that families read have not been approved",
        "Card: domestic_abuse",
        "Wording: privacy",
    ):
        assert said in text, said


async def test_numbers_that_nobody_checked_lately(world: World, esi: Browser) -> None:
    text = (await esi.open("/staff")).text
    stale = any(c.stale(world.now.date()) for c in world.content.contacts.values())
    assert ("not checked in the last six months" in text) is stale

"""The timetable and the page of a session: what is found, how it is said, what is offered."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from sqlmodel import select

from bot.bookings.service import confirm_place, hold_place
from bot.families.service import welcome
from bot.store.models import Fact
from bot.timetable.importing import PROGRAMME
from bot.timetable.models import EmptySearch, Series
from bot.timetable.queries import Slot
from bot.timetable.service import cancel_occurrence, move_occurrence
from handlers.web.filters import Filters, days_of, tidy_postcode
from handlers.web.timetable import WISHES
from tests.sessions import POLICY
from tests.web.client import PageClient
from tests.web.world import START, World

LONDON = ZoneInfo("Europe/London")


def first(world: World, **wanted: object) -> Slot:
    """The first session from tomorrow on with these values."""
    tomorrow = world.now + timedelta(days=1)
    return next(
        s
        for s in world.slots()
        if s.starts_at > tomorrow and all(getattr(s, k) == v for k, v in wanted.items())
    )


async def test_sessions_stand_under_their_day_with_all_that_helps_to_choose(
    client: PageClient,
) -> None:
    seen = await client.get("/timetable?where=west_street&what=baby_group")
    assert "Today, Tuesday 10 March" in seen.text
    assert "Thursday 12 March" in seen.text
    assert "1:30pm to 3pm" in seen.text
    assert "West Street Children's Centre" in seen.text
    assert "Up to 12 months Free" in seen.text
    assert "Drop in, no need to book" in seen.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("when=today", "today, Tuesday 10 March"),
        ("when=tomorrow", "tomorrow, Wednesday 11 March"),
        ("when=weekend", "Saturday 14 March to Sunday 15 March"),
        ("when=next-week", "Monday 16 March to Sunday 22 March"),
        ("on=2026-03-13", "Friday 13 March"),
    ],
)
async def test_the_dates_that_were_understood_are_said(
    client: PageClient, query: str, said: str
) -> None:
    assert said in (await client.get(f"/timetable?{query}")).text


async def test_a_filter_is_a_link_that_takes_itself_away(client: PageClient) -> None:
    seen = await client.get("/timetable?when=weekend&free=yes&age=9")
    assert seen.link("9 months") == "/timetable?when=weekend&free=yes"
    without = await client.get(seen.link("This weekend ✕".removesuffix(" ✕")))
    assert without.status == 200


async def test_a_place_brings_distances_and_the_nearest_first(client: PageClient) -> None:
    seen = await client.get("/timetable?postcode=da81lw&when=tomorrow")
    assert "away" in seen.text
    assert 'value="DA8 1LW"' in seen.html


async def test_an_unknown_postcode_is_said_beside_its_field_and_left_out(
    client: PageClient,
) -> None:
    seen = await client.get("/timetable?postcode=<b>zz99</b>")
    assert "We don't know that postcode" in seen.text
    assert "<b>zz99" not in seen.html
    assert 'aria-invalid="true"' in seen.html
    assert "Drop in" in seen.text


async def test_nothing_found_offers_each_filter_that_stands_in_the_way(
    client: PageClient,
) -> None:
    seen = await client.get("/timetable?where=west_street&on=2026-03-15&free=yes")
    assert "Nothing found" in seen.text
    assert "Sunday 15 March (" in seen.text
    found = await client.get(
        next(href for href, said in seen.page.links if said.startswith("Sunday 15 March ("))
    )
    assert "Nothing found" not in found.text


async def test_a_search_that_found_nothing_is_counted_without_who_looked(
    client: PageClient,
) -> None:
    def counted() -> dict[str, int]:
        return client.world.store.read_now(
            lambda db: {row.wish: row.times for row in db.exec(select(EmptySearch))}
        )

    await client.get("/timetable?where=west_street&on=2026-03-17")  # there is something
    await client.get("/timetable?where=nowhere&on=2026-03-15")  # a filter that can't be used
    assert counted() == {}
    for _again in range(2):  # a reload is no second wish
        await client.get("/timetable?postcode=DA8+1LW&on=2027-03-14&what=henry")
    await client.get("/timetable?where=west_street&on=2027-03-14")
    assert counted() == {
        "what=henry when=2027-03-14 where=pc:DA8": 1, "when=2027-03-14 where=west_street": 1,
    }  # fmt: skip


async def test_a_program_that_tries_everything_is_not_a_crowd(client: PageClient) -> None:
    for day in range(10, 31):
        await client.get(f"/timetable?on=2028-03-{day}")
    rows = client.world.store.read_now(lambda db: len(db.exec(select(EmptySearch)).all()))
    assert rows == WISHES.burst


async def test_a_page_ends_with_a_whole_day_and_the_next_goes_on(client: PageClient) -> None:
    seen, days = await client.get("/timetable"), []
    for _page in range(3):
        days += [i for i in seen.page.ids if i.startswith("d2026")]
        seen = await client.get(seen.link("Later dates"))
    assert days == sorted(set(days))
    assert len(days) >= 3


async def test_a_cancelled_session_is_shown_as_cancelled_with_its_reason(
    client: PageClient,
) -> None:
    slot = first(client.world)
    client.world.store.write_now(
        cancel_occurrence, slot.id, reason="The boiler is broken.", by="Esi", now=client.world.now
    )
    day = slot.starts_at.astimezone(LONDON).date()
    listed = await client.get(f"/timetable?on={day}&where={slot.venue}")
    assert "Cancelled" in listed.text
    assert "The boiler is broken." in listed.text
    page = await client.get(f"/session/{slot.id}")
    assert "This session is cancelled. The boiler is broken." in page.text
    assert not [b for f in page.page.forms for b in f.buttons if b[0] == "start"]


async def test_a_moved_session_says_so(client: PageClient) -> None:
    slot = first(client.world)
    client.world.store.write_now(
        move_occurrence, slot.id, starts_at=slot.starts_at + timedelta(hours=1),
        ends_at=slot.ends_at + timedelta(hours=1), venue=slot.venue, reason="The hall is late.",
        by="Esi", now=client.world.now,
    )  # fmt: skip
    seen = await client.get(f"/session/{slot.id}")
    assert "This session has been moved." in seen.text


async def test_places_left_are_counted_and_a_full_session_can_still_be_followed(
    client: PageClient,
) -> None:
    slot = next(s for s in client.world.slots() if s.bookable and (s.capacity or 0) > 3 and s.starts_at > START + timedelta(days=1))  # fmt: skip

    def fill(db, size: int, who: str) -> None:
        adult = welcome(db, channel="telegram", key=who, lang="en", now=START)
        claim = hold_place(
            db,
            adult=adult,
            occurrence=slot.id,
            size=size,
            key=who,
            policy=POLICY,
            now=client.world.now,
        )
        confirm_place(db, claim, facts={}, born=None, policy=POLICY, now=client.world.now)

    client.world.store.write_now(fill, slot.capacity - 1, "1")
    seen = await client.get(f"/session/{slot.id}")
    assert "1 place left" in seen.text
    assert ("start", f"book-{slot.id}", "Book a place") in seen.page.forms[0].buttons
    client.world.store.write_now(fill, 1, "2")
    full = await client.get(f"/session/{slot.id}")
    assert "Full" in full.text
    starts = [b[1] for b in full.page.forms[0].buttons]
    assert f"book-{slot.id}" not in starts
    assert f"follow-{slot.id}" in starts


async def test_who_runs_it_and_that_they_are_no_therapist_is_said(client: PageClient) -> None:
    slot = first(client.world)
    activities = client.world.content.activities
    plain = await client.get(f"/session/{slot.id}")
    assert "not a therapist" not in plain.text
    changed = dataclasses.replace(activities[slot.activity], not_therapist=True)
    client.world.content = dataclasses.replace(
        client.world.content, activities={**activities, slot.activity: changed}
    )
    async with TestClient(TestServer(client.world.app())) as raw:
        seen = await PageClient(raw, client.world).get(f"/session/{slot.id}")
    assert "not a therapist" in seen.text
    assert "Run by" in seen.text


@pytest.mark.parametrize(
    "ident", ["nothing", "7dfefabd-7231-5bdd-b596-000000000000", "%00", "a" * 5000, "é"]
)
async def test_a_session_that_is_not_there_is_a_page_that_says_so(
    client: PageClient, ident: str
) -> None:
    seen = await client.get(f"/session/{ident}", status=404)
    assert "We can't find that session" in seen.text


async def test_search_engines_get_real_sessions_only(client: PageClient) -> None:
    slot = first(client.world)
    assert not (await client.get(f"/session/{slot.id}")).page.data

    def make_real(db) -> None:
        db.get_one(Fact, PROGRAMME).value = "real:x:y"
        db.get_one(Series, slot.series_id).sample = False

    client.world.store.write_now(make_real)
    [data] = (await client.get(f"/session/{slot.id}")).page.data
    event = json.loads(data)
    assert event["@type"] == "Event"
    assert datetime.fromisoformat(event["startDate"]) == slot.starts_at
    assert event["eventStatus"].endswith("EventScheduled")


async def test_a_calendar_file_holds_every_meeting_at_its_local_time(client: PageClient) -> None:
    slot = next(s for s in client.world.slots(40) if s.weeks and s.course_on == s.original_on and s.starts_at > START)  # fmt: skip
    answer = await client.raw.get(f"/session/{slot.id}.ics")
    assert answer.content_type == "text/calendar"
    made = Calendar.from_ical(await answer.read())
    events = recurring_ical_events.of(made).between(START, START + timedelta(days=200))
    assert len(events) == slot.weeks
    meetings = sorted(e["DTSTART"].dt for e in events)
    local = slot.starts_at.astimezone(LONDON).time()
    assert {m.astimezone(LONDON).time() for m in meetings} == {local}
    assert all(e["DTSTART"].params["TZID"] == "Europe/London" for e in events)
    assert all(e.subcomponents for e in events)  # each has its alarm


async def test_a_change_raises_the_sequence_of_the_same_uid(client: PageClient) -> None:
    slot = first(client.world, course_id=None)

    async def event() -> object:
        body = await (await client.raw.get(f"/session/{slot.id}.ics")).read()
        [found] = Calendar.from_ical(body).walk("VEVENT")
        return found

    before = await event()
    client.world.store.write_now(
        cancel_occurrence, slot.id, reason="x", by="Esi", now=client.world.now
    )
    after = await event()
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["STATUS"] == "CANCELLED"
    assert "LAST-MODIFIED" in after


async def test_a_calendar_never_names_a_sensitive_session(client: PageClient) -> None:
    activities = client.world.content.activities
    slot = next(s for s in client.world.slots(170) if activities[s.activity].sensitive)
    body = (await (await client.raw.get(f"/session/{slot.id}.ics")).read()).decode()
    assert activities[slot.activity].name["en"] not in body.replace("\r\n ", "")
    assert activities[slot.activity].neutral["en"] in body.replace("\r\n ", "")


async def test_an_old_site_says_that_nothing_is_there_now(client: PageClient) -> None:
    former = next(v for v in client.world.content.venues.values() if v.former)
    seen = await client.get(f"/venue/{former.id}")
    assert "We have nothing listed here now" in seen.text
    await client.get("/venue/nowhere", status=404)


def test_a_weekend_that_has_begun_is_this_one() -> None:
    sunday = datetime(2026, 3, 15, tzinfo=UTC).date()
    assert days_of("weekend", sunday) == (sunday, sunday)
    assert days_of("next-week", sunday)[0] == sunday + timedelta(days=1)


@pytest.mark.parametrize("typed", ["da8 1lw", "DA81LW", "Da8-1lw", " d a 8 1 l w ", "DA8.1LW"])
def test_a_postcode_may_be_typed_in_any_way(typed: str) -> None:
    assert tidy_postcode(typed) == "DA8 1LW"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.dictionaries(
        st.sampled_from([*sorted(Filters.__slots__), "lang", "x"]), st.text(max_size=30), max_size=6
    )
)
def test_no_query_breaks_the_filters(prepared, query: dict[str, str]) -> None:
    filters, _wrong = Filters.read(query, prepared.content)
    filters.wishes(START.date())
    again, none = Filters.read(filters.query(), prepared.content)
    assert again.query() == filters.query()
    assert not none

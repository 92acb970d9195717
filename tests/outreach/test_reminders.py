"""Reminders: at the right local minute, once, never for what is off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from bot.bookings import service as bookings
from bot.bookings.rules import EndedWhy
from bot.core.clock import quiet_until, to_utc
from bot.outbox import service as outbox
from bot.outbox.message import Message
from bot.outbox.models import Outbox
from bot.outbox.rules import Kind, OutboxState
from bot.outreach import service as outreach
from bot.outreach.notices import Skip, Voice, render
from bot.outreach.rules import reminder_times
from bot.timetable import service as timetable
from bot.wording.words import Words
from tests.cast import make_cast
from tests.conftest import DAY, HOUR, LONDON, MINUTE, NOW
from tests.sessions import POLICY, make_session

STARTS = NOW + DAY + HOUR  # tomorrow at eleven


@pytest.fixture
def voice(content) -> Voice:
    return Voice(content, lambda lang: Words(lang or "en", LONDON), "http://here")


@pytest.fixture
def booked(db: Session):
    """Amina has booked a session tomorrow at eleven."""
    cast = make_cast(db)
    (session,) = make_session(db, starts_at=STARTS, capacity=5)
    held = bookings.hold_place(
        db, adult=cast.amina, occurrence=session.id, size=1, key="a", policy=POLICY, now=NOW
    )
    return (
        cast,
        session,
        bookings.confirm_place(
            db, held, facts={"name": "Amina"}, born=None, policy=POLICY, now=NOW
        ),
    )


def plan(db: Session, content, now: datetime) -> int:
    return outreach.plan_reminders(db, content=content, now=now, zone=LONDON)


def rows(db: Session) -> list[Outbox]:
    return list(db.exec(select(Outbox).where(Outbox.kind != Kind.REPLY).order_by(Outbox.id)))


def test_both_reminders_are_written_once_with_their_times(db, content, booked):
    assert plan(db, content, NOW) == 2
    assert plan(db, content, NOW + MINUTE) == 0
    due = {r.kind: r.send_after for r in rows(db)}
    assert due == {
        Kind.REMINDER_EVE: NOW.replace(hour=18),
        Kind.REMINDER_SOON: STARTS - 2 * HOUR,
    }


def test_a_moved_session_is_reminded_at_its_new_time_and_the_old_ones_are_skipped(
    db, content, booked, voice
):
    _cast, session, _claim = booked
    plan(db, content, NOW)
    old = rows(db)
    timetable.move_occurrence(
        db, session.id, starts_at=STARTS + 2 * HOUR, ends_at=STARTS + 3 * HOUR,
        venue="west_street", reason="r", by="Esi", now=NOW,
    )  # fmt: skip
    assert plan(db, content, NOW) == 2
    assert rows(db)[-1].send_after == STARTS
    assert all(render(db, r, voice, now=r.send_after) == Skip("session moved") for r in old)


def test_what_was_cancelled_is_not_reminded_of(db, content, booked, voice):
    _cast, session, claim = booked
    plan(db, content, NOW)
    bookings.cancel(db, claim, why=EndedWhy.CANCELLED, policy=POLICY, now=NOW)
    assert all(isinstance(render(db, r, voice, now=r.send_after), Skip) for r in rows(db))
    bookings.undo_cancel(db, claim, policy=POLICY, now=NOW)
    assert all(isinstance(render(db, r, voice, now=r.send_after), Message) for r in rows(db))
    timetable.cancel_occurrence(db, session.id, reason="boiler", by="Esi", now=NOW)
    assert all(
        render(db, r, voice, now=r.send_after) == Skip("session cancelled") for r in rows(db)
    )


def test_nobody_who_stopped_or_turned_them_off_is_reminded(db, content, booked, voice):
    cast, _session, _claim = booked
    cast.amina.reminders = False
    assert plan(db, content, NOW) == 0
    cast.amina.reminders = True
    plan(db, content, NOW)
    outreach.withdraw(db, cast.amina.id, now=NOW)
    assert {r.state for r in rows(db)} == {OutboxState.SKIPPED}


def test_who_books_after_the_reminders_time_is_not_told_tomorrow_today(db, content):
    cast = make_cast(db)
    (session,) = make_session(db, starts_at=STARTS, capacity=5)
    late = NOW.replace(hour=19)
    held = bookings.hold_place(
        db, adult=cast.ben, occurrence=session.id, size=1, key="b", policy=POLICY, now=late
    )
    bookings.confirm_place(db, held, facts={}, born=None, policy=POLICY, now=late)
    plan(db, content, late)
    assert [r.kind for r in rows(db)] == [Kind.REMINDER_SOON]


def test_after_an_outage_a_useless_reminder_is_skipped(db, content, booked, voice):
    plan(db, content, NOW)
    eve, soon = rows(db)
    assert isinstance(render(db, eve, voice, now=STARTS - HOUR), Skip)
    assert isinstance(render(db, soon, voice, now=STARTS - HOUR), Message)
    assert isinstance(render(db, soon, voice, now=STARTS + MINUTE), Skip)


def test_no_reminder_names_a_sensitive_session_or_a_child(db, content, voice):
    cast = make_cast(db)
    activity = next(a for a in content.activities.values() if a.sensitive)
    (session,) = make_session(db, starts_at=STARTS, capacity=5, activity=activity.id)
    held = bookings.hold_place(
        db, adult=cast.amina, occurrence=session.id, size=1, key="a", policy=POLICY, now=NOW
    )
    bookings.confirm_place(
        db, held, facts={"name": "Amina", "born": "2025-06-10"}, born=None, policy=POLICY, now=NOW
    )
    plan(db, content, NOW)
    for row in rows(db):
        message = render(db, row, voice, now=row.send_after)
        assert isinstance(message, Message)
        said = f"{message.subject} {message.text}"
        assert activity.name["en"] not in said
        assert "Amina" not in said


@pytest.mark.parametrize(
    ("starts", "soon"),
    [
        (time(9), time(8)),  # never before eight
        (time(8, 15), None),  # too close to the start to be of use
        (time(12), time(10)),
        (time(19), time(17)),
    ],
)
def test_two_hours_before_but_never_before_eight(starts, soon):
    day = date(2026, 3, 29)  # the clocks go forward that night
    times = reminder_times(to_utc(day, starts, LONDON), zone=LONDON, evening_hour=18)
    expected = to_utc(day, soon, LONDON) if soon else None
    assert times.get(Kind.REMINDER_SOON) == expected


@given(
    day=st.dates(date(2024, 1, 2), date(2030, 12, 30)),
    hour=st.integers(8, 20),
    evening=st.integers(15, 20),
)
def test_the_evening_before_is_that_hour_by_the_clock_on_any_day(day, hour, evening):
    due = reminder_times(to_utc(day, time(hour), LONDON), zone=LONDON, evening_hour=evening)
    local = due[Kind.REMINDER_EVE].astimezone(LONDON)
    assert (local.date(), local.time()) == (day - timedelta(days=1), time(evening))


@given(at=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_quiet_hours_end_at_their_local_hour(at):
    end = quiet_until(at, zone=LONDON, quiet_from=time(21), quiet_to=time(8))
    local = at.astimezone(LONDON).time()
    assert (end is not None) == (local >= time(21) or local < time(8))
    if end is not None:
        assert end > at
        assert end.astimezone(ZoneInfo("Europe/London")).time() == time(8)


def test_a_lease_that_ran_out_is_sent_again(db, booked):
    cast, _session, _claim = booked
    row, _message = outbox.post_reply(
        db, Message.from_json(_plain("hello")), to=cast.amina.id, channel="telegram", key="r1",
        now=NOW,
    )  # fmt: skip
    assert outbox.lease_due(db, now=NOW + MINUTE / 2, limit=10) == []
    (again,) = outbox.lease_due(db, now=NOW + 2 * MINUTE, limit=10)
    assert (again.id, again.attempts) == (row, 2)


def _plain(text: str) -> dict[str, object]:
    return {"text": text, "rows": [], "pin": None, "protected": False, "said": ""}

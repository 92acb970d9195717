"""Staff change a session: everybody concerned is told once, after the minute to undo."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.bookings import service as bookings
from bot.outbox.message import Message
from bot.outbox.models import Outbox
from bot.outbox.rules import OutboxState
from bot.outreach import service as outreach
from bot.outreach.notices import Skip, Voice, render
from bot.timetable import service as timetable
from bot.wording.words import Words
from tests.cast import make_cast
from tests.conftest import DAY, HOUR, LONDON, MINUTE, NOW
from tests.sessions import POLICY, make_session


@pytest.fixture
def story(db):
    """Amina booked, Ben follows, Dev follows but has stopped."""
    cast = make_cast(db)
    (session,) = make_session(db, starts_at=NOW + DAY, capacity=5)
    held = bookings.hold_place(
        db, adult=cast.amina, occurrence=session.id, size=1, key="a", policy=POLICY, now=NOW
    )
    bookings.confirm_place(db, held, facts={"name": "Amina"}, born=None, policy=POLICY, now=NOW)
    outreach.follow(db, cast.ben, session.id, now=NOW)
    outreach.follow(db, cast.ben, session.id, now=NOW)
    return cast, session


@pytest.fixture
def voice(content):
    return Voice(content, lambda lang: Words(lang or "en", LONDON), "http://here")


def test_booked_and_following_are_told_once_each_a_minute_later(db, story, voice):
    _cast, session = story
    change = timetable.cancel_occurrence(
        db, session.id, reason="The boiler broke.", by="Esi", now=NOW
    )
    assert outreach.tell_of_change(db, change) == 2
    assert outreach.tell_of_change(db, change) == 0
    told = list(db.exec(select(Outbox)))
    assert {r.send_after for r in told} == {NOW + MINUTE}
    for row in told:
        message = render(db, row, voice, now=NOW + MINUTE)
        assert isinstance(message, Message)
        assert "Cancelled:" in message.text
        assert "The boiler broke." in message.text


def test_an_undone_change_tells_nobody_and_brings_all_back(db, story, voice):
    _cast, session = story
    before = (session.starts_at, session.venue, session.state)
    change = timetable.move_occurrence(
        db, session.id, starts_at=session.starts_at + HOUR, ends_at=session.ends_at + HOUR,
        venue="danson", reason="r", by="Esi", now=NOW,
    )  # fmt: skip
    outreach.tell_of_change(db, change)
    timetable.undo_change(db, change.id, now=NOW + MINUTE / 2)
    assert outreach.take_back(db, change, now=NOW) == 2
    db.refresh(session)
    assert (session.starts_at, session.venue, session.state) == before
    assert {r.state for r in db.exec(select(Outbox))} == {OutboxState.SKIPPED}
    with pytest.raises(timetable.UndoTooLateError):
        timetable.undo_change(db, change.id, now=NOW + MINUTE / 2)


def test_undo_ends_with_the_minute(db, story):
    _cast, session = story
    change = timetable.cancel_occurrence(db, session.id, reason="r", by="Esi", now=NOW)
    with pytest.raises(timetable.UndoTooLateError):
        timetable.undo_change(db, change.id, now=NOW + MINUTE)


def test_of_two_changes_only_the_newer_is_told(db, story, voice):
    _cast, session = story
    first = timetable.move_occurrence(
        db, session.id, starts_at=session.starts_at + HOUR, ends_at=session.ends_at + HOUR,
        venue="danson", reason="r", by="Esi", now=NOW,
    )  # fmt: skip
    outreach.tell_of_change(db, first)
    second = timetable.cancel_occurrence(db, session.id, reason="r", by="Esi", now=NOW)
    outreach.tell_of_change(db, second)
    results = [render(db, r, voice, now=NOW + MINUTE) for r in db.exec(select(Outbox))]
    assert sum(isinstance(r, Skip) for r in results) == 2
    assert all("Cancelled:" in r.text for r in results if isinstance(r, Message))


def test_what_has_begun_or_stays_the_same_is_refused(db, story):
    _cast, session = story
    with pytest.raises(timetable.NothingToChangeError):
        timetable.cancel_occurrence(db, session.id, reason="r", by="Esi", now=NOW + DAY)
    with pytest.raises(timetable.NothingToChangeError):
        timetable.move_occurrence(
            db, session.id, starts_at=session.starts_at, ends_at=session.ends_at,
            venue=session.venue, reason="r", by="Esi", now=NOW,
        )  # fmt: skip
    with pytest.raises(timetable.NoSuchSessionError):
        timetable.cancel_occurrence(db, "nowhere", reason="r", by="Esi", now=NOW)

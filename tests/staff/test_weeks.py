"""A week more for a course: added once, told to whoever booked, kept by the next laying out; or undone."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from bot.bookings import queries, queue
from bot.bookings import service as bookings
from bot.bookings.rules import EndedWhy
from bot.opening import needed_by_people
from bot.outbox.models import Outbox
from bot.outbox.rules import Kind, OutboxState
from bot.outreach import adding, service
from bot.outreach.adding import WeekDraft
from bot.outreach.changing import ChangedMeanwhileError
from bot.outreach.notices import UNHEARD, Skip, Voice, render
from bot.timetable.importing import apply_programme
from bot.timetable.models import Course, Occurrence, Series
from bot.timetable.queries import Slot, course_slots, find_slot, slots_between
from bot.timetable.service import (
    MeetsAlreadyError,
    NoSuchSessionError,
    UndoTooLateError,
    cancel_occurrence,
)
from bot.wording.words import Words
from tests.conftest import DAY, HOUR, LONDON, MINUTE, NOW
from tests.sessions import POLICY, make_session
from tests.staff.acting import adult_of, audited, books, waits

pytestmark = pytest.mark.long  # lays out whole programmes


@pytest.fixture
def course(db: Session) -> Slot:
    """The first meeting of a course that begins next week."""
    found = slots_between(db, NOW + 5 * DAY, NOW + 60 * DAY)
    return next(s for s in found if s.course_id and s.bookable and s.original_on == s.course_on)


def draft_of(db, course, *, days=7) -> WeekDraft:
    last = course_slots(db, course.course_id)[-1]
    return WeekDraft(
        course.course_id, last.weeks, last.starts_at + days * DAY,
        last.ends_at + days * DAY, last.venue,
    )  # fmt: skip


def week_notices(db) -> list[Outbox]:
    rows = db.exec(select(Outbox).order_by(Outbox.id))
    return [r for r in rows if r.kind is Kind.WEEK_ADDED]


def add(db, content, draft, by="Esi", now=NOW):
    return adding.add_week(db, draft, by=by, content=content, now=now, zone=LONDON)


def undo(db, content, course, week, *, now):
    adding.undo_week(db, course, week, by="Esi", content=content, now=now, zone=LONDON)


def test_a_week_is_added_once_and_whoever_booked_is_told(db, content, course):
    claim = books(db, "Amina", course.id)
    books(db, "Ben", course.id)
    draft = draft_of(db, course)
    effect = adding.effect_of(db, draft, now=NOW, zone=LONDON)
    added = add(db, content, draft)
    again = add(db, content, draft, by="Kofi", now=NOW + MINUTE)
    assert added.id == again.id == effect.slot.id
    assert len(week_notices(db)) == len(effect.concerned) == 2
    meetings = course_slots(db, course.course_id)
    assert len(meetings) == meetings[0].weeks == course.weeks + 1
    assert added.original_on == added.starts_at.astimezone(LONDON).date()
    assert claim in queries.booked_for(db, added)
    [noted] = audited(db, "add week")
    assert noted.by == "Esi"


def test_the_notice_says_the_week_and_is_not_sent_for_one_that_is_off(db, content, course):
    claim = books(db, "Amina", course.id)
    added = add(db, content, draft_of(db, course))
    [row] = week_notices(db)
    voice = Voice(content, lambda tag: Words(tag, LONDON), "https://x.test")
    said = render(db, row, voice, now=NOW + 2 * MINUTE)
    assert not isinstance(said, Skip)
    assert "One more week" in said.text
    assert "It is part of your booking." in said.text
    assert said.code == claim.code
    assert [b.act for line in said.rows for b in line] == ["coming", "cant_come"]
    assert render(db, row, voice, now=added.starts_at) == Skip("too late to be useful")
    cancel_occurrence(db, added.id, reason="x", by="Esi", now=NOW)
    assert render(db, row, voice, now=NOW) == Skip("session cancelled")


def test_a_cancelled_week_can_be_appended_and_a_day_it_has_is_refused(db, content, course):
    gone = course_slots(db, course.course_id)[1]
    cancel_occurrence(db, gone.id, reason="flood", by="Esi", now=NOW)
    weeks = course.weeks
    for slot in course_slots(db, course.course_id):
        draft = WeekDraft(
            course.course_id, weeks, slot.starts_at + MINUTE, slot.ends_at + MINUTE, slot.venue
        )
        with pytest.raises(MeetsAlreadyError):
            adding.effect_of(db, draft, now=NOW, zone=LONDON)
        with pytest.raises(MeetsAlreadyError):
            add(db, content, draft)
    add(db, content, draft_of(db, course))
    held = [s for s in course_slots(db, course.course_id) if not s.cancelled]
    assert len(held) == weeks


def test_a_colleague_who_adds_another_one_looks_again(db, content, course):
    first, second = draft_of(db, course), draft_of(db, course, days=14)
    add(db, content, first)
    with pytest.raises(ChangedMeanwhileError):
        adding.effect_of(db, second, now=NOW, zone=LONDON)
    with pytest.raises(ChangedMeanwhileError):
        add(db, content, second, by="Kofi")


def test_a_week_is_undone_in_its_minute_and_can_be_added_again(db, content, course):
    books(db, "Amina", course.id)
    draft = draft_of(db, course)
    added = add(db, content, draft)
    service.follow(db, adult_of(db, "Ben"), added.id, now=NOW)
    for _twice in range(2):
        undo(db, content, course.course_id, added.id, now=NOW + MINUTE / 2)
    assert find_slot(db, added.id) is None
    assert course_slots(db, course.course_id)[0].weeks == course.weeks
    assert [n.reason for n in week_notices(db)] == ["undone"]
    again = add(db, content, draft, now=NOW + MINUTE)
    assert again.id == added.id
    assert [n.state for n in week_notices(db)] == [OutboxState.SKIPPED, OutboxState.QUEUED]


def test_a_week_is_not_undone_once_its_minute_is_over_or_somebody_was_told(db, content, course):
    books(db, "Amina", course.id)
    first, second = course_slots(db, course.course_id)[:2]
    added = add(db, content, draft_of(db, course))
    with pytest.raises(UndoTooLateError):
        undo(db, content, course.course_id, added.id, now=NOW + MINUTE)
    with pytest.raises(UndoTooLateError):  # a week of the programme
        undo(db, content, course.course_id, second.id, now=NOW)
    with pytest.raises(NoSuchSessionError):
        undo(db, content, "another", first.id, now=NOW)
    week_notices(db)[0].state = OutboxState.SENT
    with pytest.raises(UndoTooLateError):
        undo(db, content, course.course_id, added.id, now=NOW)
    assert find_slot(db, added.id) == added


def test_an_offer_does_not_run_on_past_the_last_week_one_can_join_once_a_week_is_undone(
    db, content
):
    *_, last = make_session(db, starts_at=NOW - 7 * DAY + 3 * HOUR, weeks=2)
    db.get(Series, last.series_id).join_late = 3
    held = books(db, "Amina", last.id)
    bens = waits(db, "Ben", last.id)
    added = add(db, content, draft_of(db, find_slot(db, last.id)))
    bookings.cancel(db, held, why=EndedWhy.CANT_COME, policy=POLICY, now=NOW)
    offer = queue.offer_of(db, bens)
    last_call = POLICY.last_call(last.starts_at)
    assert offer.expires_at > last_call
    undo(db, content, last.course_id, added.id, now=NOW + MINUTE / 2)
    assert queue.offer_of(db, bens) is None or offer.expires_at <= last_call


def test_only_who_was_told_of_a_week_is_told_that_it_is_off(db, content, course):
    books(db, "Amina", course.id)
    books(db, "Ben", course.id)
    added = add(db, content, draft_of(db, course))
    carol = books(db, "Carol", course.id).adult_id  # who saw it as she booked
    told, untold = week_notices(db)
    told.state, untold.state = OutboxState.SENT, OutboxState.SKIPPED
    change = cancel_occurrence(db, added.id, reason="x", by="Esi", now=NOW)
    service.tell_of_change(db, change)
    voice = Voice(content, lambda tag: Words(tag, LONDON), "https://x.test")
    said = {
        n.adult_id: render(db, n, voice, now=NOW + 2 * MINUTE)
        for n in db.exec(select(Outbox)) if n.kind is Kind.CANCELLED
    }  # fmt: skip
    assert said.pop(untold.adult_id) == Skip(UNHEARD)
    assert set(said) == {told.adult_id, carol}
    assert not any(isinstance(message, Skip) for message in said.values())


@pytest.mark.parametrize("booked", [True, False])
def test_laying_out_the_programme_keeps_it(db, content, course, booked):
    if booked:
        books(db, "Amina", course.id)
    added = add(db, content, draft_of(db, course))
    for days in (0, 1):
        apply_programme(
            db, content.programme, content=content, now=NOW + days * DAY, zone=LONDON,
            needed=needed_by_people(db, now=NOW + days * DAY),
        )  # fmt: skip
    assert db.get(Occurrence, added.id) is not None
    assert find_slot(db, added.id) == added
    assert db.get_one(Course, course.course_id).weeks == course.weeks + 1

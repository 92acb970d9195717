"""A week more for a course: added once, told to whoever booked, kept by the next laying out."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from bot.bookings import queries
from bot.bookings.queries import claimed_occurrences
from bot.outbox.models import Outbox
from bot.outbox.rules import Kind
from bot.outreach import adding
from bot.outreach.adding import WeekDraft
from bot.outreach.changing import ChangedMeanwhileError
from bot.outreach.notices import Skip, Voice, render
from bot.timetable.importing import apply_programme
from bot.timetable.models import Course, Occurrence
from bot.timetable.queries import Slot, course_slots, find_slot, slots_between
from bot.timetable.service import MeetsAlreadyError, cancel_occurrence
from bot.wording.words import Words
from tests.conftest import DAY, LONDON, MINUTE, NOW
from tests.staff.acting import audited, books


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


def add(db, content, draft, by="Esi", now=NOW):
    return adding.add_week(db, draft, by=by, content=content, now=now, zone=LONDON)


def test_a_week_is_added_once_and_whoever_booked_is_told(db, content, course):
    claim = books(db, "Amina", course.id)
    books(db, "Ben", course.id)
    draft = draft_of(db, course)
    effect = adding.effect_of(db, draft, now=NOW, zone=LONDON)
    added = add(db, content, draft)
    again = add(db, content, draft, by="Kofi", now=NOW + MINUTE)
    assert added.id == again.id == effect.slot.id
    notices = [r for r in db.exec(select(Outbox)) if r.kind is Kind.WEEK_ADDED]
    assert len(notices) == len(effect.concerned) == 2
    meetings = course_slots(db, course.course_id)
    assert len(meetings) == meetings[0].weeks == course.weeks + 1
    assert added.original_on == added.starts_at.astimezone(LONDON).date()
    assert claim in queries.booked_for(db, added)
    [noted] = audited(db, "add week")
    assert noted.by == "Esi"


def test_the_notice_says_the_week_and_is_not_sent_for_one_that_is_off(db, content, course):
    claim = books(db, "Amina", course.id)
    added = add(db, content, draft_of(db, course))
    [row] = [r for r in db.exec(select(Outbox)) if r.kind is Kind.WEEK_ADDED]
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


@pytest.mark.parametrize("booked", [True, False])
def test_laying_out_the_programme_keeps_it(db, content, course, booked):
    if booked:
        books(db, "Amina", course.id)
    added = add(db, content, draft_of(db, course))
    for days in (0, 1):
        apply_programme(
            db, content.programme, content=content, claimed=claimed_occurrences(db),
            now=NOW + days * DAY, zone=LONDON,
        )  # fmt: skip
    assert db.get(Occurrence, added.id) is not None
    assert find_slot(db, added.id) == added
    assert db.get_one(Course, course.course_id).weeks == course.weeks + 1

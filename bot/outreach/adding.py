"""Staff add a week to a course: first who would be told and in which words, then the week itself.

One transaction: the timetable, the notices, reminders and the audit together, and whoever waits. A
form that is sent twice adds one week: it names the number of weeks that staff saw.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.bookings import waiting
from bot.bookings.policy import Policy
from bot.content.values import Content
from bot.outbox import service as outbox
from bot.outbox.rules import Kind
from bot.outreach.changing import ChangedMeanwhileError
from bot.outreach.service import Concerned, concerned_by, plan_reminders, week_key
from bot.timetable import queries as timetable
from bot.timetable import service as changes
from bot.timetable.models import Course
from bot.timetable.queries import Slot
from bot.timetable.recurrence import occurrence_id
from bot.timetable.rules import OccurrenceState, undo_until
from bot.timetable.service import NoSuchSessionError, NothingToChangeError


@dataclass(frozen=True, slots=True)
class WeekDraft:
    """A week that staff have in mind. Times are aware UTC; `weeks` is how many they looked at."""

    course: str
    weeks: int
    starts_at: datetime
    ends_at: datetime
    venue: str


@dataclass(frozen=True, slots=True)
class WeekEffect:
    """`slot` is the week as it would be; it is not in the database."""

    slot: Slot
    concerned: tuple[Concerned, ...]


def effect_of(db: Session, draft: WeekDraft, *, now: datetime, zone: ZoneInfo) -> WeekEffect:
    """Who would be told. Writes nothing.

    Raises NoSuchSessionError, NothingToChangeError, ChangedMeanwhileError, MeetsAlreadyError.
    """
    course = db.get(Course, draft.course)
    meetings = timetable.course_slots(db, draft.course)
    if course is None or not meetings:
        raise NoSuchSessionError
    if course.weeks != draft.weeks:
        raise ChangedMeanwhileError
    if not now < draft.starts_at < draft.ends_at:
        raise NothingToChangeError
    changes.check_day_is_free(db, course, starts_at=draft.starts_at, zone=zone)
    on = draft.starts_at.astimezone(zone).date()
    slot = dataclasses.replace(
        meetings[-1], id=occurrence_id(course.series_id, on), original_on=on, venue=draft.venue,
        starts_at=draft.starts_at, ends_at=draft.ends_at, state=OccurrenceState.SCHEDULED,
        reason="", version=1, weeks=course.weeks + 1,
    )  # fmt: skip
    return WeekEffect(slot, tuple(concerned_by(db, slot)))


def add_week(
    db: Session, draft: WeekDraft, *, by: str, content: Content, now: datetime, zone: ZoneInfo
) -> Slot:
    """Add the week and promise everybody who booked the course a notice; the earlier one if it is
    added.

    Raises NoSuchSessionError, NothingToChangeError, ChangedMeanwhileError, MeetsAlreadyError.
    """
    course = db.get(Course, draft.course, with_for_update=True, populate_existing=True)
    if course is None:
        raise NoSuchSessionError
    if course.weeks != draft.weeks:
        wanted = (draft.starts_at, draft.ends_at, draft.venue)
        for slot in timetable.course_slots(db, course.id):
            if (slot.starts_at, slot.ends_at, slot.venue) == wanted:
                return slot
        raise ChangedMeanwhileError
    added = changes.add_meeting(
        db, course.id, starts_at=draft.starts_at, ends_at=draft.ends_at, venue=draft.venue,
        by=by, now=now, zone=zone,
    )  # fmt: skip
    slot = timetable.slots_by_id(db, [added.id])[0]
    for person in concerned_by(db, slot):
        # After a minute, so that a slip can be cancelled before anybody hears of it.
        outbox.post(
            db, to=person.adult_id, kind=Kind.WEEK_ADDED, about=week_key(slot.id),
            dedupe=f"{week_key(slot.id)}:{person.adult_id}", send_after=undo_until(now),
        )  # fmt: skip
    plan_reminders(db, content=content, now=now, zone=zone)
    waiting.wake(db, slot, policy=Policy.of(content.council, zone), now=now)
    return slot

"""Staff add a week to a course: first who would be told and in which words, then the week itself.

One transaction: the timetable, the notices, reminders and the audit together, and whoever waits. A
form that is sent twice adds one week: it names the number of weeks that staff saw. For a minute the
week can be taken off again: nobody has heard of it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.bookings import ledger, waiting
from bot.bookings.models import Attendance
from bot.bookings.policy import Policy
from bot.content.recurrence import occurrence_id
from bot.content.values import Content
from bot.outbox import queries as outbox_queries
from bot.outbox import service as outbox
from bot.outbox.rules import Kind
from bot.outreach.changing import LEFT, ChangedMeanwhileError
from bot.outreach.models import Follow
from bot.outreach.service import Concerned, concerned_by, plan_reminders, week_key
from bot.timetable import queries as timetable
from bot.timetable import service as changes
from bot.timetable.models import Course, Occurrence
from bot.timetable.queries import Slot
from bot.timetable.rules import OccurrenceState, undo_until
from bot.timetable.service import NoSuchSessionError, NothingToChangeError, UndoTooLateError


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
        # After a minute, so that a slip can be undone before anybody hears of it. The moment is in
        # the key, since a week that was undone may be added again.
        outbox.post(
            db, to=person.adult_id, kind=Kind.WEEK_ADDED, about=week_key(slot.id),
            dedupe=f"{week_key(slot.id)}:{now.timestamp():.0f}:{person.adult_id}",
            send_after=undo_until(now),
        )  # fmt: skip
    plan_reminders(db, content=content, now=now, zone=zone)
    waiting.wake(db, slot, policy=Policy.of(content.council, zone), now=now)
    return slot


def undo_by(db: Session, occurrence: str, *, now: datetime) -> datetime | None:
    """Until when this week can be taken off again; None where it is too late, or nobody added it."""
    row = db.get(Occurrence, occurrence)
    if row is None or row.added_at is None or now >= undo_until(row.added_at):
        return None
    return undo_until(row.added_at)


def undo_week(
    db: Session,
    course: str,
    occurrence: str,
    *,
    by: str,
    content: Content,
    now: datetime,
    zone: ZoneInfo,
) -> None:
    """Take an added week off again before anybody was told. Doing it again changes nothing.

    Raises NoSuchSessionError, UndoTooLateError.
    """
    slot = timetable.find_slot(db, occurrence)
    if slot is None:
        return
    if slot.course_id != course:
        raise NoSuchSessionError
    notices = outbox_queries.about(db, [week_key(occurrence)], [Kind.WEEK_ADDED])
    if any(row.state in LEFT for row in notices):
        raise UndoTooLateError  # a worker with a faster clock was there first
    outbox.skip_notices(db, [week_key(occurrence)], reason="undone", now=now)
    # Somebody may have seen it on a page within its minute, and said so.
    for pointing in (Follow, Attendance):
        db.execute(sa.delete(pointing).where(col(pointing.occurrence_id) == occurrence))
    changes.take_back_meeting(db, occurrence, by=by, now=now)
    # One could join up to the week that is gone: an offer may not run on past the one before.
    rest = ledger.lock_slot(db, timetable.course_slots(db, course)[0].id)
    waiting.wake(db, rest, policy=Policy.of(content.council, zone), now=now)

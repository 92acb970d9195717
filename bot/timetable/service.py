"""Writes to the timetable: staff cancel or move one date, or add a week, and can undo it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.content.recurrence import occurrence_id
from bot.core.errors import Kind, PlannedError, Translate
from bot.staff import service as staff
from bot.store.columns import table_of
from bot.store.prepared import Prepared
from bot.timetable.models import Change, Course, EmptySearch, Occurrence
from bot.timetable.rules import ChangeKind, ChangeState, OccurrenceState, undo_until

_EMPTY = table_of(EmptySearch)
_COUNT_AGAIN = Prepared(
    sa.update(_EMPTY)
    .where(_EMPTY.c.on == sa.bindparam("day"), _EMPTY.c.wish == sa.bindparam("text"))
    .values(times=_EMPTY.c.times + 1)
)
_COUNT_FIRST = Prepared(sa.insert(_EMPTY))


class NoSuchSessionError(PlannedError):
    """There is no session with that id."""

    kind = Kind.NOT_FOUND

    def sentence(self, _: Translate) -> str:
        return _("We can't find that session. It may have been taken off the timetable.")


class NothingToChangeError(PlannedError):
    """It has begun, is cancelled already, or nothing would be different."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("There is nothing to change: it has started, is cancelled, or stays the same.")


class UndoTooLateError(PlannedError):
    """The minute is over, or something else was changed since."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("It is too late to undo this. People are being told. Make a new change instead.")


class MeetsAlreadyError(PlannedError):
    """That series has that day in the timetable, whatever has become of it."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("It has a date on that day already: on, moved or cancelled. Choose another day.")


def lock_occurrence(db: Session, occurrence: str) -> Occurrence:
    """The occurrence, locked to the end of the transaction. Raises NoSuchSessionError."""
    row = db.exec(
        select(Occurrence).where(Occurrence.id == occurrence).with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchSessionError
    return row


def cancel_occurrence(
    db: Session, occurrence: str, *, reason: str, by: str, now: datetime
) -> Change:
    """Cancel one date. Bookings stay, so that an undo brings all back as it was."""
    row = lock_occurrence(db, occurrence)
    if row.state is OccurrenceState.CANCELLED or row.starts_at <= now:
        raise NothingToChangeError
    before = _facts(row)
    row.state, row.reason = OccurrenceState.CANCELLED, reason
    return _record(db, row, ChangeKind.CANCEL, before, reason=reason, by=by, now=now)


def move_occurrence(
    db: Session,
    occurrence: str,
    *,
    starts_at: datetime,
    ends_at: datetime,
    venue: str,
    reason: str,
    by: str,
    now: datetime,
) -> Change:
    """Give one date another time or venue. Times are aware UTC, in the future."""
    row = lock_occurrence(db, occurrence)
    same = (row.starts_at, row.ends_at, row.venue) == (starts_at, ends_at, venue)
    gone = row.state is OccurrenceState.CANCELLED or row.starts_at <= now
    if gone or same or not now < starts_at < ends_at:
        raise NothingToChangeError
    before = _facts(row)
    row.starts_at, row.ends_at, row.venue, row.reason = starts_at, ends_at, venue, reason
    return _record(db, row, ChangeKind.MOVE, before, reason=reason, by=by, now=now)


def undo_change(db: Session, change: int, *, now: datetime) -> Change:
    """Bring back what was, within a minute and before anything else happened to that date."""
    made = db.exec(select(Change).where(Change.id == change).with_for_update()).one_or_none()
    if made is None:
        raise NoSuchSessionError
    row = lock_occurrence(db, made.occurrence_id)
    newer = db.exec(
        select(Change.id).where(Change.occurrence_id == row.id, col(Change.id) > change)
    ).first()
    if made.state is not ChangeState.MADE or newer or now >= undo_until(made.made_at):
        raise UndoTooLateError
    row.starts_at = datetime.fromisoformat(made.before["starts_at"])
    row.ends_at = datetime.fromisoformat(made.before["ends_at"])
    row.venue, row.reason = made.before["venue"], made.before["reason"]
    row.state = OccurrenceState(made.before["state"])
    row.version += 1
    made.state = ChangeState.UNDONE
    db.flush()
    return made


def add_meeting(
    db: Session,
    course: str,
    *,
    starts_at: datetime,
    ends_at: datetime,
    venue: str,
    by: str,
    now: datetime,
    zone: ZoneInfo,
) -> Occurrence:
    """Append a week to a course, for a cancelled one or as an extra. Times are aware UTC, to come.

    Laying out the programme never takes it away. Raises NoSuchSessionError, NothingToChangeError,
    MeetsAlreadyError.
    """
    row = db.get(Course, course, with_for_update=True, populate_existing=True)
    if row is None:
        raise NoSuchSessionError
    if not now < starts_at < ends_at:
        raise NothingToChangeError
    check_day_is_free(db, row, starts_at=starts_at, zone=zone)
    on = starts_at.astimezone(zone).date()
    added = Occurrence(
        id=occurrence_id(row.series_id, on), series_id=row.series_id, course_id=row.id,
        original_on=on, starts_at=starts_at, ends_at=ends_at, venue=venue,
        version=1,  # staff's, not the programme's
        added_at=now,
    )  # fmt: skip
    db.add(added)
    row.weeks += 1
    staff.note(db, by=by, act="add week", about=f"session:{added.id}", now=now)
    return added


def take_back_meeting(db: Session, occurrence: str, *, by: str, now: datetime) -> None:
    """Undo `add_meeting`, within a minute and before anything else happened to that date.

    Nothing may point at it any more. Raises NoSuchSessionError, UndoTooLateError.
    """
    row = lock_occurrence(db, occurrence)
    if row.added_at is None or row.version != 1 or now >= undo_until(row.added_at):
        raise UndoTooLateError
    course = db.get_one(Course, row.course_id, with_for_update=True, populate_existing=True)
    course.weeks -= 1
    db.delete(row)
    db.flush()
    staff.note(db, by=by, act="undo add week", about=f"session:{occurrence}", now=now)


def check_day_is_free(db: Session, course: Course, *, starts_at: datetime, zone: ZoneInfo) -> None:
    """Raise MeetsAlreadyError where the series has, or had, a date on the local day."""
    on = starts_at.astimezone(zone).date()
    meetings = db.exec(select(Occurrence).where(Occurrence.course_id == course.id))
    days = {m.starts_at.astimezone(zone).date() for m in meetings}
    if on in days or db.get(Occurrence, occurrence_id(course.series_id, on)) is not None:
        raise MeetsAlreadyError


def count_empty_search(db: Session, wish: str, *, on: date) -> None:
    """Remember that nothing was found for a wish, without who asked."""
    wish = wish[:200]
    if not _COUNT_AGAIN.change(db, {"day": on, "text": wish}):
        _COUNT_FIRST.change(db, {"on": on, "wish": wish, "times": 1})


def _facts(row: Occurrence) -> dict[str, Any]:
    return {
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "venue": row.venue,
        "state": row.state.value,
        "reason": row.reason,
        "version": row.version,
    }


def _record(
    db: Session,
    row: Occurrence,
    kind: ChangeKind,
    before: dict[str, Any],
    *,
    reason: str,
    by: str,
    now: datetime,
) -> Change:
    row.version += 1
    change = Change(
        occurrence_id=row.id, kind=kind, reason=reason, by=by, made_at=now,
        before=before, after=_facts(row),
    )  # fmt: skip
    db.add(change)
    db.flush()
    return change

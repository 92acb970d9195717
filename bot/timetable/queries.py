"""Reads the timetable: sessions with all there is to say about them, and what staff changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.content.values import Counts, Mode
from bot.store.columns import table_of
from bot.store.prepared import Prepared
from bot.timetable.models import Change, Course, EmptySearch, Occurrence, Series
from bot.timetable.rules import ChangeKind, ChangeState, OccurrenceState


@dataclass(frozen=True, slots=True)
class Slot:
    """One dated session with what its series says. Parents and pages call it a session."""

    id: str
    series_id: str
    course_id: str | None
    activity: str
    venue: str
    name: str
    original_on: date
    starts_at: datetime
    ends_at: datetime
    state: OccurrenceState
    reason: str
    version: int
    mode: Mode
    counts: Counts
    capacity: int | None
    age_from: int | None
    age_to: int | None
    cost: str
    free: bool
    run_by: str
    contact: str
    notes: str
    sample: bool
    weeks: int  # meetings of its course, 0 where it isn't one
    course_on: date | None  # the first day of its course
    join_late: int  # the rules for booking it, as the series has them
    opens_days: int
    closes_hours: int
    kept: int
    kept_days: int
    active: bool  # its series is in the programme; one that was dropped runs for those who have it

    @property
    def cancelled(self) -> bool:
        return self.state is OccurrenceState.CANCELLED

    @property
    def bookable(self) -> bool:
        return self.mode is Mode.BOOK

    @property
    def subject(self) -> str:
        """What is booked: the course, or this one session."""
        return self.course_id or self.id


_SERIES, _COURSE, _OCCURRENCE = table_of(Series), table_of(Course), table_of(Occurrence)
#: In the order of Slot's fields, and called as they are.
SLOTS = (
    sa.select(
        _OCCURRENCE.c.id, _OCCURRENCE.c.series_id, _OCCURRENCE.c.course_id, _SERIES.c.activity,
        _OCCURRENCE.c.venue, _SERIES.c.name, _OCCURRENCE.c.original_on, _OCCURRENCE.c.starts_at,
        _OCCURRENCE.c.ends_at, _OCCURRENCE.c.state, _OCCURRENCE.c.reason, _OCCURRENCE.c.version,
        _SERIES.c.mode, _SERIES.c.counts,
        sa.func.coalesce(_COURSE.c.capacity, _OCCURRENCE.c.capacity).label("capacity"),
        _SERIES.c.age_from, _SERIES.c.age_to, _SERIES.c.cost, _SERIES.c.free, _SERIES.c.run_by,
        _SERIES.c.contact, _SERIES.c.notes, _SERIES.c.sample,
        sa.func.coalesce(_COURSE.c.weeks, 0).label("weeks"), _COURSE.c.first_on.label("course_on"),
        _SERIES.c.join_late, _SERIES.c.opens_days, _SERIES.c.closes_hours, _SERIES.c.kept,
        _SERIES.c.kept_days, _SERIES.c.active,
    )
    .select_from(_OCCURRENCE)
    .join(_SERIES, _SERIES.c.id == _OCCURRENCE.c.series_id)
    .outerjoin(_COURSE, _COURSE.c.id == _OCCURRENCE.c.course_id)
)  # fmt: skip
_THIS = SLOTS.where(_OCCURRENCE.c.id == sa.bindparam("id"))
_ONE = Prepared(_THIS)
_LOCKED = Prepared(_THIS.where(_OCCURRENCE.c.course_id.is_(None)).with_for_update(of=_OCCURRENCE))
_LOCKED_COURSE = Prepared(
    sa.select(_COURSE.c.id)
    .join(_OCCURRENCE, _OCCURRENCE.c.course_id == _COURSE.c.id)
    .where(_OCCURRENCE.c.id == sa.bindparam("id"))
    .with_for_update(of=_COURSE)
)
_BY_ID = SLOTS.where(_OCCURRENCE.c.id.in_(sa.bindparam("ids", expanding=True)))
_BY_COURSE = Prepared(
    SLOTS.where(_OCCURRENCE.c.course_id == sa.bindparam("course")).order_by(_OCCURRENCE.c.starts_at)
)
_IS_OFF = _OCCURRENCE.c.state == OccurrenceState.CANCELLED
#: Meetings of courses, counted from one: those that are on, and those that are cancelled.
_NUMBERED = (
    sa.select(
        _OCCURRENCE.c.id,
        sa.func.row_number()
        .over(
            partition_by=(_OCCURRENCE.c.course_id, _OCCURRENCE.c.state),
            order_by=_OCCURRENCE.c.starts_at,
        )
        .label("number"),
    )
    .where(_OCCURRENCE.c.course_id.is_not(None))
    .subquery()
)
_COMING = (
    SLOTS.outerjoin(_NUMBERED, _NUMBERED.c.id == _OCCURRENCE.c.id)
    .where(
        _OCCURRENCE.c.starts_at >= sa.bindparam("since"),
        _SERIES.c.active,
        sa.or_(
            _OCCURRENCE.c.course_id.is_(None),
            sa.and_(_IS_OFF, _OCCURRENCE.c.original_on == _COURSE.c.first_on),
            sa.and_(~_IS_OFF, _NUMBERED.c.number <= _SERIES.c.join_late + 1),
        ),
    )
    .order_by(_OCCURRENCE.c.starts_at, _OCCURRENCE.c.id)
)

_CANCELLED = Prepared(
    SLOTS.where(
        _IS_OFF, _SERIES.c.active,
        _OCCURRENCE.c.starts_at >= sa.bindparam("first"),
        _OCCURRENCE.c.starts_at < sa.bindparam("last"),
    ).order_by(_OCCURRENCE.c.starts_at)
)  # fmt: skip


def read_coming(db: Session, since: datetime) -> list[Slot]:
    """Every session since then that a search may find, soonest first, cancelled ones too, of series
    that still run: a course at its beginning, and at each later meeting that one may join at."""
    return [Slot(*tuple(row)) for row in _rows(db, _COMING, {"since": since})]


def find_slot(db: Session, occurrence: str) -> Slot | None:
    db.flush()  # see _rows
    row = _ONE.one(db, {"id": occurrence})
    return Slot(*row) if row is not None else None


def lock_slot(db: Session, occurrence: str) -> Slot | None:
    """A session as it is now, locked to the end of the transaction; of a course, the course is."""
    db.flush()  # see _rows
    if row := _LOCKED.one(db, {"id": occurrence}):
        return Slot(*row)
    _LOCKED_COURSE.rows(db, {"id": occurrence})
    return find_slot(db, occurrence)


def slots_by_id(db: Session, ids: Collection[str]) -> list[Slot]:
    """The sessions with these ids, in the order given; unknown ids are left out."""
    if not ids:
        return []
    found = {row.id: Slot(*tuple(row)) for row in _rows(db, _BY_ID, {"ids": list(ids)})}
    return [found[i] for i in ids if i in found]


def course_slots(db: Session, course: str) -> list[Slot]:
    """Every meeting of a course, in order."""
    db.flush()  # see _rows
    return [Slot(*row) for row in _BY_COURSE.rows(db, {"course": course})]


def next_of(slots: Sequence[Slot], *, now: datetime) -> Slot | None:
    """Of the sessions of a course, or of one alone, the one to speak of: the next that is on, else
    the next that was cancelled, else the last."""
    coming = [s for s in slots if s.ends_at > now]
    on = [s for s in coming if not s.cancelled]
    return next(iter([*on, *coming, *reversed(slots)]), None)


def series_slots(db: Session, series: str, *, now: datetime, limit: int = 8) -> list[Slot]:
    """The coming dates of a series, cancelled ones too, soonest first."""
    query = (
        SLOTS.where(_OCCURRENCE.c.series_id == series, _OCCURRENCE.c.starts_at >= now)
        .order_by(_OCCURRENCE.c.starts_at)
        .limit(limit)
    )
    return [Slot(*tuple(row)) for row in _rows(db, query, {})]


def activity_slots(db: Session, activity: str, *, now: datetime) -> list[Slot]:
    """What can be booked of an activity: each session or course once, at its next meeting."""
    query = SLOTS.where(
        _SERIES.c.activity == activity, _SERIES.c.mode == Mode.BOOK, _SERIES.c.active,
        _OCCURRENCE.c.starts_at > now,
        _OCCURRENCE.c.state == OccurrenceState.SCHEDULED,
    ).order_by(_OCCURRENCE.c.starts_at)  # fmt: skip
    found: dict[str, Slot] = {}
    for row in _rows(db, query, {}):
        slot = Slot(*tuple(row))
        found.setdefault(slot.subject, slot)
    return list(found.values())


def slots_between(db: Session, first: datetime, last: datetime) -> list[Slot]:
    """Every session from one moment to another, cancelled ones too: for staff."""
    query = SLOTS.where(_OCCURRENCE.c.starts_at >= first, _OCCURRENCE.c.starts_at < last).order_by(
        _OCCURRENCE.c.starts_at, _OCCURRENCE.c.id
    )
    return [Slot(*tuple(row)) for row in _rows(db, query, {})]


def cancelled_between(db: Session, first: datetime, last: datetime) -> list[Slot]:
    """Cancelled sessions that would have begun from `first` on and before `last`, soonest first."""
    db.flush()  # what this transaction changed so far counts
    return [Slot(*row) for row in _CANCELLED.rows(db, {"first": first, "last": last})]


def find_change(db: Session, change: int) -> Change | None:
    return db.get(Change, change)


def latest_change(db: Session, occurrence: str) -> Change | None:
    """The newest change that still stands."""
    return db.exec(
        select(Change)
        .where(Change.occurrence_id == occurrence, Change.state == ChangeState.MADE)
        .order_by(col(Change.id).desc())
    ).first()


def changes_of(db: Session, occurrence: str) -> list[Change]:
    """Every change of one date, undone ones too, newest first."""
    query = select(Change).where(Change.occurrence_id == occurrence)
    return list(db.exec(query.order_by(col(Change.id).desc())))


def moved(db: Session, occurrences: Collection[str]) -> set[str]:
    """Which of these sessions are not when or where they were first planned."""
    return set(first_moves(db, occurrences))


def first_moves(db: Session, occurrences: Collection[str]) -> dict[str, Change]:
    """Of those that were moved, the first change: what it was before is as they were planned."""
    query = (
        select(Change)
        .where(col(Change.occurrence_id).in_(list(occurrences)), Change.state == ChangeState.MADE)
        .order_by(col(Change.id))
    )
    first: dict[str, Change] = {}
    newest: dict[str, ChangeKind] = {}
    for change in db.exec(query):
        newest[change.occurrence_id] = change.kind
        if change.kind is ChangeKind.MOVE:
            first.setdefault(change.occurrence_id, change)
    return {o: c for o, c in first.items() if newest[o] is ChangeKind.MOVE}


def empty_searches(db: Session, *, since: date) -> list[EmptySearch]:
    """Searches that found nothing, most frequent first."""
    query = select(EmptySearch).where(EmptySearch.on >= since)
    return list(db.exec(query.order_by(col(EmptySearch.times).desc())))


def _rows(db: Session, query: sa.Select[Any], values: Mapping[str, Any]) -> Sequence[sa.Row[Any]]:
    db.flush()  # what this transaction changed so far counts
    return db.connection().execute(query, values).all()

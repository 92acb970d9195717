"""Reads the timetable: what fits a wish, and one session with all there is to say about it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.content.values import Counts, Mode
from bot.timetable.models import Change, Course, EmptySearch, Occurrence, Series
from bot.timetable.rules import ChangeKind, ChangeState, OccurrenceState, fits_age


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search. Every part that is None or empty asks for nothing.

    `first` to `last` are local days, both in; `day` and `at` narrow them further. `ages` are
    months: a session fits if any of the children does. `venues`, `activities` and `who` are slugs.
    """

    first: date
    last: date
    day: Callable[[date], bool] | None = None
    at: Callable[[time, time], bool] | None = None
    venues: frozenset[str] | None = None
    activities: frozenset[str] | None = None
    ages: tuple[tuple[int, int], ...] = ()
    free: bool = False
    mode: Mode | None = None
    cancelled_too: bool = False  # a printed timetable must show what was called off


_COLUMNS: tuple[Any, ...] = (
    Occurrence.id, Occurrence.series_id, Occurrence.course_id, Series.activity, Occurrence.venue,
    Series.name, Occurrence.original_on, Occurrence.starts_at, Occurrence.ends_at,
    Occurrence.state, Occurrence.reason, Occurrence.version, Series.mode, Series.counts,
    sa.func.coalesce(Course.capacity, Occurrence.capacity), Series.age_from, Series.age_to,
    Series.cost, Series.free, Series.run_by, Series.contact, Series.notes, Series.sample,
    sa.func.coalesce(Course.weeks, 0), Course.first_on,
)  # fmt: skip


def find_slots(db: Session, wanted: Wanted, *, now: datetime, zone: ZoneInfo) -> list[Slot]:
    """Coming sessions that fit, soonest first. A course appears once, at its first meeting."""
    start = max(now, datetime.combine(wanted.first, time(), zone))
    end = datetime.combine(wanted.last + timedelta(days=1), time(), zone)
    query = (
        _base()
        .where(col(Occurrence.starts_at) >= start, col(Occurrence.starts_at) < end)
        .where(col(Series.active))
        .order_by(col(Occurrence.starts_at), col(Occurrence.id))
    )
    if not wanted.cancelled_too:
        query = query.where(col(Occurrence.state) == OccurrenceState.SCHEDULED)
    if wanted.activities is not None:
        query = query.where(col(Series.activity).in_(wanted.activities))
    if wanted.venues is not None:
        query = query.where(col(Occurrence.venue).in_(wanted.venues))
    if wanted.mode is not None:
        query = query.where(col(Series.mode) == wanted.mode)
    if wanted.free:
        query = query.where(col(Series.free))
    return [s for s in _slots(db.execute(query)) if _fits(s, wanted, zone)]


def find_slot(db: Session, occurrence: str) -> Slot | None:
    return next(iter(slots_by_id(db, [occurrence])), None)


def slots_by_id(db: Session, ids: Collection[str]) -> list[Slot]:
    """The sessions with these ids, in the order given; unknown ids are left out."""
    if not ids:
        return []
    found = {s.id: s for s in _slots(db.execute(_base().where(col(Occurrence.id).in_(list(ids)))))}
    return [found[i] for i in ids if i in found]


def course_slots(db: Session, course: str) -> list[Slot]:
    """Every meeting of a course, in order."""
    query = _base().where(col(Occurrence.course_id) == course)
    return list(_slots(db.execute(query.order_by(col(Occurrence.starts_at)))))


def series_slots(db: Session, series: str, *, now: datetime, limit: int = 8) -> list[Slot]:
    """The coming dates of a series, cancelled ones too, soonest first."""
    query = (
        _base()
        .where(col(Occurrence.series_id) == series, col(Occurrence.starts_at) >= now)
        .order_by(col(Occurrence.starts_at))
        .limit(limit)
    )
    return list(_slots(db.execute(query)))


def slots_between(db: Session, first: datetime, last: datetime) -> list[Slot]:
    """Every session from one moment to another, cancelled ones too: for staff."""
    query = (
        _base()
        .where(col(Occurrence.starts_at) >= first, col(Occurrence.starts_at) < last)
        .order_by(col(Occurrence.starts_at), col(Occurrence.id))
    )
    return list(_slots(db.execute(query)))


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
    query = (
        select(Change)
        .where(col(Change.occurrence_id).in_(list(occurrences)), Change.state == ChangeState.MADE)
        .order_by(col(Change.id))
    )
    newest = {c.occurrence_id: c.kind for c in db.exec(query)}
    return {o for o, kind in newest.items() if kind is ChangeKind.MOVE}


def empty_searches(db: Session, *, since: date) -> list[EmptySearch]:
    """Searches that found nothing, most frequent first."""
    query = select(EmptySearch).where(EmptySearch.on >= since)
    return list(db.exec(query.order_by(col(EmptySearch.times).desc())))


def _base() -> sa.Select[Any]:
    query: sa.Select[Any] = (
        sa.select(*_COLUMNS)
        .select_from(Occurrence)
        .join(Series, col(Series.id) == col(Occurrence.series_id))
        .outerjoin(Course, col(Course.id) == col(Occurrence.course_id))
    )
    return query


def _slots(rows: Iterable[sa.Row[Any]]) -> Iterable[Slot]:
    return (Slot(*tuple(row)) for row in rows)


def _fits(slot: Slot, wanted: Wanted, zone: ZoneInfo) -> bool:
    begin, end = slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone)
    if slot.course_on is not None and slot.original_on != slot.course_on:
        return False
    if wanted.day is not None and not wanted.day(begin.date()):
        return False
    if wanted.at is not None and not wanted.at(begin.time(), end.time()):
        return False
    return not wanted.ages or any(
        fits_age(slot.age_from, slot.age_to, month)
        for low, high in wanted.ages
        for month in range(low, high + 1)
    )

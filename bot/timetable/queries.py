"""Reads the timetable: what fits a wish, and one session with all there is to say about it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.content.values import Counts, Mode
from bot.store.columns import table_of
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


_SERIES, _COURSE, _OCCURRENCE = table_of(Series), table_of(Course), table_of(Occurrence)
# In the order of Slot's fields, and called as they are: rows are sifted before they become Slots.
_SLOTS = (
    sa.select(
        _OCCURRENCE.c.id, _OCCURRENCE.c.series_id, _OCCURRENCE.c.course_id, _SERIES.c.activity,
        _OCCURRENCE.c.venue, _SERIES.c.name, _OCCURRENCE.c.original_on, _OCCURRENCE.c.starts_at,
        _OCCURRENCE.c.ends_at, _OCCURRENCE.c.state, _OCCURRENCE.c.reason, _OCCURRENCE.c.version,
        _SERIES.c.mode, _SERIES.c.counts,
        sa.func.coalesce(_COURSE.c.capacity, _OCCURRENCE.c.capacity).label("capacity"),
        _SERIES.c.age_from, _SERIES.c.age_to, _SERIES.c.cost, _SERIES.c.free, _SERIES.c.run_by,
        _SERIES.c.contact, _SERIES.c.notes, _SERIES.c.sample,
        sa.func.coalesce(_COURSE.c.weeks, 0).label("weeks"), _COURSE.c.first_on.label("course_on"),
    )
    .select_from(_OCCURRENCE)
    .join(_SERIES, _SERIES.c.id == _OCCURRENCE.c.series_id)
    .outerjoin(_COURSE, _COURSE.c.id == _OCCURRENCE.c.course_id)
)  # fmt: skip
_BY_ID = _SLOTS.where(_OCCURRENCE.c.id.in_(sa.bindparam("ids", expanding=True)))
_BY_COURSE = _SLOTS.where(_OCCURRENCE.c.course_id == sa.bindparam("course")).order_by(
    _OCCURRENCE.c.starts_at
)


def find_slots(db: Session, wanted: Wanted, *, now: datetime, zone: ZoneInfo) -> list[Slot]:
    """Coming sessions that fit, soonest first. A course appears once, at its first meeting."""
    values = {
        "start": max(now, datetime.combine(wanted.first, time(), zone)),
        "end": datetime.combine(wanted.last + timedelta(days=1), time(), zone),
        "activities": wanted.activities,
        "venues": wanted.venues,
        "mode": wanted.mode,
    }
    given = {
        k: list(v) if isinstance(v, frozenset) else v for k, v in values.items() if v is not None
    }
    query = _coming(frozenset(given), free=wanted.free, cancelled_too=wanted.cancelled_too)
    return [Slot(*tuple(row)) for row in _rows(db, query, given) if _fits(row, wanted, zone)]


def find_slot(db: Session, occurrence: str) -> Slot | None:
    return next(iter(slots_by_id(db, [occurrence])), None)


def slots_by_id(db: Session, ids: Collection[str]) -> list[Slot]:
    """The sessions with these ids, in the order given; unknown ids are left out."""
    if not ids:
        return []
    found = {row.id: Slot(*tuple(row)) for row in _rows(db, _BY_ID, {"ids": list(ids)})}
    return [found[i] for i in ids if i in found]


def course_slots(db: Session, course: str) -> list[Slot]:
    """Every meeting of a course, in order."""
    return [Slot(*tuple(row)) for row in _rows(db, _BY_COURSE, {"course": course})]


def series_slots(db: Session, series: str, *, now: datetime, limit: int = 8) -> list[Slot]:
    """The coming dates of a series, cancelled ones too, soonest first."""
    query = (
        _SLOTS.where(_OCCURRENCE.c.series_id == series, _OCCURRENCE.c.starts_at >= now)
        .order_by(_OCCURRENCE.c.starts_at)
        .limit(limit)
    )
    return [Slot(*tuple(row)) for row in _rows(db, query, {})]


def activity_slots(db: Session, activity: str, *, now: datetime) -> list[Slot]:
    """What can be booked of an activity: each session or course once, at its next meeting."""
    query = _SLOTS.where(
        _SERIES.c.activity == activity, _SERIES.c.mode == Mode.BOOK, _OCCURRENCE.c.starts_at > now,
        _OCCURRENCE.c.state == OccurrenceState.SCHEDULED,
    ).order_by(_OCCURRENCE.c.starts_at)  # fmt: skip
    found: dict[str, Slot] = {}
    for row in _rows(db, query, {}):
        slot = Slot(*tuple(row))
        found.setdefault(slot.subject, slot)
    return list(found.values())


def slots_between(db: Session, first: datetime, last: datetime) -> list[Slot]:
    """Every session from one moment to another, cancelled ones too: for staff."""
    query = _SLOTS.where(_OCCURRENCE.c.starts_at >= first, _OCCURRENCE.c.starts_at < last).order_by(
        _OCCURRENCE.c.starts_at, _OCCURRENCE.c.id
    )
    return [Slot(*tuple(row)) for row in _rows(db, query, {})]


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


@cache
def _coming(given: frozenset[str], *, free: bool, cancelled_too: bool) -> sa.Select[Any]:
    """The statement of a search that narrows by these parts, built once."""
    at, occurrence, series = sa.bindparam, _OCCURRENCE.c, _SERIES.c
    query = (
        _SLOTS.where(occurrence.starts_at >= at("start"), occurrence.starts_at < at("end"))
        .where(
            series.active,
            sa.func.coalesce(_COURSE.c.first_on, occurrence.original_on) == occurrence.original_on,
        )
        .order_by(occurrence.starts_at, occurrence.id)
    )
    if not cancelled_too:
        query = query.where(occurrence.state == OccurrenceState.SCHEDULED)
    if "activities" in given:
        query = query.where(series.activity.in_(at("activities", expanding=True)))
    if "venues" in given:
        query = query.where(occurrence.venue.in_(at("venues", expanding=True)))
    if "mode" in given:
        query = query.where(series.mode == at("mode"))
    return query.where(series.free) if free else query


def _rows(db: Session, query: sa.Select[Any], values: Mapping[str, Any]) -> Sequence[sa.Row[Any]]:
    db.flush()  # what this transaction changed so far counts
    return db.connection().execute(query, values).all()


def _fits(row: sa.Row[Any], wanted: Wanted, zone: ZoneInfo) -> bool:
    """Whether a row of `_SLOTS` is on a day, at a time and for an age that is wanted."""
    if wanted.day is not None and not wanted.day(row.starts_at.astimezone(zone).date()):
        return False
    if wanted.at is not None:
        begin, end = row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
        if not wanted.at(begin.time(), end.time()):
            return False
    return not wanted.ages or any(
        fits_age(row.age_from, row.age_to, month)
        for low, high in wanted.ages
        for month in range(low, high + 1)
    )

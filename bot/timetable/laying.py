"""From series to the dated sessions of the coming weeks, around what people have of them.

Run at each start and once a day; running it again changes nothing. A date that somebody booked or
follows, or that staff changed, stays as it is: `kept` names those that a rule would have otherwise.
Only places are given to them, and none that is taken is taken away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.content.recurrence import course_id, meetings, occurrence_id
from bot.content.values import Content, Repeat, SeriesPlan
from bot.core.clock import to_utc
from bot.timetable.models import Course, Occurrence, Series, mark_changed
from bot.timetable.plans import plan_from_json
from bot.timetable.rules import HORIZON, OccurrenceState


@dataclass(frozen=True, slots=True)
class Needed:
    """What people have of the timetable.

    `taken` are live places by session or course; `followed` the sessions that somebody wants to
    hear of; `named` those that any row points at, also of bookings that are over; `resized` the
    sessions and courses whose number of places staff decided.
    """

    taken: Mapping[str, int] = field(default_factory=dict)
    followed: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    resized: frozenset[str] = frozenset()

    def holds(self, row: Occurrence) -> bool:
        return (row.course_id or row.id) in self.taken or row.id in self.followed


@dataclass(frozen=True, slots=True)
class Laid:
    """What applying a programme did, or would do."""

    added: tuple[str, ...] = ()  # ids of series
    changed: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    new_dates: int = 0
    dropped_dates: int = 0
    kept: tuple[str, ...] = ()  # ids of occurrences that differ, but people have them
    dateless: tuple[str, ...] = ()  # ids of series that don't meet in the coming weeks


NOTHING = Needed()


def lay_out(
    db: Session, *, content: Content, now: datetime, zone: ZoneInfo, needed: Needed = NOTHING
) -> Laid:
    """Lay out every active series to the horizon; take off the dates that no rule makes."""
    today = now.astimezone(zone).date()
    have = {row.id: row for row in db.exec(_standing(now, today))}
    courses = {row.id: row for row in db.exec(select(Course))}
    by_staff = Counter(row.course_id for row in have.values() if row.added_at is not None)
    work = _Work(db, now, needed, have, courses, by_staff)
    dateless = []
    for series in db.exec(select(Series).where(Series.active)).all():
        plan = plan_from_json(series.plan)
        found = meetings(
            plan, anchor=series.anchor, first=today, last=today + HORIZON, calendar=content.calendar
        )
        units: dict[date, list[date]] = {}  # a session alone, or all the meetings of a course
        for meeting in found:
            units.setdefault(meeting.course_on or meeting.on, []).append(meeting.on)
        if not units:
            dateless.append(series.id)
        for first_on, days in units.items():
            run = course_id(series.id, first_on) if plan.repeat is Repeat.COURSE else None
            dated = [_dated(series, plan, on, zone) for on in days]
            if run is None:
                work.lay(dated, capacity=series.capacity)
            else:
                work.lay_course(series, plan, run, first_on, dated)
    db.flush()
    if work.new:
        db.execute(_insert_missing(db), work.new)
        mark_changed(db)
    dropped = work.take_off()
    return Laid(
        new_dates=len(work.new), dropped_dates=dropped, kept=tuple(work.kept),
        dateless=tuple(dateless),
    )  # fmt: skip


def give(row: Series | Course | Occurrence, facts: Mapping[str, Any]) -> None:
    """Write what differs, so that a row that stays as it is isn't touched."""
    for name, value in facts.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


@dataclass(slots=True)
class _Work:
    """The timetable while it is laid out: the dates that stand, and what becomes of them."""

    db: Session
    now: datetime
    needed: Needed
    have: dict[str, Occurrence]
    courses: dict[str, Course]
    by_staff: Counter[str | None]  # meetings that staff added, by course
    new: list[dict[str, Any]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    live: set[str] = field(default_factory=set)

    def lay(
        self, dated: list[dict[str, Any]], *, run: str | None = None, capacity: int | None = None
    ) -> bool:
        """Lay out a session, or the meetings of a course; whether somebody has it as it stands."""
        standing = [self.have.get(fresh["id"]) for fresh in dated]
        # A course that somebody has stays whole, with as many meetings as they were told.
        held = run in self.needed.taken or any(
            row is not None and self.needed.holds(row) for row in standing
        )
        to_come = any(fresh["starts_at"] >= self.now for fresh in dated)
        for fresh, row in zip(dated, standing, strict=True):
            key = fresh["id"]
            fresh |= {"capacity": self.room(capacity, key, row), "course_id": run}
            self.live.add(key)
            if row is not None:
                if row.starts_at >= self.now and _differs(row, fresh, held=held):
                    self.kept.append(key)
            elif to_come and not held:
                self.new.append(fresh)
        return held

    def lay_course(
        self,
        series: Series,
        plan: SeriesPlan,
        run: str,
        first_on: date,
        dated: list[dict[str, Any]],
    ) -> None:
        held = self.lay(dated, run=run)
        course = self.courses.get(run)
        capacity = self.room(series.capacity, run, course)
        weeks = plan.weeks + self.by_staff[run]
        if course is not None:
            give(course, {"capacity": capacity} | ({} if held else {"weeks": weeks}))
        elif not held:  # else its days are those of another course, which somebody has
            self.db.add(
                Course(
                    id=run, series_id=series.id, first_on=first_on, weeks=weeks, capacity=capacity
                )
            )

    def room(
        self, capacity: int | None, subject: str, row: Course | Occurrence | None
    ) -> int | None:
        """A programme with fewer places takes nobody's away; what staff decided stands."""
        if row is not None and subject in self.needed.resized:
            return row.capacity
        return None if capacity is None else max(capacity, self.needed.taken.get(subject, 0))

    def take_off(self) -> int:
        """Delete the dates to come that no rule makes, or cancel those that an old row points at;
        how many. Those that people have are kept."""
        over = [
            row for key, row in self.have.items()
            if key not in self.live and row.starts_at >= self.now and not _is_off(row)
        ]  # fmt: skip
        dropped, stale = 0, []
        for row in over:
            if row.version or self.needed.holds(row):
                if row.added_at is None:
                    self.kept.append(row.id)
            elif row.id in self.needed.named:
                row.state = OccurrenceState.CANCELLED
                dropped += 1
            else:
                stale.append(row.id)
        for n in range(0, len(stale), 500):
            lot = sa.delete(Occurrence).where(col(Occurrence.id).in_(stale[n : n + 500]))
            # "fetch": else every row in memory is looked at again for each lot.
            self.db.execute(lot, execution_options={"synchronize_session": "fetch"})
            mark_changed(self.db)
        return dropped + len(stale)


def _standing(now: datetime, today: date) -> Any:
    """Dates of today and later, and the earlier ones of courses that go on."""
    going_on = sa.select(col(Occurrence.course_id)).where(
        col(Occurrence.starts_at) >= now, col(Occurrence.course_id).is_not(None)
    )
    return select(Occurrence).where(
        sa.or_(
            col(Occurrence.starts_at) >= now,
            col(Occurrence.original_on) >= today,
            col(Occurrence.course_id).in_(going_on),
        )
    )


def _dated(series: Series, plan: SeriesPlan, on: date, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": occurrence_id(series.id, on),
        "series_id": series.id,
        "original_on": on,
        "starts_at": to_utc(on, plan.begins, zone),
        "ends_at": to_utc(on, plan.ends, zone),
        "venue": series.venue,
        "state": OccurrenceState.SCHEDULED,
        "reason": "",
        "version": 0,
    }


def _differs(row: Occurrence, fresh: Mapping[str, Any], *, held: bool) -> bool:
    """Give a row what its rule says, as far as that may be; whether something else was left."""
    free = {"capacity"} if row.version else {"capacity", "state"} if held else set(fresh)
    give(row, {name: value for name, value in fresh.items() if name in free})
    told = ("starts_at", "ends_at", "venue", "course_id")
    return not _is_off(row) and any(getattr(row, name) != fresh[name] for name in told)


def _is_off(row: Occurrence) -> bool:
    return row.state is OccurrenceState.CANCELLED


def _insert_missing(db: Session) -> Any:
    if db.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415  # one of the two
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]  # noqa: PLC0415
    return insert(Occurrence).on_conflict_do_nothing()

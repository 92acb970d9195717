"""Finds the sessions that fit a search, in a copy of the timetable that is kept in memory.

Every change of the timetable gives it a new mark in its own transaction (see `models`). Who
searches reads the mark first, and all the rows only where nobody here has read those yet: also a
change by another process is found by the next search.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.content.values import Mode
from bot.timetable.models import find_mark
from bot.timetable.queries import Slot, read_coming
from bot.timetable.rules import fits_age

KEPT = 4  # timetables in memory: `ask` lays out one for each week asked about


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
    begun_too: bool = False  # "now": a drop-in that goes on can still be come to
    cancelled_too: bool = False  # a printed timetable must show what was called off


@dataclass(frozen=True, slots=True)
class _Timetable:
    """What can be found, soonest first. `after`: by the id of a meeting at which one may join a
    course late, when the meeting before it starts."""

    slots: list[Slot]
    after: dict[str, datetime]


#: By the timetable's mark and the day from which it was read.
_read: dict[tuple[str, datetime], _Timetable] = {}


def find_slots(db: Session, wanted: Wanted, *, now: datetime, zone: ZoneInfo) -> list[Slot]:
    """Coming sessions that fit, soonest first. A course appears once, at its first meeting, or at
    the next one while it can be joined late."""
    timetable = _coming(db, now)
    slots = timetable.slots
    start = datetime.combine(wanted.first, time(), zone)
    start = start if wanted.begun_too else max(now, start)
    end = datetime.combine(wanted.last + timedelta(days=1), time(), zone)
    first, last = (bisect_left(slots, at, key=_starts_at) for at in (start, end))
    found = slots[first:last]
    # These two leave the fewest; the rest is asked of each of those.
    if wanted.activities is not None:
        found = [slot for slot in found if slot.activity in wanted.activities]
    if wanted.venues is not None:
        found = [slot for slot in found if slot.venue in wanted.venues]
    return [
        slot for slot in found
        if timetable.after.get(slot.id, now) <= now and _fits(slot, wanted, now, zone)
    ]  # fmt: skip


def _coming(db: Session, now: datetime) -> _Timetable:
    """Every session that can be found, from the beginning of this day (UTC)."""
    db.flush()  # what this transaction changed so far counts
    mark = find_mark(db)  # before the rows: what is newer than its mark is read again, not kept
    since = now.replace(hour=0, minute=0, second=0, microsecond=0)
    known = _read.get((mark, since)) if mark else None
    if known is None:
        slots = read_coming(db, since)
        known = _Timetable(slots, _joined_after(slots))
        if mark:
            _keep((mark, since), known)
    return known


def _joined_after(slots: list[Slot]) -> dict[str, datetime]:
    newest: dict[str, datetime] = {}
    after: dict[str, datetime] = {}
    for slot in slots:
        if slot.course_id is not None and not slot.cancelled:
            if slot.course_id in newest:
                after[slot.id] = newest[slot.course_id]
            newest[slot.course_id] = slot.starts_at
    return after


def _keep(key: tuple[str, datetime], known: _Timetable) -> None:
    while len(_read) >= KEPT:
        _read.pop(next(iter(_read)), None)
    _read[key] = known


def _starts_at(slot: Slot) -> datetime:
    return slot.starts_at


def _fits(slot: Slot, wanted: Wanted, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a session has what is wanted of it beside its day, its activity and its venue."""
    if slot.starts_at < now and (slot.mode is not Mode.DROP_IN or slot.ends_at <= now):
        return False
    if wanted.mode is not None and slot.mode is not wanted.mode:
        return False
    if (wanted.free and not slot.free) or (slot.cancelled and not wanted.cancelled_too):
        return False
    return _on_time(slot, wanted, zone) and (
        not wanted.ages
        or any(
            fits_age(slot.age_from, slot.age_to, month)
            for low, high in wanted.ages
            for month in range(low, high + 1)
        )
    )


def _on_time(slot: Slot, wanted: Wanted, zone: ZoneInfo) -> bool:
    if wanted.day is None and wanted.at is None:
        return True
    begin = slot.starts_at.astimezone(zone)
    if wanted.day is not None and not wanted.day(begin.date()):
        return False
    return wanted.at is None or wanted.at(begin.time(), slot.ends_at.astimezone(zone).time())

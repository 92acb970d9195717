"""From what somebody wished to the sessions that fit: slots to a search, nearest first, and as few
wishes as can be let go of where nothing fits.

Slot values are those of `understanding.reading.Wish`. Pure but for the query itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.content.values import Content, Mode, Point
from bot.timetable import queries as timetable
from bot.timetable.finding import Wanted, find_slots
from bot.timetable.queries import Slot
from bot.timetable.rules import HORIZON
from bot.timetable.telling import kilometres
from bot.understanding.reading import NOT, SlotValue
from bot.understanding.when import Days, daypart, spans

NEAR_KM = 4.0  # two and a half miles: as far as "near" goes
USUAL = timedelta(days=14)  # how far a search without a day looks
ANY_WEEK = timedelta(weeks=10)  # how far "Saturdays" looks
#: What is let go of where nothing fits: the first of these rather than the last.
RELAXED = ("daypart", "price", "booking", "when", "where", "what", "who", "age_m")
#: Who a session may be for; anybody else is welcome everywhere.
FOR_SOMEBODY = frozenset({"expecting", "dads", "send", "young_parent", "premature", "twins"})


@dataclass(frozen=True, slots=True)
class Found:
    """Sessions that fit, soonest (or nearest) first, and what had to be let go of to find them."""

    slots: tuple[Slot, ...]
    used: Mapping[str, SlotValue]
    relaxed: tuple[str, ...] = ()
    days: Days | None = None
    near: Point | None = None
    km: Mapping[str, float] = field(default_factory=dict)  # by venue


def search(
    db: Session,
    slots: Mapping[str, SlotValue],
    *,
    content: Content,
    now: datetime,
    zone: ZoneInfo,
    here: Point | None = None,
) -> Found:
    """Sessions for a wish; where there are none, for the wish without what need be let go of: one
    part of it if that helps, else two, and never a part that could have stayed. Days that are over
    are let go of first."""
    found = _find(db, slots, content, now, zone, here)
    if found.slots:
        return found
    over = ("when",) if is_over(found.days, now=now, zone=zone) else ()
    parts = [p for p in RELAXED if p in slots and p not in over]
    for many in range(len(parts) + 1):
        for let_go in combinations(parts, many):
            gone = (*over, *let_go)
            if gone and (trial := _find(db, _without(slots, gone), content, now, zone, here)).slots:
                return dataclasses.replace(trial, relaxed=gone)
    return found


def is_over(days: Days | None, *, now: datetime, zone: ZoneInfo) -> bool:
    """Whether none of the days asked for is still to come."""
    return days is not None and days.last is not None and days.last < now.astimezone(zone).date()


def fitting(
    db: Session,
    slots: Mapping[str, SlotValue],
    *,
    content: Content,
    now: datetime,
    zone: ZoneInfo,
    cancelled_too: bool = False,
) -> Found:
    """Like `search`, but nothing is let go of: a page offers to take each wish away itself."""
    return _find(db, slots, content, now, zone, None, cancelled_too=cancelled_too)


def called_off(
    db: Session,
    slots: Mapping[str, SlotValue],
    *,
    content: Content,
    now: datetime,
    zone: ZoneInfo,
    until: datetime | None = None,
) -> list[Slot]:
    """Cancelled sessions of the wish: of the days it names, and up to `until`, where the first
    that is on begins. Empty where it names neither an activity nor a place."""
    wanted, days, _near, _km = _wanted(slots, content, now, zone, None)
    if wanted is None or not ("what" in slots or "where" in slots):
        return []
    end = datetime.combine(wanted.last + timedelta(days=1), time(), zone) if days else now
    found = timetable.cancelled_between(db, now, max(end, until or now))
    return [
        s for s in found
        if (wanted.activities is None or s.activity in wanted.activities)
        and (wanted.venues is None or s.venue in wanted.venues)
        and ((until and s.starts_at < until) or _on_day(s, wanted, zone))
    ]  # fmt: skip


def point_of(where: SlotValue | None, content: Content, here: Point | None) -> Point | None:
    """The map point a place means: of a venue, an area, a postcode's first half, or the person."""
    for place in _several(where):
        if place.startswith(NOT):
            continue
        if place == "me":
            return here
        if place in content.venues:
            return content.place_of(place)
        if place.startswith("area:") and (area := content.areas.get(place[5:])):
            return area.point
        if place.startswith("pc:"):
            outcode = content.outcodes.get(place[3:].split()[0].upper())
            if outcode is not None:
                return outcode.point
    return None


def _on_day(slot: Slot, wanted: Wanted, zone: ZoneInfo) -> bool:
    day = slot.starts_at.astimezone(zone).date()
    return wanted.first <= day <= wanted.last and (wanted.day is None or wanted.day(day))


def _find(
    db: Session,
    wish: Mapping[str, SlotValue],
    content: Content,
    now: datetime,
    zone: ZoneInfo,
    here: Point | None,
    *,
    cancelled_too: bool = False,
) -> Found:
    wanted, days, near, km = _wanted(wish, content, now, zone, here)
    if wanted is None:
        return Found((), wish, days=days, near=near, km=km)
    wanted = dataclasses.replace(wanted, cancelled_too=cancelled_too)
    slots = find_slots(db, wanted, now=now, zone=zone)
    if near is not None:
        one_day = days is not None and days.single is not None
        far = {v: away if one_day else round(away) for v, away in km.items()}
        slots.sort(key=lambda s: far.get(s.venue, 99.0))
    if "what" not in wish:
        # Clinics and referrals have their own ways in: what anybody can come to is shown first.
        slots.sort(key=lambda s: s.mode in (Mode.PARTNER, Mode.REFERRAL))
    return Found(tuple(slots), wish, days=days, near=near, km=km)


def _wanted(
    wish: Mapping[str, SlotValue],
    content: Content,
    now: datetime,
    zone: ZoneInfo,
    here: Point | None,
) -> tuple[Wanted | None, Days | None, Point | None, dict[str, float]]:
    today = now.astimezone(zone).date()
    days = (
        spans(wish["when"], now=now, calendar=content.calendar, zone=zone)
        if "when" in wish
        else None
    )
    first, last = _bounds(days, wish, today)
    near = point_of(wish.get("where"), content, here)
    km = {v: kilometres(near, content.place_of(v)) for v in content.venues} if near else {}
    venues = _venues(wish.get("where"), content, km)
    activities = _activities(wish, content)
    if (venues is not None and not venues) or (activities is not None and not activities):
        return None, days, near, km
    times = daypart(wish["daypart"], now=now, zone=zone) if "daypart" in wish else None
    at_once = times is not None and times.still_on is not None
    if at_once and days is None:
        last = first  # "now" is today
    wanted = Wanted(
        first=first,
        last=last,
        day=days.matches if days else None,
        at=times.matches_time if times else None,
        venues=venues,
        activities=activities,
        ages=ages_of(wish.get("age_m")),
        free=wish.get("price") == "free",
        begun_too=at_once,
        mode={"drop_in": Mode.DROP_IN, "bookable": Mode.BOOK}.get(str(wish.get("booking", ""))),
    )
    return wanted, days, near, km


def _bounds(days: Days | None, wish: Mapping[str, SlotValue], today: date) -> tuple[date, date]:
    horizon = today + HORIZON
    if days is None:
        named = any(k in wish for k in ("what", "where", "who", "booking", "daypart"))
        return today, horizon if named else today + USUAL
    last = days.last if days.last is not None else today + ANY_WEEK
    return max(days.first, today), min(last, horizon)


def _venues(
    where: SlotValue | None, content: Content, km: Mapping[str, float]
) -> frozenset[str] | None:
    """None for anywhere; a named venue alone; an area's own venues and those near it. A place that
    is ruled out takes away its own."""
    wanted = [p for p in _several(where) if not p.startswith(NOT)]
    ruled_out = [p.removeprefix(NOT) for p in _several(where) if p.startswith(NOT)]
    found = frozenset[str]().union(*(_own(place, content) for place in wanted))
    if any(place not in content.venues for place in wanted):
        found |= {v for v, away in km.items() if away <= NEAR_KM}
    if not found and not km:
        if not ruled_out:
            return None
        found = frozenset(content.venues)
    return found.difference(*(_own(place, content) for place in ruled_out))


def _own(place: str, content: Content) -> frozenset[str]:
    """A venue, or those of an area."""
    if place in content.venues:
        return frozenset({place})
    area = place.removeprefix("area:")
    return frozenset(v.id for v in content.venues.values() if v.area == area)


def _activities(wish: Mapping[str, SlotValue], content: Content) -> frozenset[str] | None:
    what = frozenset(_several(wish.get("what")))
    who = frozenset(_several(wish.get("who"))) & FOR_SOMEBODY
    meant = {a.id for a in content.activities.values() if who & set(a.who)} if who else set()
    if what and meant:
        return what & meant or what
    if what:
        return what
    return frozenset(meant) if meant else None


def ages_of(value: SlotValue | None) -> tuple[tuple[int, int], ...]:
    """Months from an age slot: "9", "0/6", or several."""
    ages = []
    for item in _several(value):
        low, _sep, high = str(item).partition("/")
        try:
            ages.append((int(low), int(high or low)))
        except ValueError:
            continue
    return tuple(ages)


def _several(value: SlotValue | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _without(wish: Mapping[str, SlotValue], parts: tuple[str, ...]) -> dict[str, SlotValue]:
    return {k: v for k, v in wish.items() if k not in parts}

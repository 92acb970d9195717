"""The first staff page: coming sessions by day, what waits for somebody, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.bookings.queries import counts_by_occurrence
from bot.bookings.queue import waiting_counts
from bot.content.values import Mode
from bot.core.clock import to_utc
from bot.timetable import telling
from bot.timetable.queries import Slot, moved, slots_between
from handlers.http.look import Look
from handlers.http.pages import read, render
from handlers.staff.faults import Fault, faults_of
from handlers.staff.forms import read_day
from handlers.staff.frame import Frame, frame_of, name_of_staff

DAYS = 14
OPEN_DAYS = 2  # shown unfolded: today and tomorrow

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Row:
    """One session of the list. `tone` is off, few, full or "" for the badge."""

    id: str
    name: str
    hours: str
    starts: str
    venue: str
    places: str
    tone: str
    waiting: int
    cancelled: bool
    moved: bool


@dataclass(frozen=True, slots=True)
class Day:
    on: str
    heading: str
    summary: str
    unfolded: bool
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class DeskPage:
    template: ClassVar[str] = "staff/desk.html"
    title: str
    frame: Frame
    faults: tuple[Fault, ...]
    day: str
    venue: str
    days_to_choose: tuple[tuple[str, str], ...]
    venues: tuple[tuple[str, str], ...]
    days: tuple[Day, ...]


@routes.get("")
async def desk(request: web.Request) -> web.Response:
    look, page = await read(request, desk_page, name_of_staff(request))
    return render(request, look, page)


def desk_page(db: Session, look: Look, by: str) -> DeskPage:
    """Two weeks from today, or one day of any year; what can't be used of the filters is ignored."""
    day, venue = read_day(look.asked.query.get("day", "")), look.asked.query.get("venue", "")
    venue = venue if venue in look.content.venues else ""
    first = day or look.today
    last = first + timedelta(days=1 if day else DAYS)
    slots = slots_between(db, _midnight(look, first), _midnight(look, last))
    used = sorted({s.venue for s in slots} | ({venue} if venue else set()))
    if venue:
        slots = [s for s in slots if s.venue == venue]
    booked, changed = counts_by_occurrence(db, slots), moved(db, {s.id for s in slots})
    waiting = waiting_for(db, look, slots)
    filtered = bool(day or venue)
    name = look.words.said
    return DeskPage(
        title=look._("Sessions"),
        frame=frame_of(db, by),
        faults=faults_of(db, look),
        day=day.isoformat() if day else "",
        venue=venue,
        days_to_choose=tuple(
            (d.isoformat(), look.words.short_day(d))
            for d in (look.today + timedelta(days=n) for n in range(7))
        ),
        venues=tuple(
            sorted(((v, name(look.content.venues[v].name)) for v in used), key=lambda p: p[1])
        ),
        days=tuple(
            _day_of(look, on, list(group), booked, changed, waiting, filtered=filtered)
            for on, group in groupby(slots, key=lambda s: local_day(look, s))
        ),
    )


def waiting_for(db: Session, look: Look, slots: list[Slot]) -> dict[str, int]:
    """How many families wait for a session that can still be booked, by its id."""
    coming = [s for s in slots if s.bookable and not s.cancelled and s.starts_at > look.now]
    return waiting_counts(db, coming, zone=look.zone)


def local_day(look: Look, slot: Slot) -> date:
    return slot.starts_at.astimezone(look.zone).date()


def _day_of(
    look: Look,
    on: date,
    slots: list[Slot],
    booked: Mapping[str, int],
    changed: set[str],
    waiting: Mapping[str, int],
    *,
    filtered: bool,
) -> Day:
    places = sum(booked.get(s.subject, 0) for s in slots if not s.cancelled)
    heading = look.words.day(on, today=look.today)
    counted = look.words.ngettext("%(num)d session", "%(num)d sessions", len(slots))
    summary = [counted % {"num": len(slots)}]
    if places:
        summary.append(
            look.words.ngettext("%(num)d place booked", "%(num)d places booked", places)
            % {"num": places}
        )
    return Day(
        on=on.isoformat(),
        heading=heading[:1].upper() + heading[1:],
        summary=" · ".join(summary),
        unfolded=filtered or (on - look.today).days < OPEN_DAYS,
        rows=tuple(
            _row(look, s, booked.get(s.subject, 0), s.id in changed, waiting.get(s.id, 0))
            for s in slots
        ),
    )


def _row(look: Look, slot: Slot, booked: int, is_moved: bool, waiting: int) -> Row:
    places, tone = places_of(look, slot, booked)
    return Row(
        id=slot.id,
        name=telling.name(slot, look.content, look.words),
        hours=look.words.hours(slot.starts_at, slot.ends_at),
        starts=slot.starts_at.astimezone(look.zone).isoformat(),
        venue=telling.place(slot, look.content, look.words),
        places=places,
        tone=tone,
        waiting=waiting,
        cancelled=slot.cancelled,
        moved=is_moved and not slot.cancelled,
    )


def places_of(look: Look, slot: Slot, booked: int) -> tuple[str, str]:
    """Places booked of how many, and the tone of the badge."""
    _ = look.words._
    if slot.mode is not Mode.BOOK and not booked:
        ways = {
            Mode.DROP_IN: _("Drop in"),
            Mode.REFERRAL: _("By referral"),
            Mode.PARTNER: _("Run by a partner"),
        }
        return ways[slot.mode], "full"
    if slot.capacity is None:
        return look.words.ngettext("%(num)d booked", "%(num)d booked", booked) % {"num": booked}, ""
    said = _("%(booked)d of %(capacity)d booked") % {"booked": booked, "capacity": slot.capacity}
    return said, "few" if booked >= slot.capacity else ""


def _midnight(look: Look, day: date) -> datetime:
    return to_utc(day, time(), look.zone)

"""The page of one session: all that helps to decide, how to get in, and a calendar file."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.bookings import queue
from bot.content import naming
from bot.content.values import Contact, Venue
from bot.timetable import telling
from bot.timetable.queries import Slot, course_slots, find_slot, latest_change, series_slots
from bot.timetable.rules import ChangeKind
from bot.timetable.service import NoSuchSessionError
from handlers.http.look import Look, Told
from handlers.http.pages import read, show
from handlers.web.calendar import CALENDAR_TYPE, calendar_of
from handlers.web.cards import Card, ages_of, card_of, cards_of, cost_of
from handlers.web.events import event_of
from handlers.web.tokens import new_key

OTHER_DATES = 6
MAP = "https://www.openstreetmap.org/"

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Fact:
    """A heading and what there is to say under it."""

    name: str
    said: Told


@dataclass(frozen=True, slots=True)
class SessionPage:
    """One session. `act` is the deep-link argument of the main button, "" where there is none."""

    template: ClassVar[str] = "session.html"
    title: str
    name: Told
    card: Card
    summary: Told
    moved: bool
    facts: tuple[Fact, ...]
    venue: Venue
    nothing_more: str  # of a place that is gone, "" otherwise
    map_url: str
    not_therapist: bool
    how: Told
    contact: Contact | None
    bookable: bool
    over: bool
    meetings: tuple[Card, ...]  # of the course
    others: tuple[Card, ...]
    event: dict[str, Any] | None  # schema.org, None for a sample or a sensitive session
    key: str  # of the form


@routes.get("/session/{id:[^/.]+}")
async def session(request: web.Request) -> web.Response:
    return await show(request, session_page, _id(request))


@routes.get("/session/{id:[^/.]+}.ics")
async def session_calendar(request: web.Request) -> web.Response:
    _look, body = await read(request, session_ics, _id(request))
    return web.Response(
        body=body,
        content_type=CALENDAR_TYPE,
        charset="utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="session.ics"',
            "Cache-Control": "private, no-cache",
        },
    )


def session_page(db: Session, look: Look, occurrence: str) -> SessionPage:
    """Raises NoSuchSessionError."""
    slot = _slot(db, occurrence)
    content = look.content
    activity = content.activities[slot.activity]
    venue = content.venues[slot.venue]
    change = latest_change(db, slot.id)
    meetings = course_slots(db, slot.course_id) if slot.course_id else []
    others = series_slots(db, slot.series_id, now=look.now, limit=40)
    first_of = {s.course_id: s for s in reversed(others) if s.course_id}
    others = [
        s
        for s in others
        if s.subject != slot.subject and (s.course_id is None or first_of[s.course_id] is s)
    ][:OTHER_DATES]
    [card] = cards_of(db, look, [slot])
    open_data = not slot.sample and not activity.sensitive
    return SessionPage(
        title=telling.name(slot, content, look.words),
        name=card.name,
        card=card,
        summary=look.told(activity.summary),
        moved=change is not None and change.kind is ChangeKind.MOVE and not slot.cancelled,
        facts=tuple(f for f in _facts(look, slot) if f.said),
        venue=venue,
        nothing_more=telling.nothing_more(slot, content, look.words),
        map_url=map_url(venue),
        not_therapist=activity.not_therapist,
        how=look.told(activity.how),
        contact=content.contacts.get(slot.contact or venue.contact),
        bookable=slot.bookable
        and slot.active
        and not slot.cancelled
        and card.tone != "full"
        and not queue.paused(db, slot, zone=look.zone),
        over=slot.starts_at <= look.now,
        meetings=tuple(card_of(look, s, None) for s in meetings),
        others=tuple(cards_of(db, look, others)),
        event=event_of(look, slot) if open_data else None,
        key=new_key(),
    )


def session_ics(db: Session, look: Look, occurrence: str) -> bytes:
    """The session, or every meeting of its course, as a file. Raises NoSuchSessionError."""
    slot = _slot(db, occurrence)
    slots = course_slots(db, slot.course_id) if slot.course_id else [slot]
    changed = {s.id: c.made_at for s in slots if (c := latest_change(db, s.id)) is not None}
    return calendar_of(look, slots, changed=changed)


def map_url(venue: Venue) -> str:
    """OpenStreetMap at the door where we are sure of it, else a search for the postcode."""
    if venue.point is not None:
        return map_url_at(venue.point.lat, venue.point.lon)
    return f"{MAP}search?query={venue.postcode.replace(' ', '+')}" if venue.postcode else ""


def map_url_at(lat: float, lon: float) -> str:
    """OpenStreetMap with a mark at a point, WGS84 degrees."""
    return f"{MAP}?mlat={lat:.5f}&mlon={lon:.5f}#map=17/{lat:.5f}/{lon:.5f}"


def _facts(look: Look, slot: Slot) -> list[Fact]:
    _ = look.words._
    activity = look.content.activities[slot.activity]
    return [
        Fact(_("Who can come"), ages_of(look, slot)),
        Fact(_("Especially for"), _for_whom(look, slot)),
        Fact(_("Cost"), cost_of(look, slot)),
        Fact(_("What to bring"), look.told(activity.bring)),
        Fact(_("How many come"), look.told(activity.size)),
        Fact(_("Noise"), look.told(activity.noise)),
        Fact(_("Quiet room"), look.told(activity.quiet_room)),
        Fact(_("Leaving early"), look.told(activity.leave_early)),
        Fact(_("Good to know"), look.english(slot.notes)),
        Fact(_("Run by"), look.english(slot.run_by)),
    ]


def _for_whom(look: Look, slot: Slot) -> Told:
    who = look.content.activities[slot.activity].who
    return Told(look.words.list([naming.who(look.words, slug) for slug in who]))


def _slot(db: Session, occurrence: str) -> Slot:
    slot = find_slot(db, occurrence)
    if slot is None:
        raise NoSuchSessionError
    return slot


def _id(request: web.Request) -> str:
    """An occurrence's id in its usual form. Raises NoSuchSessionError for anything else."""
    try:
        return str(uuid.UUID(request.match_info["id"]))
    except ValueError:
        raise NoSuchSessionError from None

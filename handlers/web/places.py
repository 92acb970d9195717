"""The venues: a list by area, and a page for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.content.values import Contact, Venue
from bot.timetable.searching import fitting
from handlers.http.look import Look, Told
from handlers.http.pages import show
from handlers.web.cards import Card, cards_of
from handlers.web.session import map_url

COMING = 10  # sessions on a venue's page

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class AreaList:
    """The venues of one area."""

    name: Told
    venues: tuple[Venue, ...]


@dataclass(frozen=True, slots=True)
class VenuesPage:
    template: ClassVar[str] = "venues.html"
    title: str
    areas: tuple[AreaList, ...]


@dataclass(frozen=True, slots=True)
class VenuePage:
    """A venue and what is on there next."""

    template: ClassVar[str] = "venue.html"
    title: str
    name: Told
    venue: Venue
    area: Told
    about: Told
    access: tuple[Told, ...]
    run_by: Told
    contact: Contact | None
    map_url: str
    cards: tuple[Card, ...]
    more: bool


@routes.get("/venues")
async def venues(request: web.Request) -> web.Response:
    return await show(request, venues_page)


@routes.get("/venue/{id}")
async def venue(request: web.Request) -> web.Response:
    return await show(request, venue_page, request.match_info["id"])


def venues_page(_db: Session, look: Look) -> VenuesPage:
    """Every venue that is still in use, by area."""
    areas = []
    for area in look.content.areas.values():
        inside = [v for v in look.content.venues.values() if v.area == area.id and not v.former]
        if inside:
            inside.sort(key=lambda v: look.words.said(v.name).casefold())
            areas.append(AreaList(look.told(area.name), tuple(inside)))
    areas.sort(key=lambda a: a.name.text.casefold())
    return VenuesPage(title=look._("Our venues"), areas=tuple(areas))


def venue_page(db: Session, look: Look, ident: str) -> VenuePage:
    """Raises HTTPNotFound for a venue that the council doesn't name."""
    content = look.content
    found = content.venues.get(ident)
    if found is None:
        raise web.HTTPNotFound
    slots = fitting(
        db,
        {"where": ident},
        content=content,
        now=look.now,
        zone=look.zone,
        cancelled_too=True,
    ).slots
    coming = sorted(slots, key=lambda s: s.starts_at)[: COMING + 1]
    return VenuePage(
        title=look.words.said(found.name),
        name=look.told(found.name),
        venue=found,
        area=look.told(content.areas[found.area].name),
        about=look.told(found.about),
        access=tuple(look.told(line) for line in found.access),
        run_by=look.english(found.run_by),
        contact=content.contacts.get(found.contact),
        map_url=map_url(found),
        cards=tuple(cards_of(db, look, coming[:COMING])),
        more=len(coming) > COMING,
    )

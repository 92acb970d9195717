"""A booking by its code: see it, cancel it in one tap, take that back, put it in a calendar.

The code opens it from any device. It never stands in an address: it is posted once, and kept sealed
in a cookie for half an hour. Wrong codes are counted against the address they come from.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.bookings import queries, queue, service
from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind, EndedWhy, NoSuchBookingError
from bot.core.codes import code_words
from bot.core.errors import PlannedError
from handlers.http.address import client_network
from handlers.http.cookies import drop_cookie
from handlers.http.errors import STATUS
from handlers.http.forms import read_form
from handlers.http.limits import CODES
from handlers.http.look import Look
from handlers.http.pages import PageWork, read, render, write
from handlers.http.site import site_of
from handlers.web.calendar import CALENDAR_TYPE, calendar_of
from handlers.web.cards import Card, cards_of
from handlers.web.opened import BOOKING, back, give_code, opened_code
from handlers.web.waiting import WaitingPage, waiting_page

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class BookingPage:
    """A booking; without one, the form for its code. `fault` is why the last try failed."""

    template: ClassVar[str] = "booking.html"
    title: str
    fault: str = ""
    typed: str = ""
    code: str = ""
    cards: tuple[Card, ...] = ()
    size: int = 0
    live: bool = False
    over: bool = False
    undoable: bool = False


@routes.get("/booking")
async def booking(request: web.Request) -> web.Response:
    look, page = await read(request, booking_page, opened_code(request))
    return render(request, look, page)


@routes.post("/booking")
async def open_booking(request: web.Request) -> web.Response:
    """Look for a code. A wrong one is said on the form, ten of them are too many."""
    limits, network = site_of(request).limits, client_network(request)
    limits.check(CODES, network)
    typed = (await read_form(request)).get("code", "")[:40]
    look, code = await read(request, find_code, typed)
    if not code:
        limits.take(CODES, network)
        fault = NoSuchBookingError().sentence(look.words._) if typed else look._("Enter your code.")
        page = BookingPage(title=look._("Your booking"), fault=fault, typed=typed)
        return render(request, look, page, status=400)
    response = back(request)
    give_code(request, response, code, look.now)
    return response


@routes.post("/booking/cancel")
async def cancel(request: web.Request) -> web.Response:
    return await _act(request, cancel_booking)


@routes.post("/booking/undo")
async def undo(request: web.Request) -> web.Response:
    return await _act(request, undo_booking)


@routes.post("/booking/close")
async def close(request: web.Request) -> web.Response:
    """Forget the code on this device."""
    await read_form(request)
    response = back(request)
    drop_cookie(request, response, BOOKING)
    return response


@routes.get("/booking.ics")
async def booking_calendar(request: web.Request) -> web.Response:
    _look, body = await read(request, booking_ics, opened_code(request))
    return web.Response(
        body=body,
        content_type=CALENDAR_TYPE,
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="booking.ics"'},
    )


def find_code(db: Session, _look: Look, typed: str) -> str:
    """The code of the booking or waiting entry that was meant, "" where there is none."""
    if not typed:
        return ""
    claim = queries.find_claim_by_code(db, typed)
    if claim is not None and _was_booked(claim):
        return claim.code
    entry = queue.find_entry_by_code(db, typed)
    return entry.code if entry is not None else ""


def booking_page(db: Session, look: Look, opened: str) -> BookingPage | WaitingPage:
    """The booking or waiting entry that is open on this device, else the form."""
    claim = _claim(db, opened)
    title = look._("Your booking")
    entry = queue.find_entry_by_code(db, opened) if claim is None and opened else None
    if entry is not None:
        return waiting_page(db, look, entry)
    if claim is None:
        return BookingPage(title=title)
    slots = queries.claim_slots(db, claim)
    live = claim.kind is ClaimKind.BOOKING and claim.ended_at is None
    over = all(s.ends_at <= look.now for s in slots)
    return BookingPage(
        title=title,
        code=code_words(claim.code),
        cards=tuple(cards_of(db, look, slots)),
        size=claim.size,
        live=live,
        over=over,
        undoable=not live and not over and claim.ended_at is None,
    )


def booking_ics(db: Session, look: Look, opened: str) -> bytes:
    """The booked sessions as a calendar file. Raises NoSuchBookingError."""
    claim = _claim(db, opened)
    if claim is None:
        raise NoSuchBookingError
    return calendar_of(look, queries.claim_slots(db, claim))


def cancel_booking(db: Session, look: Look, opened: str) -> None:
    """Give the place up. Raises NoSuchBookingError, TooLateError."""
    claim = _claim(db, opened)
    if claim is None:
        raise NoSuchBookingError
    service.cancel(db, claim, why=EndedWhy.CANCELLED, policy=look.policy, now=look.now)


def undo_booking(db: Session, look: Look, opened: str) -> None:
    """Take the place back. Raises NoSuchBookingError, TooLateToUndoError."""
    claim = _claim(db, opened)
    if claim is None:
        raise NoSuchBookingError
    service.undo_cancel(db, claim, policy=look.policy, now=look.now)


async def _act(request: web.Request, work: PageWork[[str], None]) -> web.Response:
    """Do it and show what became of it; where it can't be done, say why on the same page."""
    await read_form(request)
    opened = opened_code(request)
    try:
        await write(request, work, opened)
    except PlannedError as refused:
        look, page = await read(request, booking_page, opened)
        fault = refused.sentence(look.words._)
        status = STATUS[refused.kind]
        return render(request, look, dataclasses.replace(page, fault=fault), status=status)
    return back(request)


def _claim(db: Session, opened: str) -> Claim | None:
    claim = queries.find_claim_by_code(db, opened) if opened else None
    return claim if claim is not None and _was_booked(claim) else None


def _was_booked(claim: Claim) -> bool:
    """A booking, or one that was given up; not a place that is only held while somebody types."""
    return claim.kind is ClaimKind.BOOKING or claim.ended_why in (
        EndedWhy.CANCELLED,
        EndedWhy.CANT_COME,
    )

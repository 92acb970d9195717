"""Book for a family that rang or was referred: it has no chat, and gets a code to keep."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.bookings import allotting, queries, rules
from bot.bookings.rules import MOST_PLACES, ClaimKind, NoSuchBookingError
from bot.staff.service import note
from bot.timetable import telling
from handlers.http.forms import FormRefusedError, read_form
from handlers.http.look import Look
from handlers.http.pages import read, render, write
from handlers.staff.frame import Frame, frame_of, go_to, name_of_staff, session_id
from handlers.staff.people import child_of
from handlers.staff.place_forms import NAME_LIMIT, BookForForm
from handlers.staff.subject import About, about_of, bookable_slot, full_said, lock_places

_BY_STAFF = "staff:"  # how the key of a booking begins that staff made
_GROUP = 4  # letters of a code that are read out in one breath
_EMPTY = {"key": "", "name": "", "phone": "", "size": "1", "born": "", "reason": ""}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class BookForPage:
    template: ClassVar[str] = "staff/book_for.html"
    title: str
    frame: Frame
    about: About
    ages: str
    key: str
    free: int
    kept: int
    most: int
    name_limit: int
    typed: Mapping[str, str]
    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BookedForPage:
    """The code to read out. `live`: the booking still stands."""

    template: ClassVar[str] = "staff/booked_for.html"
    title: str
    frame: Frame
    about: About
    name: str
    size: int
    child: str
    ages: str
    code: str
    live: bool


@routes.get("/session/{id}/book")
async def form(request: web.Request) -> web.Response:
    look, page = await read(request, form_page, session_id(request), name_of_staff(request))
    return render(request, look, page)


@routes.post("/session/{id}/book")
async def book(request: web.Request) -> web.Response:
    """Book. The same form again leads to the same booking."""
    occurrence, by, typed = session_id(request), name_of_staff(request), await read_form(request)
    try:
        _look, claim = await write(request, make, occurrence, typed, by)
    except FormRefusedError as refused:
        look, page = await read(request, form_page, occurrence, by, refused)
        return render(request, look, page, status=400)
    return go_to(request, f"/staff/session/{occurrence}/booked/{claim}")


@routes.get(r"/session/{id}/booked/{claim:\d{1,9}}")
async def booked(request: web.Request) -> web.Response:
    claim = int(request.match_info["claim"])
    look, page = await write(
        request, booked_page, session_id(request), claim, name_of_staff(request)
    )
    return render(request, look, page)


def form_page(
    db: Session, look: Look, occurrence: str, by: str, refused: FormRefusedError | None = None
) -> BookForPage:
    """Raises NoSuchSessionError, NotBookableError."""
    slot = bookable_slot(db, occurrence, now=look.now)
    typed = _EMPTY | (refused.typed if refused is not None else {})
    left = queries.places_left(db, [slot], now=look.now)
    return BookForPage(
        title=look._("Book for a family"),
        frame=frame_of(db, by),
        about=about_of(db, look, slot, occurrence),
        ages=telling.ages(slot, look.content, look.words),
        key=typed["key"] or secrets.token_urlsafe(16),
        free=left.get(slot.subject, 0),
        kept=queries.room_of(db, slot, now=look.now).kept,
        most=MOST_PLACES,
        name_limit=NAME_LIMIT,
        typed=typed,
        faults=refused.faults if refused is not None else {},
    )


def make(db: Session, look: Look, occurrence: str, typed: Mapping[str, str], by: str) -> int:
    """The id of the booking. Raises FormRefusedError, NotBookableError, CalledOffError,
    TooLateError."""
    wanted = BookForForm.read(typed, look)
    slot = lock_places(db, look, occurrence)
    try:
        claim = allotting.book_for(
            db, slot.id, name=wanted.name, phone=wanted.phone, size=wanted.size, born=wanted.born,
            kept=wanted.kept, reason=wanted.reason, key=_BY_STAFF + wanted.key, by=by,
            now=look.now,
        )  # fmt: skip
    except rules.OccurrenceFullError as full:
        raise FormRefusedError({"kept": full_said(look, wanted.kept, full.left)}, typed) from full
    return claim.id


def booked_page(db: Session, look: Look, occurrence: str, claim_id: int, by: str) -> BookedForPage:
    """Only of a booking that staff made: others have their code from us. Notes who read it.

    Raises NoSuchSessionError, NotBookableError, NoSuchBookingError.
    """
    slot = bookable_slot(db, occurrence, now=look.now)
    claim = queries.find_claim(db, claim_id)
    mine = claim is not None and (claim.course_id or claim.occurrence_id) == slot.subject
    if claim is None or not mine or not claim.key.startswith(_BY_STAFF):
        raise NoSuchBookingError
    note(db, by=by, act="read code", about=f"claim:{claim.id}", now=look.now)
    return BookedForPage(
        title=look._("It's booked"),
        frame=frame_of(db, by),
        about=about_of(db, look, slot, occurrence),
        name=str(claim.private.get("name", "")),
        size=claim.size,
        child=child_of(look, claim, slot.original_on),
        ages=telling.ages(slot, look.content, look.words),
        code=" ".join(claim.code[n : n + _GROUP] for n in range(0, len(claim.code), _GROUP)),
        live=claim.kind is ClaimKind.BOOKING and claim.ended_at is None,
    )

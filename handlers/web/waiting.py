"""A place on a waiting list by its code: where you are in line, an offer to answer, leaving.

The same code and cookie as for a booking, from any device: it is how an e-mail is answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.bookings import ledger, queries, queue, waiting
from bot.bookings.models import WaitingEntry
from bot.bookings.rules import LIVE_STATES, EntryState, NoSuchEntryError
from bot.core.codes import code_words
from bot.outreach.waiting import waits_for
from bot.timetable.queries import Slot, find_slot
from bot.timetable.service import NoSuchSessionError
from handlers.http.forms import read_form
from handlers.http.look import Look
from handlers.http.pages import write
from handlers.web.cards import Card, cards_of
from handlers.web.opened import back, give_code, opened_code

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A waiting entry. `card` is a session with a place that is free for them: held until `until`,
    or for whoever says yes first where that is ""."""

    template: ClassVar[str] = "waiting.html"
    title: str
    code: str
    waits: str
    place: int = 0
    live: bool = True
    asked: bool = False
    card: Card | None = None
    occurrence: str = ""
    until: str = ""
    fault: str = ""


@routes.post("/waiting/yes")
async def say_yes(request: web.Request) -> web.Response:
    """Book what was offered; the booking's own code is open then."""
    form = await read_form(request)
    look, code = await write(request, accept, opened_code(request), form.get("session", ""))
    response = back(request)
    give_code(request, response, code, look.now)
    return response


@routes.post("/waiting/no")
async def say_no(request: web.Request) -> web.Response:
    form = await read_form(request)
    await write(request, decline, opened_code(request), form.get("session", ""))
    return back(request)


@routes.post("/waiting/keep")
async def keep(request: web.Request) -> web.Response:
    await read_form(request)
    await write(request, keep_turn, opened_code(request))
    return back(request)


@routes.post("/waiting/leave")
async def leave(request: web.Request) -> web.Response:
    await read_form(request)
    await write(request, leave_list, opened_code(request))
    return back(request)


def waiting_page(db: Session, look: Look, entry: WaitingEntry) -> WaitingPage:
    """Where they are in line, or the place that waits for their answer."""
    slots = queue.waited_slots(db, entry, policy=look.policy, now=look.now)
    page = WaitingPage(
        title=look._("Your place on the waiting list"), code=code_words(entry.code),
        waits=waits_for(db, entry, look.content, look.words),
        place=queue.position(db, entry, slots[0], zone=look.zone) if slots else 0,
        live=entry.state in LIVE_STATES, asked=entry.state is EntryState.ASKED,
    )  # fmt: skip
    free, until = _free(db, look, entry, slots)
    if free is None:
        return page
    return WaitingPage(
        title=page.title, code=page.code, waits=page.waits, place=page.place, live=page.live,
        card=cards_of(db, look, [free])[0], occurrence=free.id,
        until=look.words.moment(until, today=look.today) if until else "",
    )  # fmt: skip


def accept(db: Session, look: Look, opened: str, occurrence: str) -> str:
    """The code of the booking. Raises NoSuchEntryError, OfferOverError, NoSuchSessionError."""
    entry = _entry(db, opened)
    claim = waiting.accept(
        db, entry, _slot(db, occurrence), key=f"yes:{entry.id}:{occurrence}"[:64],
        policy=look.policy, now=look.now,
    )  # fmt: skip
    return claim.code


def decline(db: Session, look: Look, opened: str, occurrence: str) -> None:
    slot = _slot(db, occurrence)
    waiting.decline(db, _entry(db, opened), slot, policy=look.policy, now=look.now)


def keep_turn(db: Session, look: Look, opened: str) -> None:
    waiting.still_wanted(db, _entry(db, opened), now=look.now)


def leave_list(db: Session, look: Look, opened: str) -> None:
    waiting.leave(db, _entry(db, opened), policy=look.policy, now=look.now)


def _free(
    db: Session, look: Look, entry: WaitingEntry, slots: list[Slot]
) -> tuple[Slot | None, datetime | None]:
    """The session with a place for this entry: held for it, or free on the last day."""
    held = queue.offer_of(db, entry)
    if held is not None and held.expires_at is not None and held.expires_at > look.now:
        return queries.next_slot(db, held, now=look.now), held.expires_at
    if entry.state is not EntryState.WAITING:
        return None, None
    left = queries.places_left(db, slots, now=look.now)
    for slot in slots:
        starts_at = ledger.opening(db, slot).starts_at
        window = look.policy.window(starts_at=starts_at, now=look.now)
        if window.tell_first and left.get(slot.subject, 0) >= entry.size:
            return slot, None
    return None, None


def _entry(db: Session, opened: str) -> WaitingEntry:
    entry = queue.find_entry_by_code(db, opened) if opened else None
    if entry is None:
        raise NoSuchEntryError
    return entry


def _slot(db: Session, occurrence: str) -> Slot:
    slot = find_slot(db, occurrence)
    if slot is None:
        raise NoSuchSessionError
    return slot

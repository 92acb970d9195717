"""One family on a waiting list: give it another place in the line, an offer, or take it off.

Each act asks for a reason, which colleagues can read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.bookings import allotting, queries, queue, rules
from bot.bookings.models import WaitingEntry
from bot.bookings.rules import EntryState
from bot.core.errors import Kind, PlannedError, Translate
from bot.outreach.changing import ChangedMeanwhileError
from bot.staff.service import note
from bot.timetable.queries import Slot
from handlers.http.forms import FormRefusedError, read_form
from handlers.http.look import Look
from handlers.http.pages import render, write
from handlers.http.site import site_of
from handlers.staff.frame import Frame, frame_of, go_to, name_of_staff, session_id
from handlers.staff.people import Person, channel_name, channels_on, child_of, person_of
from handlers.staff.place_forms import read_turn, read_why
from handlers.staff.story import Told, told_of
from handlers.staff.subject import About, about_of, bookable_slot, full_said, lock_places
from handlers.staff.waiters import entry_said, wants_said

routes = web.RouteTableDef()


class NoSuchWaiterError(PlannedError):
    """Nobody with that number waits, or ever waited, for this session."""

    kind = Kind.NOT_FOUND

    def sentence(self, _: Translate) -> str:
        return _("We can't find that family on this list.")


class WaitsNoMoreError(PlannedError):
    """They have a place, an offer, or left, since staff looked."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("This family is not waiting any more, or has an offer. Please look again.")


@dataclass(frozen=True, slots=True)
class WaiterPage:
    """`place` is 0 for a family that doesn't wait any more; `kept` and `free` are places left."""

    template: ClassVar[str] = "staff/waiter.html"
    title: str
    frame: Frame
    about: About
    entry_id: int
    person: Person
    ways: tuple[str, ...]
    child: str
    size: int
    since: str
    wants: str
    said: str
    tone: str
    place: int
    line: int
    can_offer: bool
    kept: int
    free: int
    story: tuple[Told, ...]
    values: Mapping[str, str]
    faults: Mapping[str, str]
    act: str = ""  # whose form was refused
    saved: bool = False
    notice: str = ""


@routes.get(r"/session/{id}/waiting/{entry:\d{1,9}}")
async def waiter(request: web.Request) -> web.Response:
    return await _show(request, saved="saved" in request.query)


@routes.post(r"/session/{id}/waiting/{entry:\d{1,9}}/{act:move|offer|off}")
async def decide(request: web.Request) -> web.Response:
    """Move, offer or take off. The same form again changes nothing."""
    occurrence, entry = session_id(request), int(request.match_info["entry"])
    act, form = request.match_info["act"], await read_form(request)
    try:
        await write(request, do, occurrence, entry, act, form, name_of_staff(request))
    except FormRefusedError as refused:
        return await _show(request, refused=refused)
    except (ChangedMeanwhileError, WaitsNoMoreError) as late:
        return await _show(request, problem=late)
    if act == "off":
        return go_to(request, f"/staff/session/{occurrence}/places", saved=act)
    return go_to(request, f"/staff/session/{occurrence}/waiting/{entry}", saved=act)


def waiter_page(
    db: Session,
    look: Look,
    occurrence: str,
    entry_id: int,
    by: str,
    on: tuple[str, ...],
    *,
    act: str = "",
    saved: bool = False,
    refused: FormRefusedError | None = None,
    problem: PlannedError | None = None,
) -> WaiterPage:
    """Opens what they told us, and notes who read it.

    Raises NoSuchSessionError, NotBookableError, NoSuchWaiterError.
    """
    slot = bookable_slot(db, occurrence, now=look.now)
    entry = _entry(db, look, slot, entry_id)
    note(db, by=by, act="read waiting entry", about=f"entry:{entry.id}", now=look.now)
    person = person_of(db, look, entry.adult_id, entry, on=on)
    said, tone = entry_said(db, look, entry, slot, queue.told_of(db, slot.subject))
    left = queries.places_left(db, [slot], now=look.now)
    return WaiterPage(
        title=person.name,
        frame=frame_of(db, by),
        about=about_of(db, look, slot, occurrence),
        entry_id=entry.id,
        person=person,
        ways=tuple(channel_name(look, way) for way in person.ways),
        child=child_of(look, entry, slot.original_on),
        size=entry.size,
        since=look.words.day(entry.joined_at.astimezone(look.zone).date()),
        wants=wants_said(db, look, entry, slot),
        said=said,
        tone=tone,
        place=queue.position(db, entry, slot, zone=look.zone),
        line=len(queue.line(db, slot, rules.LIVE_STATES, zone=look.zone)),
        can_offer=entry.state in (EntryState.WAITING, EntryState.ASKED),
        kept=queries.room_of(db, slot, now=look.now).kept,
        free=left.get(slot.subject, 0),
        story=told_of(
            db,
            look,
            entry.adult_id,
            slot,
            entries=[entry],
            claims=[c for c in queries.claims_of(db, slot) if c.adult_id == entry.adult_id],
        ),
        values={"reason": "", "place": "", **(refused.typed if refused is not None else {})},
        faults=refused.faults if refused is not None else {},
        act=act,
        saved=saved,
        notice=problem.sentence(look.words._) if problem is not None else "",
    )


def do(
    db: Session,
    look: Look,
    occurrence: str,
    entry_id: int,
    act: str,
    typed: Mapping[str, str],
    by: str,
) -> None:
    """One act on one entry. Raises FormRefusedError, ChangedMeanwhileError, WaitsNoMoreError,
    NoSuchWaiterError, NotBookableError, CalledOffError, TooLateError."""
    match act:
        case "off":
            # No lock first: what is held for them may be of another session.
            entry = _entry(db, look, bookable_slot(db, occurrence, now=look.now), entry_id)
            reason = read_why(typed, look, field="off-reason")
            allotting.take_off(db, entry, reason=reason, by=by, policy=look.policy, now=look.now)
        case "move":
            slot = lock_places(db, look, occurrence)
            _move(db, look, slot, _entry(db, look, slot, entry_id), typed, by)
        case _:
            slot = lock_places(db, look, occurrence)
            _offer(db, look, slot, _entry(db, look, slot, entry_id), typed, by)


def _move(
    db: Session, look: Look, slot: Slot, entry: WaitingEntry, typed: Mapping[str, str], by: str
) -> None:
    line = queue.line(db, slot, rules.LIVE_STATES, zone=look.zone)
    if entry not in line:
        raise WaitsNoMoreError
    place, reason = read_turn(typed, look, len(line))
    present = line.index(entry) + 1
    if present == place:
        return  # sent twice
    if typed.get("shown") != str(present):
        raise ChangedMeanwhileError
    allotting.move_to(
        db, entry, slot.id, place, reason=reason, by=by, policy=look.policy, now=look.now
    )


def _offer(
    db: Session, look: Look, slot: Slot, entry: WaitingEntry, typed: Mapping[str, str], by: str
) -> None:
    reason, kept = read_why(typed, look, field="offer-reason"), "kept" in typed
    held = queue.offer_of(db, entry)
    if held is not None and (held.course_id or held.occurrence_id) == slot.subject:
        return  # sent twice
    try:
        allotting.give_offer(
            db, entry, slot.id, kept=kept, reason=reason, by=by, policy=look.policy, now=look.now
        )
    except rules.NoSuchEntryError as gone:
        raise WaitsNoMoreError from gone
    except rules.OccurrenceFullError as full:
        raise FormRefusedError({"offer-kept": full_said(look, kept, full.left)}, typed) from full


async def _show(
    request: web.Request,
    *,
    saved: bool = False,
    refused: FormRefusedError | None = None,
    problem: PlannedError | None = None,
) -> web.Response:
    on = channels_on(site_of(request).settings)
    look, page = await write(
        request, waiter_page, session_id(request), int(request.match_info["entry"]),
        name_of_staff(request), on, act=request.match_info.get("act", ""), saved=saved,
        refused=refused, problem=problem,
    )  # fmt: skip
    status = 400 if refused is not None else 409 if problem is not None else 200
    return render(request, look, page, status=status)


def _entry(db: Session, look: Look, slot: Slot, entry_id: int) -> WaitingEntry:
    entry = queue.find_entry(db, entry_id)
    if entry is None or not rules.suits({**entry.wish, "not": ()}, slot, look.zone):
        raise NoSuchWaiterError
    return entry

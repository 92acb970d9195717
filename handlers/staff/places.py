"""The places of a session or course: how many, how many are kept, and who waits for one.

A form names what its page had shown: sent twice it acts once, and of two people at once the second
is told to look again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.bookings import allotting, queries, queue, rules
from bot.bookings.rules import ClaimKind, ListState
from bot.core.errors import PlannedError
from bot.outreach.changing import ChangedMeanwhileError
from bot.staff.service import note
from bot.timetable.queries import Slot
from handlers.http.forms import FormRefusedError, read_form
from handlers.http.look import Look
from handlers.http.pages import render, write
from handlers.staff.frame import Frame, frame_of, go_to, name_of_staff, session_id
from handlers.staff.place_forms import read_capacity, read_kept, read_list
from handlers.staff.subject import About, about_of, bookable_slot, lock_places
from handlers.staff.waiters import Waiter, waiter_of

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class PlacesPage:
    """`values` are what the fields say, `shown` what was true when the page was made."""

    template: ClassVar[str] = "staff/places.html"
    title: str
    frame: Frame
    about: About
    counts: tuple[tuple[str, int], ...]
    kept: str
    list_said: str
    states: tuple[tuple[str, str], ...]
    waiters: tuple[Waiter, ...]
    values: Mapping[str, str]
    shown: Mapping[str, str]
    faults: Mapping[str, str]
    saved: bool = False
    notice: str = ""  # why the last form had no effect


@routes.get("/session/{id}/places")
async def places(request: web.Request) -> web.Response:
    return await _show(request, saved="saved" in request.query)


@routes.post("/session/{id}/places/{act:capacity|kept|list}")
async def settle(request: web.Request) -> web.Response:
    """Change the number of places, keep some, or open, pause, close or cap the list."""
    occurrence, act = session_id(request), request.match_info["act"]
    form = await read_form(request)
    try:
        await write(request, do, occurrence, act, form, name_of_staff(request))
    except FormRefusedError as refused:
        return await _show(request, refused=refused)
    except ChangedMeanwhileError as late:
        return await _show(request, problem=late)
    return go_to(request, f"/staff/session/{occurrence}/places", saved=act)


def places_page(
    db: Session,
    look: Look,
    occurrence: str,
    by: str,
    *,
    saved: bool = False,
    refused: FormRefusedError | None = None,
    problem: PlannedError | None = None,
) -> PlacesPage:
    """Opens what those who wait told us, and notes who read it.

    Raises NoSuchSessionError, NotBookableError.
    """
    slot = bookable_slot(db, occurrence, now=look.now)
    told = queue.told_of(db, slot.subject)
    entries = queue.line(db, slot, rules.LIVE_STATES, zone=look.zone)
    note(db, by=by, act="read waiting list", about=slot.subject, now=look.now)
    shown, setting = settings_of(db, look, slot), queries.setting_of(db, slot.subject)
    plan = shown["kept"].partition(":")
    state, _colon, most = shown["list"].partition(":")
    values = {
        "capacity": shown["capacity"], "kept": plan[0], "release": plan[2], "state": state,
        "most": most,
    }  # fmt: skip
    return PlacesPage(
        title=look._("Places"),
        frame=frame_of(db, by),
        about=about_of(db, look, slot, occurrence),
        counts=_counts(db, look, slot),
        kept=_kept_said(db, look, slot),
        list_said=_list_said(look, setting.waiting, setting.most_waiting),
        states=tuple(_states(look).items()),
        waiters=tuple(waiter_of(db, look, slot, e, n, told) for n, e in enumerate(entries, 1)),
        values={**values, **(refused.typed if refused is not None else {})},
        shown=shown,
        faults=refused.faults if refused is not None else {},
        saved=saved,
        notice=problem.sentence(look.words._) if problem is not None else "",
    )


def do(
    db: Session, look: Look, occurrence: str, act: str, typed: Mapping[str, str], by: str
) -> None:
    """One act on the places. Raises FormRefusedError, ChangedMeanwhileError, NotBookableError,
    CalledOffError, TooLateError."""
    slot = lock_places(db, look, occurrence)
    match act:
        case "capacity":
            capacity = read_capacity(typed, look)
            if is_new(db, look, slot, act, typed, str(capacity)):
                try:
                    allotting.set_capacity(
                        db, slot.id, capacity, by=by, policy=look.policy, now=look.now
                    )
                except rules.BelowTakenError as below:
                    fault = below.sentence(look.words._)
                    if not below.passing:
                        fault = look.words.ngettext(
                            "%(num)d place is taken. Cancel or move it first.",
                            "%(num)d places are taken. Cancel or move some of them first.",
                            below.taken,
                        ) % {"num": below.taken}
                    raise FormRefusedError({"capacity": fault}, typed) from below
        case "kept":
            kept, release = read_kept(typed, look, slot)
            if is_new(db, look, slot, act, typed, _plan(look, slot, kept, release)):
                try:
                    allotting.keep_places(
                        db, slot.id, kept, release_at=release, by=by, policy=look.policy,
                        now=look.now,
                    )  # fmt: skip
                except rules.BelowTakenError as below:
                    room = max(0, (slot.capacity or 0) - below.taken)
                    fault = look._("You can keep %(num)d at most: the others are taken.")
                    raise FormRefusedError({"kept": fault % {"num": room}}, typed) from below
        case _:
            state, most = read_list(typed, look)
            if is_new(db, look, slot, act, typed, f"{state.value}:{most or ''}"):
                allotting.set_list(
                    db, slot.id, state, most=most, by=by, policy=look.policy, now=look.now
                )


def settings_of(db: Session, look: Look, slot: Slot) -> dict[str, str]:
    """What a form on the page names as shown, by act."""
    setting = queries.setting_of(db, slot.subject)
    kept, release = queries.kept_plans(db, [slot])[slot.subject]
    return {
        "capacity": "" if slot.capacity is None else str(slot.capacity),
        "kept": _plan(look, slot, kept, release),
        "list": f"{setting.waiting.value}:{setting.most_waiting or ''}",
    }


def is_new(
    db: Session, look: Look, slot: Slot, act: str, typed: Mapping[str, str], wanted: str
) -> bool:
    """Whether there is something to do: not where it is so already. The places are locked.

    Raises ChangedMeanwhileError where they are not as the page had shown.
    """
    present = settings_of(db, look, slot)[act]
    if present == wanted:
        return False
    if present != typed.get("shown", ""):
        raise ChangedMeanwhileError
    return True


async def _show(
    request: web.Request,
    *,
    saved: bool = False,
    refused: FormRefusedError | None = None,
    problem: PlannedError | None = None,
) -> web.Response:
    look, page = await write(
        request, places_page, session_id(request), name_of_staff(request),
        saved=saved, refused=refused, problem=problem,
    )  # fmt: skip
    status = 400 if refused is not None else 409 if problem is not None else 200
    return render(request, look, page, status=status)


def _counts(db: Session, look: Look, slot: Slot) -> tuple[tuple[str, int], ...]:
    """What has become of the places: the parts add up to the first number."""
    _ = look.words._
    taken = queries.sizes_by_kind(db, slot, now=look.now)
    kept = queries.room_of(db, slot, now=look.now).kept
    left = queries.places_left(db, [slot], now=look.now)
    named = [
        (_("booked"), taken.get(ClaimKind.BOOKING, 0)),
        (_("held a moment"), taken.get(ClaimKind.HOLD, 0)),
        (_("offered"), taken.get(ClaimKind.OFFER, 0)),
        (_("kept for the first in line"), taken.get(ClaimKind.GATHERED, 0)),
        (_("kept back"), kept),
    ]
    counts = [pair for pair in named if pair[1] or pair[0] == _("booked")]
    if slot.capacity is None:
        return tuple(counts)
    return (_("places"), slot.capacity), *counts, (_("still free"), left.get(slot.subject, 0))


def _kept_said(db: Session, look: Look, slot: Slot) -> str:
    _ = look.words._
    kept, release = queries.kept_plans(db, [slot])[slot.subject]
    if not kept:
        return _("No places are kept back.")
    facts = {
        "kept": look.words.ngettext("%(num)d place", "%(num)d places", kept) % {"num": kept},
        "given": queries.room_of(db, slot, now=look.now).given,
        "day": look.words.day(release.astimezone(look.zone).date()) if release else "",
    }
    if release is None or release >= slot.starts_at:
        return _("Kept for you to give, up to the start: %(kept)s, %(given)d given.") % facts
    if look.now >= release:
        return _("%(kept)s were kept until %(day)s. What was left is free for all.") % facts
    return _("Kept for you to give until %(day)s: %(kept)s, %(given)d given.") % facts


def _plan(look: Look, slot: Slot, kept: int, release: datetime | None) -> str:
    """Kept places as the form names them: how many, and the local day they are for everybody."""
    if not kept or release is None or release >= slot.starts_at:
        return f"{kept}:"
    return f"{kept}:{release.astimezone(look.zone).date().isoformat()}"


def _list_said(look: Look, state: ListState, most: int | None) -> str:
    said = _states(look)[state.value]
    if most is None or state is ListState.CLOSED:
        return said
    return look._("%(state)s At most %(num)d families.") % {"state": said, "num": most}


def _states(look: Look) -> dict[str, str]:
    _ = look.words._
    return {
        ListState.OPEN.value: _("Open: families can join."),
        ListState.PAUSED.value: _("Paused: nobody is offered a place for now."),
        ListState.CLOSED.value: _("Closed: nobody new can join."),
    }

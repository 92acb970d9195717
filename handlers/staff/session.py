"""One session for those who run it: who is booked and how to reach them, and the register."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.bookings import register
from bot.bookings.models import Claim
from bot.bookings.queries import register_of
from bot.bookings.register import MOST_WALK_INS, RegisterForm
from bot.bookings.rules import ClaimKind, RegisterMark
from bot.outreach.service import concerned_by
from bot.staff.service import note
from bot.timetable import telling
from bot.timetable.queries import Slot, changes_of, find_slot
from bot.timetable.rules import ChangeState
from bot.timetable.service import NoSuchSessionError
from handlers.http.forms import BadFormError, FormRefusedError, read_form
from handlers.http.look import Look
from handlers.http.pages import render, write
from handlers.http.site import site_of
from handlers.staff.desk import local_day, places_of, waiting_for
from handlers.staff.frame import Frame, frame_of, go_to, name_of_staff, session_id
from handlers.staff.people import Person, channel_name, channels_on, child_of, person_of
from handlers.staff.weeks import UndoWeek, undo_of

_NUMBER = re.compile(r"[0-9]{1,9}")
_UNMARKED = "none"
_DONE = ("saved", "added", "undone")

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Guest:
    """One booking on the list. `mark` is "", came or absent; `ticked` is what the form shows."""

    claim_id: int
    person: Person
    ways: tuple[str, ...]
    child: str
    size: int
    needs: str
    says_coming: bool
    gave_up: bool
    mark: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class PastChange:
    """A change of this date, to look at how the telling went."""

    id: int
    said: str
    undone: bool


@dataclass(frozen=True, slots=True)
class StaffSessionPage:
    """`fault` is what is wrong with the number of walk-ins that was `typed`."""

    template: ClassVar[str] = "staff/session.html"
    title: str
    frame: Frame
    id: str
    when: str
    place: str
    places: str
    tone: str
    cancelled: bool
    reason: str
    sensitive: bool
    over: bool
    guests: tuple[Guest, ...]
    followers: int
    register_open: bool
    register_complete: bool
    walk_ins: int
    came: int
    changeable: bool
    bookable: bool
    waiting: int
    in_course: bool
    changes: tuple[PastChange, ...]
    undo: UndoWeek | None
    done: str = ""  # saved | added | undone
    fault: str = ""
    typed: str = ""


@routes.get("/session/{id}")
async def session(request: web.Request) -> web.Response:
    return await _show(request, done=next((d for d in _DONE if d in request.query), ""))


@routes.post("/session/{id}/register")
async def save_register(request: web.Request) -> web.Response:
    """Note who came. May be sent as often as one likes."""
    occurrence, by = session_id(request), name_of_staff(request)
    form = await read_form(request)
    try:
        await write(request, _save, occurrence, form, by)
    except FormRefusedError as refused:
        return await _show(request, fault=refused.faults["walk_ins"], typed=form, status=400)
    return go_to(request, f"/staff/session/{occurrence}#register", saved="yes")


def session_page(
    db: Session,
    look: Look,
    occurrence: str,
    by: str,
    on: tuple[str, ...],
    *,
    done: str = "",
    fault: str = "",
    typed: Mapping[str, str] | None = None,
) -> StaffSessionPage:
    """Opens what families told us, and notes who read it. Raises NoSuchSessionError.

    `typed` is a register that was refused: what was ticked in it stays ticked.
    """
    typed = typed or {}
    slot = _slot(db, occurrence)
    marks, walk_ins = register_of(db, slot.id)
    guests = tuple(
        _guest(db, look, slot, c, marks, on, typed) for c in register.on_register(db, slot)
    )
    note(db, by=by, act="read bookings", about=f"session:{slot.id}", now=look.now)
    booked = sum(g.size for g in guests if not g.gave_up)
    places, tone = places_of(look, slot, booked)
    return StaffSessionPage(
        title=telling.name(slot, look.content, look.words),
        frame=frame_of(db, by),
        id=slot.id,
        when=telling.when(slot, look.words, today=look.today),
        place=telling.place(slot, look.content, look.words),
        places=places,
        tone=tone,
        cancelled=slot.cancelled,
        reason=slot.reason,
        sensitive=look.content.activities[slot.activity].sensitive,
        over=slot.ends_at <= look.now,
        guests=guests,
        followers=sum(c.claim is None for c in concerned_by(db, slot)),
        register_open=register.is_open(slot, now=look.now, zone=look.zone),
        register_complete="complete" in typed or (bool(guests) and all(g.mark for g in guests)),
        walk_ins=walk_ins,
        came=sum(g.size for g in guests if g.mark == RegisterMark.CAME) + walk_ins,
        changeable=not slot.cancelled and slot.starts_at > look.now,
        bookable=slot.bookable,
        waiting=waiting_for(db, look, [slot]).get(slot.id, 0),
        in_course=slot.course_id is not None,
        changes=tuple(
            PastChange(c.id, _change_said(look, c.kind.value, c.by), c.state is ChangeState.UNDONE)
            for c in changes_of(db, slot.id)
        ),
        undo=undo_of(db, look, slot),
        done=done,
        fault=fault,
        typed=typed.get("walk_ins", "")[:20],
    )


async def _show(
    request: web.Request,
    *,
    done: str = "",
    fault: str = "",
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    on = channels_on(site_of(request).settings)
    look, page = await write(
        request, session_page, session_id(request), name_of_staff(request), on,
        done=done, fault=fault, typed=typed,
    )  # fmt: skip
    return render(request, look, page, status=status)


def _save(db: Session, look: Look, occurrence: str, form: Mapping[str, str], by: str) -> None:
    slot = _slot(db, occurrence)
    read = read_register(look, form)
    written = register.save(db, slot, read, by=by, now=look.now, zone=look.zone)
    if written:
        note(db, by=by, act="register", about=f"session:{slot.id}", now=look.now)


def read_register(look: Look, form: Mapping[str, str]) -> RegisterForm:
    """The register as it was sent. Raises FormRefusedError, BadFormError."""
    shown: dict[int, RegisterMark | None] = {}
    for name, value in form.items():
        if name.startswith("shown-"):
            shown[_number(name.removeprefix("shown-"))] = _mark(value)
    ticked = {_number(n.removeprefix("came-")) for n in form if n.startswith("came-")}
    typed = form.get("walk_ins", "") or "0"
    if not _NUMBER.fullmatch(typed) or int(typed) > MOST_WALK_INS:
        fault = look._("Enter how many walked in as a number, like 3.")
        raise FormRefusedError({"walk_ins": fault}, {})
    return RegisterForm(
        came=frozenset(ticked & set(shown)),
        shown=shown,
        complete="complete" in form,
        walk_ins=int(typed),
        walk_ins_shown=_number(form.get("walk_ins_shown", "")),
    )


def _guest(
    db: Session,
    look: Look,
    slot: Slot,
    claim: Claim,
    marks: Mapping[int, RegisterMark],
    on: tuple[str, ...],
    typed: Mapping[str, str],
) -> Guest:
    person = person_of(db, look, claim.adult_id, claim, on=on)
    mark = marks.get(claim.id)
    # A colleague's newer tick is not lost either.
    newer = mark is RegisterMark.CAME and typed.get(f"shown-{claim.id}") != RegisterMark.CAME
    return Guest(
        claim_id=claim.id,
        person=person,
        ways=tuple(channel_name(look, way) for way in person.ways),
        child=child_of(look, claim, local_day(look, slot)),
        size=claim.size,
        needs=str(claim.private.get("needs", "")),
        says_coming=claim.coming_at is not None,
        gave_up=claim.kind is not ClaimKind.BOOKING or claim.ended_at is not None,
        mark=mark.value if mark else "",
        ticked=newer or f"came-{claim.id}" in typed or (not typed and mark is RegisterMark.CAME),
    )


def _change_said(look: Look, kind: str, by: str) -> str:
    said = look._("Cancelled by %(name)s") if kind == "cancel" else look._("Moved by %(name)s")
    return said % {"name": by}


def _slot(db: Session, occurrence: str) -> Slot:
    slot = find_slot(db, occurrence)
    if slot is None:
        raise NoSuchSessionError
    return slot


def _number(typed: str) -> int:
    if not _NUMBER.fullmatch(typed):
        raise BadFormError
    return int(typed)


def _mark(value: str) -> RegisterMark | None:
    try:
        return None if value == _UNMARKED else RegisterMark(value)
    except ValueError:
        raise BadFormError from None

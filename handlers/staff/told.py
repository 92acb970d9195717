"""A change that was made: undo it in its minute, see how the telling goes, ring who was not reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.bookings.models import Claim
from bot.bookings.queries import booked_for
from bot.core.errors import Kind, PlannedError, Translate
from bot.families.models import Adult
from bot.families.rules import AdultState
from bot.outbox import service as outbox
from bot.outbox.models import Outbox
from bot.outbox.queries import find_notice
from bot.outbox.service import BY_PHONE, NO_WAY
from bot.outreach import changing
from bot.outreach.service import change_key
from bot.staff.service import note
from bot.timetable import telling
from bot.timetable.models import Change
from bot.timetable.queries import find_change, find_slot
from bot.timetable.rules import ChangeKind, ChangeState, undo_until
from bot.timetable.service import NoSuchSessionError, UndoTooLateError
from handlers.http.forms import read_form
from handlers.http.look import Look
from handlers.http.pages import render, write
from handlers.http.site import site_of
from handlers.staff.frame import Frame, frame_of, go_to, name_of_staff
from handlers.staff.people import Person, channels_on, person_of
from handlers.staff.states import clock, state_of

routes = web.RouteTableDef()


class NoSuchNoticeError(PlannedError):
    """Nobody was to be told by that number."""

    kind = Kind.NOT_FOUND

    def sentence(self, _: Translate) -> str:
        return _("We can't find that person on this list.")


@dataclass(frozen=True, slots=True)
class Notified:
    """One person concerned. `tone` is good, wait, bad or "". `rung`: told by phone; `settled`:
    that, or staff took them off the list because there is no way to tell them."""

    id: int
    person: Person
    booked: bool
    said: str
    tone: str
    to_ring: bool
    rung: bool
    settled: bool


@dataclass(frozen=True, slots=True)
class ChangePage:
    """`undo_by` is the local time until which it can be undone, "" afterwards."""

    template: ClassVar[str] = "staff/change.html"
    title: str
    frame: Frame
    id: int
    session: str
    kind: str
    name: str
    was: str
    is_now: str
    reason: str
    by: str
    made: str
    undone: bool
    undo_by: str
    to_ring: tuple[Notified, ...]
    others: tuple[Notified, ...]
    counts: tuple[tuple[str, int], ...]
    fault: str = ""

    @property
    def left_to_ring(self) -> int:
        return sum(not n.settled for n in self.to_ring)

    @property
    def rung(self) -> bool:
        return any(n.rung for n in self.to_ring)

    @property
    def concerned(self) -> int:
        return len(self.to_ring) + len(self.others)


@routes.get(r"/change/{id:\d{1,9}}")
async def change(request: web.Request) -> web.Response:
    return await _show(request)


@routes.post(r"/change/{id:\d{1,9}}/undo")
async def undo(request: web.Request) -> web.Response:
    await read_form(request)
    try:
        await write(request, undo_change, _id(request), name_of_staff(request))
    except UndoTooLateError as late:
        return await _show(request, late)
    return go_to(request, f"/staff/change/{_id(request)}")


@routes.post(r"/change/{id:\d{1,9}}/{act:rung|not-rung}/{notice:\d{1,9}}")
async def rung(request: web.Request) -> web.Response:
    """Tick somebody off the list of those to ring, or put them back."""
    await read_form(request)
    notice, told = int(request.match_info["notice"]), request.match_info["act"] == "rung"
    await write(request, mark_rung, _id(request), notice, name_of_staff(request), told=told)
    return go_to(request, f"/staff/change/{_id(request)}#n{notice}")


def change_page(
    db: Session, look: Look, change_id: int, by: str, on: tuple[str, ...], fault: str = ""
) -> ChangePage:
    """Raises NoSuchSessionError. Shows names and numbers, and notes who read them."""
    made = find_change(db, change_id)
    slot = find_slot(db, made.occurrence_id) if made is not None else None
    if made is None or slot is None:
        raise NoSuchSessionError
    words, content = look.words, look.content
    claims = {c.adult_id: c for c in booked_for(db, slot)}
    people = [
        person
        for row in changing.notices_of(db, made)
        if (person := _notified(db, look, row, claims, on)) is not None
    ]
    note(db, by=by, act="read notices", about=change_key(made.id), now=look.now)
    work = [p for p in people if p.to_ring or p.settled]
    undone = made.state is ChangeState.UNDONE
    undoable = not undone and look.now < undo_until(made.made_at)
    _ = words._
    return ChangePage(
        title=_title(look, made),
        frame=frame_of(db, by),
        id=made.id,
        session=slot.id,
        kind=made.kind.value,
        name=telling.name(slot, content, words),
        was=_when_and_where(look, made.before),
        is_now=_when_and_where(look, made.after) if made.kind is ChangeKind.MOVE else "",
        reason=made.reason,
        by=made.by,
        made=clock(look, made.made_at),
        undone=undone,
        undo_by=clock(look, undo_until(made.made_at), seconds=True) if undoable else "",
        to_ring=tuple(sorted(work, key=lambda p: (p.settled, p.person.phone is None))),
        others=tuple(p for p in people if p not in work),
        counts=_counts(look, people),
        fault=fault,
    )


def undo_change(db: Session, look: Look, change_id: int, by: str) -> None:
    """Raises NoSuchSessionError, UndoTooLateError."""
    changing.undo(db, change_id, by=by, content=look.content, now=look.now, zone=look.zone)


def mark_rung(db: Session, look: Look, change_id: int, notice: int, by: str, *, told: bool) -> None:
    """Raises NoSuchNoticeError."""
    about = change_key(change_id)
    row = find_notice(db, notice, about=about)
    if row is None:
        raise NoSuchNoticeError
    if told:
        made = find_change(db, change_id)
        slot = find_slot(db, made.occurrence_id) if made is not None else None
        claims = {c.adult_id: c for c in booked_for(db, slot)} if slot is not None else {}
        person = person_of(db, look, row.adult_id, claims.get(row.adult_id), on=())
        how = BY_PHONE if person.phone is not None else NO_WAY
        outbox.settle_by_hand(db, row, how, by=by, now=look.now)
    else:
        outbox.unsettle_by_hand(db, row, now=look.now)
    act = "told by hand" if told else "not told by hand"
    note(db, by=by, act=act, about=about, reason=f"notice {row.id}", now=look.now)


async def _show(request: web.Request, problem: PlannedError | None = None) -> web.Response:
    on = channels_on(site_of(request).settings)

    def build(db: Session, look: Look) -> ChangePage:
        fault = problem.sentence(look.words._) if problem is not None else ""
        return change_page(db, look, _id(request), name_of_staff(request), on, fault)

    look, page = await write(request, build)
    return render(request, look, page, status=200 if problem is None else 409)


def _notified(
    db: Session, look: Look, row: Outbox, claims: dict[int, Claim], on: tuple[str, ...]
) -> Notified | None:
    adult = db.get(Adult, row.adult_id)
    if adult is None or adult.state is AdultState.ERASED:
        return None  # nothing is left that could be shown or rung
    claim = claims.get(row.adult_id)
    person = person_of(db, look, row.adult_id, claim, on=on)
    said, tone = state_of(look, row, person)
    return Notified(
        id=row.id,
        person=person,
        booked=claim is not None,
        said=said,
        tone=tone,
        to_ring=tone == "bad",
        rung=row.reason.startswith(BY_PHONE),
        settled=row.reason.startswith((BY_PHONE, NO_WAY)),
    )


def _counts(look: Look, people: list[Notified]) -> tuple[tuple[str, int], ...]:
    """How many are told, wait, or must be rung: they add up to everybody concerned."""
    _ = look.words._
    ring = sum(p.tone == "bad" for p in people)
    told, waiting = (sum(p.tone == tone for p in people) for tone in ("good", "wait"))
    rest = len(people) - ring - told - waiting
    named = (
        (_("told"), told),
        (_("waiting"), waiting),
        (_("not reached"), ring),
        (_("not sent"), rest),
    )
    return tuple(pair for pair in named if pair[1])


def _title(look: Look, made: Change) -> str:
    _ = look.words._
    if made.state is ChangeState.UNDONE:
        return _("Undone: nothing has changed")
    return (
        _("The session is moved") if made.kind is ChangeKind.MOVE else _("The session is cancelled")
    )


def _when_and_where(look: Look, facts: dict[str, str]) -> str:
    begin, end = (datetime.fromisoformat(facts[k]) for k in ("starts_at", "ends_at"))
    venue = look.content.venues.get(facts["venue"])
    return look.words._("%(day)s, %(hours)s, %(place)s") % {
        "day": look.words.day(begin.astimezone(look.zone).date(), today=look.today),
        "hours": look.words.hours(begin, end),
        "place": look.words.said(venue.name) if venue else facts["venue"],
    }


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])

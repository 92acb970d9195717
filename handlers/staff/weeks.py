"""Add a week to a course: a form, then who would be told what, and only then the week; or undo it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.core.clock import to_utc
from bot.outreach import adding
from bot.outreach.adding import WeekDraft
from bot.outreach.notices import week_text
from bot.staff.service import note
from bot.timetable import telling
from bot.timetable.queries import Slot, course_slots, find_slot
from bot.timetable.service import MeetsAlreadyError, NoSuchSessionError
from handlers.http.forms import BadFormError, FormRefusedError, read_form
from handlers.http.look import Look
from handlers.http.pages import read, render, write
from handlers.http.site import site_of
from handlers.staff.changes import Text, texts_of
from handlers.staff.forms import as_typed, read_when_and_where, venues_to_choose
from handlers.staff.frame import Frame, frame_of, go_to, name_of_staff, session_id
from handlers.staff.people import Person, channel_name, channels_on, person_of
from handlers.staff.place_forms import MOST, read_number
from handlers.staff.states import clock

_FIELDS = ("day", "begin", "end", "venue")
_WEEK = timedelta(weeks=1)

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class WeekFormPage:
    template: ClassVar[str] = "staff/week_form.html"
    title: str
    frame: Frame
    id: str
    name: str
    weeks: int
    dates: tuple[tuple[str, bool], ...]  # each date in words, and whether it is cancelled
    venues: tuple[tuple[str, str], ...]
    typed: Mapping[str, str]
    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WeekPreviewPage:
    """Who will be told, and what. Nothing has happened yet."""

    template: ClassVar[str] = "staff/week_preview.html"
    title: str
    frame: Frame
    id: str
    name: str
    when: str
    place: str
    booked: int
    by_channel: tuple[tuple[str, int], ...]
    unreachable: tuple[Person, ...]
    texts: tuple[Text, ...]
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UndoWeek:
    """A week that was just added: from the page of the `other` it can be taken off until `by`."""

    other: str
    by: str


@routes.get("/session/{id}/week")
async def form(request: web.Request) -> web.Response:
    look, page = await read(request, form_page, session_id(request), name_of_staff(request))
    return render(request, look, page)


@routes.post("/session/{id}/week")
async def preview(request: web.Request) -> web.Response:
    """Show the effect. Changes nothing but the audit, since names are shown."""
    occurrence, by, typed = session_id(request), name_of_staff(request), await read_form(request)
    on = channels_on(site_of(request).settings)
    try:
        look, page = await write(request, preview_page, occurrence, typed, by, on)
    except FormRefusedError as refused:
        return await _again(request, refused)
    return render(request, look, page)


@routes.post("/session/{id}/week/confirm")
async def confirm(request: web.Request) -> web.Response:
    """Add the week and promise the notices. The same form again leads to the same week."""
    occurrence, by, typed = session_id(request), name_of_staff(request), await read_form(request)
    try:
        _look, added = await write(request, make, occurrence, typed, by)
    except FormRefusedError as refused:
        return await _again(request, refused)
    return go_to(request, f"/staff/session/{added}", added="yes")


@routes.post("/session/{id}/week/undo")
async def undo(request: web.Request) -> web.Response:
    """Take a week off again in its minute, from the page of another one of the course."""
    occurrence, by, typed = session_id(request), name_of_staff(request), await read_form(request)
    await write(request, take_back, occurrence, typed.get("week", ""), by)
    return go_to(request, f"/staff/session/{occurrence}", undone="yes")


def form_page(
    db: Session, look: Look, occurrence: str, by: str, refused: FormRefusedError | None = None
) -> WeekFormPage:
    """Starts a week after the last. Raises NoSuchSessionError."""
    slots = _course(db, occurrence)
    last = slots[-1]
    typed = as_typed(last, look)
    day = last.starts_at.astimezone(look.zone).date() + _WEEK
    while day <= look.today:
        day += _WEEK
    typed["day"] = day.isoformat()
    return WeekFormPage(
        title=look._("Add a week"),
        frame=frame_of(db, by),
        id=occurrence,
        name=telling.name(last, look.content, look.words),
        weeks=last.weeks,
        dates=tuple((telling.when(s, look.words), s.cancelled) for s in slots),
        venues=venues_to_choose(look, last.venue),
        typed={**typed, **(refused.typed if refused is not None else {})},
        faults=refused.faults if refused is not None else {},
    )


def preview_page(
    db: Session,
    look: Look,
    occurrence: str,
    typed: Mapping[str, str],
    by: str,
    on: tuple[str, ...],
) -> WeekPreviewPage:
    """Raises FormRefusedError, NoSuchSessionError, ChangedMeanwhileError."""
    draft = _draft(db, look, occurrence, typed)
    try:
        effect = adding.effect_of(db, draft, now=look.now, zone=look.zone)
    except MeetsAlreadyError as problem:
        raise FormRefusedError({"day": problem.sentence(look.words._)}, typed) from problem
    people = [person_of(db, look, c.adult_id, c.claim, on=on) for c in effect.concerned]
    note(db, by=by, act="preview", about=f"session:{occurrence}", now=look.now)
    ways = [p.way for p in people if p.reachable]
    return WeekPreviewPage(
        title=look._("Check before you add it"),
        frame=frame_of(db, by),
        id=occurrence,
        name=telling.name(effect.slot, look.content, look.words),
        when=telling.when(effect.slot, look.words, today=look.today),
        place=telling.place(effect.slot, look.content, look.words),
        booked=len(people),
        by_channel=tuple((channel_name(look, w), ways.count(w)) for w in on if w in ways),
        unreachable=tuple(p for p in people if not p.reachable),
        texts=texts_of(
            look, [(p, True) for p in people],
            lambda voice, words, _booked: week_text(effect.slot, voice, words),
        ),
        fields={k: typed.get(k, "") for k in (*_FIELDS, "weeks")},
    )  # fmt: skip


def make(db: Session, look: Look, occurrence: str, typed: Mapping[str, str], by: str) -> str:
    """The id of the week that is added. Raises as `preview_page` does."""
    draft = _draft(db, look, occurrence, typed)
    try:
        return adding.add_week(
            db, draft, by=by, content=look.content, now=look.now, zone=look.zone
        ).id
    except MeetsAlreadyError as problem:
        raise FormRefusedError({"day": problem.sentence(look.words._)}, typed) from problem


def undo_of(db: Session, look: Look, slot: Slot) -> UndoWeek | None:
    until = adding.undo_by(db, slot.id, now=look.now)
    others = [s.id for s in course_slots(db, slot.course_id or "") if s.id != slot.id]
    return UndoWeek(others[0], clock(look, until, seconds=True)) if until and others else None


def take_back(db: Session, look: Look, occurrence: str, week: str, by: str) -> None:
    """Raises NoSuchSessionError, UndoTooLateError."""
    adding.undo_week(
        db, _course(db, occurrence)[0].subject, week, by=by, content=look.content, now=look.now,
        zone=look.zone,
    )  # fmt: skip


async def _again(request: web.Request, refused: FormRefusedError) -> web.Response:
    look, page = await read(
        request, form_page, session_id(request), name_of_staff(request), refused
    )
    return render(request, look, page, status=400)


def _draft(db: Session, look: Look, occurrence: str, typed: Mapping[str, str]) -> WeekDraft:
    """Raises FormRefusedError, BadFormError, NoSuchSessionError."""
    slots = _course(db, occurrence)
    weeks = read_number(typed.get("weeks", ""), 1, MOST)
    if weeks is None:
        raise BadFormError
    faults: dict[str, str] = {}
    day, begin, end, venue = read_when_and_where(typed, look, faults, present=slots[-1].venue)
    if faults or day is None or begin is None or end is None:
        ordered = {name: faults[name] for name in _FIELDS if name in faults}
        raise FormRefusedError(ordered, {n: typed.get(n, "")[:300] for n in _FIELDS})
    return WeekDraft(
        course=slots[0].subject, weeks=weeks, venue=venue,
        starts_at=to_utc(day, begin, look.zone), ends_at=to_utc(day, end, look.zone),
    )  # fmt: skip


def _course(db: Session, occurrence: str) -> list[Slot]:
    """The meetings of the course that a session belongs to. Raises NoSuchSessionError."""
    slot = find_slot(db, occurrence)
    if slot is None or slot.course_id is None:
        raise NoSuchSessionError
    return course_slots(db, slot.course_id)

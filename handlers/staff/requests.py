"""Requests to ring somebody, taken and closed by name; and what families told us.

What a request was about is never asked for and never shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.core.errors import Kind, PlannedError, Translate
from bot.enquiries import queries, service
from bot.enquiries.models import Enquiry
from bot.enquiries.rules import EnquiryKind, EnquiryState
from bot.enquiries.service import NotYoursError
from bot.staff.service import note
from handlers.http.forms import FormRefusedError, read_form
from handlers.http.look import Look
from handlers.http.pages import render, write
from handlers.staff.frame import Frame, frame_of, go_to, name_of_staff
from handlers.staff.people import Phone, language_name, phone_of

NOTE_LIMIT = 120

routes = web.RouteTableDef()


class NoSuchRequestError(PlannedError):
    """No request by that number."""

    kind = Kind.NOT_FOUND

    def sentence(self, _: Translate) -> str:
        return _("We can't find that request.")


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody to ring. The number is left out where a colleague has taken it."""

    id: int
    urgent: bool
    asked: str
    name: str
    phone: Phone | None
    when: str
    message_ok: bool
    say: str
    language: str
    owner: str
    taken: str
    mine: bool
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    id: int
    on: str
    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A request that is over: who saw to it and what came of it, without who asked."""

    urgent: bool
    by: str
    at: str
    outcome: str


@dataclass(frozen=True, slots=True)
class RequestsPage:
    template: ClassVar[str] = "staff/requests.html"
    title: str
    frame: Frame
    requests: tuple[Request, ...]
    feedback: tuple[Feedback, ...]
    closed: tuple[Closed, ...]
    outcomes: tuple[tuple[str, str], ...]
    note_limit: int
    notice: str = ""  # why the last tap had no effect


@routes.get("/requests")
async def requests(request: web.Request) -> web.Response:
    return await _show(request)


@routes.post(r"/requests/{id:\d{1,9}}/{act:take|back|over|close|read}")
async def act(request: web.Request) -> web.Response:
    """Take, put back, take over or close one. Who comes second is told so, and nothing changes."""
    number, form = int(request.match_info["id"]), await read_form(request)
    by = name_of_staff(request)
    try:
        await write(request, do, number, request.match_info["act"], form, by)
    except NotYoursError as refused:
        return await _show(request, problem=refused)
    except FormRefusedError as refused:
        return await _show(request, fault=(number, refused.faults["outcome"]))
    return go_to(request, f"/staff/requests#r{number}")


def requests_page(
    db: Session, look: Look, by: str, *, notice: str = "", fault: tuple[int, str] = (0, "")
) -> RequestsPage:
    """Opens the sealed numbers, and notes who read them."""
    rows = queries.open_enquiries(db)
    to_ring = [r for r in rows if r.kind is not EnquiryKind.FEEDBACK]
    if to_ring:
        note(db, by=by, act="read requests", now=look.now)
    return RequestsPage(
        title=look._("Please ring"),
        frame=frame_of(db, by),
        requests=tuple(_request(look, r, by, fault) for r in to_ring),
        feedback=tuple(_feedback(look, r) for r in rows if r.kind is EnquiryKind.FEEDBACK),
        closed=tuple(
            Closed(r.kind is EnquiryKind.CONTACT_ME, r.owner, _at(look, r.closed_at), r.outcome)
            for r in queries.closed_enquiries(db)
            if r.kind is not EnquiryKind.FEEDBACK
        ),
        outcomes=tuple(outcomes(look).items()),
        note_limit=NOTE_LIMIT,
        notice=notice,
    )


def do(db: Session, look: Look, number: int, act_name: str, form: dict[str, str], by: str) -> None:
    """One act on one request. Raises NoSuchRequestError, NotYoursError, FormRefusedError."""
    row = queries.find_enquiry(db, number)
    feedback = row is not None and row.kind is EnquiryKind.FEEDBACK
    if row is None or feedback is not (act_name == "read"):
        raise NoSuchRequestError
    now = look.now
    match act_name:
        case "take":
            service.take(db, number, by=by, now=now)
        case "back":
            service.give_back(db, number, by=by)
        case "over":
            held_by = form.get("held_by", "")
            service.take_over(db, number, held_by=held_by, by=by, now=now)
        case "read":
            if row.state is EnquiryState.CLOSED:
                return  # tapped twice
            service.close(db, number, by=by, outcome="read", now=now)
        case _:
            if row.state is EnquiryState.CLOSED and row.owner == by:
                return  # tapped twice
            service.close(db, number, by=by, outcome=_outcome(look, form), now=now)
    note(db, by=by, act=f"request: {act_name}", about=f"enquiry:{number}", now=now)


def outcomes(look: Look) -> dict[str, str]:
    """What can have come of ringing somebody."""
    _ = look.words._
    return {
        "spoke": _("We spoke"),
        "message": _("I left a message"),
        "no-answer": _("No answer after several tries"),
        "passed-on": _("Passed on to a colleague or service"),
        "other": _("Something else"),
    }


async def _show(
    request: web.Request, *, problem: PlannedError | None = None, fault: tuple[int, str] = (0, "")
) -> web.Response:
    def build(db: Session, look: Look) -> RequestsPage:
        notice = problem.sentence(look.words._) if problem is not None else ""
        return requests_page(db, look, name_of_staff(request), notice=notice, fault=fault)

    look, page = await write(request, build)
    status = 409 if problem is not None else 400 if fault[1] else 200
    return render(request, look, page, status=status)


def _request(look: Look, row: Enquiry, by: str, fault: tuple[int, str]) -> Request:
    told = row.private
    elsewhere = row.state is EnquiryState.TAKEN and row.owner != by
    return Request(
        id=row.id,
        urgent=row.kind is EnquiryKind.CONTACT_ME,
        asked=_at(look, row.made_at),
        name=str(told.get("name", "")),
        phone=None if elsewhere else phone_of(str(told.get("phone", ""))),
        when=_safe_time(look, str(told.get("when", ""))),
        message_ok=told.get("message_ok") == "yes",
        say=str(told.get("say", "")),
        language=language_name(look, str(told.get("lang", ""))),
        owner=row.owner,
        taken=_at(look, row.taken_at),
        mine=bool(row.owner) and row.owner == by,
        fault=fault[1] if fault[0] == row.id else "",
    )


def _feedback(look: Look, row: Enquiry) -> Feedback:
    return Feedback(row.id, _at(look, row.made_at), str(row.private.get("text", "")))


def _outcome(look: Look, form: dict[str, str]) -> str:
    known = outcomes(look)
    if form.get("outcome", "") not in known:
        fault = look._("Choose what came of it.")
        raise FormRefusedError({"outcome": fault}, {})
    more = " ".join(form.get("note", "").split())[:NOTE_LIMIT]
    said = known[form["outcome"]]
    return f"{said}: {more}" if more else said


def _safe_time(look: Look, when: str) -> str:
    _ = look.words._
    return {
        "": _("Any time"),
        "any": _("Any time"),
        "morning": _("In the morning"),
        "lunch": _("Around midday"),
        "afternoon": _("In the afternoon"),
    }.get(when, when)


def _at(look: Look, at: datetime | None) -> str:
    if at is None:
        return ""
    return look.words._("%(day)s, %(time)s") % {
        "day": look.words.short_day(at.astimezone(look.zone).date()),
        "time": look.words.time(at),
    }

"""The way in and out: a link that works once, a session that ends by itself.

Opening the link only shows a form, so that a program that looks at links doesn't spend it. The
secret is in the path, which no log and no error of ours repeats.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.core.errors import PlannedError
from bot.staff import service
from bot.staff.service import LinkSpentError, NamesakeError
from handlers.http.address import client_network
from handlers.http.cookies import drop_cookie, give_cookie, read_cookie
from handlers.http.errors import STATUS
from handlers.http.forms import read_form
from handlers.http.limits import Rule
from handlers.http.look import Look, look_of
from handlers.http.origin import Handler
from handlers.http.pages import read, render, write
from handlers.http.site import site_of
from handlers.staff.frame import STAFF_NAME, Frame, frame_of, go_to, name_of_staff

STAFF = "staff"  # the cookie
TOUCHED = timedelta(minutes=1)  # how often we note that a session is in use
NAME_LIMIT = 60
#: Links that did not open, by address.
LINKS = Rule("staff-links", 10, 60.0)

log = logging.getLogger(__name__)
routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class EnterPage:
    """Asks for a name before the link is spent. `taken`: or is it the same person again?"""

    template: ClassVar[str] = "staff/enter.html"
    title: str
    link: str
    fault: str = ""
    typed: str = ""
    taken: bool = False
    frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class LockedPage:
    """Nobody is signed in here. `lost` is whether a form was sent that had no effect."""

    template: ClassVar[str] = "staff/locked.html"
    title: str
    sentence: str = ""
    lost: bool = False
    frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class OutPage:
    template: ClassVar[str] = "staff/out.html"
    title: str
    frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class StaffErrorPage:
    """What can't be done, with the way back to the staff pages."""

    template: ClassVar[str] = "staff/error.html"
    title: str
    sentence: str
    frame: Frame | None


def doorstep(handler: Handler) -> Handler:
    """Mark a handler that answers without a session. It must show nothing that is ours alone."""
    handler.doorstep = True  # type: ignore[attr-defined]  # a function takes attributes
    return handler


def is_doorstep(request: web.Request) -> bool:
    return getattr(request.match_info.handler, "doorstep", False)


@web.middleware
async def only_staff(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let nobody past without a live session, whatever the address, known or not."""
    if is_doorstep(request):
        return await handler(request)
    site, cookie = site_of(request), read_cookie(request, STAFF)
    now = site.clock()
    found = await site.store.read(_find, cookie, now=now) if cookie else None
    if found is None:
        return locked(request)
    name, seen_at = found
    if now - seen_at >= TOUCHED:
        await site.store.write(service.touch, cookie, now=now)
    request[STAFF_NAME] = name
    return await handler(request)


@web.middleware
async def show_staff_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Planned failures as a staff page; all else as everywhere."""
    try:
        return await handler(request)
    except PlannedError as problem:
        status, sentence = STATUS[problem.kind], problem.sentence(look_of(request).words._)
    except web.HTTPNotFound:
        status, sentence = 404, ""
    if is_doorstep(request):
        return locked(request, sentence, status=status)
    look, frame = await read(request, _frame, name_of_staff(request))
    title = look._("Page not found") if status == 404 else look._("That can't be done")
    sentence = sentence or look._("There is nothing at this address.")
    return render(request, look, StaffErrorPage(title, sentence, frame), status=status)


@routes.get("/enter/{link:[A-Za-z0-9_-]{20,80}}")
@doorstep
async def enter(request: web.Request) -> web.Response:
    look = look_of(request)
    page = EnterPage(title=look._("Staff: sign in"), link=request.match_info["link"])
    return render(request, look, page)


@routes.post("/enter")
@doorstep
async def open_session(request: web.Request) -> web.Response:
    """Spend the link. An older session on this browser ends."""
    limits, network = site_of(request).limits, client_network(request)
    limits.check(LINKS, network)
    form = await read_form(request)
    name, link = " ".join(form.get("name", "").split()), form.get("link", "")
    look = look_of(request)
    if fault := _name_fault(look, name):
        page = EnterPage(look._("Staff: sign in"), link, fault=fault, typed=name[:NAME_LIMIT])
        return render(request, look, page, status=400)
    try:
        old, same = read_cookie(request, STAFF), "same" in form
        _look, cookie = await write(request, _open, link, name, old, same)
    except NamesakeError as taken:
        fault = taken.sentence(look.words._)
        page = EnterPage(look._("Staff: sign in"), link, fault=fault, typed=name, taken=True)
        return render(request, look, page, status=409)
    except LinkSpentError as spent:
        limits.take(LINKS, network)
        log.warning("a staff link was refused")
        return locked(request, spent.sentence(look.words._))
    response = go_to(request, "/staff")
    give_cookie(request, response, STAFF, cookie)
    return response


@routes.post("/leave")
async def leave(request: web.Request) -> web.Response:
    """Sign out, on the server too."""
    await read_form(request)
    await write(request, _close, read_cookie(request, STAFF), name_of_staff(request))
    response = go_to(request, "/staff/out")
    drop_cookie(request, response, STAFF)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@routes.get("/out")
@doorstep
async def out(request: web.Request) -> web.Response:
    look = look_of(request)
    return render(request, look, OutPage(look._("You are signed out")))


def locked(request: web.Request, sentence: str = "", *, status: int = 403) -> web.Response:
    """Says how to get in, and nothing else."""
    look = look_of(request)
    lost = request.method == "POST" and not sentence
    page = LockedPage(look._("For staff only"), sentence, lost)
    return render(request, look, page, status=status)


def _find(db: Session, cookie: str, *, now: datetime) -> tuple[str, datetime] | None:
    row = service.find_session(db, cookie, now=now)
    return (row.name, row.seen_at) if row is not None else None


def _open(db: Session, look: Look, link: str, name: str, old: str, same: bool) -> str:
    return service.open_session(db, link, name=name, now=look.now, old=old, same=same)


def _close(db: Session, look: Look, cookie: str, name: str) -> None:
    service.close_session(db, cookie, now=look.now)
    service.note(db, by=name, act="signed out", now=look.now)


def _frame(db: Session, _look: Look, by: str) -> Frame:
    return frame_of(db, by)


def _name_fault(look: Look, name: str) -> str:
    if not any(c.isalpha() for c in name):
        return look._("Enter your name, as colleagues know you.")
    if len(name) > NAME_LIMIT or not name.isprintable():
        return look._("Enter a name of at most %(num)d letters.") % {"num": NAME_LIMIT}
    return ""

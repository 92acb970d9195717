"""What every staff page shares: who is signed in, and what waits for somebody."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from aiohttp import web
from sqlmodel import Session

from bot.enquiries.queries import count_open
from bot.enquiries.rules import EnquiryKind
from bot.timetable.service import NoSuchSessionError
from handlers.http.look import look_of

#: Who sent a request, put there by the door once their session is known to be good.
STAFF_NAME = web.RequestKey("staff_name", str)


@dataclass(frozen=True, slots=True)
class Frame:
    """The head of a staff page. `waiting` counts requests to ring somebody."""

    by: str
    waiting: int


def frame_of(db: Session, by: str) -> Frame:
    counts = count_open(db)
    return Frame(by, sum(n for kind, n in counts.items() if kind is not EnquiryKind.FEEDBACK))


def name_of_staff(request: web.Request) -> str:
    """Who is signed in. Only behind the door."""
    return request[STAFF_NAME]


def go_to(request: web.Request, path: str, **query: str) -> web.Response:
    """After a good form: a page that can be loaded again."""
    where = look_of(request).url(path, **query)
    return web.Response(status=303, headers={"Location": where})


def session_id(request: web.Request) -> str:
    """An occurrence's id in its usual form. Raises NoSuchSessionError for anything else."""
    try:
        return str(uuid.UUID(request.match_info["id"]))
    except ValueError:
        raise NoSuchSessionError from None

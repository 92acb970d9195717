"""Every address of the public pages and the chat."""

from __future__ import annotations

from aiohttp import web

from handlers.web import (
    about,
    advice,
    booking,
    chat,
    places,
    session,
    timetable,
    waiting,
)  # fmt: skip

ROUTES: tuple[web.AbstractRouteDef, ...] = tuple(
    route
    for table in (about, timetable, session, places, advice, booking, waiting, chat)
    for route in table.routes
)

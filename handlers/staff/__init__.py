"""The staff pages: timetable, places, register, telling people, requests. Nothing opens without a session."""

from __future__ import annotations

from aiohttp import web

from handlers.staff import (
    book_for,
    changes,
    desk,
    door,
    places,
    questions,
    requests,
    session,
    story,
    told,
    waiting,
    weeks,
)
from handlers.staff.door import only_staff, show_staff_errors

PREFIX = "/staff"


def add_staff(app: web.Application) -> None:
    """Mount the staff pages on an application made by `build_app`."""
    staff = web.Application(middlewares=(only_staff, show_staff_errors))
    parts = (door, desk, session, changes, told, places, waiting, book_for, story, weeks,
             requests, questions)  # fmt: skip
    for part in parts:
        staff.add_routes(part.routes)
    app.add_subapp(PREFIX, staff)

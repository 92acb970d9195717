"""The staff pages: timetable, register, telling people, requests. Nothing opens without a session."""

from __future__ import annotations

from aiohttp import web

from handlers.staff import changes, desk, door, questions, requests, session, told
from handlers.staff.door import only_staff, show_staff_errors

PREFIX = "/staff"


def add_staff(app: web.Application) -> None:
    """Mount the staff pages on an application made by `build_app`."""
    staff = web.Application(middlewares=(only_staff, show_staff_errors))
    for part in (door, desk, session, changes, told, requests, questions):
        staff.add_routes(part.routes)
    app.add_subapp(PREFIX, staff)

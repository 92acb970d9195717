"""A database laid out with one council's folder and served with another's, which names none of its
venues, activities and topics: every page still answers, and staff are told what is missing."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer

from bot.bookings.missing import missing_names
from bot.bookings.models import Claim
from bot.content import load
from bot.doctor import examine
from bot.opening import desk_of, lay_out_content
from bot.staff.service import make_link
from bot.understanding.reader import Reader
from handlers.staff import add_staff
from tests.staff.browsing import Browser
from tests.staff.conftest import Cast, rows
from tests.web.client import PageClient
from tests.web.world import CONTENT, World

ELSEWHERE = CONTENT.parent / "tests" / "councils" / "thornbury_vale"


@pytest.fixture
def moved(world: World, cast: Cast) -> World:
    """Somebody booked, waits, follows and asked; then the service starts with another folder."""
    slot = cast.bookable()
    cast.books(slot, "Amina", phone="+447700900982")
    cast.keeps(slot, capacity=1, kept=0)
    cast.waits(slot, "Ben")
    cast.follows(slot, "Carol")
    cast.asks()
    content = load(ELSEWHERE)
    reader = Reader.from_content(content)
    opened = dataclasses.replace(
        world.opened, content=content, reader=lambda: reader,
        desk=desk_of(world.settings, content, lambda: reader),
    )  # fmt: skip
    world.store.write_now(lay_out_content, content=content, settings=world.settings, now=world.now)
    return World(opened)


@pytest.fixture
async def raw(moved: World) -> AsyncIterator[TestClient]:
    app = moved.app()
    add_staff(app)
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        yield client


async def test_every_staff_page_answers(moved: World, raw: TestClient) -> None:
    esi = Browser(raw)
    await esi.open(f"/staff/enter/{moved.store.write_now(make_link, now=moved.now)}")
    await esi.send("/enter", name="Esi")
    seen, todo = set(), ["/staff", f"/staff?day={_booked_day(moved)}"]
    while todo:
        path = todo.pop()
        seen.add(path)
        page = await esi.open(path)
        assert page.status == 200, path
        links = re.findall(r'href="(/(?:staff|session)/?[^"#]*)"', page.body)
        todo += [
            x for x in {u.replace("&amp;", "&") for u in links} - seen - {*todo} if len(seen) < 80
        ]
    assert any("/session/" in path for path in seen)


async def test_a_session_is_moved_without_its_place_being_changed_unseen(
    moved: World,
    raw: TestClient,
) -> None:
    slot, esi = _slot(moved), Browser(raw)
    await esi.open(f"/staff/enter/{moved.store.write_now(make_link, now=moved.now)}")
    await esi.send("/enter", name="Esi")
    await esi.open(f"/staff/session/{slot.id}/move")
    day = (slot.starts_at + timedelta(days=1)).date().isoformat()
    shown = await esi.send("/move", day=day, reason="The hall is shut")
    assert slot.venue.replace("_", " ").capitalize() in shown.text
    done = await esi.send("/confirm")
    assert done.status == 200
    assert (_slot(moved).venue, _slot(moved).starts_at.date().isoformat()) == (slot.venue, day)


def _booked_day(moved: World) -> str:
    return _slot(moved).starts_at.date().isoformat()


def _slot(moved: World):
    [claim] = rows(moved, Claim)
    return next(s for s in moved.slots() if s.subject in (claim.occurrence_id, claim.course_id))


async def test_the_session_and_the_booking_are_shown_by_their_old_ids(
    moved: World,
    raw: TestClient,
) -> None:
    client, slot = PageClient(raw, moved), _slot(moved)
    place = slot.venue.replace("_", " ").capitalize()
    page = await client.get(f"/session/{slot.id}")
    assert place in page.text
    assert "We have nothing more about this place." in page.text
    assert not any("/venue/" in href for href, _ in page.page.links)
    [claim] = rows(moved, Claim)
    booking = await client.press(await client.get("/booking"), "Show my booking", code=claim.code)
    assert "You are booked." in booking.text
    assert place in booking.text
    for path in (f"/session/{slot.id}.ics", "/booking.ics"):
        answer = await raw.get(path)
        assert answer.status == 200
        # Nobody can look up any more whether its name may be told.
        assert "SUMMARY:Your session" in await answer.text()
    for path in (f"/venue/{slot.venue}", "/help/childcare_funding"):
        await client.get(path, status=404)
    await client.get(f"/timetable?where={slot.venue}&what={slot.activity}")
    await client.get("/timetable?where=area:erith")


def test_staff_are_told_what_is_missing_and_who_needs_it(moved: World) -> None:
    slot = _slot(moved)
    lines = moved.store.read_now(missing_names, moved.content, now=moved.now)
    assert [line.partition(":")[0] for line in lines] == ["venues.yaml", "activities.yaml"]
    assert f"“{slot.venue}”" in lines[0]
    assert "coming sessions: 1, live bookings: 1, waiting families: 0" in lines[0]
    assert f"“{slot.activity}”" in lines[1]
    assert "coming sessions: 1, live bookings: 1, waiting families: 1" in lines[1]
    [finding] = [
        f for f in examine(moved.opened, now=moved.now) if "names every venue" in f.promise
    ]
    assert not finding.holds
    assert slot.venue in finding.found


def test_nothing_is_missing_with_the_folder_it_was_laid_out_with(world: World, cast: Cast) -> None:
    cast.books(cast.bookable(), "Amina")
    assert world.store.read_now(missing_names, world.content, now=world.now) == []

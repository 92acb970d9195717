"""kill -9 at random moments while families book: what was shown as done is there, once.

`KILLS` (10; `make soak` sets 100) and `SEED` come from the environment; the seed is printed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from pathlib import Path

import aiohttp
import pytest
from sqlmodel import Session, select

from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind
from bot.content.values import Mode
from bot.enquiries.models import Enquiry
from bot.families.models import ChannelAddress
from bot.outbox.models import Outbox
from bot.timetable.models import Course, Occurrence, Series
from tests.conftest import DAY, NOW
from tests.crashes.disturbed import disturbed, sees, ticks
from tests.emulator import Emulator
from tests.pages import Page
from tests.serving import Serving

KILLS = int(os.environ.get("KILLS", "10"))
SEED = int(os.environ.get("SEED", str(random.SystemRandom().randrange(10**6))))
PEOPLE_AT_ONCE = 4
_LETTERS = str.maketrans("0123456789", "abcdefghij")  # names have no digits


class Crowd:
    """Families that book one after another, and keep what they were told."""

    def __init__(self, service: Serving, emulator: Emulator, courses: list[str]) -> None:
        self.service, self.emulator, self.courses = service, emulator, courses
        self.told: dict[int, str] = {}  # by person: the code that was shown
        self.web_told: list[str] = []
        self.full = 0
        self.over = False

    async def lane(self, first: int) -> None:
        """One person after another books by Telegram, until the kills are over."""
        person = first
        while not self.over:
            await self._one(person)
            person += PEOPLE_AT_ONCE

    async def _one(self, person: int) -> None:
        emulator = self.emulator
        emulator.meets(person)
        course = self.courses[person % len(self.courses)]
        await emulator.command(person, "start", f"book-{course}")
        if "every place is taken" in await self._sees(person, "first name", "every place"):
            self.full += 1
            return
        await emulator.says(person, "Amina")
        await self._sees(person, "How old")
        await emulator.taps(person, "6 to 12 months")
        await self._sees(person, "Please check")
        await emulator.taps(person, "Yes, book it")
        said = await self._sees(person, "Booked.")
        self.told[person] = said.split("Your code is ")[1][:9].replace("-", "")

    async def _sees(self, person: int, *words: str) -> str:
        return await sees(self.service, self.emulator, person, words)

    async def web_lane(self) -> None:
        """Visitors of the web chat ask to be rung; what the page confirmed must be kept."""
        number = 0
        while not self.over:
            number += 1
            async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as web:
                with contextlib.suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
                    name = f"Web{str(number).translate(_LETTERS)}"
                    if await self._ask_to_be_rung(web, name):
                        self.web_told.append(name)

    async def _ask_to_be_rung(self, web: aiohttp.ClientSession, name: str) -> bool:
        async with web.get(self.service.url + "/chat") as answer:
            page = Page(await answer.text())
        page = await self._press(web, page, "Ask a person to ring me")
        for typed in (name, "07700 900982"):
            form, fields = page.button("Send")
            page = await self._post(web, form.action, {**fields, "text": typed})
        page = await self._press(web, page, "In the morning")
        page = await self._press(web, page, "Yes")
        return "Staff have your request" in page.text

    async def _press(self, web: aiohttp.ClientSession, page: Page, label: str) -> Page:
        form, fields = page.button(label)
        return await self._post(web, form.action, fields)

    async def _post(self, web: aiohttp.ClientSession, path: str, fields: dict[str, str]) -> Page:
        headers = {"Origin": self.service.url}
        async with web.post(self.service.url + path, data=fields, headers=headers) as answer:
            return Page(await answer.text())


@pytest.mark.crash
@pytest.mark.timeout(60 + KILLS * 60)
async def test_nothing_shown_as_done_is_lost(database: str, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    print(f"SEED={SEED} KILLS={KILLS}")
    began = time.monotonic()
    async with disturbed(database, tmp_path) as (service, emulator, store):
        crowd = Crowd(service, emulator, store.read_now(_courses))
        ticking = asyncio.create_task(ticks(service))
        lanes = [
            *(asyncio.create_task(crowd.lane(n)) for n in range(1, PEOPLE_AT_ONCE + 1)),
            asyncio.create_task(crowd.web_lane()),
        ]
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.1, 1.2))
            await service.restart()
        await asyncio.sleep(1)
        crowd.over = True
        await asyncio.gather(*lanes)
        ticking.cancel()
        code, findings = await service.command("doctor")
        store.read_now(_check, crowd, KILLS)
    assert code == 0, findings
    print(
        f"{KILLS} kills in {time.monotonic() - began:.0f} s: {len(crowd.told)} bookings and "
        f"{len(crowd.web_told)} requests shown as done, {crowd.full} told it is full; none lost."
    )
    assert crowd.told


def _courses(db: Session) -> list[str]:
    """First meetings of Sing and Sign courses, for any age, that have not begun."""

    found = db.exec(
        select(Occurrence.id)
        .join(Course, Course.id == Occurrence.course_id)
        .join(Series, Series.id == Course.series_id)
        .where(Occurrence.original_on == Course.first_on, Occurrence.starts_at > NOW + DAY)
        .where(Series.mode == Mode.BOOK, Series.activity == "sing_and_sign")
        .order_by(Occurrence.starts_at)
    )
    return list(found)


def _check(db: Session, crowd: Crowd, kills: int) -> None:

    booked = {
        c.code: c.adult_id for c in db.exec(select(Claim).where(Claim.kind == ClaimKind.BOOKING))
    }
    lost = {p: c for p, c in crowd.told.items() if c not in booked}
    assert not lost, f"shown as booked and not there: {lost}"
    assert len(set(booked.values())) == len(booked), "somebody has two bookings"
    for person in crowd.told:
        copies = sum(b.mine and "Booked." in b.text for b in crowd.emulator.screen(person))
        assert copies <= 1 + kills
    names = {dict(e.private).get("name") for e in db.exec(select(Enquiry))}
    assert set(crowd.web_told) <= names, "a request shown as kept is not there"
    people = list(db.exec(select(ChannelAddress.key).where(ChannelAddress.channel == "telegram")))
    assert len(people) == len(set(people))
    dedupe = list(db.exec(select(Outbox.dedupe)))
    assert len(dedupe) == len(set(dedupe))

"""kill -9 at random moments while families queue for full courses: nobody loses a turn or a place.

`KILLS` (4; `make soak` sets 100) and `SEED` come from the environment; the seed is printed.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.bookings import allotting, queries
from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.rules import LIVE_STATES, ClaimKind, EntryState
from bot.families.models import ChannelAddress
from bot.timetable.models import Course, Occurrence, Series
from tests.conftest import DAY, NOW
from tests.crashes.disturbed import disturbed, sees, ticks
from tests.crashes.test_kills import SEED
from tests.emulator import Emulator
from tests.serving import Serving
from tests.sessions import POLICY

KILLS = int(os.environ.get("KILLS", "4"))
COURSES, PLACES = 2, 2
LANES = 4
SPEED = 20  # times as fast as ours: the minute to undo is three seconds
QUIET = 2.0  # real seconds in which the jobs and the worker finish what they have


class Queue:
    """Families that book, cancel, wait, leave and say yes, and keep what they were shown."""

    def __init__(self, service: Serving, emulator: Emulator, courses: Sequence[str]) -> None:
        self.service, self.emulator, self.courses = service, emulator, courses
        self.booked: dict[int, str] = {}  # by person: the code that was shown
        self.waits: set[int] = set()  # saw "You are on the waiting list"
        self.yes: set[int] = set()  # saw "Booked." after an offer
        self.cancelling: set[int] = set()
        self.leaving: set[int] = set()
        self.seen: Counter[str] = Counter()
        self.over = False
        self._hoping: list[asyncio.Task[None]] = []

    async def lane(self, first: int) -> None:
        """One family after another, until the kills are over."""
        person = first
        while not self.over:
            await self._one(person, random.Random(f"{SEED}-{person}"))
            person += LANES

    async def hopes(self) -> None:
        """Wait for those who wait for an offer; they give up once it is over."""
        await asyncio.gather(*self._hoping)

    async def _one(self, person: int, chance: random.Random) -> None:
        self.emulator.meets(person)
        await self.emulator.command(person, "start", f"book-{self.courses[person % COURSES]}")
        if "instead" not in await self._sees(person, "first name", "what you can do instead"):
            await self._answers(person)
            await self._sees(person, "Please check")
            await self.emulator.taps(person, "Yes, book it")
            if "Booked." in await self._sees(person, "Booked.", "every place is taken"):
                await self._has_booked(person, chance)
            return
        await self.emulator.taps(person, "Join the waiting list")
        await self._sees(person, "Which dates")
        await self.emulator.taps(person, "Only this one")
        await self._sees(person, "first name")
        await self._answers(person)
        if "on the waiting list" in await self._sees(person, "You are on the waiting list", "kept"):
            self.waits.add(person)
            if chance.random() < 0.25:
                self.leaving.add(person)
                await self.emulator.taps(person, "Leave the waiting list")
                await self._sees(person, "off the waiting list")
                return
        self._hoping.append(asyncio.create_task(self._hopes(person, chance)))

    async def _answers(self, person: int) -> None:
        await self.emulator.says(person, "Amina")
        await self._sees(person, "How old")
        await self.emulator.taps(person, "6 to 12 months")

    async def _hopes(self, person: int, chance: random.Random) -> None:
        """An offer comes, or the test ends. Yes is tapped twice, as people do."""
        if not await self._sees(person, "kept for you until", hoping=True):
            return
        self.seen["offers"] += 1
        if chance.random() < 0.2:
            self.leaving.add(person)
            await self.emulator.taps(person, "No thanks")
            await self._sees(person, "next family")
            return
        await self.emulator.taps(person, "Yes please")
        await self.emulator.taps(person, "Yes please")
        await self._sees(person, "Booked.")
        self.yes.add(person)
        await self._has_booked(person, chance)

    async def _has_booked(self, person: int, chance: random.Random) -> None:
        said = await self._sees(person, "Your code is ")
        self.booked[person] = said.split("Your code is ")[1][:9].replace("-", "")
        if not self.over and chance.random() < 0.8:
            self.cancelling.add(person)
            await self.emulator.taps(person, "Cancel this booking")
            await self._sees(person, "is cancelled")
            self.seen["cancelled"] += 1

    async def _sees(self, person: int, *words: str, hoping: bool = False) -> str:
        """The newest message with any of the words. Who only hopes gets "" once it is over."""
        until = (lambda: self.over) if hoping else None
        return await sees(self.service, self.emulator, person, words, hopes_until=until)


@pytest.mark.crash
@pytest.mark.timeout(120 + KILLS * 60)
async def test_nobody_loses_a_turn_or_a_place(database: str, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    print(f"SEED={SEED} KILLS={KILLS}")
    async with disturbed(database, tmp_path) as (service, emulator, store):
        queue = Queue(service, emulator, store.write_now(_full_soon))
        ticking = asyncio.create_task(ticks(service, speed=SPEED))
        lanes = [asyncio.create_task(queue.lane(n)) for n in range(1, LANES + 1)]
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(1, 4))
            await service.restart()
        await asyncio.sleep(QUIET)
        queue.over = True
        await asyncio.gather(*lanes)
        await queue.hopes()
        ticking.cancel()
        await asyncio.sleep(QUIET)
        code, findings = await service.command("doctor")
        store.read_now(_check, queue, service)
    print(
        f"{KILLS} kills: {len(queue.booked)} bookings shown, {len(queue.waits)} turns in line, "
        f"{dict(queue.seen)}, {len(queue.yes)} said yes; none lost."
    )
    assert code == 0, findings
    assert queue.booked
    assert queue.waits


def _full_soon(db: Session) -> list[str]:
    """First meetings of two courses for any age, in a week or later, made very small."""
    found = db.exec(
        select(Occurrence.id)
        .join(Course, Course.id == Occurrence.course_id)
        .join(Series, Series.id == Course.series_id)
        .where(Occurrence.original_on == Course.first_on, Occurrence.starts_at > NOW + 7 * DAY)
        .where(Series.activity == "sing_and_sign")
        .order_by(Occurrence.starts_at)
    )
    courses = list(found)[:COURSES]
    for course in courses:
        allotting.set_capacity(db, course, PLACES, by="Esi", policy=POLICY, now=NOW)
    return courses


def _check(db: Session, queue: Queue, service: Serving) -> None:
    people = {
        a.adult_id: int(a.key)
        for a in db.exec(select(ChannelAddress).where(ChannelAddress.channel == "telegram"))
    }
    claims = {c.code: c for c in db.exec(select(Claim))}
    for person, code in queue.booked.items():
        assert code in claims, f"shown to {person} as booked and not there"
        if person not in queue.cancelling:
            assert (claims[code].kind, claims[code].ended_at) == (ClaimKind.BOOKING, None)
    entries = {people[e.adult_id]: e for e in db.exec(select(WaitingEntry))}
    for person in queue.waits - queue.leaving:
        assert person in entries, f"{person} was told of a place in line and has none"
        state = entries[person].state
        assert state is (EntryState.BOOKED if person in queue.yes else state)
        assert state in (*LIVE_STATES, EntryState.BOOKED)
    of_people = Counter(e.adult_id for e in db.exec(select(WaitingEntry)))
    assert set(of_people.values()) <= {1}, "somebody stands in line twice"
    made = Counter(
        (c.adult_id, c.course_id) for c in claims.values() if c.kind is ClaimKind.BOOKING
    )
    assert set(made.values()) <= {1}, "somebody has two bookings"
    live = Counter[str]()
    for claim in db.exec(select(Claim).where(queries.is_live(service.now))):
        live[claim.course_id or ""] += claim.size
    assert all(size <= PLACES for size in live.values()), live
    offers = select(Claim.entry_id).where(
        Claim.kind == ClaimKind.OFFER, col(Claim.ended_at).is_(None)
    )
    held = list(db.exec(offers))
    assert len(held) == len(set(held))

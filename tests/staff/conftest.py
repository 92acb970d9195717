"""The staff pages on a real, migrated database, with families who booked and follow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from sqlmodel import Session, SQLModel, select

from bot.bookings import allotting, waiting
from bot.bookings.models import Claim
from bot.bookings.service import confirm_place, hold_place
from bot.enquiries.rules import EnquiryKind
from bot.enquiries.service import ask
from bot.families.models import Adult
from bot.families.service import welcome
from bot.opening import Opened
from bot.outreach.service import follow
from bot.staff.service import make_link
from bot.timetable.queries import Slot
from handlers.http.site import SITE
from handlers.http.templates import Templates
from handlers.staff import add_staff
from tests.sessions import POLICY
from tests.staff.browsing import Browser
from tests.web.world import CONTENT, World, copy_of, prepare


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return prepare(tmp_path_factory.mktemp("staff"))


@pytest.fixture
def world(prepared: Opened, tmp_path: Path) -> Iterator[World]:
    made = copy_of(prepared, tmp_path)
    yield made
    made.close()


Row = TypeVar("Row", bound=SQLModel)


def rows(world: World, table: type[Row]) -> list[Row]:
    """Every row of a table, oldest first, to look at after the reading is over."""

    def read(db: Session) -> list[Row]:
        found = list(db.exec(select(table)))
        db.expunge_all()
        return found

    return world.store.read_now(read)


NewBrowser = Callable[..., Awaitable[Browser]]


@pytest.fixture(scope="session")
def templates() -> Templates:
    """One for all tests: compiling them takes longer than most tests."""
    return Templates([CONTENT / "pages"])


@pytest.fixture
async def new_browser(world: World, templates: Templates) -> AsyncIterator[NewBrowser]:
    """Browsers on one running application, in which Telegram is on."""
    app = world.app(telegram_token=SecretStr("1:token"))
    app[SITE].templates = templates
    add_staff(app)
    server = TestServer(app)
    await server.start_server(access_log=None)  # as `main` does: it would keep links
    clients: list[TestClient] = []

    async def make() -> Browser:
        clients.append(TestClient(server, cookie_jar=CookieJar(unsafe=True)))
        return Browser(clients[-1])

    yield make
    for client in clients:
        await client.close()
    await server.close()


@pytest.fixture
async def stranger(new_browser: NewBrowser) -> Browser:
    """Nobody signed in."""
    return await new_browser()


@pytest.fixture
def sign_in(world: World, new_browser: NewBrowser) -> Callable[[str], Awaitable[Browser]]:
    async def enter(name: str) -> Browser:
        browser = await new_browser()
        link = world.store.write_now(make_link, now=world.now)
        await browser.open(f"/staff/enter/{link}")
        seen = await browser.send("/enter", name=name)
        assert (seen.status, seen.path) == (200, "/staff")
        return browser

    return enter


@pytest.fixture
async def esi(sign_in: Callable[[str], Awaitable[Browser]]) -> Browser:
    """Esi is staff, signed in."""
    return await sign_in("Esi")


@dataclass
class Cast:
    """Puts families into the database through the services, at the world's time."""

    world: World

    def bookable(self) -> Slot:
        """A session by itself with room, on another day."""
        day = self.world.now.date() + timedelta(days=1)
        return next(
            s for s in self.world.slots()
            if s.bookable and s.course_id is None and (s.capacity or 99) > 4
            and s.starts_at.date() > day and s.age_from in (None, 0)
            and not self.world.content.activities[s.activity].sensitive
        )  # fmt: skip

    def adult(self, key: str, *, channel: str = "telegram", lang: str = "") -> int:
        def make(db: Session) -> int:
            return welcome(db, channel=channel, key=key, lang=lang, now=self.world.now).id

        return self.world.store.write_now(make)

    def books(
        self, slot: Slot, name: str, *, channel: str = "telegram", lang: str = "", **facts: str
    ) -> int:
        """Book a place; the claim's id. Facts are as told: phone, email, born, due, needs."""
        adult_id = self.adult(name, channel=channel, lang=lang)

        def make(db: Session) -> int:
            adult = db.get_one(Adult, adult_id)
            claim = hold_place(
                db, adult=adult, occurrence=slot.id, size=1, key=f"k:{name}:{slot.id}",
                policy=POLICY, now=self.world.now,
            )  # fmt: skip
            born = date.fromisoformat(facts["born"]) if "born" in facts else None
            confirm_place(
                db,
                claim,
                facts={"name": name, **facts},
                born=born,
                policy=POLICY,
                now=self.world.now,
            )
            return claim.id

        return self.world.store.write_now(make)

    def waits(self, slot: Slot, name: str, *, size: int = 1, **facts: str) -> int:
        """Wait for this session alone; the entry's id."""
        adult_id = self.adult(name)

        def make(db: Session) -> int:
            return waiting.join(
                db, adult=db.get_one(Adult, adult_id), slot=slot, key=f"w:{name}", size=size,
                wish={"subjects": [slot.subject]}, facts={"name": name, **facts}, policy=POLICY,
                now=self.world.now,
            ).id  # fmt: skip

        return self.world.store.write_now(make)

    def keeps(self, slot: Slot, *, capacity: int, kept: int) -> None:
        """So many places, so many of them kept for staff to give."""
        now = self.world.now

        def make(db: Session) -> None:
            allotting.set_capacity(db, slot.id, capacity, by="Esi", policy=POLICY, now=now)
            allotting.keep_places(
                db, slot.id, kept, release_at=None, by="Esi", policy=POLICY, now=now
            )

        self.world.store.write_now(make)

    def follows(self, slot: Slot, name: str, *, channel: str = "telegram", lang: str = "") -> int:
        adult_id = self.adult(name, channel=channel, lang=lang)

        def make(db: Session) -> None:
            follow(db, db.get_one(Adult, adult_id), slot.id, now=self.world.now)

        self.world.store.write_now(make)
        return adult_id

    def asks(self, kind: EnquiryKind = EnquiryKind.RING_ME, **facts: str) -> int:
        told = {
            "name": "Dana", "phone": "+447700900982", "when": "morning", "message_ok": "no",
            **facts,
        }  # fmt: skip

        def make(db: Session) -> int:
            return ask(
                db, kind=kind, key=f"{kind}:{told['name']}", facts=told, adult_id=None,
                now=self.world.now,
            ).id  # fmt: skip

        return self.world.store.write_now(make)

    def adult_of(self, name: str) -> int:
        """The adult who booked under a name."""
        return next(c.adult_id for c in rows(self.world, Claim) if c.private.get("name") == name)


@pytest.fixture
def cast(world: World) -> Cast:
    return Cast(world)

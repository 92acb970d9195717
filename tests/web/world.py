"""The web side of the service on a real, migrated database, at a time that a test may change."""

from __future__ import annotations

import dataclasses
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from bot.core.settings import Settings, read_settings
from bot.delivery.worker import Delivery
from bot.opening import Opened, desk_of, open_all
from bot.outreach.notices import Voice
from bot.store.columns import use_keys
from bot.store.engine import Store
from bot.timetable.queries import Slot, slots_between
from bot.understanding.reader import Reader
from bot.understanding.reading import Reading
from handlers.http.app import build_app
from handlers.http.turns import Turns
from handlers.web.routes import ROUTES

#: Tuesday 10 March 2026, 10am in London: term time, a course week, before the clocks change.
START = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
CONTENT = Path(__file__).resolve().parents[2] / "content"


#: Read as danger whatever the phrase lists say: these tests are about what the pages do with it.
DANGER = "my husband hurts me and I am scared"


class Alarmed:
    """The real reader, and certain danger in one sentence."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self, text: str, *, now: datetime, lang: str = "") -> Reading:
        reading = self._reader.read(text, now=now, lang=lang)
        if text != DANGER:
            return reading
        return dataclasses.replace(reading, crisis="domestic_abuse")


class World:
    """An open database with the pages on it. `now` can be set; everybody sees it at once."""

    def __init__(self, opened: Opened) -> None:
        self.now = START
        self.opened = dataclasses.replace(opened, clock=lambda: self.now)
        self.store: Store = self.opened.store
        self.content = self.opened.content
        self.settings: Settings = self.opened.settings
        voice = Voice(self.content, self.opened.desk.words, self.settings.address)
        delivery = Delivery(store=self.store, channels={}, voice=voice, clock=self.opened.clock)
        self.turns = Turns(
            store=self.store,
            desk=self.opened.desk,
            reader=lambda: Alarmed(self.opened.reader()),  # reads as the real one
            delivery=delivery,
            clock=self.opened.clock,
        )

    def app(self, **changes: object) -> web.Application:
        """The application; `changes` are settings, such as mode or public_url."""
        return build_app(
            settings=self.settings.model_copy(update=changes),
            content=self.content,
            store=self.store,
            turns=self.turns,
            clock=self.opened.clock,
            routes=ROUTES,
        )

    def slots(self, days: int = 60) -> list[Slot]:
        """Every session from now on."""
        return self.store.read_now(slots_between, self.now, self.now + timedelta(days=days))

    def close(self) -> None:
        self.turns.close()
        self.store.close()


def prepare(folder: Path, content: Path = CONTENT) -> Opened:
    """A database with the sample programme laid out, to be copied for each test."""
    clock = folder / "clock"
    clock.write_text(START.isoformat())
    settings = read_settings(
        content_dir=content,
        data_dir=folder / "data",
        key_file=folder / "keys" / "seal.keys",
        test_clock=str(clock),
        host="127.0.0.1",
    )
    opened = open_all(settings)
    opened.store.close()
    return opened


def copy_of(prepared: Opened, folder: Path) -> World:
    """A fresh copy of a prepared database."""
    data = folder / "data"
    shutil.copytree(prepared.settings.data_dir, data)
    settings = prepared.settings.model_copy(update={"data_dir": data})
    use_keys(prepared.keys)
    return World(
        dataclasses.replace(
            prepared,
            settings=settings,
            store=Store(settings.database),
            desk=desk_of(settings, prepared.content, prepared.reader),
        )
    )

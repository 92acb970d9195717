"""What the kill loops share: a service with emulated Telegram, its clock, and somebody who looks."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

from bot.core.sealing import read_keys
from bot.store.columns import keys, use_keys
from bot.store.engine import Store
from tests.emulator import TOKEN, Emulator
from tests.serving import Serving

PATIENCE = 40.0  # seconds for an answer, counted from when the service last came back


@contextlib.asynccontextmanager
async def disturbed(database: str, folder: Path) -> AsyncIterator[tuple[Serving, Emulator, Store]]:
    """The service as a process, Telegram, and the database to look into; with the service's keys."""
    async with Emulator() as emulator:
        service = Serving(
            folder, database, forked=True, TELEGRAM_TOKEN=TOKEN, TELEGRAM_API_URL=emulator.url
        )
        await service.start()
        ours = keys()
        use_keys(read_keys(Path(service.env["KEY_FILE"])))
        store = Store(database)
        try:
            yield service, emulator, store
        finally:
            await service.stop()
            store.close()
            use_keys(ours)


async def sees(
    service: Serving,
    emulator: Emulator,
    person: int,
    words: tuple[str, ...],
    *,
    hopes_until: Callable[[], bool] | None = None,
) -> str:
    """The newest message with any of the words. Fails after `PATIENCE`; who only hopes gets ""
    once `hopes_until` says so."""
    began = time.monotonic()
    while True:
        for bubble in reversed(emulator.screen(person)):
            if bubble.mine and any(w in bubble.text for w in words):
                return bubble.text
        if hopes_until is not None:
            if hopes_until():
                return ""
        elif time.monotonic() > max(began, service.back_at or time.monotonic()) + PATIENCE:
            break
        await asyncio.sleep(0.05)
    screen = [("bot: " if b.mine else "me: ") + b.text for b in emulator.screen(person)]
    raise AssertionError(f"{person} waits for {words}; on the screen: {screen}")


async def ticks(service: Serving, *, speed: int = 1) -> None:
    """Time passes for the service, so many times as fast as for us."""
    began, start = time.monotonic(), service.now
    while True:
        service.set_clock(start + speed * timedelta(seconds=time.monotonic() - began))
        await asyncio.sleep(0.1)

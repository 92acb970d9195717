"""The emulator's time: real time, run faster and moved forward at will."""

from __future__ import annotations

import asyncio
import time


class Clock:
    """Seconds since 1970 as Telegram sees them, `speed` times as fast as the machine's clock."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._start = time.time()
        self._began = time.monotonic()
        self._skipped = 0.0
        self._moved = asyncio.Event()

    def now(self) -> float:
        return self._start + (time.monotonic() - self._began) * self.speed + self._skipped

    def advance(self, seconds: float) -> None:
        """Jump forward; whoever waits on this clock looks again."""
        self._skipped += seconds
        self.poke()

    def poke(self) -> None:
        """Make everybody who waits look again."""
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def until(self, moment: float) -> None:
        """Return when this clock has reached `moment`."""
        while (left := moment - self.now()) > 0:
            await self.sleep_or_moved(left)

    async def sleep_or_moved(self, seconds: float) -> None:
        """Wait that many of this clock's seconds, or until the clock is moved or poked."""
        moved = self._moved
        try:
            await asyncio.wait_for(moved.wait(), max(seconds, 0) / self.speed)
        except TimeoutError:
            return

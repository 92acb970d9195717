"""We call Telegram: fetch updates, store and commit them, and only then ask for the next.

Asking with an offset tells Telegram to forget what is below it, so a crash before that line costs
nothing but a second delivery. The library's own updater confirms from memory.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.inbox.rules import Arrival
from handlers.telegram import inbound
from handlers.telegram.application import TokenRefusedError
from handlers.telegram.request import request_of
from handlers.telegram.turns import Store
from handlers.telegram.waiting import stopped_within, unless_stopped

#: Seconds that Telegram holds a request open when it has nothing for us.
HOLD = 30

#: Seconds on top of that before we give up on an answer.
GRACE = 10.0

LOT = 100

#: Seconds to wait after so many failures in a row.
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)

#: Seconds to wait while another process polls with the same token.
CONFLICT_PAUSE = 5.0

#: Seconds that Telegram can make us wait: who is deaf for longer may as well ask once more.
LONGEST_PAUSE = 60.0

log = logging.getLogger(__name__)


class NothingReadableError(Exception):
    """Telegram sent updates and none of them had an id."""


class Poller:
    """Long polling with the bot's request. `wake` is told when something is new."""

    def __init__(
        self,
        bot: Bot,
        *,
        store: Store,
        wake: Callable[[], None],
        hold: int = HOLD,
        pauses: tuple[float, ...] = PAUSES,
        conflict_pause: float = CONFLICT_PAUSE,
    ) -> None:
        self._request = request_of(bot)
        self._store = store
        self._wake = wake
        self._hold = hold
        self._pauses = pauses
        self._conflict_pause = conflict_pause
        self._offset = 0
        self._failures = 0
        self._refused = False  # by Telegram, and said in the log
        self._hooked = True  # a webhook may be set, which forbids polling

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop` is set; ends at once then, but not in the middle of storing."""
        while not stop.is_set():
            try:
                await self._once(stop)
                self._failures, self._refused = 0, False
            except Exception as error:  # a dead database or network must not end the polling
                if await stopped_within(stop, self._pause_after(error)):
                    return

    async def _once(self, stop: asyncio.Event) -> None:
        if self._hooked:
            if await unless_stopped(stop, self._request.call("deleteWebhook", {})) is None:
                return
            self._hooked = False
        updates = await unless_stopped(
            stop,
            self._request.call(
                "getUpdates",
                {
                    "offset": self._offset,
                    "limit": LOT,
                    "timeout": self._hold,
                    "allowed_updates": inbound.ALLOWED,
                },
                read_timeout=self._hold + GRACE,
            ),
        )
        if updates:
            if not await self._take_in(updates):  # else what Telegram won't forget makes us spin
                await stopped_within(stop, self._pauses[0])
        else:
            # All below the offset is forgotten by now, and after a quiet week Telegram may number
            # from anywhere, also from below: those must not be taken for confirmed.
            self._offset = 0

    async def _take_in(self, updates: list[Any]) -> bool:
        """Store them together; the offset moves over all of them, or over none. Whether any is new."""
        arrivals, offset = [], self._offset
        for update in updates:
            update_id = inbound.update_id_of(update)
            if update_id is None:
                log.warning("an update could not be read")
                continue
            body = json.dumps(update).encode()
            arrivals.append(Arrival(str(update_id), inbound.person_of(update), body))
            offset = update_id + 1
        if not arrivals:  # or we would ask for the same ones again and again
            raise NothingReadableError
        new = await self._store(arrivals)
        if new:
            self._wake()
        self._offset = offset
        return new

    def _pause_after(self, error: Exception) -> float:
        """Log it, without its words, and say how many seconds to wait."""
        pause = self._pauses[min(self._failures, len(self._pauses) - 1)]
        self._failures += 1
        if isinstance(error, Conflict):
            self._hooked = True
            log.warning("another process polls with this token, or a webhook is set")
            return self._conflict_pause
        if isinstance(error, RetryAfter):
            wait = error.retry_after
            asked = float(wait) if isinstance(wait, int) else wait.total_seconds()
            return min(asked, LONGEST_PAUSE)
        if isinstance(error, InvalidToken):
            if not self._refused:
                log.error("telegram is off", extra={"reason": TokenRefusedError().sentence(str)})
            self._refused = True
            return self._pauses[-1]
        if isinstance(error, TelegramError):
            log.warning("polling failed", extra={"error": type(error).__name__})
        else:
            log.error("updates could not be stored", extra={"error": type(error).__name__})
        return pause

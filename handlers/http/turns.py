"""Takes a turn for any channel: read the text, one transaction, then the replies on their way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING

from bot.conversation.incoming import Incoming, Kind, TurnResult
from bot.conversation.taking import take_turn
from bot.conversation.turn import Desk
from bot.core.clock import Clock
from bot.delivery.worker import Delivery
from bot.store.engine import Store
from bot.understanding.reading import Reading

if TYPE_CHECKING:
    from bot.understanding.reader import Reader

#: What is read; of a photo or file only the words that came with it, since they may cry for help.
_READ = (Kind.TEXT, Kind.EDITED, Kind.FILE)


class Turns:
    """The one way in for what people do, whatever the channel."""

    def __init__(
        self,
        *,
        store: Store,
        desk: Desk,
        reader: Callable[[], Reader],
        delivery: Delivery,
        clock: Clock,
    ) -> None:
        self._store, self._desk, self._reader = store, desk, reader
        self._delivery, self._clock = delivery, clock
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="read-text")

    async def take(self, incoming: Incoming) -> TurnResult:
        """Take one turn. The replies are on their way (Telegram) or stored for the page (web)."""
        now = self._clock()
        reading = await self._read(incoming, now)
        result = await self._store.write(take_turn, incoming, reading, desk=self._desk, now=now)
        if incoming.sender.channel != "web" and not result.repeated:
            self._delivery.hand_over(
                result, channel=incoming.sender.channel, to=incoming.sender.external
            )
        return result

    def close(self) -> None:
        self._reading.shutdown(wait=True)

    async def _read(self, incoming: Incoming, now: datetime) -> Reading | None:
        if incoming.kind not in _READ or (incoming.kind is Kind.FILE and not incoming.text):
            return None
        return await asyncio.get_running_loop().run_in_executor(
            self._reading,
            lambda: self._reader().read(incoming.text, now=now, lang=incoming.sender.lang),
        )

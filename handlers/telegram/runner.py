"""The inbox runner: each person's updates in order, different people at the same time.

An update that fails is tried again twice and then parked, so that it holds up its own person for a
second or two and nobody else at all. What was stored before a crash is picked up at the start.
"""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections import deque

from telegram import Update

from bot.store.engine import is_away
from handlers.telegram import inbound
from handlers.telegram.application import App
from handlers.telegram.turns import Inbox, Row, current_row

#: People served at the same time.
AT_ONCE = 64

#: Rows asked for at a time, beyond those in hand.
LOT = 200

#: Seconds between looks at the inbox when nobody wakes us.
LOOK_AGAIN = 2.0

#: Seconds before a failed row is tried again; after the last it is parked.
PAUSES = (0.2, 1.0)

#: Seconds that turns under way are given to finish at the end.
GRACE = 10.0

log = logging.getLogger(__name__)


class InboxRunner:
    """Runs until stopped. `wake` may be called at any time from the event loop."""

    def __init__(
        self,
        application: App,
        inbox: Inbox,
        *,
        at_once: int = AT_ONCE,
        look_again: float = LOOK_AGAIN,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        self._application = application
        self._inbox = inbox
        self._look_again = look_again
        self._pauses = pauses
        self._slots = asyncio.Semaphore(at_once)
        self._bell = asyncio.Event()
        self._in_hand: set[int] = set()
        self._lanes: dict[str, deque[int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    def wake(self) -> None:
        """Look at the inbox now."""
        self._bell.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then let the turns under way finish."""
        self._stopping = False
        stopped = asyncio.ensure_future(self._ring_at(stop))
        try:
            while not stop.is_set():
                self._bell.clear()
                try:
                    await self._fill()
                except Exception as error:  # the store is away: what is stored stays there
                    problem = {"reason": describe(error)}
                    log.error("the inbox could not be read", extra=problem)  # noqa: TRY400  # its trace may quote it
                try:
                    await asyncio.wait_for(self._bell.wait(), self._look_again)
                except TimeoutError:
                    continue
        finally:
            self._stopping = True
            stopped.cancel()
            await self._finish()

    async def idle(self) -> None:
        """Return when nothing waits and nothing is under way. For tests and for draining."""
        while self._tasks or await self._inbox.waiting(1):
            self.wake()
            if self._tasks:
                await asyncio.wait(self._tasks)
            await asyncio.sleep(0.001)  # let the look at the inbox that we asked for take place

    async def _ring_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._bell.set()

    async def _fill(self) -> None:
        """Put every new row into its person's lane.

        The limit grows with what is in hand, so that one person's flood hides nobody.
        """
        while True:
            limit = len(self._in_hand) + LOT
            rows = await self._inbox.waiting(limit)
            new = [row for row in rows if row[0] not in self._in_hand]
            for inbox_id, person in new:
                self._in_hand.add(inbox_id)
                lane = self._lanes.get(person)
                if lane is None:
                    lane = self._lanes[person] = deque()
                    task = asyncio.create_task(self._serve(person, lane))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                lane.append(inbox_id)
            if len(rows) < limit or not new:
                return

    async def _serve(self, person: str, lane: deque[int]) -> None:
        """One person's rows, oldest first."""
        while lane and not self._stopping:
            try:
                ended = await self._handle(lane[0])
            except Exception as error:  # the store is away: the row waits there
                problem = {"inbox": lane[0], "reason": describe(error)}
                log.error("an update was put back", extra=problem)  # noqa: TRY400  # its trace may quote it
                break
            if not ended:
                break
            self._in_hand.discard(lane.popleft())
        self._in_hand.difference_update(lane)
        del self._lanes[person]

    async def _handle(self, inbox_id: int) -> bool:
        """Bring a row to its end: processed, ignored or parked. False if we are stopping.

        Raises what the store raises, also in a turn: the row is not at fault then. A slot is held
        for one try only: neither a long lane nor a row that fails keeps others from theirs.
        """
        error: Exception | None = None
        for pause in (0.0, *self._pauses):
            if pause:
                await asyncio.sleep(pause)
            async with self._slots:
                if self._stopping:
                    return False
                error = await self._try(inbox_id)
            if error is None:
                return True
            if is_away(error):
                raise error
            if isinstance(error, UnreadableUpdateError):
                break
            problem = {"inbox": inbox_id, "reason": describe(error)}
            log.warning("a turn failed", extra=problem)
        if error is not None:
            reason = describe(error)
            log.error("an update is parked", extra={"inbox": inbox_id, "reason": reason})
            await self._inbox.failed(inbox_id, reason)
        return True

    async def _try(self, inbox_id: int) -> Exception | None:
        body = await self._inbox.load(inbox_id)
        if body is None:
            return None
        row = Row(inbox_id)
        error = await self._process(row, body)
        if error is None and not row.taken:
            await self._inbox.ignored(inbox_id)
        return error

    async def _process(self, row: Row, body: bytes) -> Exception | None:
        token = current_row.set(row)
        try:
            try:
                parsed = inbound.lean(json.loads(body))
                update = Update.de_json(parsed, self._application.bot)
            except Exception as error:  # whatever the library makes of nonsense
                return UnreadableUpdateError(type(error).__name__)
            await self._application.process_update(update)
        except Exception as error:
            return error
        finally:
            current_row.reset(token)
        return row.error

    async def _finish(self) -> None:
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE)
            for task in late:
                task.cancel()


class UnreadableUpdateError(Exception):
    """The library can't make an update of a row."""


def describe(error: BaseException) -> str:
    """What failed and where, without the error's own words: they may be a person's."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames]
    name = type(error).__name__
    if isinstance(error, UnreadableUpdateError):
        name = f"unreadable update ({error})"
    return f"{name} at {' < '.join(reversed(places))}" if places else name

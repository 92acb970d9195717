"""Updates on their way to the bot, by Telegram's rules for order, patience and expiry.

Source: tdlib/telegram-bot-api, WebhookActor.cpp and Client.cpp. One update of a queue is under way
at a time; an answer of 2xx ends it; anything else sends it again at once, then after 2, 4, 8 ...
seconds up to a random 60 to 120, or after Retry-After (at most an hour); when the next try would
come after its expiry the update is dropped.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.emulator.clock import Clock
from tests.emulator.markup import Refused

MESSAGES = 0
TAPS = 3
MEMBERSHIP = 5
USUAL = ("message", "edited_message", "callback_query", "my_chat_member", "inline_query", "poll")


@dataclass(slots=True)
class Queued:
    update_id: int
    kind: str
    body: dict[str, Any]
    queue: int
    person: int
    expires_at: float
    wake_at: float = 0.0
    delay: int = 1
    fails: int = 0


@dataclass(slots=True)
class Webhook:
    url: str
    secret: str = ""
    connections: int = 40
    last_error: str = ""


@dataclass(slots=True)
class _Queue:
    waiting: deque[Queued] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None


class Updates:
    """What has not been taken yet. `tried` is told of every try to hand an update over."""

    def __init__(self, clock: Clock, tried: Callable[[int, int, str], None]) -> None:
        self.clock = clock
        self.webhook: Webhook | None = None
        self.allowed: tuple[str, ...] = USUAL
        self.dropped: list[int] = []  # expired, never taken
        self.answers_to_lose = 0
        self._tried = tried
        self._next_id = random.randrange(100_000, 900_000_000)
        self._waiting: dict[int, Queued] = {}  # by id, in order
        self._known: dict[int, Queued] = {}
        self._queues: dict[int, _Queue] = {}
        self._arrived = asyncio.Event()
        self._poll: asyncio.Event | None = None  # set to end the getUpdates under way
        self._session: aiohttp.ClientSession | None = None
        self._slots = asyncio.Semaphore(40)

    async def close(self) -> None:
        self._stop_pushing()
        if self._poll is not None:
            self._poll.set()
        if self._session is not None:
            await self._session.close()

    def add(
        self, kind: str, payload: dict[str, Any], *, queue: int, person: int, lives: float
    ) -> int:
        """Queue an update; returns its id. It lives that many of the clock's seconds."""
        if kind not in self.allowed:
            return 0
        self._next_id += 1
        return self._put(
            Queued(
                self._next_id,
                kind,
                {"update_id": self._next_id, kind: payload},
                queue,
                person,
                self.clock.now() + lives,
            )
        )

    def add_raw(self, body: Any, *, person: int, lives: float) -> int:
        """Queue any JSON; an id is given only where the body is an object without one."""
        self._next_id += 1
        if isinstance(body, dict):
            body.setdefault("update_id", self._next_id)
        return self._put(
            Queued(self._next_id, "raw", body, person, person, self.clock.now() + lives)
        )

    def again(self, update_id: int) -> None:
        """Send an update once more, as Telegram does when it did not hear the answer."""
        old = self._known[update_id]
        self._put(
            Queued(
                update_id,
                old.kind,
                old.body,
                old.queue,
                old.person,
                self.clock.now() + 86_400,
            )
        )

    def forget_all(self) -> None:
        self._waiting.clear()
        for queue in self._queues.values():
            queue.waiting.clear()

    def pending(self, person: int | None = None) -> list[int]:
        """Ids of the updates not taken yet."""
        self._expire()
        return [q.update_id for q in self._waiting.values() if person is None or q.person == person]

    def set_webhook(self, webhook: Webhook | None) -> None:
        self._stop_pushing()
        self.webhook = webhook
        if webhook is None:
            return
        self._slots = asyncio.Semaphore(webhook.connections)
        if self._poll is not None:
            self._poll.set()
        for queued in self._waiting.values():
            self._push(queued)

    async def poll(self, offset: int, limit: int, timeout: float) -> list[dict[str, Any]]:
        """getUpdates. Raises Refused 409 as Telegram does."""
        if self.webhook is not None:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if self._poll is not None:
            self._poll.set()
        mine = self._poll = asyncio.Event()
        try:
            self._confirm(offset)
            ends_at = self.clock.now() + timeout
            while True:
                self._expire()
                if found := list(self._waiting.values())[: limit or 100]:
                    for queued in found:
                        self._tried(queued.update_id, 200, "polled")
                    return [queued.body for queued in found]
                left = ends_at - self.clock.now()
                if left <= 0:
                    return []
                self._arrived.clear()
                await self._arrival(mine, left)
                if mine.is_set():
                    raise Refused(
                        409,
                        "Conflict: terminated by other getUpdates request; "
                        "make sure that only one bot instance is running",
                    )
        finally:
            if self._poll is mine:
                self._poll = None

    async def _arrival(self, ended: asyncio.Event, seconds: float) -> None:
        waits = [
            asyncio.ensure_future(self._arrived.wait()),
            asyncio.ensure_future(ended.wait()),
            asyncio.ensure_future(self.clock.sleep_or_moved(seconds)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            offset = next(iter(list(self._waiting)[offset:]), 0)
        for update_id in [i for i in self._waiting if i < offset]:
            del self._waiting[update_id]
        self.clock.poke()

    def _expire(self) -> None:
        now = self.clock.now()
        for queued in [q for q in self._waiting.values() if q.expires_at < now]:
            del self._waiting[queued.update_id]
            self.dropped.append(queued.update_id)

    def _put(self, queued: Queued) -> int:
        self._known[queued.update_id] = queued
        self._waiting[queued.update_id] = queued
        self._arrived.set()
        if self.webhook is not None:
            self._push(queued)
        return queued.update_id

    def _push(self, queued: Queued) -> None:
        queue = self._queues.setdefault(queued.queue, _Queue())
        queue.waiting.append(queued)
        if queue.task is None or queue.task.done():
            queue.task = asyncio.create_task(self._work(queued.queue, queue))

    def _stop_pushing(self) -> None:
        for queue in self._queues.values():
            if queue.task is not None:
                queue.task.cancel()
        self._queues.clear()

    async def _work(self, name: int, queue: _Queue) -> None:
        while queue.waiting:
            queued = queue.waiting[0]
            await self.clock.until(queued.wake_at)
            if queued.expires_at < self.clock.now():
                self._done(queue, queued, taken=False)
                continue
            async with self._slots:
                error, retry_after = await self._send(queued)
            if not error:
                self._done(queue, queued, taken=True)
                continue
            if self.webhook is not None:
                self.webhook.last_error = error
            wait = float(min(max(retry_after, 0), 3600))
            if wait == 0 and queued.fails > 0:
                queued.delay = min(random.randint(60, 120), queued.delay * 2)
                wait = queued.delay
            if self.clock.now() + wait > queued.expires_at:
                self._done(queue, queued, taken=False)
                continue
            queued.wake_at = self.clock.now() + wait
            queued.fails += 1
        self._queues.pop(name, None)

    def _done(self, queue: _Queue, queued: Queued, *, taken: bool) -> None:
        queue.waiting.popleft()
        if self._waiting.get(queued.update_id) is queued:
            del self._waiting[queued.update_id]
        if not taken:
            self.dropped.append(queued.update_id)
        self.clock.poke()

    async def _send(self, queued: Queued) -> tuple[str, int]:
        """One try: the error ('' if it was taken) and the seconds that the bot asked to wait."""
        webhook = self.webhook
        if webhook is None:
            return "no webhook", 0
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=60), connector=aiohttp.TCPConnector(limit=0)
            )
        headers = {"Content-Type": "application/json"}
        if webhook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret
        try:
            async with self._session.post(
                webhook.url, data=json.dumps(queued.body).encode(), headers=headers
            ) as response:
                await response.read()
                status = response.status
                retry_after = response.headers.get("Retry-After", "0")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._tried(queued.update_id, 0, type(error).__name__)
            return f"Connection failed: {type(error).__name__}", 0
        if self.answers_to_lose > 0:
            self.answers_to_lose -= 1
            self._tried(queued.update_id, 0, "answer lost")
            return "Webhook connection closed", 0
        self._tried(queued.update_id, status, "")
        if 200 <= status <= 299:
            return "", 0
        return (
            f"Wrong response from the webhook: {status}",
            int(retry_after) if retry_after.isdigit() else 0,
        )

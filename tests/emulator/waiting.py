"""Ways to wait for the bot that end as soon as they can, and say what was missing if they can't."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.emulator.chats import Bubble
from tests.emulator.clock import Clock
from tests.emulator.ledger import Call
from tests.emulator.updates import Updates
from tests.emulator.world import World


@dataclass(slots=True)
class _Watch:
    """Who waits for a chat to change, and when it last did (time.monotonic)."""

    last: float = 0.0
    under_way: int = 0
    waiting: list[asyncio.Future[None]] = field(default_factory=list)


class Waiting:
    """The verbs that wait. Mixed into Emulator."""

    clock: Clock
    updates: Updates
    world: World
    ledger: list[Call]

    def __init__(self) -> None:
        super().__init__()
        self._watches: dict[int, _Watch] = {}
        self._anything = _Watch()

    def screen(self, chat_id: int) -> list[Bubble]:
        """Everything on that chat's screen now, oldest first."""
        return sorted(self.world.chat(chat_id).bubbles.values(), key=lambda b: b.message_id)

    async def settled(
        self,
        user_id: int | None = None,
        *,
        replies: int | None = None,
        quiet: float = 0.05,
        timeout: float = 10.0,
    ) -> None:
        """Wait until the bot has dealt with what was done, as far as Telegram can tell.

        Every update (of that person) was taken, every tap answered, no call is under way, at least
        `replies` bubbles were shown or changed since the person's last act (by default one after a
        message, none after a tap or an edit), and nothing happened for `quiet` real seconds.
        """
        await self.until(
            lambda: self._unsettled(user_id, replies, quiet) == "",
            timeout=timeout,
            missing=lambda: self._unsettled(user_id, replies, quiet),
            user_id=user_id,
            look_again=quiet,
        )

    async def sees(self, chat_id: int, text: str, *, timeout: float = 10.0) -> Bubble:
        """Wait until a bubble of the bot holds that text; the newest such one."""

        def found() -> list[Bubble]:
            return [b for b in self.screen(chat_id) if b.mine and text in b.text]

        await self.until(
            lambda: bool(found()),
            timeout=timeout,
            missing=lambda: f"{text!r} is not on {[b.text for b in self.screen(chat_id)]}",
            user_id=chat_id,
        )
        return found()[-1]

    async def until(
        self,
        condition: Callable[[], bool],
        *,
        timeout: float = 10.0,
        missing: Callable[[], str] = lambda: "the condition did not come true",
        user_id: int | None = None,
        look_again: float = 0.05,
    ) -> None:
        """Wait for a condition; looked at on each event (of that chat) and every 50 ms."""
        watch = self._watch(user_id) if user_id is not None else self._anything
        ends = time.monotonic() + timeout
        while not condition():
            left = ends - time.monotonic()
            if left <= 0:
                raise AssertionError(f"after {timeout:g} s: {missing()}")
            woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            watch.waiting.append(woken)
            await asyncio.wait([woken], timeout=min(left, look_again))

    def _unsettled(self, user_id: int | None, replies: int | None, quiet: float) -> str:
        if pending := self.updates.pending(user_id):
            return f"updates {pending} were not taken"
        watch = self._watch(user_id) if user_id is not None else self._anything
        if watch.under_way:
            return "a call is under way"
        now = self.clock.now()
        for tap in self.world.taps.values():
            mine = user_id is None or tap.person == user_id
            if mine and not tap.answered and now - tap.made_at < self.world.tap_lives:
                return "a tap was not answered"
        chats = [self.world.chat(user_id)] if user_id is not None else self.world.chats.values()
        for chat in chats:
            owed = chat.owed if replies is None else replies
            if owed and self._replies(chat.id, chat.last_act) < owed:
                return f"no answer to {chat.id}; the screen is {self.screen(chat.id)}"
        if time.monotonic() - watch.last < quiet:
            return "things are still happening"
        return ""

    def _replies(self, chat_id: int, since: int) -> int:
        count = 0
        for call in reversed(self.ledger):
            if call.seq <= since:
                break
            if call.chat_id == chat_id and call.method.startswith(("send", "edit")):
                count += 1
        return count

    def _watch(self, chat_id: int) -> _Watch:
        return self._watches.setdefault(chat_id, _Watch())

    def _happened(self, chat_id: int | None) -> None:
        watches = [self._anything]
        if chat_id is not None:
            watches.append(self._watch(chat_id))
        now = time.monotonic()
        for watch in watches:
            watch.last = now
            if watch.waiting:
                waiting, watch.waiting = watch.waiting, []
                for future in waiting:
                    if not future.done():
                        future.set_result(None)

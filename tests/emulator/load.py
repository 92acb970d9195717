"""Many people at once, for benchmarks: a closed loop, or so many turns a second.

A turn lasts from when Telegram has the update to hand over until the bot's answer is there: a
message sent or changed in that chat and, for a tap, the tap answered too. Times are real seconds.
`taps` is the share of turns in which the person taps a button of their newest bubble that has one
(or types the first command, where there is none yet); the others type a command or a text.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.emulator.emulator import Emulator

FIRST_PERSON = 10_000


@dataclass(frozen=True, slots=True)
class Mix:
    """What people do, as shares that add up to 1 with the texts."""

    taps: float = 0.5
    commands: float = 0.2
    words: tuple[str, ...] = ("/start", "/help")
    texts: tuple[str, ...] = ("hello", "anything on Friday for a 10 month old near DA8?")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run came to. Times in milliseconds."""

    turns: int
    unanswered: int
    seconds: float
    per_second: float
    p50: float
    p95: float
    p99: float
    worst: float


@dataclass(slots=True)
class _Run:
    emulator: Emulator
    mix: Mix
    patience: float  # seconds after which a turn counts as unanswered
    chance: random.Random
    times: list[float] = field(default_factory=list)
    unanswered: int = 0

    async def turn(self, person: int) -> None:
        began = time.monotonic()
        act = await self._act(person)
        since = self.emulator.world.chat(person).last_act
        try:
            await self.emulator.until(
                lambda: self._answered(person, since, act),
                timeout=self.patience,
                user_id=person,
                look_again=1.0,
            )
        except AssertionError:
            self.unanswered += 1
            return
        self.times.append(time.monotonic() - began)

    async def _act(self, person: int) -> str:
        kind = self.chance.random()
        if kind < self.mix.taps:
            for bubble in reversed(self.emulator.world.chat(person).bubbles.values()):
                buttons = [b for b in bubble.buttons if b.data] if bubble.mine else []
                if buttons:
                    button = self.chance.choice(buttons)
                    return self.emulator._tapped(person, button.data, bubble).query_id
            await self.emulator.says(person, self.mix.words[0])
        elif kind < self.mix.taps + self.mix.commands:
            await self.emulator.says(person, self.chance.choice(self.mix.words))
        else:
            await self.emulator.says(person, self.chance.choice(self.mix.texts))
        return ""

    def _answered(self, person: int, since: int, query_id: str) -> bool:
        if query_id and not self.emulator.world.taps[query_id].answered:
            return False
        return self.emulator._replies(person, since) > 0

    def figures(self, seconds: float) -> Figures:
        times = sorted(self.times)

        def at(share: float) -> float:
            return times[min(int(len(times) * share), len(times) - 1)] * 1000 if times else 0.0

        return Figures(
            turns=len(times),
            unanswered=self.unanswered,
            seconds=seconds,
            per_second=len(times) / seconds if seconds else 0.0,
            p50=at(0.5),
            p95=at(0.95),
            p99=at(0.99),
            worst=at(1.0),
        )


async def closed_loop(
    emulator: Emulator,
    *,
    people: int = 64,
    turns: int = 2_000,
    patience: float = 30.0,
    first_person: int = FIRST_PERSON,
    seed: int = 1,
    **mix: float | Sequence[str],
) -> Figures:
    """Every person does the next thing as soon as the last was answered."""
    run = _Run(emulator, _mix(mix), patience, random.Random(seed))
    left = iter(range(turns))

    async def one(person: int) -> None:
        for _ in left:
            await run.turn(person)

    began = time.monotonic()
    await asyncio.gather(*(one(first_person + n) for n in range(people)))
    return run.figures(time.monotonic() - began)


async def open_loop(
    emulator: Emulator,
    *,
    rate: float = 50.0,
    seconds: float = 20.0,
    people: int = 200,
    patience: float = 30.0,
    first_person: int = FIRST_PERSON,
    seed: int = 1,
    **mix: float | Sequence[str],
) -> Figures:
    """So many turns begin each second, answered or not; people take their turns in rotation."""
    run = _Run(emulator, _mix(mix), patience, random.Random(seed))
    began = time.monotonic()
    tasks = []
    for n in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + n / rate - time.monotonic()))
        tasks.append(asyncio.create_task(run.turn(first_person + n % people)))
    await asyncio.gather(*tasks)
    return run.figures(time.monotonic() - began)


def _mix(given: dict[str, float | Sequence[str]]) -> Mix:
    values = {k: v if isinstance(v, (int, float)) else tuple(v) for k, v in given.items()}
    return Mix(**values)

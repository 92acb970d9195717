"""One bot on one emulator, and the four things that are asked of it in each round."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median

from tests.bench.mix import shares
from tests.bench.processes import cpu_seconds
from tests.emulator import RemoteEmulator

AT_ONCE = 64
RATE, SECONDS = 50, 6
LATENCIES = (0, 50)  # milliseconds that each answer of the API takes
PATIENCE = 20.0  # seconds after which somebody goes away unanswered


@dataclass
class Bot:
    """A running bot. `turns` is how many a closed loop takes of it, by latency in ms."""

    name: str
    emulator: RemoteEmulator
    pid: int
    turns: dict[int, int]
    memory_mb: float = 0.0
    found: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    unanswered: int = 0

    async def warm_up(self) -> None:
        await self._load(people=AT_ONCE, turns=max(100, self.turns[0] // 3))

    async def round(self) -> None:
        """Many at once, then a steady stream; first with an API that answers at once."""
        for ms in LATENCIES:
            await self.emulator.configure(latency=ms / 1000)
            before = cpu_seconds(self.pid)
            figures = await self._load(people=AT_ONCE, turns=self.turns[ms])
            spent = cpu_seconds(self.pid) - before
            self._note(f"per_second {ms}", figures["per_second"])
            self._note(f"cpu {ms}", 1000 * spent / max(1, figures["turns"]))
            figures = await self._load(rate=RATE, seconds=SECONDS, people=200)
            self._note(f"p50 {ms}", figures["p50"])
            self._note(f"p99 {ms}", figures["p99"])
        await self.emulator.configure(latency=0.0)

    async def without_text(self) -> None:
        """What a turn costs when nobody types: the rest is reading, and what it leads to."""
        before = cpu_seconds(self.pid)
        figures = await self._load(
            people=AT_ONCE, turns=self.turns[0], mix=shares(taps=0.7, commands=0.3)
        )
        spent = cpu_seconds(self.pid) - before
        self._note("cpu without text", 1000 * spent / max(1, figures["turns"]))

    def typical(self, what: str) -> float:
        """The median over the rounds."""
        return median(self.found[what])

    async def _load(
        self, *, mix: dict[str, object] | None = None, **how: float
    ) -> dict[str, float]:
        figures: dict[str, float] = await self.emulator.load(
            **how, patience=PATIENCE, **(mix or shares())
        )
        self.unanswered += int(figures["unanswered"])
        await self.emulator.forget_ledger()
        return figures

    def _note(self, what: str, value: float) -> None:
        self.found[what].append(value)


def ratio(one: Bot, other: Bot, what: str) -> float:
    """How many times the other's figure, round by round, then the median."""
    pairs = zip(one.found[what], other.found[what], strict=True)
    return median(mine / theirs for mine, theirs in pairs if theirs)

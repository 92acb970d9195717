"""The figures as one Markdown table, and what of our aims was reached."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.measuring import AT_ONCE, LATENCIES, RATE, Bot, ratio


@dataclass(frozen=True)
class Starts:
    """Seconds from the command to the first answered page."""

    cold: float
    warm: float
    large: float


def table(bots: Sequence[Bot], starts: Starts) -> str:
    """`bots`: the service, the service in the town, our echo bot, the stock echo bot."""
    none = ["–"] * (len(bots) - 2)
    rows = [["", *(b.name for b in bots)], ["---", *["---:"] * len(bots)]]
    for ms in LATENCIES:
        api = f"API answers in {ms} ms"
        rows += [
            [f"Turns a second, {AT_ONCE} people at once, {api}",
             *(f"{b.typical(f'per_second {ms}'):.0f}" for b in bots)],
            [f"CPU a turn, {api}", *(f"{b.typical(f'cpu {ms}'):.1f} ms" for b in bots)],
            [f"p50 / p99 at {RATE} updates a second, {api}",
             *(f"{b.typical(f'p50 {ms}'):.0f} / {b.typical(f'p99 {ms}'):.0f} ms" for b in bots)],
        ]  # fmt: skip
    rows += [
        ["Memory, idle", *(f"{b.memory_mb:.0f} MB" for b in bots)],
        ["Start in an empty folder", f"{starts.cold:.1f} s", "–", *none],
        ["Start again", f"{starts.warm:.1f} s", f"{starts.large:.1f} s", *none],
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def aims(bots: Sequence[Bot]) -> str:
    """A line for each aim: the figure and whether it was reached."""
    ours, large, _, stock = bots
    lines = []
    for ms in LATENCIES:
        times = ratio(ours, stock, f"per_second {ms}")
        lines.append(
            (times >= 2, f"{times:.1f} times the stock echo bot's turns, API {ms} ms (aim 2)")
        )
        p99 = ours.typical(f"p99 {ms}")
        lines.append((p99 < 50, f"p99 {p99:.0f} ms at {RATE} a second, API {ms} ms (aim under 50)"))
    cpu = ours.typical("cpu 0")
    lines.append((cpu < 4, f"CPU {cpu:.1f} ms a turn (aim under 4)"))
    lines.append((ours.memory_mb < 150, f"{ours.memory_mb:.0f} MB idle (aim under 150)"))
    grown = max(1 / ratio(large, ours, f"per_second {ms}") for ms in LATENCIES)
    more = ratio(large, ours, "cpu 0")
    lines.append(
        (grown <= 1.2, f"{grown:.2f} times the time a turn at the larger size (aim 1.2); "
         f"{more:.2f} times the CPU")
    )  # fmt: skip
    return "\n".join(f"{'reached' if yes else 'MISSED '}  {line}" for yes, line in lines)


def machine() -> str:
    """What it ran on."""
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, {platform.machine()}, Python {platform.python_version()}"

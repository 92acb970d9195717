"""A small scorer of our own: `python -m tests.understanding.judge` prints the table of docs.

Reads unseen.tsv: messages written after the lists and the bank, never trained on.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.understanding.reader import Reader
from bot.understanding.reading import Reading
from tests.understanding.stand_in import stand_in

NOW = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Europe/London"))


@dataclass(frozen=True)
class Judged:
    label: str
    lang: str
    text: str
    reading: Reading
    ms: float

    @property
    def right(self) -> bool:
        return self.reading.intent == self.label

    @property
    def among(self) -> bool:
        """Right first, or among the two it offers."""
        return self.right or self.label in {w.intent for w in self.reading.offers[:2]}


def judged(reader: Reader | None = None) -> list[Judged]:
    reader = reader or Reader.from_content(stand_in())
    return list(_judged(reader))


def share(items: list[Judged], test: str = "right") -> float:
    return sum(bool(getattr(i, test)) for i in items) / max(1, len(items))


def _judged(reader: Reader) -> Iterator[Judged]:
    for line in (Path(__file__).parent / "unseen.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            label, lang, text = line.split("\t")
            began = time.perf_counter()
            reading = reader.read(text, now=NOW)
            yield Judged(label, lang, text, reading, 1000 * (time.perf_counter() - began))


def main() -> None:
    every = judged()
    for name, items in (
        ("English", [i for i in every if i.lang == "en" and i.label != "crisis"]),
        ("other languages", [i for i in every if i.lang != "en" and i.label != "crisis"]),
    ):
        print(
            f"intent, {name}: {share(items):.0%} of {len(items)}, among offers {share(items, 'among'):.0%}"
        )
    danger = [i for i in every if i.label == "crisis"]
    cards = sum(bool(i.reading.crisis) for i in danger)
    buttons = sum(i.reading.urgent for i in danger)
    print(f"danger: card {cards} of {len(danger)}, card or button {buttons}")
    harmless = [i for i in every if i.label != "crisis"]
    print(
        f"harmless with the card: {sum(bool(i.reading.crisis) for i in harmless)} of {len(harmless)}"
    )
    times = sorted(i.ms for i in every)
    print(f"time: p50 {times[len(times) // 2]:.1f} ms, p95 {times[int(len(times) * 0.95)]:.1f} ms")
    if "--wrong" in sys.argv:
        for i in every:
            if not i.right:
                print(
                    f"  {i.text} | {i.label} -> {i.reading.intent} {i.reading.urgent} {i.reading.lang}"
                )


if __name__ == "__main__":
    main()

"""A small scorer of our own: `python -m tests.understanding.judge` prints the tables of docs.

Reads unseen.tsv, fresh.tsv, danger.tsv, voices.tsv and strangers.tsv: messages written before looking at the
lists, never trained on. `--wrong` lists the misses, but never those of a kept half.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.understanding.reader import Reader
from bot.understanding.reading import Reading
from tests.understanding.stand_in import stand_in

NOW = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Europe/London"))
HARMLESS = "fine"  # a look-alike of danger: any intent but crisis
POSSIBLE = "possible"  # what may be danger: the button


@dataclass(frozen=True)
class Judged:
    label: str
    lang: str
    text: str
    reading: Reading
    ms: float
    accept: frozenset[str] = frozenset()
    slots: dict[str, str] = field(default_factory=dict)
    kept: bool = False  # of the half that nobody looks at

    @property
    def right(self) -> bool:
        return self.reading.intent in self.accept

    @property
    def among(self) -> bool:
        """Right first, or among the two it offers."""
        return self.right or bool(self.accept & {w.intent for w in self.reading.offers[:2]})

    @property
    def slots_right(self) -> int:
        return sum(str(self.reading.slots.get(k)) == v for k, v in self.slots.items())


def judged(reader: Reader | None = None, name: str = "unseen.tsv") -> list[Judged]:
    return list(_judged(reader or Reader.from_content(stand_in()), name))


def share(items: Sequence[Judged], test: str = "right") -> float:
    return sum(bool(getattr(i, test)) for i in items) / max(1, len(items))


def _judged(reader: Reader, name: str) -> Iterator[Judged]:
    for line in (Path(__file__).parent / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            told, lang, text, *half = line.split("\t")
            intents, *slots = told.split(" ")
            label, *accept = intents.split("/")
            began = time.process_time()
            reading = reader.read(text, now=NOW)
            yield Judged(
                label,
                lang,
                text,
                reading,
                1000 * (time.process_time() - began),
                frozenset({label, *accept}),
                dict(s.split("=", 1) for s in slots),
                half == ["kept"],
            )


def _tell(title: str, every: Sequence[Judged]) -> None:
    print(title)
    plain = [i for i in every if i.label not in {"crisis", HARMLESS, POSSIBLE}]
    for name, items in (
        ("English", [i for i in plain if i.lang == "en"]),
        ("other languages", [i for i in plain if i.lang != "en"]),
    ):
        if items:
            print(
                f"  intent, {name}: {share(items):.0%} of {len(items)},"
                f" among offers {share(items, 'among'):.0%}"
            )
    for name, items in (
        ("English", [i for i in plain if i.lang == "en"]),
        ("other languages", [i for i in plain if i.lang != "en"]),
    ):
        if slots := sum(len(i.slots) for i in items):
            print(
                f"  slots told, {name}: {sum(i.slots_right for i in items) / slots:.0%} of {slots}"
            )
    scope = [i for i in plain if i.label == "out_of_scope"]
    away = sum(i.reading.intent in {"out_of_scope", "unclear"} for i in scope)
    inside = [i for i in plain if i.label != "out_of_scope"]
    rejected = sum(i.reading.intent == "out_of_scope" for i in inside)
    unclear = sum(i.reading.intent == "unclear" for i in inside)
    if plain:
        print(f"  out of scope rejected or unclear: {away} of {len(scope)}")
        print(f"  in scope rejected: {rejected}, unclear: {unclear}, of {len(inside)}")
    for name, danger in (
        ("English", [i for i in every if i.label == "crisis" and i.lang == "en"]),
        ("other languages", [i for i in every if i.label == "crisis" and i.lang != "en"]),
    ):
        cards = sum(bool(i.reading.crisis) for i in danger)
        buttons = sum(i.reading.urgent for i in danger)
        print(f"  danger, {name}: card {cards}, card or button {buttons}, of {len(danger)}")
    for name, items in (
        ("harmless", [i for i in plain if "crisis" not in i.accept]),
        ("look-alikes", [i for i in every if i.label == HARMLESS]),
        ("maybe danger", [i for i in every if i.label == POSSIBLE]),
    ):
        cards = sum(bool(i.reading.crisis) for i in items)
        buttons = sum(i.reading.urgent for i in items)
        print(f"  {name}: card {cards}, card or button {buttons}, of {len(items)}")
    times = sorted(i.ms for i in every)
    p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(f"  CPU time: p50 {p50:.1f} ms, p95 {p95:.1f} ms")


def main() -> None:
    reader = Reader.from_content(stand_in())
    unseen, fresh = judged(reader), judged(reader, "fresh.tsv")
    _tell("unseen.tsv", unseen)
    _tell("fresh.tsv, open half", [i for i in fresh if not i.kept])
    _tell("fresh.tsv, kept half", [i for i in fresh if i.kept])
    strangers = judged(reader, "strangers.tsv")
    _tell("strangers.tsv, open", [i for i in strangers if not i.kept])
    _tell("strangers.tsv, kept", [i for i in strangers if i.kept])
    danger = judged(reader, "danger.tsv")
    _tell("danger.tsv, open half", [i for i in danger if not i.kept])
    _tell("danger.tsv, kept half", [i for i in danger if i.kept])
    _tell("voices.tsv, all kept", judged(reader, "voices.tsv"))
    if "--wrong" in sys.argv:
        for i in [i for i in [*unseen, *fresh, *strangers, *danger] if not i.kept]:
            harmless = i.label == HARMLESS
            if i.reading.urgent if harmless else not i.right or i.slots_right < len(i.slots):
                r = i.reading
                print(f"  {i.text} | {i.label} {i.slots} -> {r.intent} {dict(r.slots)}")
                print(f"      sure {r.sure:.2f} urgent {r.urgent} read as {r.lang}")


if __name__ == "__main__":
    main()

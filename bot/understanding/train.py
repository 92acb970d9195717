"""Rebuilds the weights from the example bank: `python -m bot.understanding.train`.

Softmax regression by gradient steps, in plain Python with a fixed seed: the same bank always
gives the same file. `--judge` trains without the unseen fifth and says how it does on that.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from hashlib import sha256
from operator import add
from pathlib import Path

from bot.content.keeping import NAMES, Keep, Period
from bot.content.values import (
    Activity,
    Calendar,
    Content,
    Council,
    OpeningHours,
    Programme,
    Safety,
    Topic,
)  # fmt: skip
from bot.understanding import bank, lexicon
from bot.understanding.clean import clean
from bot.understanding.danger import MAYBE, NO_DANGER, RISKS
from bot.understanding.features import features
from bot.understanding.gloss import Glosses
from bot.understanding.model import STEP, Model, evened, save
from bot.understanding.reading import SlotValue
from bot.understanding.slots import Seen, SlotFinder
from bot.understanding.spoken import speak
from bot.understanding.worries import worrying_features

WEIGHTS = lexicon.DATA / "weights.bin"
EPOCHS = 12
RATE = 1.2
KEPT = 0.8  # of the features of a line, each time it is looked at
SHRINK = 1e-4
DANGER = dict.fromkeys((*RISKS, MAYBE), 2.0)  # there are many ordinary lines for each worrying one
_DAY = date(2026, 3, 10)  # any day: what is learnt from has its dates masked
_MASKS = {"{what}": "zzwhat", "{where}": "zzwhere", "{elsewhere}": "zzelsewhere"}
_MARKS = re.compile("|".join(_MASKS))
_SOURCES = (
    "features.py", "worries.py", "cues.py", "facts.py", "choices.py", "slots.py", "spoken.py", "clean.py", "gloss.py",
)  # fmt: skip
Row = tuple[list[str], str]


def fingerprint() -> str:
    """What the weights depend on: the bank, the word files and what makes features of them."""
    digest = sha256()
    files = sorted(lexicon.DATA.rglob("*.txt")) + [Path(__file__).parent / n for n in _SOURCES]
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def neutral() -> Content:
    """A council without names: every activity and topic we know the common words of."""
    said = {"en": ""}
    return Content(
        folder=Path(),
        council=Council("", said, said, said, "", "", "Europe/London", OpeningHours({}), (), "", "", 18, time(21), time(8), "", "", Keep(**dict.fromkeys(NAMES, Period(1, "day")))),
        contacts={}, areas={}, outcodes={}, venues={},
        activities={k: Activity(k, {"en": k.replace("_", " ")}, said) for k, _ in lexicon.entries("activities")},
        topics={k: Topic(k, {"en": k.replace("_", " ")}, {}) for k, _ in lexicon.entries("topics")},
        programme=Programme("", sample=True, series=()),
        calendar=Calendar((), {}, sample=True),
        safety=Safety({}, said, {}),
        wordings={},
    )  # fmt: skip


class Teacher:
    """Turns bank lines into features, the way the reader does with messages."""

    def __init__(self) -> None:
        self._finder = SlotFinder(neutral())
        self._glosses = Glosses()
        self._rows: dict[bank.Example, Row] = {}
        self._worrying: dict[bank.Example, Row] = {}

    def seen(self, text: str, lang: str = "en") -> Seen:
        for mark, word in _MASKS.items():
            text = text.replace(mark, word)
        flat = clean(text).flat
        said = speak(flat if lang == "en" else self._glosses.gloss(flat, lang))
        seen = self._finder.find(said, _DAY, guess=False)
        masked = seen.masked
        for mark, word in _MASKS.items():
            masked = masked.replace(word, f"_{mark[1:-1]}_")
        slots: dict[str, SlotValue] = dict(seen.slots)
        if "_where_" in masked:
            slots["where"] = "me"
        return Seen(
            seen.said,
            masked,
            slots,
            seen.what or (("x",) if "_what_" in masked else ()),
            seen.hinted,
            seen.topics,
            "_elsewhere_" in masked,
            seen.outside,
        )

    def rows(self, examples: Sequence[bank.Example]) -> list[Row]:
        for e in examples:
            if e not in self._rows:
                self._rows[e] = (features(self.seen(e.text, e.lang)), e.label)
        return [self._rows[e] for e in examples if self._rows[e][0]]

    def worrying(self, example: bank.Example) -> Row:
        """A line with all that the danger classifier looks at."""
        if example not in self._worrying:
            text = _MARKS.sub(" ", example.text)
            foreign = () if example.lang == "en" else clean(text).words
            seen = self.seen(example.text, example.lang)
            self._worrying[example] = (worrying_features(seen, foreign), example.label)
        return self._worrying[example]


def train(
    rows: Sequence[Row], *, epochs: int = EPOCHS, weight: dict[str, float] | None = None
) -> Model:
    """A model of the labels of `rows`."""
    labels = sorted({label for _, label in rows})
    place = {label: n for n, label in enumerate(labels)}
    count = Counter(f for names, _ in rows for f in names)
    known = sorted(
        f
        for f, n in count.items()
        if n >= (1 if f[0] in "wfatTqhxb" and f[1] == " " and f[0] != "b" else 2)
    )
    table = {f: [0.0] * len(labels) for f in known}
    kept = [([f for f in names if f in table], place[label]) for names, label in rows]
    dice = random.Random(7)  # noqa: S311  the same draw each time is the point
    order = list(range(len(kept)))
    for epoch in range(epochs):
        dice.shuffle(order)
        rate = RATE / (1 + 0.25 * epoch)
        for n in order:
            names, right = kept[n]
            used = [f for f in names if dice.random() < KEPT]
            _step(table, used, right, rate * (weight or {}).get(labels[right], 1.0), len(labels))
    return Model.of(labels, {f: list(map(_stored, row)) for f, row in table.items()})


def _stored(weight: float) -> int:
    return max(-127, min(127, round(weight / STEP)))


def _step(
    table: dict[str, list[float]], used: Sequence[str], right: int, rate: float, width: int
) -> None:
    total = [0.0] * width
    for f in used:
        total = list(map(add, total, table[f]))
    top, even = max(total), evened(len(used))
    raised = [math.exp((t - top) * even) for t in total]
    whole = sum(raised)
    pace = rate / math.sqrt(len(used) + 1)
    moves = [
        (n, -pace * r / whole) for n, r in enumerate(raised) if r / whole > 0.004 and n != right
    ]
    moves.append((right, pace * (1 - raised[right] / whole)))
    for f in used:
        row = table[f]
        for n, move in moves:
            row[n] += move - SHRINK * row[n]


def intent_model(teacher: Teacher, *, kept: bool = False) -> Model:
    """The intent layer, from the whole bank or without its unseen fifth (`kept`)."""
    return train(teacher.rows([e for e in bank.intents() if not (kept and e.unseen)]))


def danger_model(teacher: Teacher, *, kept: bool = False) -> Model:
    """The danger classifier, likewise: ordinary messages are noes, look-alikes count twice."""
    lines = [e for e in (*bank.dangers(), *bank.intents()) if not (kept and e.unseen)]
    rows: list[Row] = []
    for line in lines:
        names, label = teacher.worrying(line)
        if label in DANGER:
            rows.append((names, label))
        else:
            rows += [(names, NO_DANGER)] * (2 if label == "not_danger" else 1)
    return train(rows, epochs=10, weight=DANGER)


def build() -> dict[str, Model]:
    """Both models, from the whole bank."""
    teacher = Teacher()
    made = {"intent": intent_model(teacher), "danger": danger_model(teacher)}
    made_from = fingerprint()
    return {name: replace(model, made_from=made_from) for name, model in made.items()}


def judge() -> str:
    """How a model trained without the unseen fifth does on it."""
    teacher = Teacher()
    examples = bank.intents()
    model = intent_model(teacher, kept=True)
    lines: list[str] = []
    for group in ("en", "other"):
        kept = [e for e in examples if e.unseen and (e.lang == "en") == (group == "en")]
        hit = label = two = 0
        for e in kept:
            odds = model.odds(features(teacher.seen(e.text, e.lang)))
            best = sorted(odds, key=lambda k: -odds[k])
            intents = list(dict.fromkeys(b.split(" ")[0] for b in best))
            hit += intents[0] == e.label.split(" ")[0]
            two += e.label.split(" ")[0] in intents[:3]
            label += best[0] == e.label
        if kept:
            lines.append(
                f"{group}: {len(kept)} unseen lines, intent {hit / len(kept):.1%}, with its slot {label / len(kept):.1%}, among three {two / len(kept):.1%}"
            )
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--judge", action="store_true")
    if options.parse_args().judge:
        sys.stdout.write(judge() + "\n")
        return
    save(WEIGHTS, build())
    sys.stdout.write(f"wrote {WEIGHTS.name}\n")


if __name__ == "__main__":
    main()

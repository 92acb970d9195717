"""Rebuilds the weights from the example bank: `python -m bot.understanding.train`.

Softmax regression by gradient steps with fixed seeds, a few minutes: the same bank gives the same
weights, up to the last digit of another machine's arithmetic. `--judge` trains without the unseen
fifth and says how it does on that.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np

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
EPOCHS = 14
SEEDS = range(7, 13)
AVERAGED = (
    7  # the last so many passes of each: what one order of the lines happens to teach evens out
)
RATE = 1.2
KEPT = 0.6  # of the features of a line, each time it is looked at
_ONCE = "wfatTqhx"  # kinds of feature that are learnt from a single row; others need two
_PIECE = 0.5  # what a piece of a word counts for: each word has many
_COMMON = 5.0  # log of how rare a feature is that learns at the usual pace
_DANGER = frozenset((*RISKS, MAYBE))
_DAY = date(2026, 3, 10)  # any day: what is learnt from has its dates masked
_MASKS = {"{what}": "zzwhat", "{where}": "zzwhere", "{elsewhere}": "zzelsewhere"}
_MARKS = re.compile("|".join(_MASKS))
_SOURCES = (
    "features.py", "worries.py", "cues.py", "facts.py", "choices.py", "slots.py", "spoken.py", "clean.py", "gloss.py", "glossary.py",
)  # fmt: skip


class Row(NamedTuple):
    """What a line looks like, what it means, and for how many it counts."""

    names: list[str]
    label: str
    weight: float = 1.0


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
                self._rows[e] = Row(features(self.seen(e.text, e.lang)), e.label)
        return [self._rows[e] for e in examples if self._rows[e].names]

    def worrying(self, example: bank.Example) -> Row:
        """A line with all that the danger classifier looks at."""
        if example not in self._worrying:
            text = _MARKS.sub(" ", example.text)
            foreign = () if example.lang == "en" else clean(text).words
            seen = self.seen(example.text, example.lang)
            named = example.label if example.label in _DANGER else NO_DANGER
            # there are many ordinary lines for each that worries or looks it
            weight = 2.0 if example.label in {*_DANGER, "not_danger"} else 1.0
            self._worrying[example] = Row(worrying_features(seen, foreign), named, weight)
        return self._worrying[example]


def train(rows: Sequence[Row], *, rarely: bool = False) -> Model:
    """A model of the labels of `rows`; `rarely` lets rare features learn faster than common ones."""
    labels = sorted({row.label for row in rows})
    count = Counter(f for row in rows for f in row.names)
    known = sorted(f for f, n in count.items() if n >= (1 if f[1] == " " and f[0] in _ONCE else 2))
    place = {f: n for n, f in enumerate(known)}
    pace = np.array(
        [
            (_PIECE if f.startswith("c ") else 1.0)
            * (math.log(len(rows) / count[f]) / _COMMON if rarely else 1.0)
            for f in known
        ]
    )
    seen = [np.array([place[f] for f in row.names if f in place], dtype=int) for row in rows]
    right = [labels.index(row.label) for row in rows]
    whole = np.zeros((len(known), len(labels)))
    for seed in SEEDS:
        dice = np.random.default_rng(seed)  # the same draw each time is the point
        table = np.zeros_like(whole)
        for epoch in range(EPOCHS):
            rate = RATE / (1 + 0.25 * epoch)
            for n in dice.permutation(len(rows)):
                used = seen[n][dice.random(len(seen[n])) < KEPT]
                total = table[used].sum(axis=0)
                odds = np.exp((total - total.max()) * evened(len(used)))
                odds /= odds.sum()
                odds[right[n]] -= 1
                odds *= rate * rows[n].weight / math.sqrt(len(used) + 1)
                table[used] -= pace[used, None] ** 2 * odds
            if epoch >= EPOCHS - AVERAGED:
                whole += table / (AVERAGED * len(SEEDS))
    stored = np.rint(whole / STEP).clip(-127, 127).astype(int).tolist()
    return Model.of(labels, dict(zip(known, stored, strict=True)))


def intent_model(teacher: Teacher, *, kept: bool = False) -> Model:
    """The intent layer, from the whole bank or without its unseen fifth (`kept`).

    Of its words it keeps the English ones: by them the reader tells English from other languages.
    """
    lines = [e for e in bank.intents() if not (kept and e.unseen)]
    model = train(teacher.rows(lines))
    english = {f for row in teacher.rows([e for e in lines if e.lang == "en"]) for f in row.names}
    return replace(model, words=tuple(w for w in model.words if f"w {w}" in english))


def danger_model(teacher: Teacher, *, kept: bool = False) -> Model:
    """The danger classifier, likewise: ordinary messages and look-alikes are noes."""
    lines = [e for e in (*bank.dangers(), *bank.intents()) if not (kept and e.unseen)]
    return replace(train(list(map(teacher.worrying, lines)), rarely=True), words=())


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

"""Sets the bars in data/bars.json: `python -m bot.understanding.calibrate`.

Both models are trained without the unseen fifth of the bank and asked about that fifth; each bar
is the lowest that keeps the promise beside its name below. `--table` only prints how often a
guess was right by how sure it was. A few minutes.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.understanding import bank
from bot.understanding.bars import Bars, save_bars
from bot.understanding.danger import MAYBE, RISKS, loud
from bot.understanding.intent import guess
from bot.understanding.languages import LANGUAGES
from bot.understanding.train import Teacher, danger_model, fingerprint, intent_model

#: Lower ends of the buckets of sureness that are printed.
BUCKETS = (0.0, 0.16, 0.3, 0.45, 0.6, 0.8, 0.95)
DANGER_BUCKETS = (0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 0.997, 0.999)
#: An answer that is right less often than this is not worth giving.
WORTH = 0.25
#: A clear guess, and "not ours", are right at least this often.
CLEARLY, REJECTED = 0.93, 0.90
#: Of ordinary lines, of those with a clear wish, and of lines that only look like danger, at
#: most this share gets the card.
CARDS, CARDS_BESIDE, CARDS_ABROAD, ALIKE_CARDS = 0.016, 0.013, 0.008, 0.12
#: Of ordinary lines, at most this share gets the button.
BUTTONS = 0.024
#: Topics whose askers may be in a bad way themselves: no ordinary lines where danger is listened for.
_LOW = frozenset(f"topic topic={t}" for t in ("perinatal", "mental_health", "domestic_abuse"))
_STEPS = [n / 100 for n in range(1, 100)]
#: The classifier is surer than it should be, so its bars lie close to 1.
_DANGER_STEPS = [round(1 / (1 + math.exp(-n / 4)), 6) for n in range(-12, 56)]
_KINDS = {**dict.fromkeys(RISKS, "worrying"), "not_danger": "alike", **dict.fromkeys(_LOW, "low")}


@dataclass(frozen=True, slots=True)
class Held:
    """One line kept from training: how sure we were of its intent, whether rightly, and of danger."""

    sure: float
    right: bool
    danger: float = 0.0
    maybe: float = 0.0  # danger, or what may be danger
    rejected: bool = False  # guessed to be out of scope
    kind: str = "ordinary"  # or "worrying", "alike": it only looks like danger, "low"
    foreign: bool = False


def held_out() -> list[Held]:
    """The lines of the unseen fifth, judged by models that never saw them."""
    teacher = Teacher()
    ordinary = [e for e in bank.intents() if e.unseen]
    worrying = [e for e in bank.dangers() if e.label != MAYBE and e.unseen]
    intents, dangers = intent_model(teacher, kept=True), danger_model(teacher, kept=True)
    found: list[Held] = []
    for example in [*ordinary, *worrying]:
        chances = guess(teacher.seen(example.text, example.lang), intents, LANGUAGES)
        danger, maybe = loud(dangers.odds(teacher.worrying(example).names))
        found.append(
            Held(
                chances.sure,
                chances.best == example.label.partition(" ")[0],
                danger,
                maybe,
                rejected=chances.best == "out_of_scope",
                kind=_KINDS.get(example.label, "ordinary"),
                foreign=example.lang != "en",
            )
        )
    return found


def bars(held: Sequence[Held]) -> Bars:
    """The lowest bars that keep every promise on these lines."""
    english = [h for h in held if not h.foreign]
    plain = [h for h in english if h.kind in {"ordinary", "low"}]
    calm, alike = _of("ordinary", english), _of("alike", english)
    clear = _lowest(_STEPS, lambda b: _right(h for h in plain if h.sure >= b) >= CLEARLY)
    beside = [h for h in calm if h.sure >= clear]
    abroad = _of("ordinary", [h for h in held if h.foreign])
    return Bars(
        answer=max(
            [b for b in _STEPS if _right(h for h in plain if h.sure < b) < WORTH], default=0.0
        ),
        clear=clear,
        reject=_lowest(
            _STEPS,
            lambda b: _right(h for h in plain if h.rejected and h.sure >= b) >= REJECTED,
        ),
        card=_lowest(
            _DANGER_STEPS,
            lambda b: _share(calm, b) <= CARDS and _share(alike, b) <= ALIKE_CARDS,
        ),
        card_plain=_lowest(_DANGER_STEPS, lambda b: _share(beside, b) <= CARDS_BESIDE),
        button=_lowest(_DANGER_STEPS, lambda b: _share_maybe(calm, b) <= BUTTONS),
        card_foreign=_lowest(_DANGER_STEPS, lambda b: _share(abroad, b) <= CARDS_ABROAD),
        button_foreign=_lowest(_DANGER_STEPS, lambda b: _share_maybe(abroad, b) <= BUTTONS),
        made_from=fingerprint(),
    )


def table(held: Sequence[Held]) -> str:
    """One line a bucket: how many, and the share of them that was right."""
    lines: list[str] = []
    for low, high in zip(BUCKETS, (*BUCKETS[1:], 1.01), strict=True):
        mine = [
            h
            for h in held
            if low <= h.sure < high and h.kind in {"ordinary", "low"} and not h.foreign
        ]
        if mine:
            lines.append(
                f"sure {low:.2f} to {min(high, 1):.2f}: {len(mine):4} lines,"
                f" {sum(h.right for h in mine) / len(mine):.0%} right"
            )
    for kind in ("ordinary", "low", "alike", "worrying"):
        for where, group in (
            ("English", [h for h in held if not h.foreign]),
            ("others", [h for h in held if h.foreign]),
        ):
            mine = _of(kind, group)
            told = ", ".join(
                f"{b}: {_share(mine, b):.1%}/{_share_maybe(mine, b):.1%}" for b in DANGER_BUCKETS
            )
            lines.append(f"{kind}, {where}: {len(mine)} lines, card/button by odds {told}")
    return "\n".join(lines)


def main() -> None:
    held = held_out()
    sys.stdout.write(table(held) + "\n")
    if "--table" not in sys.argv:
        made = bars(held)
        save_bars(made)
        sys.stdout.write(f"{made}\n")


def _of(kind: str, held: Sequence[Held]) -> list[Held]:
    return [h for h in held if h.kind == kind]


def _share(held: Sequence[Held], bar: float) -> float:
    return sum(h.danger >= bar for h in held) / max(1, len(held))


def _share_maybe(held: Sequence[Held], bar: float) -> float:
    return sum(h.maybe >= bar for h in held) / max(1, len(held))


def _right(held: Iterable[Held]) -> float:
    every = list(held)
    return sum(h.right for h in every) / len(every) if every else 1.0


def _lowest(steps: Sequence[float], kept: Callable[[float], bool]) -> float:
    return next((b for b in steps if kept(b)), steps[-1])


if __name__ == "__main__":
    main()

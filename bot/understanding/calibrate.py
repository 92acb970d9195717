"""Sets the bars in data/bars.json: `python -m bot.understanding.calibrate`.

Both models are trained without the unseen fifth of the bank and asked about that fifth; each bar
is the lowest that keeps the promise beside its name below. `--table` only prints how often a
guess was right by how sure it was. A few minutes, no packages needed.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.understanding import bank
from bot.understanding.bars import Bars, save_bars
from bot.understanding.danger import NO_DANGER, RISKS
from bot.understanding.features import features
from bot.understanding.intent import guess
from bot.understanding.languages import LANGUAGES
from bot.understanding.train import Teacher, danger_model, fingerprint, intent_model

#: Lower ends of the buckets of sureness that are printed.
BUCKETS = (0.0, 0.16, 0.3, 0.45, 0.6, 0.8, 0.95)
DANGER_BUCKETS = (0.5, 0.7, 0.9, 0.97, 0.99, 0.997, 0.999, 0.9999)
#: An answer that is right less often than this is not worth giving.
WORTH = 0.25
#: A clear guess, and "not ours", are right at least this often.
CLEARLY, REJECTED = 0.93, 0.90
#: Of ordinary lines, of those with a clear wish, and of lines that only look like danger, at
#: most this share gets the card.
CARDS, CARDS_BESIDE, ALIKE_CARDS = 0.005, 0.003, 0.06
#: Of ordinary lines, at most this share gets the button.
BUTTONS = 0.02
_STEPS = [n / 100 for n in range(1, 100)]
#: The classifier is surer than it should be, so its bars lie close to 1.
_DANGER_STEPS = [round(1 / (1 + math.exp(-n / 4)), 6) for n in range(-12, 56)]
_KINDS = {**dict.fromkeys(RISKS, "worrying"), "not_danger": "alike"}


@dataclass(frozen=True, slots=True)
class Held:
    """One line kept from training: how sure we were of its intent, whether rightly, and of danger."""

    sure: float
    right: bool
    danger: float = 0.0
    rejected: bool = False  # guessed to be out of scope
    kind: str = "ordinary"  # or "worrying", or "alike": it only looks like danger


def held_out() -> list[Held]:
    """The English lines of the unseen fifth, judged by models that never saw them."""
    teacher = Teacher()
    ordinary = [e for e in bank.intents() if e.lang == "en" and e.unseen]
    worrying = [e for e in bank.dangers() if e.label != "possible" and e.unseen]
    intents, dangers = intent_model(teacher, kept=True), danger_model(teacher, kept=True)
    found: list[Held] = []
    for example in [*ordinary, *worrying]:
        seen = teacher.seen(example.text)
        chances = guess(seen, intents, LANGUAGES)
        found.append(
            Held(
                chances.sure,
                chances.best == example.label.partition(" ")[0],
                1 - dangers.odds(features(seen))[NO_DANGER],
                rejected=chances.best == "out_of_scope",
                kind=_KINDS.get(example.label.partition(" ")[0], "ordinary"),
            )
        )
    return found


def bars(held: Sequence[Held]) -> Bars:
    """The lowest bars that keep every promise on these lines."""
    plain = [h for h in held if h.kind == "ordinary"]
    alike = [h for h in held if h.kind == "alike"]
    clear = _lowest(_STEPS, lambda b: _right(h for h in plain if h.sure >= b) >= CLEARLY)
    beside = [h for h in plain if h.sure >= clear]
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
            lambda b: _share(plain, b) <= CARDS and _share(alike, b) <= ALIKE_CARDS,
        ),
        card_plain=_lowest(_DANGER_STEPS, lambda b: _share(beside, b) <= CARDS_BESIDE),
        button=_lowest(_DANGER_STEPS, lambda b: _share(plain, b) <= BUTTONS),
        made_from=fingerprint(),
    )


def table(held: Sequence[Held]) -> str:
    """One line a bucket: how many, and the share of them that was right."""
    lines: list[str] = []
    for low, high in zip(BUCKETS, (*BUCKETS[1:], 1.01), strict=True):
        mine = [h for h in held if low <= h.sure < high and h.kind == "ordinary"]
        if mine:
            lines.append(
                f"sure {low:.2f} to {min(high, 1):.2f}: {len(mine):4} lines,"
                f" {sum(h.right for h in mine) / len(mine):.0%} right"
            )
    for kind in ("ordinary", "alike", "worrying"):
        mine = [h for h in held if h.kind == kind]
        told = ", ".join(f"{b}: {_share(mine, b):.1%}" for b in DANGER_BUCKETS)
        lines.append(f"{kind}: {len(mine)} lines, share by odds of danger {told}")
    return "\n".join(lines)


def main() -> None:
    held = held_out()
    sys.stdout.write(table(held) + "\n")
    if "--table" not in sys.argv:
        made = bars(held)
        save_bars(made)
        sys.stdout.write(f"{made}\n")


def _share(held: Sequence[Held], bar: float) -> float:
    return sum(h.danger >= bar for h in held) / max(1, len(held))


def _right(held: Iterable[Held]) -> float:
    every = list(held)
    return sum(h.right for h in every) / len(every) if every else 1.0


def _lowest(steps: Sequence[float], kept: Callable[[float], bool]) -> float:
    return next((b for b in steps if kept(b)), steps[-1])


if __name__ == "__main__":
    main()

"""Says how often a guess was right by how sure it was: `python -m bot.understanding.calibrate`.

The trained layer is trained without the unseen fifth of the bank and asked about that fifth. The
bars in reader.py are set by hand from this table; nothing is changed by running it. About a
minute, no packages needed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from bot.understanding import bank
from bot.understanding.features import features
from bot.understanding.train import Teacher, train

#: Lower ends of the buckets of sureness.
BUCKETS = (0.0, 0.16, 0.3, 0.45, 0.6, 0.8, 0.95)


@dataclass(frozen=True, slots=True)
class Held:
    """One line kept from training: how sure the layer was of its intent, and whether rightly."""

    sure: float
    right: bool


def held_out() -> list[Held]:
    """The English lines of the unseen fifth, judged by a model that never saw them."""
    teacher = Teacher()
    examples = [e for e in bank.intents() if e.lang == "en"]
    model = train(teacher.rows([e for e in examples if not e.unseen]))
    found: list[Held] = []
    for example in examples:
        if example.unseen:
            chances: dict[str, float] = {}
            for label, chance in model.odds(features(teacher.seen(example.text))).items():
                intent = label.partition(" ")[0]
                chances[intent] = chances.get(intent, 0.0) + chance
            best = max(chances, key=lambda k: chances[k])
            sure = chances[best] / sum(chances.values())
            found.append(Held(sure, best == example.label.partition(" ")[0]))
    return found


def table(held: Sequence[Held]) -> str:
    """One line a bucket: how many, and the share of them that was right."""
    lines: list[str] = []
    for low, high in zip(BUCKETS, (*BUCKETS[1:], 1.01), strict=True):
        mine = [h for h in held if low <= h.sure < high]
        if mine:
            share = sum(h.right for h in mine) / len(mine)
            lines.append(
                f"sure {low:.2f} to {min(high, 1):.2f}: {len(mine):4} lines, {share:.0%} right"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table(held_out()) + "\n")

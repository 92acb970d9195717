"""How sure is sure enough: the bars that `python -m bot.understanding.calibrate` sets.

They are read from a small file that is made from the example bank, like the weights; a test says
where somebody forgot to make it again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.understanding.lexicon import DATA

FILE = DATA / "bars.json"


@dataclass(frozen=True, slots=True)
class Bars:
    """From which sureness (0 to 1) on each thing is done."""

    answer: float  # below, the service says that it is not sure
    clear: float  # below, two more are offered
    reject: float  # from here "not ours" is said; below it is "not sure"
    card: float  # odds of danger that bring the card where no phrase list spoke
    card_plain: float  # the same where the message also makes a clear, ordinary wish
    button: float  # odds of danger, or of what may be danger, that bring the button
    card_foreign: float  # the same two for what is not in English, where less is understood
    button_foreign: float
    made_from: str = ""  # the fingerprint of the bank they were set by


def load_bars(path: Path = FILE) -> Bars:
    return Bars(**json.loads(path.read_text("utf-8")))


def save_bars(bars: Bars, path: Path = FILE) -> None:
    path.write_text(json.dumps(asdict(bars), indent=2) + "\n", "utf-8")

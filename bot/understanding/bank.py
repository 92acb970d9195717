"""The example bank: labelled messages of our own that the trained layer learns from.

Files in data/bank: a heading "## intent slot=value" labels the lines below it. {what}, {where}
and {elsewhere} stand for any name, so that another council's content needs no retraining.
English is in the folder itself, every other language in languages/<tag>.txt and, what worries, in
languages/danger_<tag>.txt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from bot.understanding.lexicon import DATA

#: Every so many lines one is kept unseen while a model is being judged.
UNSEEN_EVERY = 5


@dataclass(frozen=True, slots=True)
class Example:
    label: str  # "session_detail ask=price", "greeting"
    text: str
    lang: str = "en"

    @property
    def unseen(self) -> bool:
        """Whether this line is kept back when a model is judged: by its text, so it never moves."""
        return blake2b(self.text.encode(), digest_size=2).digest()[0] % UNSEEN_EVERY == 0


def intents() -> tuple[Example, ...]:
    """Every line with its intent, all languages."""
    found: list[Example] = []
    for path in sorted((DATA / "bank").rglob("*.txt")):
        if not path.stem.startswith("danger"):
            lang = path.stem if path.parent.name == "languages" else "en"
            found += [Example(label, text, lang) for label, text in _lines(path.read_text("utf-8"))]
    return tuple(dict.fromkeys(found))


def dangers() -> tuple[Example, ...]:
    """Worrying messages by risk, their look-alikes under not_danger, unclear ones under possible."""
    found: list[Example] = []
    for path in sorted((DATA / "bank").rglob("danger*.txt")):
        lang = path.stem.removeprefix("danger_") if path.parent.name == "languages" else "en"
        found += [Example(label, text, lang) for label, text in _lines(path.read_text("utf-8"))]
    return tuple(dict.fromkeys(found))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    label = ""
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("## "):
            label = line[3:].strip()
        elif line and (line == "#" or not line.startswith("# ")):
            yield label, line

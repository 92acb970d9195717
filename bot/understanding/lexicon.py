"""Reads our own small word files: `data/<name>.txt`, one "key = form, form" a line.

They hold what is true in any council (text-speak, what parents call a thing, foreign words);
what is one council's own comes from its content folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


def entries(name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The lines of a word file in order. A key may stand on several lines."""
    return tuple(_lines((DATA / f"{name}.txt").read_text("utf-8")))


@cache
def forms(name: str) -> dict[str, str]:
    """From each form to its key; the first line that has a form wins."""
    found: dict[str, str] = {}
    for key, words in entries(name):
        for word in words:
            found.setdefault(word, key)
    return found


def names(folder: str) -> tuple[str, ...]:
    """The word files in a folder of `data/`, as names for `entries`."""
    return tuple(f"{folder}/{path.stem}" for path in sorted((DATA / folder).glob("*.txt")))


def _lines(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for raw in text.splitlines():
        line = raw.split(" # ")[0].strip()
        if line and not line.startswith("#"):
            key, _, rest = line.partition(" = ")
            yield key.strip(), tuple(w.strip() for w in rest.split(",") if w.strip())

"""A slot value found in a text, with where it stood, and small help for the grammars."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.understanding.reading import SlotValue

_NUMBERS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    "twenty",
)  # fmt: skip
_WORDS = {word: n for n, word in enumerate(_NUMBERS, 1)} | {
    "twenty one": 21, "twenty two": 22, "twenty three": 23, "twenty four": 24, "twenty five": 25,
    "twenty six": 26, "twenty seven": 27, "twenty eight": 28, "twenty nine": 29, "thirty": 30,
    "thirty six": 36, "a": 1, "an": 1, "couple": 2, "a couple of": 2, "a couple": 2, "few": 3,
    "a few": 3, "fourty": 40, "forty": 40, "to": 2, "too": 2, "for": 4, "won": 1, "ate": 8,
}  # fmt: skip
#: A number in figures or words, up to thirty-six.
NUM = (
    r"(?:\d{1,3}(?:\.\d)?|twenty[ -](?:one|two|three|four|five|six|seven|eight|nine)|thirty(?: six)?|"
    + "|".join(sorted(_NUMBERS, key=len, reverse=True))
    + ")"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A value of one slot, at text[start:end]. `weak`: a hint, not a plain naming."""

    slot: str
    value: SlotValue
    start: int
    end: int
    weak: bool = False


def number(text: str) -> float:
    """The value of what NUM matched. Raises KeyError for anything else."""
    word = text.strip().replace("-", " ")
    return float(word) if word[:1].isdigit() else float(_WORDS[word])


def overlaps(start: int, end: int, taken: Sequence[Found]) -> bool:
    return any(start < f.end and f.start < end for f in taken)


def mask(text: str, found: Sequence[Found], tokens: dict[str, str]) -> str:
    """The text with each found span replaced by its slot's token, for slots that have one."""
    out: list[str] = []
    at = 0
    for item in sorted(found, key=lambda f: (f.start, -f.end)):
        if item.slot in tokens and item.start >= at:
            out += [text[at : item.start], f" {tokens[item.slot]} "]
            at = item.end
    return re.sub(r"\s+", " ", "".join([*out, text[at:]])).strip()

"""One language's words and the plain English ones for them (data/gloss/<language>.txt)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.understanding import lexicon
from bot.understanding.clean import flatten, split

NUMBER = "0000"  # in a form and in its English: any number
DIGITS = re.compile(r"\d+")
_PREFIX = 4  # letters from which a form stands for longer words too
_ENDING = 9  # letters that a longer word may have more
_BRAHMIC = "\u08ff"  # letters after it: words are short, and their endings long
_HAN = re.compile(r"[㐀-鿿]")
#: "and", "in", "for", "so" and "the", which Arabic writes as one with the word after them.
_JOINED = ("وال", "بال", "فال", "لل", "ال", "وب", "ول", "و", "ب", "ل", "ف")
_JOINED_LETTERS = frozenset("وبلفا")
_LEAST_JOINED = 3
_KEPT = 2048  # beginnings of words in use at a time, of all languages


@dataclass(frozen=True, slots=True)
class Entry:
    words: tuple[str, ...]
    english: str


class Glossary:
    """A language's forms, found by what their first word begins with.

    Tens of thousands of forms stay text, and are taken apart when a word first begins like them.
    """

    def __init__(self, name: str) -> None:
        by_start: dict[str, list[str]] = {}
        self.spaceless: dict[str, list[tuple[str, str]]] = {}  # by the first sign
        self.short: set[str] = set()
        for english, forms in lexicon.entries(name):
            for form in forms:
                flat = flatten(form)
                if _HAN.search(flat):
                    whole = flat.replace(" ", "")
                    self.spaceless.setdefault(whole[0], []).append((whole, english))
                elif words := split(flat):
                    if len(words) == 1 and len(words[0]) < _PREFIX:
                        self.short.add(words[0])
                    bent = _bent(words[-1])
                    for each in ((*words[:-1], bent), words) if bent else (words,):
                        start = NUMBER if each[0].startswith(NUMBER) else _start(each[0])
                        by_start.setdefault(start, []).append(f"{' '.join(each)}={english}")
        self._by_start = {start: "\n".join(lines) for start, lines in by_start.items()}
        for forms_of in self.spaceless.values():
            forms_of.sort(key=lambda e: -len(e[0]))

    def at(self, words: tuple[str, ...], at: int) -> Entry | None:
        """The longest form that stands at a word, else at what an Arabic word has joined to its front."""
        found = self._at(words, at)
        if found is None and words[at][0] in _JOINED_LETTERS:
            for joined in _JOINED:
                rest = words[at].removeprefix(joined)
                if len(rest) < len(words[at]) and len(rest) >= _LEAST_JOINED:
                    found = found or self._at((*words[:at], rest, *words[at + 1 :]), at)
        return found

    def _at(self, words: tuple[str, ...], at: int) -> Entry | None:
        """The longest form that stands at a word, a whole word before a beginning."""
        begun: Entry | None = None
        for entry in self._beginning(words[at]):
            kind = _stands(entry.words, words, at)
            if kind == "whole" and (begun is None or len(entry.words) >= len(begun.words)):
                return entry
            if kind == "begun" and begun is None:
                begun = entry
        return begun

    def has(self, word: str) -> bool:
        return any(entry.words == (word,) for entry in self._beginning(word))

    def covers(self, words: tuple[str, ...]) -> float:
        """How many letters of a text are of this language's words."""
        total = 0.0
        at = 0
        while at < len(words):
            entry = self.at(words, at)
            if entry is None:
                at += 1
            else:
                total += sum(len(word.replace(NUMBER, "")) for word in entry.words)
                at += len(entry.words)
        return total

    def _beginning(self, word: str) -> Sequence[Entry]:
        lines = self._by_start.get(_start(word))
        found = _entries(lines) if lines else ()
        if word[0].isdigit() and (numbers := self._by_start.get(NUMBER)):
            return (*found, *_entries(numbers))
        return found


@lru_cache(_KEPT)
def _entries(lines: str) -> tuple[Entry, ...]:
    """The forms of a beginning, the longest first."""
    pairs = (line.partition("=") for line in lines.split("\n"))
    entries = [Entry(tuple(form.split(" ")), english) for form, _, english in pairs]
    return tuple(sorted(entries, key=lambda e: (-len(e.words), -len(e.words[0]))))


def _bent(word: str) -> str:
    """What a Tamil word becomes before a case ending: வாரம் is வாரத்தில், நாள் is நாளில்."""
    if len(word) < _PREFIX or not word.endswith("\u0bcd"):
        return ""
    return word[:-2] + "த" if word.endswith("ம்") else word[:-1]


def _start(word: str) -> str:
    """What a word shares with every form that it can be, see `_stands`."""
    return word[: 2 if word[0] > _BRAHMIC else _PREFIX]


def _stands(form: tuple[str, ...], words: tuple[str, ...], at: int) -> str:
    if at + len(form) > len(words):
        return ""
    whole = True
    for n, wanted in enumerate(form):
        word = words[at + n]
        if NUMBER in wanted:
            word = DIGITS.sub(NUMBER, word)
        if word == wanted:
            continue
        letters = len(wanted.replace(NUMBER, ""))
        long_enough = letters >= _PREFIX or (letters >= 2 and wanted[0] > _BRAHMIC)
        if not (long_enough and word.startswith(wanted) and len(word) - len(wanted) <= _ENDING):
            return ""
        whole = False
    return "whole" if whole else "begun"

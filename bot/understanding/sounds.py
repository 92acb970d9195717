"""Names of this council written in another script, known by their sound: "Веллінг", "ਵੈਲਿੰਗ".

A name and a word are both brought to their consonants, in a few classes (b and p, d and t, g and
k), so that one rule serves every script. data/letters.txt says how letters sound; those of the
Indian scripts are told by their names in Unicode ("GURMUKHI LETTER VA").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache

from rapidfuzz import fuzz

from bot.understanding import lexicon
from bot.understanding.clean import flatten, split

_LEAST = 3  # consonants of a name that can be told
_PLAIN = 4  # consonants from which it is told by them alone; below, its vowels must be like, too
_LIKE = 75  # of 100
_ENDING = 2  # consonants that a case ending may add
_LONGEST = 4  # words of a name
_SPELT = (
    ("tch", "j"), ("sch", "s"), ("ch", "j"), ("sh", "s"), ("gh", "g"), ("kh", "h"), ("ph", "f"),
    ("ck", "k"), ("ge", "j"), ("x", "ks"),
)  # fmt: skip
_CLASSES = str.maketrans("bdgzvcq", "ptksfkk")
_NOT_HEARD = re.compile(r"[aeiouyhw]")
_THE = "ال"  # the Arabic article
_VOWELS = frozenset("aeiou")
_TWICE = re.compile(r"(.)\1+")
_BRAHMIC = re.compile(r"(?:LETTER|VOWEL SIGN) (?:VOCALIC )?([A-Z]+)$")


class Sounds:
    """The names of one council by their sound. Built once, safe between threads.

    `names` are the English ones, each with what the council calls it in other languages.
    """

    def __init__(self, names: Iterable[tuple[str, Iterable[str]]] = ()) -> None:
        self._heard: dict[str, str] = {}
        self._written: dict[str, str] = {}
        for name, others in names:
            english = flatten(name)
            if len(heard := _sound(name)) >= _LEAST:
                self._heard.setdefault(heard, english)
            self._written |= {"".join(split(flatten(o))): english for o in others}

    def at(self, words: tuple[str, ...], at: int, known: Callable[[int], bool]) -> tuple[str, int]:
        """The name that begins at a word of another script, and how many words it takes.

        `known` says which words are the language's own: they are in no name.
        """
        size = 0
        for n in range(at, min(at + _LONGEST, len(words))):
            if words[n].isascii() or known(n):
                break
            size += 1
        for count in range(size, 0, -1):
            if name := self._named("".join(words[at : at + count])):
                return name, count
        return "", 0

    def _named(self, word: str) -> str:
        if name := self._written.get(word):
            return name
        spelt = latin(word)
        heard = _sound(spelt)
        for end in range(len(heard), max(_LEAST, len(heard) - _ENDING) - 1, -1):
            name = self._heard.get(heard[:end], "")
            if name and (end >= _PLAIN or fuzz.ratio(_folded(spelt), _folded(name)) >= _LIKE):
                return name
        return ""


def latin(word: str) -> str:
    """A word of another script in Latin letters, near enough to know a name by."""
    table = lexicon.forms("letters")
    word = word.removeprefix(_THE)
    for form in (f for f in table if len(f) > 1 and f in word):
        word = word.replace(form, table[form])
    return "".join(table.get(c) or _by_name(c) for c in word)


def _sound(text: str) -> str:
    """The consonants of a Latin text in their classes, after "a" or "w" where it begins so."""
    plain = _folded(text)
    front = {"w": "w", "v": "w"}.get(text[:1].casefold(), "a" if plain[:1] in _VOWELS else "")
    return front + _NOT_HEARD.sub("", plain[len(front) :])


def _folded(text: str) -> str:
    """A Latin text in classes of sounds, vowels and all."""
    plain = re.sub(r"[^a-z]", "", text.casefold())
    for spelt, heard in _SPELT:
        plain = plain.replace(spelt, heard)
    return _TWICE.sub(r"\1", plain.translate(_CLASSES))


@cache
def _by_name(char: str) -> str:
    """The sound of a Brahmic letter: GURMUKHI LETTER VA, TAMIL VOWEL SIGN AI."""
    name = "" if char.isascii() else unicodedata.name(char, "")
    if name.endswith(("ANUSVARA", "BINDI", "TIPPI", "CANDRABINDU")):
        return "n"
    found = _BRAHMIC.search(name)
    if found is None:
        return char if char.isascii() else ""
    sound = found[1].lower()
    return sound[:-1] if "LETTER" in found[0] and len(sound) > 1 else sound  # "KA" is k

"""First thing done to any text: one safe, comparable form of it.

`text` is for people: control, zero-width and direction marks gone, capped, nothing else changed.
`flat` is for matching: compatibility forms unfolded (NFKC), small letters, Latin accents and
Arabic vowel signs dropped, look-alike letters mapped, stretched words ("pleeease") shortened.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

#: Longest message read, in characters. Telegram's own limit.
LONGEST = 4096

_QUOTES = str.maketrans("‘’‚‛`´ʼʹ′＇“”„‟«»″–—−‐‑‒―…·", "''''''''''\"\"\"\"\"\"\"-------..")
_LATIN_ODD = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d"}
)
_ARABIC = str.maketrans("أإآٱىيیكکةۀہھ", "اااايييككهههه")
# Letters of other alphabets that look like Latin ones, used to slip a word past a filter.
_LOOKALIKE = str.maketrans(
    "авеёзикмнорстухіјѕԁһԛԝѵαβεικνορτυχϲ", "abee3ukmhopctyxijsdhqwvabeiknoptuxc"
)
_LEET = str.maketrans("013457@$", "oieastas")
_MIXED = re.compile(r"[a-z][Ѐ-ӿͰ-Ͽ]|[Ѐ-ӿͰ-Ͽ][a-z]")
_LEETED = re.compile(r"^(?=(?:.*[a-z]){2})[a-z]+[013457@$]+[a-z]+[a-z013457@$]*$")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_SPACES = re.compile(r"\s+")
_PLAIN = re.compile(r"[a-z'-]+(?: [a-z'-]+)*")  # is its own comparable form
WORD = re.compile(r"[^\W_]+(?:[''][^\W_]+)*")
_BRAHMIC = range(0x0900, 0x0E00)


@dataclass(frozen=True, slots=True)
class Clean:
    """One message, made safe (`text`) and comparable (`flat`), with the words of `flat`."""

    text: str
    flat: str
    words: tuple[str, ...]


def clean(raw: str) -> Clean:
    """Any text at all, lone surrogates included, as its safe and its comparable form."""
    mended = raw[: LONGEST * 2].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    shown = _SPACES.sub(" ", "".join(map(_visible, mended[:LONGEST]))).strip()
    flat = flatten(shown)
    return Clean(shown, flat, split(flat))


def flatten(text: str) -> str:
    """The comparable form of a text, as `Clean.flat` has it."""
    if _PLAIN.fullmatch(text) and not _STRETCHED.search(text):  # most of what lists hold
        return text[:LONGEST]
    halved = text[:LONGEST].replace("½", " 1/2 ").replace("¼", " 1/4 ").replace("¾", " 3/4 ")
    if halved.isascii():  # what most of the lists and messages are
        folded = halved.replace("`", "'").lower()
    else:
        folded = unicodedata.normalize("NFKC", halved).translate(_QUOTES).casefold()
        folded = _strip_marks(folded).translate(_LATIN_ODD).translate(_ARABIC)
    folded = _STRETCHED.sub(r"\1\1", folded)
    return _SPACES.sub(" ", " ".join(map(_unmask, folded.split(" ")))).strip()[: LONGEST * 2]


def split(flat: str) -> tuple[str, ...]:
    """The words of a comparable text; in Brahmic scripts vowel signs stay inside the word."""
    if not flat.isascii() and any(ord(c) in _BRAHMIC for c in flat):
        return tuple(_BRAHMIC_WORD.findall(flat))
    return tuple(WORD.findall(flat))


_BRAHMIC_WORD = re.compile(r"[\w'\u0900-\u0963\u0966-\u0DFF]+")


@lru_cache(maxsize=4096)
def _visible(char: str) -> str:
    """The character, a space for a control character, nothing for an invisible mark."""
    if char in "\n\r\t":
        return " "
    kind = unicodedata.category(char)
    if kind in {"Cf", "Cs", "Co"}:
        return ""
    return " " if kind in {"Cc", "Cn", "Zl", "Zp"} else char


def _strip_marks(text: str) -> str:
    """Without the accents of Latin letters and the vowel signs of Arabic; others keep theirs."""
    if text.isascii():
        return text
    kept: list[str] = []
    base = ""
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.combining(char):
            if base.isascii() or "\u0600" <= base <= "\u06ff":
                continue
        else:
            base = char
        if char != "ـ":  # the Arabic stretching stroke
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def _unmask(word: str) -> str:
    """A word whose letters come from several alphabets, or stand in as digits, made Latin."""
    if not word.isascii():
        return word.translate(_LOOKALIKE) if _MIXED.search(word) else word
    if len(word) > 3 and _LEETED.match(word):
        return word.translate(_LEET)
    return word

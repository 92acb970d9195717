"""Puts foreign words into plain English ones, word by word, so that one grammar reads them all.

data/gloss/<language>.txt holds "english words = form, form"; a form of four letters or more also
matches longer words that begin with it, and 0000 in both stands for any number ("from 0000 to 0000
= od 0000 do 0000"). Nothing of this is ever shown: it is only for reading.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from sys import intern

from bot.understanding import lexicon
from bot.understanding.clean import flatten, split
from bot.understanding.sounds import Sounds

_SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "ARABIC": ("ar", "ur"),
    "CYRILLIC": ("uk", "bg", "ru"),
    "DEVANAGARI": ("ne", "hi"),
    "BENGALI": ("bn",),
    "GURMUKHI": ("pa",),
    "TAMIL": ("ta",),
    "CJK": ("zh",),
}
_PREFIX = 4  # letters from which a form stands for longer words too
_ENDING = 9  # letters that a longer word may have more
#: Letters only one of the languages of a script has.
_TELLS = (("uk", "іїєґ"), ("ru", "ыэё"), ("ur", "ٹڈڑےںپچگ"), ("ne", "छ"))
_SHARED = 0.25  # of an English word of that length
_LONG = 6  # letters from which the beginning of a single word tells its language
#: How much a word of data/tells.txt speaks for its language.
_OWN_TELLS = 8.0
#: Short words of English, whatever other language has the same letters.
PLAINLY_ENGLISH = frozenset(
    [
        "a",
        "i",
        "me",
        "is",
        "to",
        "in",
        "on",
        "at",
        "the",
        "you",
        "u",
        "my",
        "so",
        "as",
        "do",
        "does",
        "for",
        "no",
        "can",
        "an",
        "am",
        "are",
        "him",
        "ta",
        "luv",
        "son",
        "sun",
        "sat",
        "mum",
        "dad",
        "his",
        "her",
        "she",
        "he",
        "it",
        "of",
        "or",
        "we",
        "us",
        "pm",
        "how",
        "who",
        "why",
        "was",
        "has",
        "had",
        "not",
        "yes",
        "and",
        "any",
        "got",
        "get",
        "old",
        "new",
        "now",
        "mi",
    ]
)
_BRAHMIC = "\u08ff"  # letters after it: words are short, and their endings long
_HAN = re.compile(r"[㐀-鿿]")
_LATIN_TOKEN = re.compile(r"[a-z0-9£:./'-]+")
_NUMBER = "0000"  # in a form and in its English: any number
_DIGITS = re.compile(r"\d+")
_MONTHS_NOT_MONDAY = re.compile(r"(?<=\d) monday\b")


@dataclass(frozen=True, slots=True)
class _Entry:
    words: tuple[str, ...]
    english: str


class _Table:
    """One language's forms, found by what their first word begins with."""

    def __init__(self, name: str) -> None:
        self._by_start: dict[str, list[_Entry]] = {}
        self.spaceless: dict[str, list[tuple[str, str]]] = {}  # by the first sign
        self.short: set[str] = set()
        for english, forms in lexicon.entries(name):
            for form in forms:
                flat = flatten(form)
                if _HAN.search(flat):
                    whole = flat.replace(" ", "")
                    self.spaceless.setdefault(whole[0], []).append((whole, english))
                elif words := tuple(map(intern, split(flat))):
                    bent = _bent(words[-1])
                    if bent:
                        self._by_start.setdefault(
                            _start(words[0] if len(words) > 1 else bent), []
                        ).append(_Entry((*words[:-1], bent), english))
                    if len(words) == 1 and len(words[0]) < _PREFIX:
                        self.short.add(words[0])
                    start = _NUMBER if words[0].startswith(_NUMBER) else _start(words[0])
                    self._by_start.setdefault(start, []).append(_Entry(words, english))
        for entries in self._by_start.values():
            entries.sort(key=lambda e: (-len(e.words), -len(e.words[0])))
        for forms_of in self.spaceless.values():
            forms_of.sort(key=lambda e: -len(e[0]))

    def at(self, words: tuple[str, ...], at: int) -> _Entry | None:
        """The longest form that stands at a word, else at what an Arabic word has joined to its front."""
        found = self._at(words, at)
        if found is None and words[at][0] in _JOINED_LETTERS:
            for joined in _JOINED:
                rest = words[at].removeprefix(joined)
                if len(rest) < len(words[at]) and len(rest) >= _LEAST_JOINED:
                    found = found or self._at((*words[:at], rest, *words[at + 1 :]), at)
        return found

    def _at(self, words: tuple[str, ...], at: int) -> _Entry | None:
        """The longest form that stands at a word, a whole word before a beginning."""
        begun: _Entry | None = None
        for entry in self._beginning(words[at]):
            kind = _stands(entry.words, words, at)
            if kind == "whole" and (begun is None or len(entry.words) >= len(begun.words)):
                return entry
            if kind == "begun" and begun is None:
                begun = entry
        return begun

    def has(self, word: str) -> bool:
        return any(entry.words == (word,) for entry in self._beginning(word))

    def _beginning(self, word: str) -> Iterator[_Entry]:
        yield from self._by_start.get(_start(word), ())
        if word[0].isdigit():
            yield from self._by_start.get(_NUMBER, ())


class Glosses:
    """The word lists of every language we can partly read. Built once, safe between threads."""

    def __init__(self, english: frozenset[str] = frozenset(), sounds: Sounds | None = None) -> None:
        self._sounds = sounds or Sounds()
        self._files = {name.partition("/")[2]: name for name in lexicon.names("gloss")}
        self._tables = {lang: _Table(self._files[lang]) for lang in _LATIN & set(self._files)}
        self._english = english
        self._own = {
            lang: frozenset(map(flatten, words)) for lang, words in lexicon.entries("tells")
        }
        self._foreign = frozenset().union(
            *(words for lang, words in self._own.items() if lang not in _LIKE_ENGLISH | {"en"})
        )
        self._shared = (
            frozenset(
                word for lang in _LATIN & set(self._tables) for word in self._tables[lang].short
            )
            - PLAINLY_ENGLISH
        )

    def _as_english(self, words: tuple[str, ...]) -> float:
        """How much words speak for English: short ones less that another language has too, and
        names and loans less beside a word that is plainly foreign and no English sentence."""
        sentence = sum(word in self._own["en"] for word in words) > 1
        mixed = not sentence and not self._foreign.isdisjoint(words)
        known = [w for w in words if w in self._english or w.removesuffix("s") in self._english]
        return sum(
            len(word)
            * (_SHARED if word in self._shared or (mixed and word not in self._own["en"]) else 1.0)
            for word in known
            if word not in self._foreign
        )

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._files)

    def _table(self, lang: str) -> _Table | None:
        """A language's words: those of other scripts are read when somebody first writes in it."""
        if lang not in self._tables and lang in self._files:
            self._tables[lang] = _Table(self._files[lang])
        return self._tables.get(lang)

    def language(self, flat: str, *, hint: str = "") -> str:
        """The language a comparable text seems to be in, "en" where nothing says otherwise."""
        script = _script(flat, english=self._own["en"])
        if script:
            return self._among(_SCRIPTS[script], flat, hint)
        words = split(flat)[:40]
        if not words:
            return "en"
        alone = len(words) == 1 and words[0] in self._english
        best, best_score = (
            "en",
            float(len(words[0])) if alone else self._as_english(words),
        )
        for lang in sorted(_LATIN & set(self._files)):
            table = self._tables[lang]
            score = self._coverage(table, words) + (1.5 if lang == hint else 0.0)
            if len(words) == 1 and lang != hint and score < _LONG and not table.has(words[0]):
                score = 0.0  # a short beginning is no language: Shanice has no "shani", Saturday
            own = sum(word in self._own.get(lang, ()) for word in words)
            if lang in _LIKE_ENGLISH and lang != hint and not own:
                continue
            score += _OWN_TELLS * own if own > (lang in _LIKE_ENGLISH) else 0.0
            if score > best_score + 0.5:
                best, best_score = lang, score
        return best

    def gloss(self, flat: str, lang: str) -> str:
        """The text with every known word put into English; unknown foreign words are left out."""
        table = self._table(lang)
        if table is None:
            return flat
        text = _plain_digits(flat)
        said = " ".join(
            _spaceless(table, text)
            if table.spaceless
            else _spaced(
                table,
                text,
                self._sounds,
                4 if lang in _LATIN - _LIKE_ENGLISH else 1,
                self._english,
            )
        )
        said = _MONTHS_NOT_MONDAY.sub(" months old", said)
        return re.sub(r"\s+", " ", said).strip()

    def _among(self, langs: tuple[str, ...], flat: str, hint: str) -> str:
        for lang, letters in _TELLS:
            if lang in langs and any(c in letters for c in flat):
                return lang
        if hint in langs:
            return hint
        words = split(flat)[:40]
        return max(
            langs,
            key=lambda lang: (
                self._coverage(table, words) if (table := self._table(lang)) is not None else 0
            ),
        )

    @staticmethod
    def _coverage(table: _Table, words: tuple[str, ...]) -> float:
        total = 0.0
        at = 0
        while at < len(words):
            entry = table.at(words, at)
            if entry is None:
                at += 1
            else:
                total += sum(map(len, entry.words))
                at += len(entry.words)
        return total


_LATIN = frozenset(
    {
        "ro",
        "pl",
        "tr",
        "lt",
        "yo",
        "es",
        "fr",
        "pt",
        "so",
        "sq",
        "hi-Latn",
        "ne-Latn",
        "bn-Latn",
        "pa-Latn",
        "ur-Latn",
        "ar-Latn",
        "pcm",
    }
)

_LIKE_ENGLISH = frozenset({"pcm"})  # has its short words from English


#: "and", "in", "for", "so" and "the", which Arabic writes as one with the word after them.
_JOINED = ("وال", "بال", "فال", "لل", "ال", "وب", "ول", "و", "ب", "ل", "ف")
_JOINED_LETTERS = frozenset("وبلفا")
_LEAST_JOINED = 3


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
        if _NUMBER in wanted:
            word = _DIGITS.sub(_NUMBER, word)
        if word == wanted:
            continue
        letters = len(wanted.replace(_NUMBER, ""))
        long_enough = letters >= _PREFIX or (letters >= 2 and wanted[0] > _BRAHMIC)
        if not (long_enough and word.startswith(wanted) and len(word) - len(wanted) <= _ENDING):
            return ""
        whole = False
    return "whole" if whole else "begun"


def _spaced(
    table: _Table, text: str, sounds: Sounds, least: int, english: frozenset[str]
) -> Iterator[str]:
    """Glossed words; Latin ones that have no gloss stay from `least` letters, where they may be
    English, and shorter ones beside an English word ("no recourse", "drop in")."""
    words = split(text)
    at = 0
    while at < len(words):
        entry = table.at(words, at)
        if entry is not None:
            size = len(entry.words)
            yield _with_numbers(entry.english, " ".join(words[at : at + size]))
            at += size
            continue
        name, size = sounds.at(words, at, lambda n: table.at(words, n) is not None)
        if name:
            yield name
            at += size
            continue
        word = words[at]
        if _LATIN_TOKEN.fullmatch(word) and (
            len(word) >= least
            or any(map(str.isdigit, word))
            or (
                word in PLAINLY_ENGLISH
                and any(
                    len(words[n]) >= least and words[n] in english and table.at(words, n) is None
                    for n in (at - 1, at + 1)
                    if 0 <= n < len(words)
                )
            )
        ):
            yield word
        at += 1
    if "?" in text or "؟" in text:
        yield "?"


def _with_numbers(english: str, form: str) -> str:
    for number in _DIGITS.findall(form) if _NUMBER in english else ():
        english = english.replace(_NUMBER, number, 1)
    return english


def _spaceless(table: _Table, text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        begun = table.spaceless.get(text[at], ())
        found = next(((f, e) for f, e in begun if text.startswith(f, at)), None)
        if found:
            yield found[1]
            at += len(found[0])
        elif m := _LATIN_TOKEN.match(text, at):
            yield m[0]
            at = m.end()
        else:
            at += 1


def _script(flat: str, *, english: frozenset[str]) -> str:
    """The script of most letters that are not Latin, where they are a good part of the text or no
    word beside them makes a sentence of English ("Sidcup এ soft play আছে?")."""
    count: dict[str, int] = {}
    letters = 0
    for char in flat[:200]:
        if char.isalpha():
            letters += 1
            if not char.isascii():
                name = unicodedata.name(char, "").split(" ")[0].split("-")[0]
                if name in _SCRIPTS:
                    count[name] = count.get(name, 0) + 1
    if not count:
        return ""
    top = max(count, key=lambda k: count[k])
    mixed = english.isdisjoint(split(flat))
    return top if mixed or count[top] * 5 >= letters else ""


def _plain_digits(text: str) -> str:
    return "".join(
        str(unicodedata.digit(c))
        if c.isdigit() and not c.isascii() and unicodedata.digit(c, -1) >= 0
        else c
        for c in text
    )

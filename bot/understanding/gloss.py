"""Puts foreign words into plain English ones, word by word, so that one grammar reads them all.

data/gloss/<language>.txt holds "english words = form, form"; a form of four letters or more also
matches longer words that begin with it, and 0000 in both stands for any number ("from 0000 to 0000
= od 0000 do 0000"). Nothing of this is ever shown: it is only for reading.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from bot.understanding import lexicon
from bot.understanding.clean import flatten, split
from bot.understanding.features import stem
from bot.understanding.glossary import DIGITS, NUMBER, Glossary
from bot.understanding.sounds import Sounds

_LIKE_ENGLISH = frozenset({"pcm"})  # has its short words from English
_SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "ARABIC": ("ar", "ur"),
    "CYRILLIC": ("uk", "bg", "ru"),
    "DEVANAGARI": ("ne", "hi"),
    "BENGALI": ("bn",),
    "GURMUKHI": ("pa",),
    "TAMIL": ("ta",),
    "CJK": ("zh",),
}
#: Letters only one of the languages of a script has.
_TELLS = (("uk", "іїєґ"), ("ru", "ыэё"), ("ur", "ٹڈڑےںپچگ"), ("ne", "छ"))
_SHARED = 0.25  # of an English word of that length
_LONG = 6  # letters from which the beginning of a single word tells its language
#: How much a word of data/tells.txt speaks for its language.
_OWN_TELLS = 8.0
#: Short words of English, whatever other language has the same letters.
PLAINLY_ENGLISH = frozenset(
    split(
        "a i me is to in on at the you u my so as do does for no can an am are him ta luv son sun "
        "sat mum dad his her she he it of or we us pm how who why was has had not yes and any got "
        "get old new now mi"
    )
)
_LATIN_TOKEN = re.compile(r"[a-z0-9£:./'-]+")
_MONTHS_NOT_MONDAY = re.compile(r"(?<=\d) monday\b")


class Glosses:
    """The word lists of every language we can partly read. Built once, safe between threads."""

    def __init__(self, english: frozenset[str] = frozenset(), sounds: Sounds | None = None) -> None:
        self._sounds = sounds or Sounds()
        self._files = {name.partition("/")[2]: name for name in lexicon.names("gloss")}
        scripts = {lang for langs in _SCRIPTS.values() for lang in langs}
        self._latin = sorted(self._files.keys() - scripts)  # told by their words
        self._tables = {lang: Glossary(self._files[lang]) for lang in self._latin}
        self._english = english
        self._slips = lexicon.forms("textspeak")
        self._own = {
            lang: frozenset(map(flatten, words)) for lang, words in lexicon.entries("tells")
        }
        self._foreign = frozenset().union(
            *(words for lang, words in self._own.items() if lang not in _LIKE_ENGLISH | {"en"})
        )
        self._shared = (
            frozenset(word for lang in self._latin for word in self._tables[lang].short)
            - PLAINLY_ENGLISH
        )

    def _as_english(self, words: tuple[str, ...]) -> float:
        """How much words speak for English: short ones less that another language has too, and
        names and loans less beside a word that is plainly foreign and no English sentence."""
        sentence = sum(word in self._own["en"] for word in words) > 1
        mixed = not sentence and not self._foreign.isdisjoint(words)
        known = [w for w in words if self._is_english(w)]
        return sum(
            len(word)
            * (_SHARED if word in self._shared or (mixed and word not in self._own["en"]) else 1.0)
            for word in known
            if word not in self._foreign
        )

    def _is_english(self, word: str) -> bool:
        """As it stands, without its ending, or as text-speak ("thanx", "2moro") says it."""
        return not self._english.isdisjoint(
            (word, word.removesuffix("s"), stem(word), self._slips.get(word, word))
        )

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._files)

    def _table(self, lang: str) -> Glossary | None:
        """A language's words: those of other scripts are read when somebody first writes in it."""
        if lang not in self._tables and lang in self._files:
            self._tables[lang] = Glossary(self._files[lang])
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
        letters = sum(map(len, words))
        for lang in self._latin:
            own = sum(word in self._own.get(lang, ()) for word in words)
            if lang in _LIKE_ENGLISH and lang != hint and not own:
                continue
            told = 1.5 if lang == hint else 0.0
            told += _OWN_TELLS * own if own > (lang in _LIKE_ENGLISH) else 0.0
            if letters + told <= best_score + 0.5:
                continue  # not even with every word
            table = self._tables[lang]
            score = table.covers(words)
            if len(words) == 1 and lang != hint and score < _LONG and not table.has(words[0]):
                score = 0.0  # a short beginning is no language: Shanice has no "shani", Saturday
            if score + told > best_score + 0.5:
                best, best_score = lang, score + told
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
                4 if lang in self._latin and lang not in _LIKE_ENGLISH else 1,
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
            key=lambda lang: table.covers(words) if (table := self._table(lang)) is not None else 0,
        )


def _spaced(
    table: Glossary, text: str, sounds: Sounds, least: int, english: frozenset[str]
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
    for number in DIGITS.findall(form) if NUMBER in english else ():
        english = english.replace(NUMBER, number, 1)
    return english


def _spaceless(table: Glossary, text: str) -> Iterator[str]:
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

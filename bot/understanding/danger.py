"""Is somebody in danger? Asked of every message, in every state, before anything else.

Two strengths: sure brings the card and nothing else, possible moves the urgent-help button to
the top. The phrase lists belong to the safeguarding lead (content/safety/phrases); a small
yes/no classifier hears what no list has. Nothing here is ever shown, logged or explained.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.understanding.clean import WORD, split
from bot.understanding.phrasebook import PhraseBook, Spotted, read_book

RISKS = ("medical_emergency", "self_harm", "child_at_risk", "domestic_abuse")
#: What the classifier calls what may be danger, and everything else.
MAYBE, NO_DANGER = "possible", "no"
_SMALL_CHILD = re.compile(
    r"\b(?:toddlers?|my (?:\w+ )?(?:son|daughter|boy|girl|child|kid|kids|children|twins?|nephew|niece|grandson|granddaughter)|(?:my|our) (?:\w+ )?(?:one|two|three|four|five|1|2|3|4|5)|\d+ (?:months?|years?|weeks?) old|(?:one|two|three|four) years? old|terrible twos|tantrums?|his sister|her brother|my \d+ years?|baby brother|potty|nursery)\b"
)
_GROWN_UP = re.compile(
    r"\b(?:husband|partner|boyfriend|ex|wife|girlfriend|fiance|drunk|drinks|drinking|dad|father|uncle|man|boss|neighbour|in laws|mother in law|stepdad|pregnant|he's out|police|marriage|married|relationship|abuse\w*|violent|control\w*|threat\w*|knife|kill|last night|scared of him|pub)\b"
)
_BEHAVES = re.compile(
    r"\b(?:bites?|biting|hits?|hitting|kicks?|kicking|push\w*|smack\w*|slaps?|slapping|whack\w*|scratch\w*|hurts?|hurting) (?:all |the )?(?:my |alti |inne )?(?:other|another) (?:kids?|child|children|toddlers?|babies|boys?|girls?)\b|\bbehaviour bites hits\b"
)
_SMALL_CHILD_HITS = re.compile(
    r"\b(?:toddler|little one|(?:one|two|three|four|five|1|2|3|4|5) years? old)(?:'s)? (?:\w+ ){0,3}(?:hits|hitting|bites|biting|kicks|kicking|pushes|pushing|smacks|smacking|slaps|slapping|whacks|whacking|scratches|scratching|pinches|pinching|throws|throwing|headbutts|headbutting)\b"
)
_FUZZY_FROM = 6
_HARMLESS = 0.01  # less than this of danger, or of what may be danger, overrules a phrase
#: Of danger, and of danger or what may be danger: one sentence of several that brings the card, or
#: the button, by itself.
_ALONE, _ALONE_MAYBE = 0.995, 0.8
#: Words that tell so little that only this much of danger brings the card.
_FEW = ((4, 0.9), (6, 0.5))
_SHORT = 30  # words; in a longer message a phrase may be one true sentence among many others
_COVERED = 0.9  # twice the share of a danger phrase that a look-alike must cover
_NAMES = frozenset({"angela"})  # code words by name: other words are no slips of them


@dataclass(frozen=True, slots=True)
class Alarm:
    """What was heard: `risk` with `sure`, or only `possible`."""

    risk: str = ""
    sure: bool = False
    possible: bool = False
    calmed: bool = False  # most of it only looks like danger


def weighed(
    alarm: Alarm,
    odds: Sequence[Mapping[str, float]],
    said: str,
    *,
    card: float,
    button: float,
    overrule: bool,
) -> Alarm:
    """The alarm of the lists with what the classifier heard, by the bars for it.

    `odds` are those of the message and then of each of its sentences: one that cries for help must
    not be lost among ordinary ones, but alone it has to be unmistakable to bring the card.

    A small child who hits is no violent home; what is mostly a look-alike of the lists gets no card. A
    phrase of a short message that the classifier finds plainly harmless ("a chocolate overdose")
    brings the button only.
    """
    heard, maybe = (max(each) for each in zip(*map(loud, odds), strict=True))
    whole, doubted = loud(odds[0])
    risk = max(RISKS, key=lambda r: max(o.get(r, 0.0) for o in odds))
    childs_play = (
        (risk == "domestic_abuse" and _of_a_child(said))
        or (risk == "child_at_risk" and _of_a_child(said) and bool(_SMALL_CHILD_HITS.search(said)))
        or bool(_BEHAVES.search(said))
    )
    harmless = doubted < _HARMLESS and overrule and len(said.split()) <= _SHORT
    if alarm.sure and not harmless:
        return alarm
    if overrule:
        card = max(card, next((sure for most, sure in _FEW if len(said.split()) <= most), 0.0))
    if (whole >= card or heard >= _ALONE) and not alarm.calmed and not childs_play:
        return Alarm(alarm.risk or risk, sure=True, possible=True)
    worrying = doubted >= button or maybe >= max(button, _ALONE_MAYBE)
    return Alarm(alarm.risk, possible=alarm.possible or (worrying and not childs_play))


def loud(odds: Mapping[str, float]) -> tuple[float, float]:
    """How likely danger is by the classifier, and how likely danger or what may be danger."""
    return sum(odds.get(r, 0.0) for r in RISKS), 1 - odds[NO_DANGER]


def _of_a_child(said: str) -> bool:
    return bool(_SMALL_CHILD.search(said)) and not _GROWN_UP.search(said)


class Danger:
    """The phrase lists of every language, built once, safe between threads."""

    def __init__(self, lists: Mapping[str, Path]) -> None:
        self._books: dict[str, PhraseBook] = {lang: read_book(path) for lang, path in lists.items()}
        english = self._books.get("en")
        self._slips = sorted(
            w
            for w in (english.words if english else ())
            if "*" not in w and "'" not in w and len(w) >= _FUZZY_FROM and w not in _NAMES
        )
        self._meant = lru_cache(maxsize=4096)(self._nearest)  # people use the same words

    def listen(self, said: str, flat: str, *, known: frozenset[str] = frozenset()) -> Alarm:
        """`said` is plain English (spoken.speak), `flat` the comparable text as it came.

        `known` are words that are right as they stand and not slips of others.
        """
        found, calmed = self._english(said, known)
        words = split(flat)
        own: list[Spotted] = []
        for lang, book in self._books.items():
            if lang != "en":
                spotted = book.spot(words, flat)
                own += _uncancelled(spotted)
                # what its own words show to be harmless, the English that it was put into is too
                if _mostly_fine(spotted, book.size(words, flat)):
                    found, calmed = [], True
        found += own
        return self._judged(found, said, calmed=calmed)

    def _english(self, said: str, known: frozenset[str]) -> tuple[list[Spotted], bool]:
        book = self._books.get("en")
        if book is None:
            return [], False
        words = WORD.findall(said)
        spotted = book.spot(words, said)
        mended = [self._mended(w, known) for w in words]
        if mended != words:
            spotted += [s for s in book.spot(mended, said) if s.strength != "not_danger"]
        return _uncancelled(spotted), _mostly_fine(spotted, len(words))

    def _mended(self, word: str, known: frozenset[str]) -> str:
        """The word of the lists that this is a slip of, else the word itself."""
        return word if word in known else self._meant(word)

    def _nearest(self, word: str) -> str:
        if len(word) < _FUZZY_FROM - 1 or word.isdigit() or not word.isascii():
            return word
        best = process.extractOne(word, self._slips, scorer=OSA.distance, score_cutoff=1)
        return best[0] if best and best[0][0] == word[0] else word

    @staticmethod
    def _judged(found: Sequence[Spotted], said: str, *, calmed: bool) -> Alarm:
        child = _of_a_child(said)
        sure = [
            s
            for s in found
            if s.strength == "sure" or (s.strength == "sure_unless_child" and not child)
        ]
        if sure:
            weight = {r: sum(s.end - s.start for s in sure if s.risk == r) for r in RISKS}
            return Alarm(max(RISKS, key=lambda r: weight[r]), sure=True, possible=True)
        maybe = [s for s in found if s.strength in {"possible", "sure_unless_child"}]
        return Alarm(
            maybe[0].risk if maybe else "",
            possible=any(s.strength == "possible" for s in maybe),
            calmed=calmed,
        )


def _mostly_fine(found: Sequence[Spotted], size: int) -> bool:
    """Whether a look-alike is half of a message of that size or more."""
    return any(s.strength == "not_danger" and 2 * (s.end - s.start) >= size for s in found)


def _uncancelled(found: Sequence[Spotted]) -> list[Spotted]:
    """Without what a look-alike covers by about half: a few harmless words clear no long phrase."""
    fine = [s for s in found if s.strength == "not_danger"]
    return [
        s
        for s in found
        if s.strength != "not_danger"
        and not any(
            2 * (min(s.end, f.end) - max(s.start, f.start))
            >= max(min(s.end - s.start, f.end - f.start), _COVERED * (s.end - s.start))
            for f in fine
        )
    ]

"""Reads a safeguarding lead's phrase list and finds its phrases in a text.

The file is plain YAML of one shape (see content/safety/phrases/en.yaml); it is read by the few
lines here because the full YAML reader takes a second for what must be there at start.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from sys import intern

from bot.content.problems import Problems
from bot.understanding.clean import flatten

Form = tuple[str, ...]  # the words of one alternative
STRENGTHS = ("sure", "sure_unless_child", "possible", "not_danger")


@dataclass(frozen=True, slots=True)
class Part:
    """One place in a phrase: any of `forms`, or a gap of up to `gap` words."""

    forms: tuple[Form, ...] = ()  # the longest first
    optional: bool = False
    gap: int = 0
    begins: tuple[str, ...] = ()  # the first words of the forms
    by_begin: Mapping[str, tuple[Form, ...]] | None = None  # where there are many whole first words
    stems: tuple[Form, ...] = ()  # forms whose first word is only a beginning


@dataclass(frozen=True, slots=True)
class Phrase:
    risk: str
    strength: str
    parts: tuple[Part, ...]
    needs: tuple[tuple[str, ...], ...] = ()  # of each, one word must be in the text
    joined: str = ""  # for scripts without spaces: found anywhere in the text


@dataclass(frozen=True, slots=True)
class Spotted:
    risk: str
    strength: str
    start: int  # of words, or of letters in scripts without spaces; the end left out
    end: int


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """The phrases of one language, compiled."""

    phrases: tuple[Phrase, ...]
    words: frozenset[str] = frozenset()
    _by_word: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    _joined: tuple[int, ...] = ()

    @classmethod
    def of(cls, phrases: Sequence[Phrase]) -> PhraseBook:
        """A book with an index: a phrase is only looked for where its rarest part begins."""
        by_word: dict[str, list[int]] = {}
        for n, phrase in enumerate(phrases):
            for word in min(phrase.needs, key=len, default=()):
                by_word.setdefault(word, []).append(n)
        words = {w for p in phrases for part in p.parts for form in part.forms for w in form}
        return cls(
            tuple(phrases),
            frozenset(w for w in words if len(w) > 4),
            {k: tuple(v) for k, v in by_word.items()},
            tuple(n for n, p in enumerate(phrases) if p.joined),
        )

    def spot(self, words: Sequence[str], flat: str) -> list[Spotted]:
        """Every phrase found in the words of a text."""
        present = _beginnings(tuple(words))
        likely = {n for word in self._by_word.keys() & present for n in self._by_word[word]}
        found: list[Spotted] = []
        for n in sorted(likely):
            phrase = self.phrases[n]
            if not any(map(present.isdisjoint, phrase.needs)):
                span = _search(phrase.parts, words)
                if span is not None:
                    found.append(Spotted(phrase.risk, phrase.strength, *span))
        for phrase in (self.phrases[n] for n in self._joined):
            at = flat.find(phrase.joined)
            if at >= 0:
                end = at + len(phrase.joined)
                found.append(Spotted(phrase.risk, phrase.strength, at, end))
        return found

    def size(self, words: Sequence[str], flat: str) -> int:
        """How long a text is, as the places of what was spotted in it are counted."""
        return len(flat) if self._joined else len(words)


def read_book(path: Path) -> PhraseBook:
    """The phrase list in a file. Raises ContentError with every line that is wrong."""
    problems = Problems()
    classes: dict[str, tuple[Form, ...]] = {}
    parts: dict[str, Part] = {}  # a list says the same words again and again
    phrases: list[Phrase] = []
    section = risk = ""
    for n, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        line = raw.split(" #")[0].rstrip() if not raw.lstrip().startswith("#") else ""
        if not line:
            continue
        body = line.strip()
        if body.startswith("- "):
            if section not in STRENGTHS or (section != "not_danger" and not risk):
                expected = f"one of {', '.join(STRENGTHS)} above it, and a risk"
                problems.note(str(path), n, "a phrase outside of a section and a risk", expected)
                continue
            try:
                phrases.append(_phrase(_unquoted(body[2:]), section, risk, classes, parts))
            except ValueError as fault:
                problems.note(str(path), n, str(fault), "a phrase as the top of en.yaml says")
        elif not line.startswith(" "):
            section, risk = body.partition(":")[0], ""
        elif section == "classes":
            name, _, forms = body.partition(":")
            classes[name] = tuple(
                _form(f) for f in _unquoted(forms.strip()).split(",") if f.strip()
            )
        elif body.endswith(":"):
            risk = body[:-1]
        else:
            what = "neither a section, a risk nor a phrase"
            problems.note(str(path), n, what, "a name with a colon, or “- ” and a phrase")
    problems.raise_any()
    return PhraseBook.of(phrases)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


@lru_cache(maxsize=1024)
def _form(text: str) -> Form:
    plain = flatten(text.replace("_", " ")).replace("-", " ")
    return tuple(intern(w.rstrip("'")) for w in plain.split())


def _phrase(
    text: str,
    strength: str,
    risk: str,
    classes: Mapping[str, tuple[Form, ...]],
    parts: dict[str, Part],
) -> Phrase:
    if _SPACELESS.search(text):
        return Phrase(risk, strength, (), joined=flatten(text))
    pieces = _PIECE.findall(text)
    for piece in pieces:
        if piece not in parts:
            parts[piece] = _part(piece, classes)
    found = tuple(parts[piece] for piece in pieces)
    if strength != "not_danger" and (found[-1].optional or found[-1].gap):
        raise ValueError(f"{pieces[-1]!r} at the end, which changes nothing")
    needs = tuple(p.begins for p in found if p.forms and not p.optional)
    return Phrase(risk, strength, found, needs)


def _part(piece: str, classes: Mapping[str, tuple[Form, ...]]) -> Part:
    """One piece of a phrase as it is written. Raises ValueError saying what is wrong with it."""
    if piece in {"..", "..."}:
        return Part(gap=2 if piece == ".." else 5)
    forms: set[Form] = set()
    for option in piece.strip("()").split("|"):
        if option[:1] == "<" and option[-1:] == ">":
            if option[1:-1] not in classes:
                raise ValueError(f"no class called {option[1:-1]}")
            forms.update(classes[option[1:-1]])
        elif option:
            forms.add(_form(option))
    if not forms:
        raise ValueError(f"nothing to look for in {piece!r}")
    longest = tuple(sorted(sorted(forms), key=len, reverse=True))
    begins = tuple(sorted({form[0] for form in forms}))
    optional = piece.startswith("(")
    stems = tuple(f for f in longest if f[0].endswith("*"))
    if len(forms) <= _FEW:
        return Part(longest, optional, begins=begins, stems=stems)
    by_begin: dict[str, tuple[Form, ...]] = {}
    for form in longest:
        by_begin[form[0]] = (*by_begin.get(form[0], ()), form)
    return Part(longest, optional, begins=begins, by_begin=by_begin, stems=stems)


_PIECE = re.compile(r"\([^)]*\)|\S+")
_FEW = 8  # forms are as quickly tried one after the other
_SPACELESS = re.compile(r"[぀-ヿ㐀-鿿]")


@lru_cache(maxsize=4)  # each book asks for those of one message
def _beginnings(words: tuple[str, ...]) -> frozenset[str]:
    """The words, and whatever they begin with, marked as stems are: "sc*" for "scared"."""
    stems = (f"{w[:size]}*" for w in words for size in range(1, len(w) + 1))
    return frozenset(words).union(stems)


def _search(parts: Sequence[Part], words: Sequence[str]) -> tuple[int, int] | None:
    first = parts[0]
    for at in range(len(words)):
        if first.forms and not first.optional and not _likely(first, words, at):
            continue
        end = _match(parts, 0, words, at)
        if end is not None:
            return at, end
    return None


def _match(parts: Sequence[Part], n: int, words: Sequence[str], at: int) -> int | None:
    """Where the phrase's parts from the n-th end if they stand at word `at`."""
    if n == len(parts):
        return at
    part = parts[n]
    if part.gap:
        if n + 1 == len(parts):
            return at
        for skip in range(part.gap + 1):
            if at + skip > len(words):
                return None
            end = _match(parts, n + 1, words, at + skip)
            if end is not None:
                return end
        return None
    for form in _likely(part, words, at):
        if _form_at(form, words, at):
            end = _match(parts, n + 1, words, at + len(form))
            if end is not None:
                return end
    return _match(parts, n + 1, words, at) if part.optional else None


def _likely(part: Part, words: Sequence[str], at: int) -> Sequence[Form]:
    """The forms that may stand at a word: by its own letters, so that long messages stay quick."""
    if at >= len(words):
        return ()
    if part.by_begin is None:
        return part.forms if part.stems or words[at] in part.begins else ()
    found = part.by_begin.get(words[at], ())
    return [*found, *part.stems] if part.stems else found


def _form_at(form: Form, words: Sequence[str], at: int) -> bool:
    if at + len(form) > len(words):
        return False
    for n, wanted in enumerate(form):
        word = words[at + n]
        if word != wanted and not (wanted[-1:] == "*" and word.startswith(wanted[:-1])):
            return False
    return True

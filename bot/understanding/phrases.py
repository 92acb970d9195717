"""Finds any of many phrases in a text by whole words, the longest first, with typo repair.

One `Phrases` holds the names of one kind of thing (venues, activities, topics ...).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from bot.understanding.clean import WORD, flatten

#: A joined-up run of words must be this like a name ("bay be massage" for "baby massage").
_LIKE = 84
#: And each of its words as like, where they are as many.
_LIKE_EACH = 60
_SHORTEST_LIKE = 7
_WIDEST = 4
#: Words that no name is misspelt as: "information you keep" is no "Information Day".
_NO_NAME = frozenset(["you", "my", "your", "me", "we", "what", "any", "are"])
#: Words that stand in a slip of a name only where the name has them: "groups for a" is not "Groups
#: for dads", "back at work" not "Back to work".
_SMALL = frozenset(["a", "at", "for", "from", "in", "of", "on", "the", "to", "with"])


@dataclass(frozen=True, slots=True)
class Hit:
    key: str
    start: int
    end: int
    weak: bool = False
    guessed: bool = False


class Phrases:
    """Phrases by key; "~" before one makes it a hint only. Built once, safe between threads."""

    def __init__(self, entries: Iterable[tuple[str, Iterable[str]]]) -> None:
        self._tree: dict[str, list[tuple[tuple[str, ...], str, bool]]] = {}
        self._joined: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.words: set[str] = set()
        seen: set[tuple[tuple[str, ...], str]] = set()
        for key, forms in entries:
            for form in forms:
                words = tuple(WORD.findall(flatten(form.lstrip("~"))))
                if words and (words, key) not in seen:
                    seen.add((words, key))
                    self._add(words, key, weak=form.startswith("~"))
        for options in self._tree.values():
            options.sort(key=lambda o: -len(o[0]))
        self._nearest = lru_cache(maxsize=4096)(self._find_nearest)  # people use the same words

    def find(self, text: str) -> list[Hit]:
        """Every phrase in `text`, longest first, none inside another; in order of place."""
        words = [(m[0], m.start(), m.end()) for m in WORD.finditer(text)]
        hits: list[Hit] = []
        at = 0
        while at < len(words):
            size = 1
            for phrase, key, weak in self._tree.get(words[at][0], ()):
                if self._here(words, at, phrase):
                    hits.append(Hit(key, words[at][1], words[at + len(phrase) - 1][2], weak))
                    size = max(size, len(phrase))
                    if not weak:
                        break
            at += size
        return hits

    def find_all(self, text: str) -> list[Hit]:
        """Every phrase in `text`, also inside others and under several keys."""
        words = [(m[0], m.start(), m.end()) for m in WORD.finditer(text)]
        return [
            Hit(key, words[at][1], words[at + len(phrase) - 1][2], weak)
            for at in range(len(words))
            for phrase, key, weak in self._tree.get(words[at][0], ())
            if self._here(words, at, phrase)
        ]

    def guess(self, text: str, taken: Iterable[tuple[int, int]]) -> list[Hit]:
        """Names that sound or look like a run of words no other hit took."""
        chosen: list[Hit] = []
        for hit in self._guesses(text, list(taken)):
            if all(hit.end <= c.start or c.end <= hit.start for c in chosen):
                chosen.append(hit)
        return sorted(chosen, key=lambda h: h.start)

    def _add(self, words: tuple[str, ...], key: str, *, weak: bool) -> None:
        self._tree.setdefault(words[0], []).append((words, key, weak))
        self.words.update(words)
        joined = "".join(words)
        if not weak and len(joined) >= _SHORTEST_LIKE:
            self._joined.setdefault(joined, (key, words))

    @staticmethod
    def _here(words: list[tuple[str, int, int]], at: int, phrase: tuple[str, ...]) -> bool:
        if at + len(phrase) > len(words):
            return False
        return all(_same(words[at + n][0], word) for n, word in enumerate(phrase))

    def _guesses(self, text: str, taken: list[tuple[int, int]]) -> Iterator[Hit]:
        words = [(m[0], m.start(), m.end()) for m in WORD.finditer(text)][:60]
        scored: list[tuple[float, Hit]] = []
        for size in range(1, _WIDEST + 1):
            for at in range(len(words) - size + 1):
                run = words[at : at + size]
                start, end = run[0][1], run[-1][2]
                if any(w in _NO_NAME for w, _, _ in run):
                    continue
                if all(end <= s or e <= start for s, e in taken) and (
                    near := self._nearest("".join(w for w, _, _ in run), size == 1)
                ):
                    (key, name), likeness = near
                    if _other_words([w for w, _, _ in run], name):
                        continue
                    scored.append((likeness + 3 * size, Hit(key, start, end, guessed=True)))
        yield from (hit for _, hit in sorted(scored, key=lambda s: -s[0]))

    def _find_nearest(
        self, joined: str, alone: bool
    ) -> tuple[tuple[str, tuple[str, ...]], float] | None:
        """The key and words of the name that joined-up words may be a slip of, and how like it is (to 100).

        `alone`: it is one word, which may be right as it stands.
        """
        if not _SHORTEST_LIKE <= len(joined) <= 30 or (
            alone and (joined in self.words or joined.removesuffix("s") in self.words)
        ):
            return None
        best = process.extractOne(
            joined, self._joined.keys(), scorer=fuzz.ratio, score_cutoff=_LIKE
        )
        if best is None or best[0][0] != joined[0] or abs(len(best[0]) - len(joined)) > 3:
            return None
        return self._joined[best[0]], best[1]


def _other_words(run: list[str], name: tuple[str, ...]) -> bool:
    """Whether a run of words is like a name by its letters only: "groups for kids", "... for dads"."""
    if any(w in _SMALL and w not in name for w in run):
        return True
    return len(run) == len(name) and any(
        fuzz.ratio(word, wanted) < _LIKE_EACH for word, wanted in zip(run, name, strict=True)
    )


def _same(word: str, wanted: str) -> bool:
    """The word itself, or with a plural or possessive ending."""
    return word == wanted or (len(wanted) > 3 and word in {wanted + "s", wanted + "'s"})

"""What the danger classifier looks at beside the features of any message.

data/worries.txt gathers words into some sixty things that worrying messages are made of (a partner,
a hand raised, being locked in, pills, a limp child). Which of them stand in a message, and which
two close together, tells more than the words: "my fella has bolted the door" holds for every fella
and every bolt. A foreign message is also read by its own words, of which the word lists know too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import combinations, pairwise

from bot.understanding import lexicon
from bot.understanding.features import MOST_WORDS, features
from bot.understanding.slots import Seen

_WORD = re.compile(r"_\w+_|[^\W_]+(?:'[^\W_]+)*|\?")
_LONGEST_FORM = 5
_TOGETHER = 12  # words: things further apart in a long message have little to do with each other
_SHORTEST_STEM = 3
_BEGUN = 5  # letters of a foreign word that often carry its meaning without its ending
_HAN = re.compile(r"[㐀-鿿]")


def worrying_features(seen: Seen, foreign: Sequence[str] = ()) -> list[str]:
    """The names of the features of a text, each once; `foreign` are its own words, if not English."""
    return list(dict.fromkeys((*features(seen), *_worries(seen.masked), *_foreign(foreign))))


def _worries(masked: str) -> Iterator[str]:
    words = _WORD.findall(masked)[:MOST_WORDS]
    found: list[tuple[int, str]] = []  # where each stands
    for at, word in enumerate(words):
        here = set(_of_word(word))
        for size in range(2, min(_LONGEST_FORM, len(words) - at) + 1):
            here.update(_forms()[0].get(" ".join(words[at : at + size]), ()))
        found += [(at, worry) for worry in here]
    yield from (f"k {worry}" for worry in sorted({worry for _, worry in found}))
    near = {
        (min(one, other), max(one, other))
        for (at, one), (then, other) in combinations(found, 2)
        if one != other and then - at <= _TOGETHER
    }
    yield from (f"k {one} {other}" for one, other in sorted(near))


@lru_cache(maxsize=8192)
def _of_word(word: str) -> tuple[str, ...]:
    whole, stems = _forms()
    found = list(whole.get(word, ()))
    for size in range(_SHORTEST_STEM, len(word) + 1):
        found += stems.get(word[:size], ())
    return tuple(found)


@cache
def _forms() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """From each form, and from each stem ("threat*"), to the things it may be part of."""
    whole: dict[str, list[str]] = {}
    stems: dict[str, list[str]] = {}
    for worry, forms in lexicon.entries("worries"):
        for form in forms:
            stem = form.removesuffix("*")
            (whole if stem == form else stems).setdefault(stem, []).append(worry)
    return whole, stems


def _foreign(words: Sequence[str]) -> Iterator[str]:
    read = words[:MOST_WORDS]
    for word, after in pairwise((*read, "")):
        sizes = (2, 3) if _HAN.search(word) else (4,)
        yield f"x {word}"
        yield f"x {word[:_BEGUN]}"
        yield f"b {word} {after}"
        for size in sizes:
            yield from (f"c {p}" for p in _pieces(f"^{word}$", size))


def _pieces(word: str, size: int) -> Iterator[str]:
    return (word[at : at + size] for at in range(len(word) - size + 1))

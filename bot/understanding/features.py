"""What the trained layer looks at: words, pairs, pieces of words, and what the grammars saw."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.understanding import facts
from bot.understanding.cues import cues
from bot.understanding.slots import Seen

_WORD = re.compile(r"_\w+_|[^\W_]+(?:'[^\W_]+)*|[?£@]|[^\s\w]{2,}|[\U0001F300-\U0001FAFF✀-➿]")
#: Words read of one message; what comes after adds time and no meaning.
MOST_WORDS = 80
_DULL = frozenset(
    [
        "a",
        "an",
        "the",
        "to",
        "of",
        "for",
        "is",
        "it",
        "i",
        "my",
        "me",
        "in",
        "on",
        "at",
        "and",
        "do",
        "you",
        "can",
        "we",
        "be",
    ]
)


def features(seen: Seen) -> list[str]:
    """The names of the features of a text, each once."""
    return list(dict.fromkeys(_all(seen)))


def _all(seen: Seen) -> Iterator[str]:  # noqa: PLR0912  one branch a kind of feature
    words = [stem(w) for w in _WORD.findall(seen.masked)[:MOST_WORDS]]
    yield "bias"
    yield f"n{min(len(words), 12)}"
    padded = ["<", *words, ">"]
    for at, word in enumerate(padded[:-1]):
        if at:
            yield f"w {word}"
        yield f"b {word} {padded[at + 1]}"
        if 0 < at < len(padded) - 2:
            yield f"s {word} {padded[at + 2]}"
    for word in words:
        if len(word) > 3 and word[0] != "_":
            yield from (f"c {p}" for p in _pieces(f"^{word}$"))
    if words:
        yield f"f {words[0]}"
    yield from (f"a {fact}" for fact in facts.asks(seen.masked)[:3])
    yield from (f"q {cue}" for cue in cues(seen.masked))
    for n, (topic, _) in enumerate(seen.topics[:3]):
        yield f"t {topic}"
        if not n:
            yield f"T {topic}"
    yield "topics" if seen.topics else "no topics"
    for slot in ("when", "where", "age_m", "daypart", "price", "booking"):
        if slot in seen.slots:
            yield f"h {slot}"
    if "who" in seen.slots:
        who = seen.slots["who"]
        yield "h who"
        yield from (f"h who {w}" for w in ((who,) if isinstance(who, str) else who))
    if seen.what:
        yield "h what"
    elif seen.hinted:
        yield "h hinted"
    if seen.elsewhere or seen.outside:
        yield "h elsewhere"
    if not any(w in seen.masked for w in ("_what_", "_when_", "_where_", "_age_")):
        yield "h none"


def stem(word: str) -> str:
    """A word without its plural and -ing, enough for counting like with like."""
    if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us")):
        word = word[:-1]
    if len(word) > 6 and word.endswith("ing"):
        word = word[:-3]
    return word


def _pieces(word: str) -> Iterator[str]:
    for size in (3, 4):
        for at in range(len(word) - size + 1):
            yield word[at : at + size]

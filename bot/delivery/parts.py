"""Cuts a long message into parts that a channel takes, at the borders of its paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape

from markupsafe import Markup

_OPENS, _CLOSES = re.compile(r"<[abi]\b"), re.compile(r"</[abi]>")
_TAG = re.compile(r"</?[abi]\b[^>]*>")
_BORDERS = ("\n\n", "\n", " ")  # the best first


def parts_of(text: Markup, limit: int) -> list[Markup]:
    """The text in parts of at most `limit` characters as they are shown, never inside a tag.

    One long word can't be cut and stays as it is.
    """
    if 2 * len(text) <= limit:  # however wide its characters
        return [text]
    parts = [p for p in _cut(str(text), limit, _BORDERS) if _shown(p).strip()]
    return [Markup(p) for p in parts] or [text]  # noqa: S704  # pieces of what was Markup


def _cut(text: str, limit: int, borders: Sequence[str]) -> list[str]:
    if not borders or _length(text) <= limit:
        return [text]
    border, *finer = borders
    parts: list[str] = []
    for piece in _whole(text, border):
        if parts and _length(joined := parts[-1] + border + piece) <= limit:
            parts[-1] = joined
        else:
            parts += _cut(piece, limit, finer)
    return parts


def _whole(text: str, border: str) -> Iterator[str]:
    """The pieces between borders; those that a tag spans stay together."""
    held: list[str] = []
    for piece in text.split(border):
        held.append(piece)
        together = border.join(held)
        if len(_OPENS.findall(together)) == len(_CLOSES.findall(together)):
            yield together
            held.clear()
    if held:
        yield border.join(held)


def _length(text: str) -> int:
    """As Telegram may count at worst: what is shown, in UTF-16, where an emoji is two."""
    return len(_shown(text).encode("utf-16-le", "surrogatepass")) // 2


def _shown(text: str) -> str:
    return unescape(_TAG.sub("", text))

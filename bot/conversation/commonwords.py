"""The few words that everybody types, in every language we speak: yes, more, back, the second.

A message that is one of them and nothing else is read as its English, so that what is known of a
screen and of an open question (`sayings`, `forms`) holds in each language. It may be another
language than the chat's own: who can't read the screen hasn't found the switch yet.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import lru_cache

from bot.conversation import forms
from bot.conversation.incoming import Kind
from bot.conversation.turn import Turn
from bot.understanding.clean import flatten
from bot.understanding.reading import Reading, Wish
from bot.wording.words import Words

#: What a word asks for where nothing on the screen has it.
_WISHES = {
    "yes": Wish("affirm"), "no": Wish("deny"), "more": Wish("whats_on"), "back": Wish("help"),
    "book": Wish("book"), "cancel": Wish("cancel_booking"),
    **{word: Wish("session_detail", {"ref": ref}) for word, ref in (
        ("first", "1"), ("second", "2"), ("third", "3"), ("fourth", "4"), ("fifth", "5"), ("last", "last"),
    )},
}  # fmt: skip


def heard(turn: Turn, reading: Reading) -> tuple[str, Reading]:
    """What was typed and what it was read to mean, as its English where it is one of these words."""
    text = turn.incoming.text
    if _may_be_a_name(turn, reading):
        return text, dataclasses.replace(reading, wish=Wish("unclear"), also=(), offers=())
    if turn.incoming.kind in (Kind.TEXT, Kind.EDITED):
        for tag in turn.desk.languages:
            if tag != "en" and (word := _known(turn.desk.words(tag)).get(_flat(text))):
                wish = _WISHES[word]
                return word, dataclasses.replace(
                    reading, said=word, wish=wish, also=(), offers=(), sure=1.0
                )
    return text, reading


def _may_be_a_name(turn: Turn, reading: Reading) -> bool:
    """ "Maya" where a name is asked for: a no in a language that we don't speak."""
    field = forms.open_field(turn)
    asked = field is not None and field.name == "name"
    foreign = reading.lang not in ("", *turn.desk.languages)
    word = turn.incoming.text.strip().isalpha()
    return asked and foreign and word and reading.intent in ("affirm", "deny")


@lru_cache(maxsize=32)
def _known(words: Words) -> dict[str, str]:
    """The English of each word of a language, as it is compared."""
    english = _ways(str)
    return {
        _flat(way): word
        for word, ways in _ways(words._).items() if ways != english[word]  # not translated yet
        for way in ways.split(";")
    }  # fmt: skip


def _ways(_: Callable[[str], str]) -> dict[str, str]:
    # translators: ways to type one word and nothing else, apart by semicolons, as many as there
    # are; never one that means something else in English
    return {
        "yes": _("yes; yeah"), "no": _("no; nope"), "more": _("more; show more; the rest"),
        "back": _("back; go back"), "book": _("book; book it; book a place"),
        "cancel": _("cancel; cancel it; cancel my booking"),
        "first": _("first; the first; the first one"), "second": _("second; the second; the second one"),
        "third": _("third; the third; the third one"), "fourth": _("fourth; the fourth; the fourth one"),
        "fifth": _("fifth; the fifth; the fifth one"), "last": _("last; the last; the last one"),
    }  # fmt: skip


def _flat(text: str) -> str:
    """Compared without marks, capitals and what stands around."""
    return forms.plain(flatten(text))

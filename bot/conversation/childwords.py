"""How we speak of a family's children, and what a parent types about them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from babel.dates import get_month_names

from bot.conversation.turn import Turn
from bot.families.models import Child
from bot.families.rules import age_in_months
from bot.wording.words import Words

_TWINS = {"twin": 2, "twins": 2, "triplets": 3, "quadruplets": 4}
_NUMBERS = re.compile(r"(?<!\d)(\d{1,4})[\s./-]+(\d{1,2})[\s./-]+(\d{2,4})(?!\d)")
_WORDY = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?([^\W\d_]+)\.?,?\s+(\d{4})(?!\d)"
)
_NAME_LIMIT = 40
_SEPARATORS = re.compile(r"\s*(?:,|;|&|\+|/|\band\b|،|\bو\s|\s+i\s+)\s*", re.I)


def child_words(turn: Turn, child: Child) -> str:
    """Sam, 2 years; or 5 months; or a baby due Monday 3 August."""
    name = str(child.private.get("first_name", ""))
    age = age_words(turn, child)
    if not name:
        return age
    return turn._("%(name)s, %(age)s") % {"name": name, "age": age}


def age_words(turn: Turn, child: Child) -> str:
    """How old a child is today, or when it is due."""
    born, due = child.private.get("born"), child.private.get("due")
    if born:
        months = age_in_months(date.fromisoformat(born), turn.today)
        return turn.words.months(months) if months > 0 else turn._("newborn")
    if due:
        return turn._("a baby due %(when)s") % {
            "when": due_words(turn.words, date.fromisoformat(due), about=is_about(child))
        }
    return turn._("a baby on the way")


def due_words(words: Words, due: date, *, about: bool) -> str:
    """A month where that is all we were told, else the day."""
    return words.month(due) if about else words.day(due)


def is_about(child: Child) -> bool:
    """Whether the day is a guess."""
    return bool(child.private.get("about"))


def expected(child: Child) -> bool:
    return not child.private.get("born")


def how_many(text: str) -> int:
    """Twins are two, triplets three; 1 where neither is spoken of."""
    found = [_TWINS[w] for w in re.findall(r"[a-z]+", text.casefold()) if w in _TWINS]
    return found[0] if found else 1


def typed_day(turn: Turn, text: str) -> date | None:
    """The one whole date in a text: 3 2 2026, 3/2/26, 2026-02-03, 3rd of February 2026.

    Month names are those of English and of the person's language; digits those of any keyboard.
    """
    text = "".join(_digit(c) for c in text)
    if found := _NUMBERS.search(text):
        first, month, last = (int(n) for n in found.groups())
        day, year = (last, first) if first > 31 else (first, last)
        return _date(year + 2000 if year < 100 else year, month, day)
    if found := _WORDY.search(text):
        number = _months(turn.words).get(found[2].casefold())
        return _date(int(found[3]), number, int(found[1])) if number else None
    return None


def names_in(text: str) -> list[str]:
    """First names, as many as were typed: Sam and Kim."""
    parts = (" ".join(p.split())[:_NAME_LIMIT] for p in _SEPARATORS.split(text.strip()))
    return [p for p in parts if any(c.isalpha() for c in p)]


def _months(words: Words) -> dict[str, int]:
    names: dict[str, int] = {}
    for locale in ("en", words.locale):
        for width in ("abbreviated", "wide"):
            for context in ("format", "stand-alone"):
                found = get_month_names(width, context=context, locale=locale)
                names |= {str(n).casefold().rstrip("."): k for k, n in found.items()}
    return names


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _digit(char: str) -> str:
    number = unicodedata.decimal(char, None)
    return str(number) if number is not None else char

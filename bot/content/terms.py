"""calendar.yaml: school terms and bank holidays."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from bot.content import scalars
from bot.content.fields import Context, Fields
from bot.content.tree import Spot
from bot.content.values import Calendar, Term


def read_calendar(context: Context, spot: Spot) -> Calendar:
    top = Fields(context, spot, "the calendar")
    calendar = Calendar(
        terms=_terms(top),
        bank_holidays=_bank_holidays(top),
        sample=top.flag("sample"),
    )
    top.finish()
    return calendar


def _terms(top: Fields) -> tuple[Term, ...]:
    inner = top.inner("terms")
    found: list[tuple[Term, Fields]] = []
    for ident in inner.names() if inner else ():
        each = inner.inner(ident) if inner else None
        if each is None:
            continue
        half = each.days("half_term")
        term = Term(
            id=ident,
            kind=each.one_of("kind", ("autumn", "spring", "summer")),
            starts=each.day("starts"),
            ends=each.day("ends"),
            half_term=(half[0], half[1]) if len(half) == 2 else (date.min, date.min),
        )
        if term.ends < term.starts:
            each.note(f"term {ident} ends before it starts", "a later “ends”", at="ends")
        if len(half) != 2 or not term.starts <= half[0] <= half[1] <= term.ends:
            each.note(
                f"half term of {ident}", "[first day, last day] inside the term", at="half_term"
            )
        each.finish()
        found.append((term, each))
    found.sort(key=lambda pair: pair[0].starts)
    for (one, _), (other, each) in pairwise(found):
        if other.starts <= one.ends:
            each.note(f"terms {one.id} and {other.id} overlap", "terms one after the other")
    if not found:
        top.note("no terms", "school terms under “terms”")
    return tuple(term for term, _ in found)


def _bank_holidays(top: Fields) -> dict[date, str]:
    inner = top.inner("bank_holidays")
    if inner is None:
        return {}
    found = {}
    for typed in inner.names():
        try:
            found[scalars.parse_date(typed)] = inner.text(typed)
        except ValueError as error:
            inner.note(f"bank holiday “{typed}”", str(error), at=typed)
    return found

"""Dates that are written out: "20th of March", "16/3", "3.12.2025", "in June"."""

from __future__ import annotations

import re
from datetime import date, timedelta

MONTHS = {
    name: n
    for n, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september",
         "october", "november", "december"), 1)
}  # fmt: skip
MONTH = "(?:" + "|".join(MONTHS) + ")"
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,? (?P<y>20\d\d))?"
_FORMS = (
    re.compile(r"(?P<y>20\d\d)-(?P<mo>\d{1,2})-(?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?P<d>\d{1,2})[/.-](?P<mo>\d{1,2})[/.-](?P<y>\d{4}|\d{2})(?!\d)"),
    re.compile(rf"{_DAY}(?: of)? (?P<m>{MONTH}){_YEAR}(?!\w)"),
    re.compile(rf"(?P<m>{MONTH}) (?:the )?{_DAY}{_YEAR}(?![\w:])"),
    re.compile(r"(?P<d>\d{1,2})/(?P<mo>\d{1,2})(?![\d/])"),
)
_MONTH_ONLY = re.compile(rf"(?P<m>{MONTH}){_YEAR}(?!\w)")


def explicit_date(text: str, today: date, *, past: bool) -> tuple[date, int] | None:
    """The first written-out date in `text` and where it ends; a month alone is its middle.

    Without a year the nearest one is meant: the last one for `past` (births), else the next.
    """
    for form in _FORMS:
        if (m := form.search(text)) and (on := date_of(m, today, past=past)) is not None:
            return on, m.end()
    if past and (m := _MONTH_ONLY.search(text)):
        year = int(m["y"]) if m["y"] else None
        on = _placed(15, MONTHS[m["m"]], year, today, past=True)
        if on is not None:
            return min(on, today), m.end()
    return None


def date_of(m: re.Match[str], today: date, *, past: bool = False) -> date | None:
    """The date of a match of one of the written forms, None where there is no such day."""
    groups = m.groupdict()
    month = MONTHS[groups["m"]] if groups.get("m") else int(groups["mo"])
    year = int(groups["y"]) if groups.get("y") else None
    if year is not None and year < 100:
        year += 2000
    return _placed(int(groups["d"]), month, year, today, past=past)


def written_forms() -> tuple[re.Pattern[str], ...]:
    """The patterns, most telling first; their matches go to `date_of`."""
    return _FORMS


def end_of_month(day: date) -> date:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return following - timedelta(days=1)


def _placed(day: int, month: int, year: int | None, today: date, *, past: bool) -> date | None:
    years = (
        (year,)
        if year is not None
        else (today.year, today.year - 1, today.year - 2)
        if past
        else (today.year, today.year + 1, today.year + 2, today.year + 3)
    )
    for candidate in years:
        try:
            on = date(candidate, month, day)
        except ValueError:
            continue
        if year is not None or (on <= today if past else on >= today):
            return on
    return None

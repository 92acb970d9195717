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
_MOST_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
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


#: A session asked for on a day that was so lately is not one of next year.
LATELY = timedelta(days=45)


def explicit_date(text: str, today: date, *, past: bool) -> tuple[date, int] | None:
    """The first written-out date in `text` and where it ends; a month alone is its middle.

    Without a year the nearest one is meant: the last one for `past` (births), else the next.
    """
    for form in _FORMS:
        if (m := form.search(text)) and (on := date_of(m, today, past=past)) is not None:
            return on, m.end()
    if past and (m := _MONTH_ONLY.search(text)):
        year = int(m["y"]) if m["y"] else None
        on = _placed(15, MONTHS[m["m"]], year, today, past=True, since=today)
        if on is not None:
            return min(on, today), m.end()
    return None


def date_of(
    m: re.Match[str], today: date, *, past: bool = False, lately: timedelta = timedelta()
) -> date | None:
    """The date of a match of one of the written forms, None where there is no such day.

    Without a year it is the next one, or one that is over no longer than `lately`.
    """
    groups = m.groupdict()
    month = MONTHS[groups["m"]] if groups.get("m") else int(groups["mo"])
    year = int(groups["y"]) if groups.get("y") else None
    if year is not None and year < 100:
        year += 2000
    return _placed(int(groups["d"]), month, year, today, past=past, since=today - lately)


def written_forms() -> tuple[re.Pattern[str], ...]:
    """The patterns, most telling first; their matches go to `date_of`."""
    return _FORMS


def end_of_month(day: date) -> date:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return following - timedelta(days=1)


def no_such_day(text: str) -> str:
    """A written-out day that no year has, as it was written: "30 February"; "" where none is."""
    for form in _FORMS:
        for m in form.finditer(text):
            month = MONTHS[m["m"]] if "m" in form.groupindex else int(m["mo"])
            if 1 <= month <= len(MONTHS) and _MOST_DAYS[month - 1] < int(m["d"]) <= max(_MOST_DAYS):
                return re.sub(MONTH, lambda name: name[0].capitalize(), m[0])
    return ""


def _placed(
    day: int, month: int, year: int | None, today: date, *, past: bool, since: date
) -> date | None:
    years = (
        (year,)
        if year is not None
        else (today.year, today.year - 1, today.year - 2)
        if past
        else range(since.year, today.year + 4)
    )
    for candidate in years:
        try:
            on = date(candidate, month, day)
        except ValueError:
            continue
        if year is not None or (on <= today if past else on >= since):
            return on
    return None

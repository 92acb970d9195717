"""When a child was born or is due, as people answer "How old is your child?".

Told are the kind of day and the day: `born` and `due` where the day itself was said, `month` for a
baby due around it; `either` and `either_month` for a day or a month to come without a word that
says which is meant.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.understanding.dates import MONTH, MONTHS, date_of, written_forms
from bot.understanding.found import NUM, number
from bot.understanding.relative import find_relative

WEEKS_OF_PREGNANCY = 40
_EXACT = timedelta(days=7)  # "due tomorrow" is a day, "in 6 weeks" says about when
_DUE = re.compile(
    r"(?<!\w)(?:due|expect\w*|pregnant|edd|on the way|(?:he|she|baby|it|they)(?:'s| is| are)? (?:coming|arriving))(?!\w)"
)
_BORN = re.compile(r"(?<!\w)(?:born|birthday|birth|dob|d\.o\.b)(?!\w)")
_WEEKS_GONE = re.compile(
    rf"(?<!\w)(?P<n>{NUM}) weeks?(?: and {NUM} days?)? (?:pregnant|gone|along|preg)(?!\w)"
    rf"|(?<!\w)pregnant,? (?P<n2>{NUM}) weeks"
)
_MONTH = re.compile(rf"(?<!\w)(?P<m>{MONTH})(?:,? (?P<y>20\d\d))?(?!\w)")
_MONTH_ALONE = re.compile(rf"(?:in |early |late |mid |end of )*{MONTH}(?: 20\d\d)?[.!]?")


def told_day(said: str, today: date) -> tuple[str, date] | None:
    """The kind and the day in plain English words (see spoken.speak), None where there is none."""
    coming = _DUE.search(said) is not None
    past = not coming and _BORN.search(said) is not None
    for form in written_forms():
        if (m := form.search(said)) and (on := date_of(m, today, past=past)) is not None:
            if coming or past or m.groupdict().get("y"):
                return ("born" if past or (on <= today and not coming) else "due"), on
            return "either", on
    if not coming:
        alone = _MONTH_ALONE.fullmatch(said.strip())
        return ("either_month", _month(said, today)) if alone else None
    if m := _WEEKS_GONE.search(said):
        left = WEEKS_OF_PREGNANCY - int(number(m["n"] or m["n2"]))
        return ("month", max(today, today + timedelta(weeks=left)))
    if _MONTH.search(said):
        return "month", _month(said, today)
    for _start, _end, first, last in find_relative(said, today):
        near = first == last and first - today <= _EXACT
        return ("due" if near else "month"), (
            first if first == last else first + (last - first) / 2
        )
    return None


def _month(said: str, today: date) -> date:
    """The middle of the month that is named, the next one where no year is."""
    m = _MONTH.search(said)
    month = MONTHS[m["m"]] if m else today.month
    year = int(m["y"]) if m and m["y"] else today.year + (month < today.month)
    middle = date(year, month, 15)
    return max(middle, today) if (year, month) == (today.year, today.month) else middle

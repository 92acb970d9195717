"""How long what families tell us is kept: said by the privacy wording, done by a daily job.

The periods stand in council.yaml and nowhere else. The privacy wording has a blank for each, such
as {chats}, so that a council can't promise one thing and do another.
"""

from __future__ import annotations

import calendar
import dataclasses
import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from babel import Locale, UnknownLocaleError
from babel.dates import format_timedelta

Unit = Literal["day", "month", "year"]

_PERIOD = re.compile(r"(\d{1,4})\s*(day|month|year)s?")
_DAYS = {"day": 1, "month": 30, "year": 365}  # as Babel counts them
_BLANK = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time as people say it: 30 days, 12 months, 2 years."""

    number: int
    unit: Unit

    def before(self, moment: datetime) -> datetime:
        """The same time of day that long ago; the last day of a month that is too short."""
        if self.unit == "day":
            return moment - timedelta(days=self.number)
        back = self.number * (12 if self.unit == "year" else 1)
        year, month = divmod(moment.year * 12 + moment.month - 1 - back, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return moment.replace(year=year, month=month + 1, day=min(moment.day, last))

    def said(self, lang: str) -> str:
        """In words of a language; in English where Babel doesn't know it."""
        try:
            locale = Locale.parse(lang, sep="-")
        except (ValueError, UnknownLocaleError):
            locale = Locale("en")
        length = timedelta(days=self.number * _DAYS[self.unit])
        return format_timedelta(length, granularity=self.unit, threshold=math.inf, locale=locale)


@dataclass(frozen=True, slots=True)
class Keep:
    """Each period, under the name of its blank."""

    chats: Period  # what was written, and requests, from when they were closed
    bookings: Period  # after the last session; then only numbers
    unregistered: Period  # after a family that isn't registered was last here
    registered: Period  # how old the youngest child is when a registration ends

    def fill(self, text: str, lang: str) -> str:
        """The text with every period said in its blank."""
        return _BLANK.sub(lambda blank: getattr(self, blank[1]).said(lang), text)


NAMES = tuple(field.name for field in dataclasses.fields(Keep))


def parse_period(typed: str) -> Period:
    """30 days, 12 months, 2 years. Raises ValueError with what was expected."""
    match = _PERIOD.fullmatch(typed.strip().lower())
    if match is None or not 1 <= int(match[1]) <= 3660:
        raise ValueError("a time such as “30 days”, “12 months” or “2 years”")
    period = Period(int(match[1]), cast(Unit, match[2]))
    if period.unit != "day" and period.number > 120:
        raise ValueError("at most 120 months or years")
    return period


def blanks(text: str) -> set[str]:
    """The names of the blanks in a text."""
    return set(_BLANK.findall(text))

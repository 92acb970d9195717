"""One person's words: translation, dates, times, lists and distances in their language.

English times are said as GOV.UK says them (10am, 1:30pm); other languages follow CLDR by Babel.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_day_names
from babel.lists import format_list
from markupsafe import Markup, escape

from bot.wording.catalogue import catalogue

MILES_PER_KM = 0.621371
LEFT_TO_RIGHT, END = "\u2066", "\u2069"  # Unicode's isolate around English in right-to-left text
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "ckb"})


class Words:
    """Says things in one language. `words._("…")` translates; the rest formats values."""

    def __init__(self, lang: str, zone: ZoneInfo) -> None:
        self.lang = lang or "en"
        self.zone = zone
        self.locale = _locale(self.lang)
        texts = catalogue(self.lang)
        self._ = texts.gettext
        self.ngettext = texts.ngettext
        self._today: date | None = None

    def on(self, now: datetime) -> Words:
        """The same words said on a day: dates of another year have their year. `now` is aware."""
        words = copy.copy(self)
        words._today = now.astimezone(self.zone).date()
        return words

    @property
    def direction(self) -> str:
        """ltr or rtl."""
        return "rtl" if self.lang.partition("-")[0] in RIGHT_TO_LEFT else "ltr"

    def said(self, words: Mapping[str, str] | None) -> str:
        """A council's words in this language, else in English."""
        if not words:
            return ""
        return words.get(self.lang) or self.english(words["en"])

    def english(self, text: str) -> str:
        """English among other words: in right-to-left text it is kept apart, so that its parts stay
        in their order. Not several paragraphs, each of which stands by itself."""
        if not text or "\n" in text or self.direction == "ltr":
            return text
        return f"{LEFT_TO_RIGHT}{text}{END}"

    def day(self, day: date, *, today: date | None = None, year: bool = False) -> str:
        """Wednesday 11 March; with `today` near days are named first: tomorrow, Wednesday …"""
        year = year or self._far(day, today)
        full = _format_date(day, "EEEE d MMMM y" if year else "EEEE d MMMM", self.locale)
        if today is None:
            return full
        match (day - today).days:
            case 0:
                return self._("today, %(day)s") % {"day": full}
            case 1:
                return self._("tomorrow, %(day)s") % {"day": full}
        return full

    def short_day(self, day: date) -> str:
        """Wed 11 March, for buttons and tables."""
        return _format_date(day, "EEE d MMM y" if self._far(day) else "EEE d MMM", self.locale)

    def _far(self, day: date, today: date | None = None) -> bool:
        """Whether a day is in another year than the one it is said in."""
        today = today or self._today
        return today is not None and day.year != today.year

    def weekday(self, weekday: int) -> str:
        """Monday is 0."""
        return str(get_day_names("wide", locale=self.locale)[weekday])

    def month(self, day: date) -> str:
        """March 2026."""
        return str(format_skeleton("yMMMM", datetime.combine(day, time()), locale=self.locale))

    def time(self, at: datetime | time) -> str:
        """10am or 1:30pm in English; the language's own way elsewhere. Datetimes become local."""
        if isinstance(at, datetime):
            at = at.astimezone(self.zone).timetz().replace(tzinfo=None)
        if self.locale.language != "en":
            return str(format_time(at, "short", locale=self.locale))
        hour = at.hour % 12 or 12
        minutes = f":{at.minute:02d}" if at.minute else ""
        half = "am" if at.hour < 12 else "pm"
        if (at.hour, at.minute) == (12, 0):
            return self._("midday")
        return f"{hour}{minutes}{half}"

    def moment(self, at: datetime, *, today: date | None = None) -> str:
        """Wednesday 11 March, 10am; aware times become local."""
        day = at.astimezone(self.zone).date()
        return self._("%(day)s, %(time)s") % {
            "day": self.day(day, today=today), "time": self.time(at),
        }  # fmt: skip

    def hours(self, begin: datetime, end: datetime) -> str:
        """10am to 11:30am."""
        return self._("%(begin)s to %(end)s") % {"begin": self.time(begin), "end": self.time(end)}

    def list(self, items: Sequence[str]) -> str:
        """a, b and c."""
        return str(format_list(list(items), locale=self.locale)) if items else ""

    def distance(self, km: float) -> str:
        """About 2 miles; under half a mile is said so. Whole miles, since positions are rough."""
        miles = km * MILES_PER_KM
        if miles < 0.75:
            return self._("less than a mile away")
        whole = max(1, math.floor(miles + 0.5))
        return self.ngettext("about %(num)d mile away", "about %(num)d miles away", whole) % {
            "num": whole
        }

    def months(self, months: int) -> str:
        """9 months, 2 years, 2½ years."""
        if months < 24:
            return self.ngettext("%(num)d month", "%(num)d months", months) % {"num": months}
        years, rest = divmod(months, 12)
        if rest == 6:
            return self._("%(num)d½ years") % {"num": years}
        return self.ngettext("%(num)d year", "%(num)d years", years) % {"num": years}

    def ages(self, low: int | None, high: int | None) -> str:
        """Who it is for, by age: under 1, 6 months to 2 years, any age. `high` is the last month in."""
        if low in (None, 0) and high is None:
            return self._("any age")
        if low in (None, 0) and high is not None:
            if (high + 1) % 12 == 0:
                years = (high + 1) // 12
                return self.ngettext("under %(num)d", "under %(num)d", years) % {"num": years}
            return self._("up to %(age)s") % {"age": self.months(high)}
        if high is None:
            return self._("from %(age)s") % {"age": self.months(low or 0)}
        top = self.months(high + 1 if (high + 1) % 12 == 0 and high >= 23 else high)
        return self._("%(low)s to %(high)s") % {"low": self.months(low or 0), "high": top}

    def fill(self, text: str, **values: object) -> Markup:
        """A translated sentence with <b>, <i> or <a>, filled with escaped values."""
        return Markup(text) % {k: escape(v) for k, v in values.items()}  # noqa: S704  # our own text


def lines(*parts: Markup | str | None) -> Markup:
    """Join what there is with line breaks; plain text is escaped, empty parts are left out."""
    return Markup("\n").join(p for p in parts if p)


def paragraphs(*parts: Markup | str | None) -> Markup:
    """Join what there is with an empty line between."""
    return Markup("\n\n").join(p for p in parts if p)


@lru_cache(maxsize=64)
def _locale(tag: str) -> Locale:
    try:
        return Locale.parse("en_GB" if tag.startswith("en") else tag.replace("-", "_"))
    except ValueError:
        return Locale.parse("en_GB")


@lru_cache(maxsize=4096)
def _format_date(day: date, pattern: str, locale: Locale) -> str:
    return str(format_date(day, pattern, locale=locale))

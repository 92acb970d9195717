"""What a `when` or `daypart` slot means, as days and times that a search can ask.

The slot's text comes from a reading ("2026-03-11", "wd:sat", "hol:easter"); the answers are
local dates and wall-clock times in the council's zone. A weekday beside a range narrows it:
("wd:sat", "hol:easter") is the Saturdays of the Easter holidays. Pure: `now` is handed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.content.values import Calendar
from bot.understanding.holidays import half_terms, holiday_gaps, term_spans, uk_bank_holidays
from bot.understanding.reading import SlotValue

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Range = tuple[date, date | None]  # both ends in; None is an open end

#: How far ahead of `now` a session still counts as "now".
NOW_AHEAD = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Days:
    """A set of local dates: any of `ranges`, on any of `weekdays` (Monday is 0, empty is all).

    `first` and `last` bound every date that matches; `last` is None where there is no end.
    """

    ranges: tuple[Range, ...]
    weekdays: frozenset[int] = frozenset()

    @property
    def first(self) -> date:
        return min(start for start, _ in self.ranges)

    @property
    def last(self) -> date | None:
        ends = [end for _, end in self.ranges]
        closed = [end for end in ends if end is not None]
        return max(closed) if len(closed) == len(ends) else None

    @property
    def single(self) -> date | None:
        """The one date meant, or None where several are."""
        return self.first if self.first == self.last else None

    def matches(self, day: date) -> bool:
        if self.weekdays and day.weekday() not in self.weekdays:
            return False
        return any(start <= day and (end is None or day <= end) for start, end in self.ranges)


@dataclass(frozen=True, slots=True)
class Times:
    """Windows of the day: a session fits one where it begins in it, the end left out.

    `still_on` is set for "now": the session must not have ended by then, and may have begun.
    """

    windows: tuple[tuple[time, time | None], ...] = ()
    still_on: tuple[time, time | None] | None = None

    def matches_time(self, begin: time, end: time) -> bool:
        """Whether a session with these wall-clock times fits. No windows: all of them do."""
        if self.still_on is not None:
            present, until = self.still_on
            if end > present and (until is None or begin <= until):
                return True
            return any(_within(begin, window) for window in self.windows)
        return not self.windows or any(_within(begin, window) for window in self.windows)


def spans(when: SlotValue, *, now: datetime, calendar: Calendar, zone: ZoneInfo) -> Days:
    """The local dates that a `when` slot means; all days from today on where it is empty or odd.

    `now` is aware. Holidays and terms are the council's where its calendar covers them, and
    the usual English ones otherwise.
    """
    today = now.astimezone(zone).date()
    ranges: list[Range] = []
    weekdays: set[int] = set()
    for item in _items(when):
        if item.startswith("wd:"):
            weekdays |= _weekdays(item[3:])
        else:
            ranges.extend(_ranges(item, today, calendar))
    return Days(tuple(ranges) or ((today, None),), frozenset(weekdays))


def is_rest(when: SlotValue | None) -> bool:
    """Every day but the ones ruled out: what a search makes of "not on mondays"."""
    return isinstance(when, str) and when.startswith("wd:") and when.count(",") > 3


def daypart(part: SlotValue, *, now: datetime, zone: ZoneInfo) -> Times:
    """The times of day that a `daypart` slot means; any time where it is empty or odd."""
    windows: list[tuple[time, time | None]] = []
    still_on: tuple[time, time | None] | None = None
    for item in _items(part):
        if item == "now":
            local = now.astimezone(zone)
            ahead = local + NOW_AHEAD
            until = ahead.time() if ahead.date() == local.date() else None
            still_on = (local.time().replace(tzinfo=None), until)
        elif (window := _window(item)) is not None:
            windows.append(window)
    return Times(tuple(windows), still_on)


def _items(value: SlotValue) -> Iterator[str]:
    for item in (value,) if isinstance(value, str) else value:
        if item.strip():
            yield item.strip()


def _weekdays(text: str) -> set[int]:
    found: set[int] = set()
    for word in text.split(","):
        if word == "weekday":
            found |= set(range(5))
        elif word == "weekend":
            found |= {5, 6}
        elif word[:3] in WEEKDAYS:
            found.add(WEEKDAYS.index(word[:3]))
    return found


def _ranges(item: str, today: date, calendar: Calendar) -> list[Range]:
    if item.startswith("hol:"):
        return list(_holidays(item[4:], today, calendar))
    if item.startswith("term:"):
        return list(term_spans(item[5:], today, calendar)[:1])
    start, slash, end = item.partition("/")
    try:
        first = date.fromisoformat(start) if start else today
        if not slash:
            return [(first, first)]
        return [(first, max(first, date.fromisoformat(end)) if end else None)]
    except ValueError:
        return []


def _holidays(kind: str, today: date, calendar: Calendar) -> list[Range]:
    """The holiday meant: the one running or next to come; every one within a year for `any`."""
    ahead = today + timedelta(days=366)
    if kind == "bank_holiday":
        named = uk_bank_holidays(today.year) | uk_bank_holidays(today.year + 1)
        days = sorted(d for d in named | set(calendar.bank_holidays) if today <= d <= ahead)
        return [(d, d) for d in days]
    if kind == "half_term":
        return list(half_terms(today, calendar)[:1])
    if kind in {"easter", "summer", "christmas"}:
        return list(holiday_gaps(kind, today, calendar)[:1])
    every = half_terms(today, calendar) + tuple(
        gap
        for name in ("easter", "summer", "christmas")
        for gap in holiday_gaps(name, today, calendar)
    )
    return sorted(span for span in every if span[0] <= ahead)


def _window(item: str) -> tuple[time, time | None] | None:
    named = {
        "morning": (time(0), time(12)),
        "afternoon": (time(12), time(17)),
        "evening": (time(17), None),
    }
    if item in named:
        return named[item]
    try:
        if item.startswith("after:"):
            return time.fromisoformat(item[6:]), None
        if item.startswith("before:"):
            return time(0), time.fromisoformat(item[7:])
        begin, dash, end = item.partition("-")
        if dash:
            return time.fromisoformat(begin), time.fromisoformat(end)
    except ValueError:
        return None
    return None


def _within(begin: time, window: tuple[time, time | None]) -> bool:
    start, end = window
    return start <= begin and (end is None or begin < end)

"""School terms, school holidays and bank holidays around a day.

The council's own calendar comes first; where it does not reach (a sample covers one school
year) the usual English dates stand in, so that "half term" is never without an answer.
Source of the usual dates: the pattern of outer London boroughs' published terms.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from dateutil.easter import easter

from bot.content.values import Calendar

Closed = tuple[date, date]  # both ends in
DAY = timedelta(days=1)


@lru_cache(maxsize=32)
def uk_bank_holidays(year: int) -> frozenset[date]:
    """England's bank holidays of a year by the standing rules, with substitute days."""
    sunday = easter(year)
    days = {
        sunday - 2 * DAY,
        sunday + DAY,
        _monday_on_or_after(date(year, 5, 1)),
        _monday_on_or_after(date(year, 5, 25)),
        _monday_on_or_after(date(year, 8, 25)),
    }
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        day = fixed
        while day.weekday() >= 5 or day in days:
            day += DAY
        days.add(day)
    return frozenset(days)


def term_spans(kind: str, today: date, calendar: Calendar) -> tuple[Closed, ...]:
    """Terms of a kind (spring, summer, autumn) that have not ended, nearest first."""
    own = [(t.starts, t.ends) for t in calendar.terms if t.kind == kind]
    years = range(today.year, today.year + 2)
    usual = [
        span
        for span in (_usual_term(kind, year) for year in years)
        if not any(_near(span, mine) for mine in own)
    ]
    return tuple(sorted(span for span in own + usual if span[1] >= today))


def half_terms(today: date, calendar: Calendar) -> tuple[Closed, ...]:
    """Half-term breaks that have not ended, nearest first."""
    own = [t.half_term for t in calendar.terms]
    usual = [
        span
        for year in range(today.year, today.year + 2)
        for span in _usual_half_terms(year)
        if not any(_near(span, mine) for mine in own)
    ]
    return tuple(sorted(span for span in own + usual if span[1] >= today))


def holiday_gaps(kind: str, today: date, calendar: Calendar) -> tuple[Closed, ...]:
    """The easter, summer or christmas holidays that have not ended, nearest first."""
    before = {"easter": "spring", "summer": "summer", "christmas": "autumn"}[kind]
    own = [
        (a.ends + DAY, b.starts - DAY)
        for a, b in zip(calendar.terms, calendar.terms[1:], strict=False)
        if a.kind == before and b.starts - a.ends < timedelta(days=70)
    ]
    usual = [
        span
        for year in range(today.year - 1, today.year + 2)
        for span in (_usual_gap(kind, year),)
        if not any(_near(span, mine) for mine in own)
    ]
    return tuple(sorted(span for span in own + usual if span[1] >= today))


def term_on(day: date, calendar: Calendar) -> str:
    """The kind of term running on a day, or the next one to start."""
    running = [(s, k) for k in ("spring", "summer", "autumn") for s in term_spans(k, day, calendar)]
    return min(running)[1]


def _near(a: Closed, b: Closed) -> bool:
    """Whether two spans are the same holiday or term, a council's and the usual one."""
    slack = timedelta(days=10)
    return a[0] <= b[1] + slack and b[0] <= a[1] + slack


def _usual_term(kind: str, year: int) -> Closed:
    christmas, spring = _usual_gap("christmas", year), _usual_gap("christmas", year - 1)
    gap, summer = _usual_gap("easter", year), _usual_gap("summer", year)
    return {
        "spring": (spring[1] + DAY, gap[0] - DAY),
        "summer": (gap[1] + DAY, summer[0] - DAY),
        "autumn": (summer[1] + DAY, christmas[0] - DAY),
    }[kind]


def _usual_gap(kind: str, year: int) -> Closed:
    """The holiday that begins in `year`, whole weeks from a Saturday to a Sunday."""
    if kind == "easter":
        # two weeks that hold both bank holidays, as most London boroughs set them
        start = _monday_on_or_after(date(year, 3, 30))
        if not start <= easter(year) + DAY <= start + 13 * DAY:
            start = easter(year) - 6 * DAY
        return start - 2 * DAY, start + 13 * DAY
    if kind == "summer":
        return _monday_on_or_after(date(year, 7, 20)) + 2 * DAY, date(year, 9, 1)
    return _monday_on_or_after(date(year, 12, 19)) - 2 * DAY, date(year + 1, 1, 4)


def _usual_half_terms(year: int) -> tuple[Closed, Closed, Closed]:
    starts = (
        _monday_on_or_after(date(year, 2, 12)),
        _monday_on_or_after(date(year, 5, 25)),
        _monday_on_or_after(date(year, 10, 23)),
    )
    a, b, c = ((start - 2 * DAY, start + 6 * DAY) for start in starts)
    return a, b, c


def _monday_on_or_after(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)

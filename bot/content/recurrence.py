"""From a rule to dates: which days a series meets. Pure; local dates in, local dates out."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from bot.content.values import Calendar, Repeat, SeriesPlan

_NAMESPACE = uuid.UUID("7f0c0f2e-6f6d-5d0a-9a39-5a1c6d3f3a10")
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Meeting:
    """One day on which a series meets. `course_on` is the first day of the run it belongs to."""

    on: date
    course_on: date | None = None


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def occurrence_id(series: str, on: date) -> str:
    """The same id whenever the same series and original date are laid out."""
    return str(uuid.uuid5(_NAMESPACE, f"occurrence:{series}:{on.isoformat()}"))


def course_id(series: str, first_on: date) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"course:{series}:{first_on.isoformat()}"))


def meetings(
    plan: SeriesPlan, *, anchor: date, first: date, last: date, calendar: Calendar
) -> list[Meeting]:
    """The days from `first` to `last` (both in) on which the series meets, in order.

    `anchor` is the Monday that a rule without a start of its own counts from. A course is whole
    or not there: all its meetings are given where one of them is due in that time. A week that
    falls in a holiday (where the series keeps to term time) or on a bank holiday is added at its
    end, as far as `until` lets it, and the next course begins when it is over.
    """
    found = list(_by_rule(plan, anchor, last, calendar))
    runs = {m.course_on for m in found if m.course_on and first <= m.on <= last}
    due = [m for m in found if first <= m.on <= last or m.course_on in runs]
    return sorted(due, key=lambda m: m.on)


def _by_rule(plan: SeriesPlan, anchor: date, last: date, calendar: Calendar) -> Iterator[Meeting]:
    match plan.repeat:
        case Repeat.DATES:
            days = plan.dates or tuple(anchor + timedelta(days=n) for n in plan.offsets)
            yield from (Meeting(d) for d in days if d not in plan.except_on)
        case Repeat.WEEKLY:
            for day in _steps(plan, anchor, last):
                if _meets(plan, day, calendar):
                    yield Meeting(day)
        case Repeat.MONTHLY:
            month = (plan.starts or anchor).replace(day=1)
            while month <= last:
                day = _nth_weekday(month, plan.weekday, plan.nth)
                if day >= (plan.starts or anchor) and _meets(plan, day, calendar):
                    yield Meeting(day)
                month += relativedelta(months=1)
        case Repeat.COURSE:
            free = date.min
            for begin in _steps(plan, anchor, last):
                run = list(_course(plan, max(begin, free), calendar))
                if len(run) == plan.weeks:
                    free = run[-1].on + WEEK
                    yield from run


def _steps(plan: SeriesPlan, anchor: date, last: date) -> Iterator[date]:
    # A sample says by an offset when its first meeting is, so that not everything starts at once.
    start = plan.starts or anchor + timedelta(days=plan.offsets[0] if plan.offsets else 0)
    day = start + timedelta(days=(plan.weekday - start.weekday()) % 7)
    while day <= last and (plan.until is None or day <= plan.until):
        yield day
        if not plan.every:  # a course that runs once
            return
        day += WEEK * plan.every


def _course(plan: SeriesPlan, begin: date, calendar: Calendar) -> Iterator[Meeting]:
    day, left, first = begin, plan.weeks, None
    while left and day - begin < WEEK * (plan.weeks + 12):
        if _meets(plan, day, calendar):
            first = first or day
            left -= 1
            yield Meeting(day, first)
        day += WEEK


def _meets(plan: SeriesPlan, day: date, calendar: Calendar) -> bool:
    return (
        day not in plan.except_on
        and day not in calendar.bank_holidays
        and (not plan.term_time_only or calendar.in_term(day))
        and (plan.until is None or day <= plan.until)
    )


def _nth_weekday(month: date, weekday: int, nth: int) -> date:
    if nth < 0:
        end = month + relativedelta(months=1, days=-1)
        return end - timedelta(days=(end.weekday() - weekday) % 7)
    return month + timedelta(days=(weekday - month.weekday()) % 7) + WEEK * (nth - 1)

"""From rules to dates, over years, clock changes and holidays."""

from __future__ import annotations

import dataclasses
from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.recurrence import course_id, meetings, monday_of, occurrence_id
from bot.content.values import Calendar, Repeat, SeriesPlan, Term

ANCHOR = date(2026, 3, 9)
YEAR = ANCHOR + timedelta(days=365)
CALENDAR = Calendar(
    terms=(
        Term("spring", "spring", date(2026, 1, 5), date(2026, 3, 27),
             (date(2026, 2, 16), date(2026, 2, 20))),
        Term("summer", "summer", date(2026, 4, 13), date(2026, 7, 21),
             (date(2026, 5, 25), date(2026, 5, 29))),
    ),
    bank_holidays={date(2026, 4, 3): "Good Friday", date(2026, 4, 6): "Easter Monday"},
    sample=True,
)  # fmt: skip


def plan(**changes) -> SeriesPlan:
    base = {
        "id": "s", "line": 1, "activity": "a", "venue": "v", "name": "", "repeat": Repeat.WEEKLY,
        "weekday": 0, "begins": time(10), "ends": time(11),
    }  # fmt: skip
    return SeriesPlan(**{**base, **changes})


def days(p: SeriesPlan, first: date = ANCHOR, last: date = YEAR) -> list[date]:
    return [m.on for m in meetings(p, anchor=ANCHOR, first=first, last=last, calendar=CALENDAR)]


@given(weekday=st.integers(0, 6), every=st.integers(1, 6))
def test_weekly_keeps_its_weekday_and_its_step(weekday, every):
    found = days(plan(weekday=weekday, every=every))
    assert found
    assert {d.weekday() for d in found} == {weekday}
    assert all((b - a).days % (7 * every) == 0 for a, b in pairwise(found))
    assert not set(found) & set(CALENDAR.bank_holidays)


@given(weekday=st.integers(0, 6), nth=st.sampled_from([1, 2, 3, 4, -1]))
def test_monthly_is_once_a_month(weekday, nth):
    found = days(plan(repeat=Repeat.MONTHLY, weekday=weekday, nth=nth))
    months = [(d.year, d.month) for d in found]
    assert len(months) == len(set(months))
    for d in found:
        assert d.weekday() == weekday
        week = (d.day - 1) // 7 + 1
        assert week == nth if nth > 0 else (d + timedelta(days=7)).month != d.month


def test_term_time_only_leaves_out_holidays_and_half_terms():
    found = days(plan(term_time_only=True), last=date(2026, 7, 31))
    assert date(2026, 3, 30) not in found
    assert date(2026, 5, 25) not in found
    assert date(2026, 4, 13) in found


def test_a_course_has_all_its_weeks_and_adds_those_that_fall_out():
    course = plan(repeat=Repeat.COURSE, weekday=4, weeks=4, every=12, starts=date(2026, 3, 20))
    found = meetings(course, anchor=ANCHOR, first=ANCHOR, last=date(2026, 5, 1), calendar=CALENDAR)
    first = [m.on for m in found if m.course_on == date(2026, 3, 20)]
    # Good Friday, 3 April, is left out and a fourth meeting added after.
    assert first == [date(2026, 3, 20), date(2026, 3, 27), date(2026, 4, 10), date(2026, 4, 17)]


def test_listed_dates_and_exceptions():
    listed = plan(repeat=Repeat.DATES, dates=(date(2026, 3, 12), date(2026, 3, 19)),
                  except_on=(date(2026, 3, 19),))  # fmt: skip
    assert days(listed) == [date(2026, 3, 12)]
    offset = plan(repeat=Repeat.DATES, offsets=(3, 10))
    assert days(offset) == [date(2026, 3, 12), date(2026, 3, 19)]


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_ids_are_the_same_whenever_they_are_made(day):
    assert occurrence_id("s", day) == occurrence_id("s", day) != occurrence_id("t", day)
    assert course_id("s", day) != occurrence_id("s", day)
    assert monday_of(day).weekday() == 0


@pytest.mark.parametrize("window", [1, 26])
def test_a_window_gives_what_the_whole_gives(window):
    p = plan(weekday=2)
    last = ANCHOR + timedelta(weeks=window)
    assert days(p, last=last) == [d for d in days(p) if d <= last]


def of(course: SeriesPlan, last: date = YEAR) -> list[list[date]]:
    """The meetings of each course."""
    found: dict[date | None, list[date]] = {}
    for m in meetings(course, anchor=ANCHOR, first=ANCHOR, last=last, calendar=CALENDAR):
        found.setdefault(m.course_on, []).append(m.on)
    return list(found.values())


def test_a_course_begins_when_the_one_before_it_is_over():
    monday = plan(repeat=Repeat.COURSE, weeks=4, every=4, starts=ANCHOR, until=date(2026, 5, 11))
    # Easter Monday is left out, and with it the fourth week; the early May one is no holiday here.
    assert of(monday) == [
        [date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 23), date(2026, 3, 30)],
        [date(2026, 4, 13), date(2026, 4, 20), date(2026, 4, 27), date(2026, 5, 4)],
    ]
    through_easter = plan(repeat=Repeat.COURSE, weeks=4, every=4, starts=date(2026, 3, 16))
    first, second = of(through_easter, last=date(2026, 5, 1))
    assert first[-1] == date(2026, 4, 13)
    assert second[0] == date(2026, 4, 20)


def test_a_course_is_there_whole_or_not_at_all():
    course = plan(repeat=Repeat.COURSE, weeks=4, every=0, starts=date(2026, 3, 23))
    assert [len(days) for days in of(course, last=date(2026, 3, 23))] == [4]
    # The fourth meeting would be on 20 April
    for until, courses in ((date(2026, 4, 20), 1), (date(2026, 4, 19), 0)):
        assert len(of(dataclasses.replace(course, until=until))) == courses
    # No term is known after July
    late = dataclasses.replace(course, starts=date(2026, 7, 6), term_time_only=True)
    assert of(late) == []

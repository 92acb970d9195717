"""Slot texts become the days and times that a search asks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.values import Calendar
from bot.understanding.when import daypart, spans

LONDON = ZoneInfo("Europe/London")
NONE = Calendar((), {}, sample=True)
NOW = datetime(2026, 3, 10, 10, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("when", "first", "last"),
    [
        ("2026-03-11", date(2026, 3, 11), date(2026, 3, 11)),
        ("2026-03-16/2026-03-22", date(2026, 3, 16), date(2026, 3, 22)),
        ("2026-04-13/", date(2026, 4, 13), None),
        ("wd:sat", date(2026, 3, 10), None),
        ("hol:easter", date(2026, 3, 28), date(2026, 4, 12)),
        (("wd:sat", "hol:easter"), date(2026, 3, 28), date(2026, 4, 12)),
        ("nonsense", date(2026, 3, 10), None),
    ],
)
def test_the_bounds_of_a_slot(when, first, last):
    days = spans(when, now=NOW, calendar=NONE, zone=LONDON)
    assert (days.first, days.last) == (first, last)


def test_a_weekday_narrows_a_range():
    days = spans(("wd:sat", "hol:easter"), now=NOW, calendar=NONE, zone=LONDON)
    assert days.matches(date(2026, 4, 4))
    assert not days.matches(date(2026, 4, 3))
    assert not days.matches(date(2026, 4, 18))


def test_parts_of_the_day():
    after = daypart("after:15:00", now=NOW, zone=LONDON)
    assert after.matches_time(time(15), time(16))
    assert not after.matches_time(time(14, 30), time(16))
    now = daypart("now", now=NOW, zone=LONDON)
    assert now.matches_time(time(9, 30), time(11))
    assert not now.matches_time(time(8), time(9, 30))
    assert not now.matches_time(time(14), time(15))


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31)),
    st.sampled_from(["easter", "summer", "christmas", "half_term", "bank_holiday", "any"]),
)
def test_a_holiday_is_never_over_and_within_a_year_or_so(moment, kind):
    now = moment.replace(tzinfo=LONDON)
    days = spans(f"hol:{kind}", now=now, calendar=NONE, zone=LONDON)
    assert days.last is not None
    assert days.last >= moment.date()
    assert days.first <= moment.date() + timedelta(days=400)

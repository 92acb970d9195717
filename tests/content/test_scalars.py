"""What spreadsheets make of days, times and ages."""

from __future__ import annotations

from datetime import date, time

import pytest

from bot.content import scalars


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-03-12", date(2026, 3, 12)),
        ("12/03/2026", date(2026, 3, 12)),
        ("1.4.2026", date(2026, 4, 1)),
        (" 2026-03-12 00:00:00 ", date(2026, 3, 12)),
    ],
)
def test_dates(typed: str, meant: date) -> None:
    assert scalars.parse_date(typed) == meant


@pytest.mark.parametrize(
    "typed", ["13/13/2026", "2026-3", "12/03/26", "tomorrow", "", "0001-01-01"]
)
def test_no_dates(typed: str) -> None:
    with pytest.raises(ValueError, match="date"):
        scalars.parse_date(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("9.30", time(9, 30)),
        ("09:30", time(9, 30)),
        ("9:30am", time(9, 30)),
        ("9:30 PM", time(21, 30)),
        ("2pm", time(14)),
        ("12pm", time(12)),
        ("12.15am", time(0, 15)),
        ("13:15:00", time(13, 15)),
        ("12 noon", time(12)),
        ("Noon", time(12)),
    ],
)
def test_times(typed: str, meant: time) -> None:
    assert scalars.parse_time(typed) == meant


@pytest.mark.parametrize("typed", ["9", "25:00", "13pm", "9:60", "0930", "later"])
def test_no_times(typed: str) -> None:
    with pytest.raises(ValueError, match="time"):
        scalars.parse_time(typed)


@pytest.mark.parametrize("typed", ["Thursday", "THU", "thurs", "Thursdays", "thu."])
def test_days(typed: str) -> None:
    assert scalars.parse_day(typed) == 3


@pytest.mark.parametrize("typed", ["T", "th", "Thirsday", "day", "", "Saturn"])
def test_no_days(typed: str) -> None:
    with pytest.raises(ValueError, match="day"):
        scalars.parse_day(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("0-12 months", (0, 12)),
        ("6 weeks to 12 months", (1, 12)),
        ("0-12", (0, 12)),
        ("2-12 years", (24, 144)),
        ("18 months – 4 years", (18, 48)),
        ("under 5", (0, 59)),
        ("Under 1s", (0, 11)),
        ("under 6 months", (0, 5)),
        ("from 18 months", (18, None)),
        ("18 months+", (18, None)),
        ("any", (None, None)),
    ],
)
def test_ages(typed: str, meant: tuple[int | None, int | None]) -> None:
    assert scalars.parse_ages(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"), [("18", 18), ("6 weeks", 1), ("2 years", 24), ("9 mths", 9)]
)
def test_months(typed: str, meant: int) -> None:
    assert scalars.parse_months(typed) == meant


@pytest.mark.parametrize(
    "typed", ["999", "116 123", "0800 1111", "020 8303 7777", "+44 20 8303 7777"]
)
def test_phones(typed: str) -> None:
    assert scalars.parse_phone(typed) == typed


@pytest.mark.parametrize("typed", ["020 8303", "ring", "12", "020 8303 7777 ext 5", "٠٢٠"])
def test_no_phones(typed: str) -> None:
    with pytest.raises(ValueError, match="phone"):
        scalars.parse_phone(typed)


@pytest.mark.parametrize("typed", ["1.30", "2:00", "6:15"])
def test_an_hour_that_may_be_day_or_night_is_asked_about(typed: str) -> None:
    with pytest.raises(ValueError, match="am or pm"):
        scalars.parse_time(typed)


@pytest.mark.parametrize("typed", ["0-5", "2 - 4", "2+", "from 3"])
def test_ages_that_may_be_months_or_years_are_asked_about(typed: str) -> None:
    with pytest.raises(ValueError, match="unit"):
        scalars.parse_ages(typed)

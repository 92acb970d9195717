"""What people type when they are asked how old their child is, or when the baby is due."""

from __future__ import annotations

from datetime import date

import pytest

from bot.understanding.ages import find_ages
from bot.understanding.births import told_day
from bot.understanding.clean import clean
from bot.understanding.spoken import speak

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("due in may", ("month", date(2026, 5, 15))),
        ("due 3 may", ("due", date(2026, 5, 3))),
        ("due on 3 may 2026", ("due", date(2026, 5, 3))),
        ("Due 3rd of May", ("due", date(2026, 5, 3))),
        ("due 3/5", ("due", date(2026, 5, 3))),
        ("expecting in june", ("month", date(2026, 6, 15))),
        ("expecting in January", ("month", date(2027, 1, 15))),
        ("due this month, in march", ("month", date(2026, 3, 15))),
        ("baby is due in 6 weeks", ("month", date(2026, 4, 21))),
        ("due tomorrow", ("due", date(2026, 3, 11))),
        ("i'm 30 weeks pregnant", ("month", date(2026, 5, 19))),
        ("pregnant, 41 weeks", ("month", TODAY)),
        ("born 3 march", ("born", date(2026, 3, 3))),
        ("born 3rd december", ("born", date(2025, 12, 3))),
        ("his birthday is 5 may 2024", ("born", date(2024, 5, 5))),
        ("5 may 2024", ("born", date(2024, 5, 5))),
        ("3 may 2026", ("due", date(2026, 5, 3))),
        ("3 may", ("either", date(2026, 5, 3))),
        ("in june", ("either_month", date(2026, 6, 15))),
        ("8 months", None),
        ("she's 10 weeks", None),
        ("due any day", None),
        ("Amina", None),
    ],
)
def test_a_day_as_it_is_told(typed: str, told: tuple[str, date] | None):
    assert told_day(speak(clean(typed).flat), TODAY) == told


@pytest.mark.parametrize(
    ("typed", "ages"),
    [
        ("she is 2 years and 3 months", ["27"]),
        ("groups for a 1 yr 4 mths old", ["16"]),
        ("he's a year and 2 months", ["14"]),
        ("my kids are 2 years and 3 months", ["24", "3"]),
        ("a 2 year old and a 3 month old", ["24", "3"]),
    ],
)
def test_years_and_months_are_one_child_unless_there_are_more(typed, ages):
    found = find_ages(speak(clean(typed).flat), TODAY)
    assert [f.value for f in found] == ages

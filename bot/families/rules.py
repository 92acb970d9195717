"""Decisions about families that need no database."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class AdultState(StrEnum):
    ACTIVE = "active"
    STOPPED = "stopped"  # said stop: nothing is sent until they write again
    ERASED = "erased"


class AddressState(StrEnum):
    WORKING = "working"
    GONE = "gone"  # blocked us, or the mailbox doesn't exist
    UNSAFE = "unsafe"  # somebody else may read it: nothing is sent there


def age_in_months(born: date, on: date) -> int:
    """Whole months lived on a day; negative before birth."""
    months = (on.year - born.year) * 12 + on.month - born.month
    return months - (on.day < born.day)


def born_from_age(months: int, today: date) -> date:
    """A day of birth that makes a child that many whole months old today, mid-month at a guess."""
    total = today.year * 12 + today.month - 1 - months
    year, month = divmod(total, 12)
    return date(year, month + 1, min(today.day, 28))

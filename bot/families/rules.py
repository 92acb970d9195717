"""Decisions about families that need no database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

CODE_LASTS = timedelta(minutes=15)
UNLINK_WITHIN = timedelta(days=30)  # how long "That wasn't me" takes a link back
WRONG_CODES = 5  # in WRONG_CODES_IN, after which no code is looked up
WRONG_CODES_IN = timedelta(hours=1)


class AdultState(StrEnum):
    ACTIVE = "active"
    STOPPED = "stopped"  # said stop: nothing is sent until they write again
    ERASED = "erased"
    MERGED = "merged"  # turned out to be another adult, whose row goes on


class AddressState(StrEnum):
    WORKING = "working"
    GONE = "gone"  # blocked us, or the mailbox doesn't exist
    UNSAFE = "unsafe"  # somebody else may read it: nothing is sent there


class LinkPurpose(StrEnum):
    """What typing a code does."""

    SAME_PERSON = "same_person"  # the chat that shows it and the chat that types it are one
    CARER = "carer"  # another adult joins the family


def tries_left(wrong: int, last: datetime | None, now: datetime) -> int:
    """How many wrong codes somebody may still type."""
    forgiven = last is None or now - last > WRONG_CODES_IN
    return WRONG_CODES if forgiven else max(0, WRONG_CODES - wrong)


def age_in_months(born: date, on: date) -> int:
    """Whole months lived on a day; negative before birth."""
    months = (on.year - born.year) * 12 + on.month - born.month
    return months - (on.day < born.day)


def born_from_age(months: int, today: date) -> date:
    """A day of birth that makes a child that many whole months old today, mid-month at a guess."""
    total = today.year * 12 + today.month - 1 - months
    year, month = divmod(total, 12)
    return date(year, month + 1, min(today.day, 28))

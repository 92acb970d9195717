"""Decisions about sessions that need no database."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

HORIZON = timedelta(weeks=26)  # how far ahead occurrences are laid out
UNDO = timedelta(seconds=60)  # before anybody is told of a change


class OccurrenceState(StrEnum):
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


class ChangeKind(StrEnum):
    CANCEL = "cancel"
    MOVE = "move"


class ChangeState(StrEnum):
    MADE = "made"
    UNDONE = "undone"


def fits_age(age_from: int | None, age_to: int | None, months: int) -> bool:
    """Whether a child of that many months may come; both ends are in, None is no limit."""
    return (age_from is None or months >= age_from) and (age_to is None or months <= age_to)


def undo_until(made_at: datetime) -> datetime:
    return made_at + UNDO

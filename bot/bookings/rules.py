"""Who gets a place: decisions that need no database."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.errors import Kind, PlannedError, Translate
from bot.timetable.rules import fits_age

UNDO = timedelta(seconds=60)  # how long a cancelled place is kept for its canceller
HOLD = timedelta(minutes=15)  # how long a place is held while somebody answers our questions


class ClaimKind(StrEnum):
    HOLD = "hold"
    OFFER = "offer"
    BOOKING = "booking"


class EndedWhy(StrEnum):
    """Why a claim no longer takes places. Empty while it lives."""

    CANCELLED = "cancelled"  # by the family
    CANT_COME = "cant_come"
    GIVEN_UP = "given_up"  # a hold let go
    ERASED = "erased"


class RegisterMark(StrEnum):
    CAME = "came"
    ABSENT = "absent"
    WALK_IN = "walk_in"


class OccurrenceFullError(PlannedError):
    """Every place is taken."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("That session is full: every place is taken.")


class NotBookableError(PlannedError):
    """Nothing to book: you just turn up, or are referred, or somebody else runs it."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("You don't book this one here.")


class TooLateError(PlannedError):
    """It has begun, or is over."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("That session has already started.")


class CalledOffError(PlannedError):
    """Staff cancelled it."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("That session has been cancelled.")


class AgeRefusedError(PlannedError):
    """The child is too young or too old at the date of the session."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("Your child is outside the age for this session on that day.")


class NoSuchBookingError(PlannedError):
    """No live booking by that code or number, or it is somebody else's."""

    kind = Kind.NOT_FOUND

    def sentence(self, _: Translate) -> str:
        return _("We can't find that booking. Check the code and try again.")


class TooLateToUndoError(PlannedError):
    """The place went to somebody else, or the minute is over and it is full."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("It is too late to undo that: the place has gone.")


def check_fits(*, capacity: int | None, taken: int, size: int) -> None:
    """Raise OccurrenceFullError where `size` more places don't fit."""
    if capacity is not None and taken + size > capacity:
        raise OccurrenceFullError


def check_age(age_from: int | None, age_to: int | None, months: int | None) -> None:
    """Raise AgeRefusedError where a known age on the day is outside. Unborn children are not refused."""
    if months is not None and months >= 0 and not fits_age(age_from, age_to, months):
        raise AgeRefusedError


def undo_until(ended_at: datetime) -> datetime:
    return ended_at + UNDO

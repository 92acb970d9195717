"""Who gets a place: decisions that need no database.

Every rule is one a person can be told in one sentence; the sentence is the error's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bot.core.errors import Kind, PlannedError, Translate
from bot.families.rules import age_in_months
from bot.timetable.rules import fits_age

UNDO = timedelta(seconds=60)  # how long a cancelled place is kept for its canceller
HOLD = timedelta(minutes=15)  # how long a place is held while somebody answers our questions
LAST_HOURS = timedelta(hours=2)  # in which a freed place goes on at once
TOLD_AGAIN = timedelta(hours=2)  # before one family hears of the same free place once more
TELL_MORE = timedelta(minutes=30)  # before more families hear of a free place nobody took
MOST_PLACES = 6  # that one family may ask for at once
_MORNING_ENDS, _AFTERNOON_ENDS = time(12), time(17)


class ClaimKind(StrEnum):
    HOLD = "hold"
    OFFER = "offer"
    BOOKING = "booking"
    GATHERED = "gathered"  # fewer than a waiting family needs; or a sooner place beside its offer


class EndedWhy(StrEnum):
    """Why a claim no longer takes places. Empty while it lives."""

    CANCELLED = "cancelled"  # by the family
    CANT_COME = "cant_come"
    GIVEN_UP = "given_up"  # a hold let go
    MOVED = "moved"  # another date was booked instead
    LAPSED = "lapsed"  # an offer nobody answered
    DECLINED = "declined"  # an offer answered with no
    WITHDRAWN = "withdrawn"  # an offer of a session that was called off
    MERGED = "merged"  # two chats of one person had booked the same thing
    ERASED = "erased"


class EntryState(StrEnum):
    """Of a waiting entry. The first three wait; the others are over."""

    WAITING = "waiting"
    OFFERED = "offered"  # a place is held for it until it answers
    ASKED = "asked"  # let an offer lapse; keeps its turn, must say that it still wants it
    BOOKED = "booked"
    LEFT = "left"  # by the family
    CLOSED = "closed"  # by us; `ended_why` says it


LIVE_STATES = (EntryState.WAITING, EntryState.OFFERED, EntryState.ASKED)


class ClosedWhy(StrEnum):
    """Why we took somebody off a waiting list."""

    STARTED = "started"  # nothing came free in time
    OUTGROWN = "outgrown"
    LAPSED = "lapsed"  # two offers went unanswered
    LIST_CLOSED = "list_closed"  # by staff
    CALLED_OFF = "called_off"
    ERASED = "erased"


class ListState(StrEnum):
    OPEN = "open"
    PAUSED = "paused"  # nobody is offered anything for now
    CLOSED = "closed"  # nobody can join


class Step(StrEnum):
    """One line of the story of a family and a session: what was decided, and when."""

    HELD = "held"
    BOOKED = "booked"
    FULL = "full"  # asked for a place and every place was taken
    CANCELLED = "cancelled"
    UNDONE = "undone"
    MOVED = "moved"
    JOINED = "joined"  # the waiting list
    OFFERED = "offered"
    TOLD = "told"  # of a free place, first to say yes
    TOO_LATE = "too_late"  # said yes after the place had gone
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    STILL_WANTED = "still_wanted"
    PASSED_OVER = "passed_over"  # too few places for their number
    GATHERED = "gathered"  # too few, and kept for them for a time in case more come free
    REORDERED = "reordered"  # by staff
    LEFT = "left"
    CLOSED = "closed"
    GIVEN = "given"  # by staff


class RegisterMark(StrEnum):
    CAME = "came"
    ABSENT = "absent"
    WALK_IN = "walk_in"


class OccurrenceFullError(PlannedError):
    """Every place is taken. `left` of them are free, fewer than the `size` that was wanted."""

    kind = Kind.CONFLICT

    def __init__(self, left: int = 0, size: int = 1) -> None:
        super().__init__()
        self.left, self.size = left, size

    def sentence(self, _: Translate) -> str:
        if self.left == 1:
            return _("There is only one place left, not enough for all of you.")
        if self.left > 1:
            return _("There are %(num)d places left, not enough for all of you.") % {
                "num": self.left
            }
        return _("That session is full: every place is taken.")


class ListPausedError(OccurrenceFullError):
    """Places are free, for those who wait, and staff have paused the list."""

    def sentence(self, _: Translate) -> str:
        return _("The free places are for the families on the waiting list. The centre has paused the "
                 "list for now, so nobody can book.")  # fmt: skip


class NotBookableError(PlannedError):
    """Nothing to book: you just turn up, or are referred, or somebody else runs it."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("You don't book this one here.")


class DroppedError(PlannedError):
    """The programme has it no more. It still runs for the families who have booked it."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("That session is no longer in our programme, so it can't be booked.")


class TooLateError(PlannedError):
    """It has begun, or is over."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("That session has already started.")


class NotOpenYetError(PlannedError):
    """Booking opens later. `days` before the start."""

    kind = Kind.CONFLICT

    def __init__(self, days: int) -> None:
        super().__init__()
        self.days = days

    def sentence(self, _: Translate) -> str:
        return _("Booking for this session opens %(num)d days before it starts.") % {
            "num": self.days
        }


class ClosedAlreadyError(PlannedError):
    """Booking closed `hours` before the start."""

    kind = Kind.CONFLICT

    def __init__(self, hours: int) -> None:
        super().__init__()
        self.hours = hours

    def sentence(self, _: Translate) -> str:
        return _("Booking closed %(num)d hours before the session starts.") % {"num": self.hours}


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


class ClashError(PlannedError):
    """This adult has booked something else at that time."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("You have booked something else at that time.")


class TooManyCoursesError(PlannedError):
    """As many courses as one family may have at once."""

    kind = Kind.CONFLICT

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def sentence(self, _: Translate) -> str:
        return _("A family can be on %(num)d courses at once, so that everyone gets a turn.") % {
            "num": self.most
        }


class HasOneError(PlannedError):
    """This adult has booked it already, or another of the family did who lets them see it."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("You have a place already.")


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


class NoSuchEntryError(PlannedError):
    """Not on the waiting list any more, or somebody else's turn."""

    kind = Kind.NOT_FOUND

    def sentence(self, _: Translate) -> str:
        return _("You are not on that waiting list any more.")


class OfferOverError(PlannedError):
    """The time to answer is over, or somebody was quicker."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("That place has gone to another family.")


class ListClosedError(PlannedError):
    """Staff closed the waiting list, or it holds as many as it may."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("The waiting list for that session is closed.")


class BelowTakenError(PlannedError):
    """Fewer places than are `taken` already. `passing` where it is only by somebody who is about
    to book or has just cancelled: that is over in a quarter of an hour."""

    kind = Kind.CONFLICT

    def __init__(self, taken: int, *, passing: bool = False) -> None:
        super().__init__()
        self.taken, self.passing = taken, passing

    def sentence(self, _: Translate) -> str:
        if self.passing:
            return _("Somebody is booking or cancelling just now. Try again in a quarter of an "
                     "hour.")  # fmt: skip
        return _("More places than that are taken. Cancel or move some of them first.")


class Dated(Protocol):
    """What deciding about a session needs to know of it."""

    @property
    def subject(self) -> str: ...
    @property
    def series_id(self) -> str: ...
    @property
    def activity(self) -> str: ...
    @property
    def venue(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


def suits(wish: Mapping[str, Any], slot: Dated, zone: ZoneInfo) -> bool:
    """Whether a session is one of those that a waiting entry waits for.

    A wish names `subjects` (ids of sessions or courses), else a `series`, else an `activity`
    that may be narrowed by `venues`, `days` (Monday is 0) and `part` (morning, afternoon,
    evening). `not` are subjects that were offered and declined.
    """
    if slot.subject in wish.get("not", ()):
        return False
    if subjects := wish.get("subjects"):
        return slot.subject in subjects
    if series := wish.get("series"):
        return bool(slot.series_id == series)
    if slot.activity != wish.get("activity"):
        return False
    local = slot.starts_at.astimezone(zone)
    if (venues := wish.get("venues")) and slot.venue not in venues:
        return False
    if (days := wish.get("days")) and local.weekday() not in days:
        return False
    return wish.get("part") in (None, "", part_of(local.time()))


def part_of(at: time) -> str:
    if at < _MORNING_ENDS:
        return "morning"
    return "afternoon" if at < _AFTERNOON_ENDS else "evening"


def check_fits(*, capacity: int | None, taken: int, size: int) -> None:
    """Raise OccurrenceFullError where `size` more places don't fit."""
    if capacity is not None and taken + size > capacity:
        raise OccurrenceFullError(max(0, capacity - taken), size)


def check_age(age_from: int | None, age_to: int | None, months: int | None) -> None:
    """Raise AgeRefusedError where a known age on the day is outside. Unborn children are not refused."""
    if months is not None and months >= 0 and not fits_age(age_from, age_to, months):
        raise AgeRefusedError


def months_on_the_day(born: date, slot: Dated, zone: ZoneInfo) -> int:
    """The age in whole months on the day that a session is on now, wherever it was moved to."""
    return age_in_months(born, slot.starts_at.astimezone(zone).date())


def check_window(*, opens_days: int, closes_hours: int, starts_at: datetime, now: datetime) -> None:
    """Raise NotOpenYetError or ClosedAlreadyError outside the time for booking."""
    if opens_days and now < starts_at - timedelta(days=opens_days):
        raise NotOpenYetError(opens_days)
    if closes_hours and now >= starts_at - timedelta(hours=closes_hours):
        raise ClosedAlreadyError(closes_hours)


def check_clash(wanted: Sequence[Dated], booked: Sequence[Dated]) -> None:
    """Raise ClashError where a wanted session overlaps one that is booked."""
    for new in wanted:
        for old in booked:
            same = new.subject == old.subject
            if not same and new.starts_at < old.ends_at and old.starts_at < new.ends_at:
                raise ClashError


def undo_until(ended_at: datetime) -> datetime:
    return ended_at + UNDO

"""What kinds of message there are, in which order they go, and what happens to one in doubt."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

LEASE = timedelta(seconds=60)  # after which a send that never reported back is in doubt
TRIES = 24  # spread over about four hours
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=15)


class OutboxState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"  # leased until `lease_until`
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"  # no longer true or wanted when its time came
    UNKNOWN = "unknown"  # we can't tell whether it arrived


class Kind(StrEnum):
    """Replies answer a person's own act; the others are notices."""

    REPLY = "reply"
    BOOKED = "booked"
    CANCELLED = "cancelled"  # the centre cancelled a session
    MOVED = "moved"
    RESTORED = "restored"
    REMINDER_EVE = "reminder_eve"
    REMINDER_SOON = "reminder_soon"
    OFFERED = "offered"  # a place is held until they answer
    FREE_PLACE = "free_place"  # nothing is held: first to say yes
    LAPSED = "lapsed"  # an offer ran out: do they still want to wait?
    LIST_CLOSED = "list_closed"  # nothing came free
    WEEK_ADDED = "week_added"  # to their course


#: Lower goes first.
PRIORITY = {
    Kind.REPLY: 0,
    Kind.BOOKED: 1,
    Kind.CANCELLED: 1,
    Kind.MOVED: 1,
    Kind.RESTORED: 1,
    Kind.WEEK_ADDED: 1,
    Kind.OFFERED: 2,
    Kind.FREE_PLACE: 2,
    Kind.LAPSED: 2,
    Kind.LIST_CLOSED: 2,
    Kind.REMINDER_SOON: 3,
    Kind.REMINDER_EVE: 4,
}

#: A second copy is better than none for these; the others stay unknown and staff see them.
SENT_AGAIN_WHEN_IN_DOUBT = frozenset(
    {
        Kind.REPLY, Kind.BOOKED, Kind.CANCELLED, Kind.MOVED, Kind.RESTORED,
        Kind.REMINDER_EVE, Kind.REMINDER_SOON, Kind.OFFERED, Kind.FREE_PLACE, Kind.LAPSED,
        Kind.LIST_CLOSED, Kind.WEEK_ADDED,
    }
)  # fmt: skip

#: Held back in quiet hours: everything that doesn't answer the person's own act and can wait.
WAITS_FOR_MORNING = frozenset(
    {
        Kind.REMINDER_EVE, Kind.REMINDER_SOON, Kind.OFFERED, Kind.FREE_PLACE, Kind.LAPSED,
        Kind.LIST_CLOSED, Kind.WEEK_ADDED,
    }
)  # fmt: skip


def next_try(attempts: int, now: datetime, asked: float | None = None) -> datetime:
    """When to try again after `attempts` failed sends; a channel may ask for a wait in seconds."""
    wait = min(_FIRST_WAIT * 2 ** max(0, attempts - 1), _LONGEST_WAIT)
    return now + max(wait if asked is None else timedelta(0), timedelta(seconds=asked or 0))

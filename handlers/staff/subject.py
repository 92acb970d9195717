"""The session or course whose places staff look at, as its pages name it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.bookings import ledger, rules
from bot.content.values import Counts
from bot.timetable import telling
from bot.timetable.queries import Slot, find_slot
from bot.timetable.service import NoSuchSessionError
from handlers.http.look import Look


@dataclass(frozen=True, slots=True)
class About:
    """The session or course whose places they are. `acting`: they can still be given."""

    id: str
    name: str
    when: str
    length: str
    place: str
    by_child: bool
    acting: bool


def about_of(db: Session, look: Look, slot: Slot, occurrence: str) -> About:
    """`occurrence` is where they came from: of a course, any of its meetings."""
    opening = ledger.opening(db, slot)
    return About(
        id=occurrence,
        name=telling.name(slot, look.content, look.words),
        when=telling.when(slot, look.words, today=look.today),
        length=telling.course_length(slot, look.words),
        place=telling.place(slot, look.content, look.words),
        by_child=slot.counts is Counts.CHILDREN,
        acting=not opening.cancelled and opening.starts_at > look.now,
    )


def bookable_slot(db: Session, occurrence: str, *, now: datetime) -> Slot:
    """The session, or the next meeting of its course. Raises NoSuchSessionError,
    NotBookableError."""
    slot = find_slot(db, occurrence)
    if slot is None:
        raise NoSuchSessionError
    if not slot.bookable:
        raise rules.NotBookableError
    return ledger.meeting(db, slot, now=now)


def lock_places(db: Session, look: Look, occurrence: str) -> Slot:
    """The same, its places locked, while they can still be given. Raises CalledOffError,
    TooLateError, too."""
    slot = ledger.lock_slot(db, occurrence)
    ledger.check_open(ledger.opening(db, slot), now=look.now)
    return ledger.meeting(db, slot, now=look.now)


def full_said(look: Look, kept: bool, left: int) -> str:
    """Why there is no room, to staff. `left` are too few."""
    _, ngettext = look.words._, look.words.ngettext
    if kept:
        if not left:
            return _("No kept place is left.")
        said = ngettext(
            "Only %(num)d kept place is left.", "Only %(num)d kept places are left.", left
        )
        return said % {"num": left}
    if not left:
        return _("No place is free. Use a kept one, or first make more places.")
    return ngettext("Only %(num)d place is free.", "Only %(num)d places are free.", left) % {
        "num": left
    }

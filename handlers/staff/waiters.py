"""Those on a waiting list as staff see them: for what, since when, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.bookings import queue
from bot.bookings.models import WaitingEntry
from bot.bookings.rules import EntryState
from bot.outreach.waiting import waits_for
from bot.timetable.queries import Slot
from handlers.http.look import Look
from handlers.staff.people import Person, person_of
from handlers.staff.states import clock


@dataclass(frozen=True, slots=True)
class Waiter:
    """One family on the list. `tone` is few or full, for the badge."""

    entry_id: int
    place: int
    person: Person
    size: int
    since: str
    wants: str
    said: str
    tone: str


def waiter_of(
    db: Session, look: Look, slot: Slot, entry: WaitingEntry, n: int, told: Mapping[int, datetime]
) -> Waiter:
    """An entry, `n`th in the line. Opens what they told us: the caller notes that."""
    said, tone = entry_said(db, look, entry, slot, told)
    return Waiter(
        entry_id=entry.id,
        place=n,
        person=person_of(db, look, entry.adult_id, entry, on=()),
        size=entry.size,
        since=look.words.short_day(entry.joined_at.astimezone(look.zone).date()),
        wants=wants_said(db, look, entry, slot),
        said=said,
        tone=tone,
    )


def entry_said(
    db: Session, look: Look, entry: WaitingEntry, slot: Slot, told: Mapping[int, datetime]
) -> tuple[str, str]:
    """How far an entry is, and the tone of its badge. `told`: who heard of a free place, when."""
    _ = look.words._
    match entry.state:
        case EntryState.OFFERED:
            return _offer_said(db, look, entry, slot), "few"
        case EntryState.ASKED:
            return _("let an offer go by; asked if they still want to wait"), "few"
        case EntryState.WAITING if entry.id in told:
            at = {"time": clock(look, told[entry.id])}
            return _("told of a free place at %(time)s") % at, "few"
        case EntryState.WAITING:
            return _("waiting"), "full"
        case EntryState.BOOKED:
            return _("has a place"), ""
        case EntryState.LEFT:
            return _("left the list"), "full"
    return _("is off the list"), "full"


def wants_said(db: Session, look: Look, entry: WaitingEntry, slot: Slot) -> str:
    """What they wait for, short where it is this alone."""
    if entry.wish.get("subjects") == [slot.subject]:
        return look._("only this course") if slot.course_id else look._("only this session")
    return waits_for(db, entry, look.content, look.words)


def _offer_said(db: Session, look: Look, entry: WaitingEntry, slot: Slot) -> str:
    _, held = look.words._, queue.offer_of(db, entry)
    if held is None or held.expires_at is None or held.expires_at <= look.now:
        return _("did not answer an offer in time")
    until = {"time": clock(look, held.expires_at)}
    if (held.course_id or held.occurrence_id) == slot.subject:
        return _("has an offer until %(time)s") % until
    return _("has an offer of another session until %(time)s") % until

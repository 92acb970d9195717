"""What time alone changes for everybody who waits: run by a job for each activity waited for."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from bot.bookings import ledger, offers, queries, queue, rules, waiting
from bot.bookings.models import WaitingEntry
from bot.bookings.policy import Policy
from bot.bookings.rules import ClosedWhy, EntryState
from bot.timetable import queries as timetable
from bot.timetable.queries import Slot
from bot.timetable.rules import undo_until


def tend(db: Session, activity: str, *, policy: Policy, now: datetime) -> int:
    """What time alone changed for everybody who waits for an activity; how many were asked.

    Run by a job for each activity that somebody waits for: offers that ran out, minutes to undo
    that are over, kept places released, lists that close, children who grew too old.
    """
    entries = queue.entries_for(db, activity)
    slots = queue.coming(db, activity, now=now)
    # What is offered is looked at even where it can't be booked any more: no offer ends in silence.
    offered = [queries.first_slot(db, claim) for claim in queue.offered(db, activity)]
    wanted = {
        s.subject: s for s in slots if any(rules.suits(e.wish, s, policy.zone) for e in entries)
    } | {s.subject: s for s in offered if s is not None}
    locked = ledger.lock_all(db, wanted.values())
    asked = waiting.wake_all(db, locked.values(), policy=policy, now=now)
    still = [s for s in slots if now < policy.last_call(ledger.opening(db, s).starts_at)]
    for entry in queue.entries_for(db, activity):
        suited = [s for s in still if rules.suits(entry.wish, s, policy.zone)]
        why = _why_over(db, entry, suited, policy=policy, now=now)
        if why is not None:
            offers.close(db, entry, why=why, now=now)
    return asked


def _why_over(
    db: Session, entry: WaitingEntry, suited: list[Slot], *, policy: Policy, now: datetime
) -> ClosedWhy | None:
    """Why nothing can come of an entry any more, or None while something may. `suited` are those
    that it waits for and that can still be booked."""
    if entry.state is EntryState.OFFERED:
        return None
    ages = [(s.age_to, queue.months_of(db, entry.private, s, zone=policy.zone)) for s in suited]
    if ages and all(to is not None and months is not None and months > to for to, months in ages):
        return ClosedWhy.OUTGROWN
    if suited or not (subjects := entry.wish.get("subjects")):
        return None  # who waits for any date waits for those not laid out yet, too
    for subject in subjects:
        off = _called_off(db, subject, now=now)
        if off is None:
            return None  # staff can still undo it
        if off:
            return ClosedWhy.CALLED_OFF
    return ClosedWhy.STARTED


def _called_off(db: Session, subject: str, *, now: datetime) -> bool | None:
    """Whether staff cancelled it, or the programme has it no more; None while they can still undo."""
    slots = timetable.course_slots(db, subject) or timetable.slots_by_id(db, [subject])
    slot = ledger.opening(db, slots[0]) if slots else None
    if slot is None or (not slot.active and slot.starts_at > now):
        return True
    if not slot.cancelled:
        return False
    change = timetable.latest_change(db, slot.id)
    return None if change is not None and now < undo_until(change.made_at) else True

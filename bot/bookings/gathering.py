"""Single places for twins: what is free and too little for the first in line is kept for a time.

Else a family that needs two would wait for ever where places come free one by one.
Source: docs/bookings.md, "The waiting list"; `gather_hours` in content/council.yaml.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from bot.bookings import ledger, queue
from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.policy import Policy
from bot.bookings.rules import ClaimKind, EndedWhy, Step
from bot.families.models import Adult
from bot.store.columns import new_uid
from bot.timetable.queries import Slot


def keep(
    db: Session,
    entry: WaitingEntry,
    slot: Slot,
    kept: Claim | None,
    *,
    left: int,
    opening: Slot,
    policy: Policy,
    now: datetime,
) -> bool:
    """Keep what is free, too little for a family that is first, in case more comes free in time.

    Once for an entry and a session, and for one family at a time; whether it is kept. It is a claim
    like any other, so that nobody else can have it; when its time is over it is free.
    """
    if kept is not None:
        if kept.entry_id != entry.id:
            return False
        kept.size += left
        db.flush()
        return True
    until = policy.gather_until(starts_at=opening.starts_at, now=now)
    hopeless = slot.capacity is not None and entry.size > slot.capacity
    if until is None or hopeless or queue.has_step(db, entry, slot.subject, Step.GATHERED):
        return False
    ledger.new_claim(
        db, slot, adult=db.get_one(Adult, entry.adult_id), kind=ClaimKind.GATHERED, size=left,
        key=f"gathered:{new_uid()}", now=now, until=until, entry=entry,
    )  # fmt: skip
    ledger.note(
        db, Step.GATHERED, adult=entry.adult_id, subject=slot.subject, entry=entry.id, now=now,
        left=left, size=entry.size, until=until,
    )  # fmt: skip
    return True


def settle(db: Session, slot: Slot, opening: Slot, *, policy: Policy, now: datetime) -> None:
    """Staff may have cancelled the session, or moved it nearer, since places were kept of it."""
    kept = queue.gathered(db, slot, now=now)
    if kept is None or kept.expires_at is None:
        return
    until = policy.gather_until(starts_at=opening.starts_at, now=now)
    if opening.cancelled or until is None:
        ledger.end_claim(db, kept, why=EndedWhy.GIVEN_UP, now=now)
    else:
        kept.expires_at = min(kept.expires_at, until)


def let_go(db: Session, entry: WaitingEntry, *, now: datetime) -> None:
    """What was kept for an entry goes on: it has an offer, or needs another number."""
    for held in queue.held_for(db, entry):
        if held.kind is ClaimKind.GATHERED:
            ledger.end_claim(db, held, why=EndedWhy.GIVEN_UP, now=now)

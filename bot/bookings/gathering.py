"""Places kept for who is first in line and can't be offered them yet.

Single places for twins: what is free and too little is kept for a time, else a family that needs
two would wait for ever where places come free one by one. And a sooner place than the one that a
family is deciding about: it is kept as long, and they choose. Source: docs/bookings.md, "The waiting list";
`gather_hours` in content/council.yaml.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from bot.bookings import ledger, queries, queue
from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.policy import Policy
from bot.bookings.rules import ClaimKind, EndedWhy, Step, suits
from bot.families.models import Adult
from bot.outbox import service as outbox
from bot.outbox.rules import Kind
from bot.store.columns import new_uid
from bot.timetable.queries import Slot
from bot.timetable.rules import undo_until


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


def keep_beside(
    db: Session, entry: WaitingEntry, slot: Slot, *, opening: Slot, policy: Policy, now: datetime
) -> bool:
    """Keep a place for a family that is deciding about a later one, and tell them; whether it is.

    The session is locked and has room, and nothing of it is kept for another family.
    """
    held = queue.offer_of(db, entry)
    later = queries.next_slot(db, held, now=now) if held is not None else None
    until = policy.gather_until(starts_at=opening.starts_at, now=now)
    if held is None or later is None or later.starts_at <= slot.starts_at or until is None:
        return False
    until = min(until, held.expires_at or now)
    if until <= now:
        return False
    claim = ledger.new_claim(
        db, slot, adult=db.get_one(Adult, entry.adult_id), kind=ClaimKind.GATHERED, size=entry.size,
        key=f"beside:{new_uid()}", now=now, until=until, entry=entry,
    )  # fmt: skip
    ledger.note(
        db, Step.OFFERED, adult=entry.adult_id, subject=slot.subject, entry=entry.id, now=now,
        until=until,
    )  # fmt: skip
    outbox.post(
        db, to=entry.adult_id, kind=Kind.OFFERED, about=f"claim:{claim.id}",
        dedupe=f"offered:{claim.id}", send_after=now,
    )  # fmt: skip
    return True


def settle(db: Session, slot: Slot, opening: Slot, *, policy: Policy, now: datetime) -> None:
    """Staff may have cancelled the session, or moved it nearer, since places were kept of it."""
    kept = queue.gathered(db, slot, now=now)
    if kept is None or kept.expires_at is None:
        return
    until = policy.gather_until(starts_at=opening.starts_at, now=now)
    entry = db.get_one(WaitingEntry, kept.entry_id)
    if opening.cancelled or until is None or not suits(entry.wish, slot, policy.zone):
        ledger.end_claim(db, kept, why=EndedWhy.GIVEN_UP, now=now)
        if queue.may_say_yes(entry, kept):
            tell_withdrawn(db, kept, entry, slot, now=now)
    else:
        kept.expires_at = min(kept.expires_at, until)


def tell_withdrawn(
    db: Session, claim: Claim, entry: WaitingEntry, slot: Slot, *, now: datetime
) -> None:
    """Promise a notice that staff's change has overtaken what they were offered, once the minute to
    undo the change is over."""
    ledger.note(
        db, Step.LAPSED, adult=entry.adult_id, subject=slot.subject, entry=entry.id, now=now,
        withdrawn=True,
    )  # fmt: skip
    outbox.post(
        db, to=entry.adult_id, kind=Kind.LAPSED, about=f"claim:{claim.id}",
        dedupe=f"withdrawn:{claim.id}", send_after=undo_until(now),
    )  # fmt: skip


def let_go(db: Session, entry: WaitingEntry, *, now: datetime) -> None:
    """What was kept for an entry goes on: it has an offer, or needs another number."""
    for held in queue.held_for(db, entry):
        if held.kind is ClaimKind.GATHERED:
            ledger.end_claim(db, held, why=EndedWhy.GIVEN_UP, now=now)

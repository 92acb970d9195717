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
    mine: Claim | None,
    *,
    left: int,
    opening: Slot,
    policy: Policy,
    now: datetime,
) -> bool:
    """Keep what is free, too little for a family that is first, in case more comes free in time.

    Once for an entry and a session; whether it is kept. `mine` is what is kept of it already. It is
    a claim like any other, so that nobody else can have it; when its time is over it is free.
    """
    if mine is not None:
        mine.size += left
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
    """Keep a place for a family that is deciding about later ones, and tell them; whether it is.

    The session is locked and has room. What is later than one they can have is for others.
    """
    held = queue.to_answer(db, entry, now=now)
    slots = [s for c in held if (s := queries.next_slot(db, c, now=now)) is not None]
    answer = policy.answer_by(starts_at=opening.starts_at, now=now)
    if not slots or min(s.starts_at for s in slots) <= slot.starts_at or answer is None:
        return False
    # As long as they decide; not on the last day, but for as long as any offer of it.
    until = max(answer, policy.gather_until(starts_at=opening.starts_at, now=now) or answer)
    until = min([until, *(c.expires_at for c in held if c.expires_at is not None)])
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
    for kept in queue.gathered(db, slot, now=now).values():
        entry = db.get_one(WaitingEntry, kept.entry_id)
        offered = queue.may_say_yes(entry, kept)
        until = (
            policy.last_call(opening.starts_at)
            if offered
            else policy.gather_until(starts_at=opening.starts_at, now=now) or now
        )
        if opening.cancelled or until <= now or not suits(entry.wish, slot, policy.zone):
            ledger.end_claim(db, kept, why=EndedWhy.GIVEN_UP, now=now)
            if offered:
                tell_withdrawn(db, kept, entry, slot, now=now)
        else:
            kept.expires_at = min(kept.expires_at or until, until)


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

"""Bookings and turns to wait follow their adult: to another row of the same person, or to another
family."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.bookings import ledger, may_book, queries, queue
from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.rules import LIVE_STATES, ClaimKind, EndedWhy, EntryState
from bot.families.models import Adult


def take_over(
    db: Session,
    *,
    from_adult: Adult,
    to_adult: Adult,
    now: datetime,
    only: Collection[int] | None = None,
) -> list[int]:
    """Give one adult's claims to another, who is the same person; their ids.

    Where both had booked the same thing the older booking stays and the other ends as merged. Where
    somebody else of the family has, who lets them see it, theirs stays.
    `only` some of them, where that is taken back; what was merged stays so.
    """
    query = select(Claim).where(Claim.adult_id == from_adult.id).order_by(col(Claim.id))
    claims = [c for c in db.exec(query) if only is None or c.id in only]
    for claim in claims:
        twin = _booked_alike(db, claim, adult=to_adult, now=now)
        if twin is not None:
            own = twin.adult_id == to_adult.id
            younger = max(claim, twin, key=lambda c: (c.made_at, c.id)) if own else claim
            ledger.lock_claim(db, younger)
            # Before the other one changes hands: the index allows one.
            ledger.end_claim(db, younger, why=EndedWhy.MERGED, now=now)
        claim.adult_id, claim.family_id = to_adult.id, to_adult.family_id
        db.flush()
    return [c.id for c in claims]


def take_over_waiting(
    db: Session,
    *,
    from_adult: Adult,
    to_adult: Adult,
    now: datetime,
    only: Collection[int] | None = None,
) -> list[int]:
    """The same for turns to wait. Who waited twice for the same keeps the earlier turn."""
    entries = [
        e for e in db.exec(select(WaitingEntry).where(WaitingEntry.adult_id == from_adult.id)).all()
        if only is None or e.id in only
    ]  # fmt: skip
    theirs = select(WaitingEntry).where(
        WaitingEntry.adult_id == to_adult.id, col(WaitingEntry.state).in_(LIVE_STATES)
    )
    waiting = list(db.exec(theirs))
    for entry in entries:
        if entry.state in LIVE_STATES:
            same = next((e for e in waiting if e.wish == entry.wish), None)
            if same is not None:
                later = max(entry, same, key=lambda e: (e.ranked_at, e.id))
                if later.state is not EntryState.OFFERED:  # an offer is answered, never withdrawn
                    for held in queue.held_for(db, later):
                        ledger.end_claim(db, held, why=EndedWhy.MERGED, now=now)
                    ledger.close_entry(db, later, EntryState.LEFT, now=now)
        entry.adult_id, entry.family_id = to_adult.id, to_adult.family_id
    db.flush()
    return [e.id for e in entries]


def follow_family(db: Session, adult: Adult) -> None:
    """Take an adult's claims and turns along to the family they are in now."""
    for model in (Claim, WaitingEntry):
        db.execute(
            sa.update(model).where(sa.column("adult_id") == adult.id).values(
                family_id=adult.family_id
            )
        )  # fmt: skip


def _booked_alike(db: Session, claim: Claim, *, adult: Adult, now: datetime) -> Claim | None:
    """What an adult has booked, or sees booked, of the thing that a live booking is for."""
    first = queries.first_slot(db, claim)
    if claim.kind is not ClaimKind.BOOKING or claim.ended_at is not None or first is None:
        return None
    twin = may_book.has_one(db, first, adult, now=now)
    booked = twin is not None and twin.kind is ClaimKind.BOOKING and twin.id != claim.id
    return twin if booked else None

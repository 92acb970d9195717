"""Offers to those who wait: made, told to several on the last day, run out, withdrawn.

Whose turn it is decides `waiting.wake`; here is what becomes of an offer, and of the entry with it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.bookings import gathering, ledger, queue, rules
from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.policy import Policy
from bot.bookings.rules import ClaimKind, ClosedWhy, EndedWhy, EntryState, Step
from bot.families.models import Adult
from bot.outbox import service as outbox
from bot.outbox.rules import Kind
from bot.store.columns import new_uid
from bot.timetable.queries import Slot


def offer(
    db: Session,
    entry: WaitingEntry,
    slot: Slot,
    *,
    until: datetime,
    now: datetime,
    kept: bool = False,
    by: str = "",
) -> Claim:
    """Hold places for an entry until it answers, and tell it. The session is locked and has room,
    with what was gathered for the entry, which this ends."""
    gathering.let_go(db, entry, now=now)
    claim = ledger.new_claim(
        db, slot, adult=db.get_one(Adult, entry.adult_id), kind=ClaimKind.OFFER, size=entry.size,
        key=f"offer:{new_uid()}", now=now, until=until,
        entry=entry, kept=kept,
    )  # fmt: skip
    entry.state = EntryState.OFFERED
    db.flush()
    note(db, Step.OFFERED, entry, slot, now=now, by=by, until=until)
    outbox.post(
        db, to=entry.adult_id, kind=Kind.OFFERED, about=f"claim:{claim.id}",
        dedupe=f"offered:{claim.id}", send_after=now,
    )  # fmt: skip
    return claim


def settle(db: Session, slot: Slot, opening: Slot, *, policy: Policy, now: datetime) -> None:
    """What is kept of a session for those who wait, as the session is now: it may have been
    cancelled or moved. Nothing is kept past the last call, nor beyond the time to answer."""
    last = policy.last_call(opening.starts_at)
    for claim in queue.offers_out(db, slot):
        entry = db.get_one(WaitingEntry, claim.entry_id)
        if claim.expires_at is None or claim.expires_at <= now:
            ledger.end_claim(db, claim, why=EndedWhy.LAPSED, now=now)
            if entry.state is EntryState.OFFERED:
                lapse(db, entry, slot, now=now)
        elif opening.cancelled or last <= now or not rules.suits(entry.wish, slot, policy.zone):
            _withdraw(db, claim, entry, slot, now=now)
        else:
            claim.expires_at = min(claim.expires_at, last)
    gathering.settle(db, slot, opening, policy=policy, now=now)
    db.flush()


def lapse(db: Session, entry: WaitingEntry, slot: Slot, *, now: datetime) -> None:
    """The time to answer is over. The first time the entry keeps its turn and is asked."""
    entry.lapses += 1
    note(db, Step.LAPSED, entry, slot, now=now, times=entry.lapses)
    if entry.lapses > 1:
        close(db, entry, why=ClosedWhy.LAPSED, now=now)
        return
    entry.state = EntryState.ASKED
    db.flush()
    outbox.post(
        db, to=entry.adult_id, kind=Kind.LAPSED, about=f"entry:{entry.id}",
        dedupe=f"lapsed:{entry.id}:{entry.lapses}", send_after=now,
    )  # fmt: skip


def tell_several(
    db: Session,
    slot: Slot,
    left: int,
    *,
    most: int,
    policy: Policy,
    now: datetime,
) -> int:
    """Tell the next few of a free place, those too who were offered a later one. It holds nothing,
    and says so. Nobody is told at night: the notices would all come in the morning, one for each
    time the job looked."""
    told = queue.told_of(db, slot.subject)
    just_told = bool(told) and now - max(told.values()) < rules.TELL_MORE
    if just_told or policy.awake(now) > now:
        return 0
    asked = 0
    for entry in queue.line(db, slot, queue.IN_TURN, zone=policy.zone):
        if asked == most:
            break
        recently = entry.id in told and now - told[entry.id] < rules.TOLD_AGAIN
        if (
            recently
            or entry.size > left
            or not may_have(db, entry, slot, zone=policy.zone, now=now)
        ):
            continue
        note(db, Step.TOLD, entry, slot, now=now)
        outbox.post(
            db, to=entry.adult_id, kind=Kind.FREE_PLACE, about=f"entry:{entry.id}/{slot.id}",
            dedupe=f"free:{entry.id}:{slot.subject}:{now.timestamp():.0f}", send_after=now,
        )  # fmt: skip
        asked += 1
    return asked


def may_have(
    db: Session, entry: WaitingEntry, slot: Slot, *, zone: ZoneInfo, now: datetime
) -> bool:
    """Whether an entry whose turn it is can use this session. Locks it, against another wake."""
    locked = db.get(WaitingEntry, entry.id, with_for_update=True, populate_existing=True)
    waits = locked is not None and locked.state in queue.IN_TURN
    return waits and queue.may_have(db, entry, slot, zone=zone, now=now)


def close(db: Session, entry: WaitingEntry, *, why: ClosedWhy, now: datetime, by: str = "") -> None:
    """Take an entry off the list and tell the family, with what else there is."""
    end_held(db, entry, why=EndedWhy.WITHDRAWN, now=now)
    entry.ended_why = why
    ledger.close_entry(db, entry, EntryState.CLOSED, now=now)
    note(db, Step.CLOSED, entry, None, now=now, by=by, why=why.value)
    outbox.post(
        db, to=entry.adult_id, kind=Kind.LIST_CLOSED, about=f"entry:{entry.id}",
        dedupe=f"list_closed:{entry.id}", send_after=now,
    )  # fmt: skip


def end_held(
    db: Session, entry: WaitingEntry, *, why: EndedWhy, now: datetime, but: int | None = None
) -> None:
    """End what is kept for an entry: its offer, or places too few for it."""
    for held in queue.held_for(db, entry):
        if held.id != but:
            ledger.end_claim(db, held, why=why, now=now)


def note(
    db: Session,
    step: Step,
    entry: WaitingEntry,
    slot: Slot | None,
    *,
    now: datetime,
    by: str = "",
    **facts: Any,
) -> None:
    ledger.note(
        db, step, adult=entry.adult_id, subject=slot.subject if slot else "", entry=entry.id,
        now=now, by=by, **facts,
    )  # fmt: skip


def _withdraw(db: Session, claim: Claim, entry: WaitingEntry, slot: Slot, *, now: datetime) -> None:
    """Take back an offer that staff's change has overtaken. The entry keeps its turn, and is told
    once the minute to undo the change is over; who waited for this one alone, as its list ends."""
    ledger.end_claim(db, claim, why=EndedWhy.WITHDRAWN, now=now)
    entry.state = EntryState.WAITING
    gathering.tell_withdrawn(db, claim, entry, slot, now=now)

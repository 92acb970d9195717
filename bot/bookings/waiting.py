"""The waiting list: who gets a place that comes free, in which order, and by when they must say.

One act drives it: `wake`, run inside whatever freed or added a place, before a newcomer is let in,
and by a job for what only time changed. It ends offers that ran out, then gives each free place to
the next family it suits. Near the start nothing is held: several are told, first to say yes.
Source: docs/bookings.md, "The waiting list".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, select

from bot.bookings import gathering, ledger, queries, queue, rules
from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.policy import Policy
from bot.bookings.rules import (
    ClaimKind,
    ClosedWhy,
    EndedWhy,
    EntryState,
    ListState,
    Step,
)
from bot.families.models import Adult
from bot.families.rules import age_in_months
from bot.outbox import service as outbox
from bot.outbox.rules import Kind
from bot.store.columns import new_uid
from bot.timetable.queries import Slot


def join(
    db: Session,
    *,
    adult: Adult,
    slot: Slot,
    wish: Mapping[str, Any],
    size: int,
    facts: Mapping[str, str],
    key: str,
    policy: Policy,
    now: datetime,
) -> WaitingEntry:
    """Wait for the sessions that suit `wish`, one of which is `slot`; once per key and wish.

    `facts` are what a booking would keep, sealed. A place that is free is offered at once. Raises
    ListClosedError, TooLateError, CalledOffError, NotBookableError, AgeRefusedError.
    """
    if earlier := queue.find_entry_by_key(db, key):
        return earlier
    slot = ledger.opening(db, ledger.lock_slot(db, slot.id))
    ledger.check_open(slot, now=now)
    if now >= policy.last_call(slot.starts_at):
        raise rules.TooLateError
    if born := facts.get("born"):
        months = age_in_months(date.fromisoformat(born), slot.original_on)
        if slot.age_to is not None and months > slot.age_to:
            raise rules.AgeRefusedError
    for entry in queue.entries_of(db, adult.id):
        if entry.wish == dict(wish):
            if entry.size != size:
                gathering.let_go(db, entry, now=now)  # it was for another number
            entry.size = size
            entry.seal(facts)
            db.flush()
            wake(db, slot, policy=policy, now=now)
            return entry
    _check_list(db, slot, policy)
    entry = WaitingEntry(
        code=ledger.new_code(db), key=key, family_id=adult.family_id, adult_id=adult.id, activity=slot.activity,
        wish=dict(wish), size=size, joined_at=now, ranked_at=now,
    )  # fmt: skip
    entry.seal(facts)
    db.add(entry)
    db.flush()
    place = queue.position(db, entry, slot, zone=policy.zone)
    _note(db, Step.JOINED, entry, slot, now=now, place=place, size=size)
    wake(db, slot, policy=policy, now=now)
    return entry


def wake(db: Session, slot: Slot, *, policy: Policy, now: datetime) -> int:
    """Give what is free of a session to whoever is next; how many families were asked.

    The caller holds the lock of the session. Never after the last call.
    """
    if not queue.somebody_waits(db, slot):
        return 0
    slot = ledger.opening(db, slot)
    _end_lapsed(db, slot, now=now)
    setting = queries.setting_of(db, slot.subject)
    closed = slot.cancelled or now >= policy.last_call(slot.starts_at)
    if closed or slot.capacity is None or setting.waiting is ListState.PAUSED:
        return 0
    line = queue.line(db, slot, (EntryState.WAITING,), zone=policy.zone)
    if not line:
        return 0
    left = queries.places_left(db, [slot], now=now).get(slot.subject, 0)
    until = policy.answer_by(starts_at=slot.starts_at, now=now)
    if until is None:
        return _tell_several(db, slot, line, left, policy=policy, now=now) if left else 0
    asked, kept, too_few = 0, queue.gathered(db, slot, now=now), False
    for entry in line:
        theirs = kept.size if kept is not None and kept.entry_id == entry.id else 0
        if left + theirs <= 0 or not _may_have(db, entry, slot, now=now):
            continue
        if entry.size <= left + theirs:
            offer(db, entry, slot, until=until, now=now)
            left -= entry.size - theirs
            kept = None if theirs else kept
            asked += 1
        elif (theirs or not too_few) and gathering.keep(
            db, entry, slot, kept, left=left, policy=policy, now=now
        ):
            left = 0
        else:
            _pass_over(db, entry, slot, left=left, now=now)
        too_few = too_few or entry.state is EntryState.WAITING
    return asked


def go_first(db: Session, slot: Slot, *, policy: Policy, now: datetime) -> None:
    """Let whoever waits have what is free before a newcomer is let in.

    While staff have paused the list a newcomer doesn't overtake it: raises OccurrenceFullError.
    """
    if not queue.somebody_waits(db, slot):
        return
    wake(db, slot, policy=policy, now=now)
    paused = queries.setting_of(db, slot.subject).waiting is ListState.PAUSED
    if paused and queue.line(db, slot, (EntryState.WAITING,), zone=policy.zone):
        raise rules.OccurrenceFullError


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
    _note(db, Step.OFFERED, entry, slot, now=now, by=by, until=until)
    outbox.post(
        db, to=entry.adult_id, kind=Kind.OFFERED, about=f"claim:{claim.id}",
        dedupe=f"offered:{claim.id}", send_after=now,
    )  # fmt: skip
    return claim


def accept(
    db: Session, entry: WaitingEntry, slot: Slot, *, key: str, policy: Policy, now: datetime
) -> Claim:
    """Say yes to an offer, or to a place that several were told of. The booking.

    An offer that ran out is good while the place is free after everybody who waits. Saying yes
    twice gives the same booking. Raises OfferOverError, NoSuchEntryError, CalledOffError,
    TooLateError.
    """
    slot = ledger.opening(db, ledger.lock_slot(db, slot.id))
    db.refresh(entry)
    mine = queries.claim_of(db, slot, [entry.adult_id], now=now)
    if mine is not None and mine.kind is ClaimKind.BOOKING:
        return mine
    ledger.check_open(slot, now=now)
    if entry.state not in rules.LIVE_STATES or not rules.suits(entry.wish, slot, policy.zone):
        raise rules.NoSuchEntryError
    claim = _offered(entry, mine)
    if claim is None:
        wake(db, slot, policy=policy, now=now)
        db.refresh(entry)
        claim = _offered(entry, queries.claim_of(db, slot, [entry.adult_id], now=now))
    if claim is None:
        try:
            ledger.check_room(db, slot, size=entry.size, now=now)
        except rules.OccurrenceFullError:
            _note(db, Step.TOO_LATE, entry, slot, now=now)
            raise rules.OfferOverError from None
        claim = ledger.new_claim(
            db, slot, adult=db.get_one(Adult, entry.adult_id), kind=ClaimKind.BOOKING,
            size=entry.size, key=key, now=now, entry=entry,
        )  # fmt: skip
    claim.kind, claim.expires_at = ClaimKind.BOOKING, None
    claim.seal(entry.private)
    db.flush()
    _note(db, Step.ACCEPTED, entry, slot, now=now)
    fulfil(db, claim, slot, policy=policy, now=now)
    return claim


def fulfil(db: Session, claim: Claim, slot: Slot, *, policy: Policy, now: datetime) -> None:
    """A booking ends the waiting of its adult for whatever it suits."""
    for entry in queue.entries_of(db, claim.adult_id):
        if rules.suits(entry.wish, slot, policy.zone):
            _end_offers(db, entry, but=claim.id, why=EndedWhy.GIVEN_UP, now=now)
            ledger.close_entry(db, entry, EntryState.BOOKED, now=now)


def decline(
    db: Session, entry: WaitingEntry, slot: Slot, *, policy: Policy, now: datetime
) -> WaitingEntry:
    """Say no to an offer. Who waits for this session alone is off the list, others wait on."""
    slot = ledger.lock_slot(db, slot.id)
    db.refresh(entry)
    held = queue.offer_of(db, entry)
    about_another = held is not None and slot.subject not in (held.course_id, held.occurrence_id)
    if entry.state not in rules.LIVE_STATES or about_another:
        return entry
    _end_offers(db, entry, why=EndedWhy.DECLINED, now=now)
    _note(db, Step.DECLINED, entry, slot, now=now)
    if entry.wish.get("subjects") == [slot.subject]:
        ledger.close_entry(db, entry, EntryState.LEFT, now=now)
    else:
        entry.state = EntryState.WAITING
        # Not this one again: it would be offered at once.
        entry.wish = {**entry.wish, "not": [*entry.wish.get("not", []), slot.subject]}
        db.flush()
    wake(db, slot, policy=policy, now=now)
    return entry


def leave(db: Session, entry: WaitingEntry, *, policy: Policy, now: datetime) -> WaitingEntry:
    """Stop waiting. What was held for this entry goes on at once."""
    held = queue.held_for(db, entry)
    slot = queries.first_slot(db, held[0]) if held else None
    if slot is not None:
        slot = ledger.lock_slot(db, slot.id)
    db.refresh(entry)
    if entry.state in rules.LIVE_STATES:
        _end_offers(db, entry, why=EndedWhy.DECLINED, now=now)
        ledger.close_entry(db, entry, EntryState.LEFT, now=now)
        _note(db, Step.LEFT, entry, slot, now=now)
        if slot is not None:
            wake(db, slot, policy=policy, now=now)
    return entry


def still_wanted(db: Session, entry: WaitingEntry, *, now: datetime) -> WaitingEntry:
    """After an offer ran out: they do want to wait on, in their old turn."""
    if entry.state is EntryState.ASKED:
        entry.state = EntryState.WAITING
        db.flush()
        _note(db, Step.STILL_WANTED, entry, None, now=now)
    return entry


def close(db: Session, entry: WaitingEntry, *, why: ClosedWhy, now: datetime, by: str = "") -> None:
    """Take an entry off the list and tell the family, with what else there is."""
    _end_offers(db, entry, why=EndedWhy.WITHDRAWN, now=now)
    entry.ended_why = why
    ledger.close_entry(db, entry, EntryState.CLOSED, now=now)
    _note(db, Step.CLOSED, entry, None, now=now, by=by, why=why.value)
    outbox.post(
        db, to=entry.adult_id, kind=Kind.LIST_CLOSED, about=f"entry:{entry.id}",
        dedupe=f"list_closed:{entry.id}", send_after=now,
    )  # fmt: skip


def erase(db: Session, adult_id: int, *, now: datetime) -> None:
    """End what an adult waits for, silently, and remove what they told us."""
    for entry in db.exec(select(WaitingEntry).where(WaitingEntry.adult_id == adult_id)):
        entry.sealed = None
        if entry.state in rules.LIVE_STATES:
            _end_offers(db, entry, why=EndedWhy.ERASED, now=now)
            entry.ended_why = ClosedWhy.ERASED
            ledger.close_entry(db, entry, EntryState.CLOSED, now=now)


def _end_lapsed(db: Session, slot: Slot, *, now: datetime) -> None:
    """Offers whose time to answer is over. The first time the entry keeps its turn and is asked."""
    for claim in queue.offers_over(db, slot, now=now):
        ledger.end_claim(db, claim, why=EndedWhy.LAPSED, now=now)
        entry = db.get(WaitingEntry, claim.entry_id) if claim.entry_id else None
        if entry is None or entry.state is not EntryState.OFFERED:
            continue
        entry.lapses += 1
        _note(db, Step.LAPSED, entry, slot, now=now)
        if entry.lapses > 1:
            close(db, entry, why=ClosedWhy.LAPSED, now=now)
            continue
        entry.state = EntryState.ASKED
        db.flush()
        outbox.post(
            db, to=entry.adult_id, kind=Kind.LAPSED, about=f"entry:{entry.id}",
            dedupe=f"lapsed:{entry.id}:{entry.lapses}", send_after=now,
        )  # fmt: skip


def _tell_several(
    db: Session, slot: Slot, line: list[WaitingEntry], left: int, *, policy: Policy, now: datetime
) -> int:
    """Tell the next few of a free place. It holds nothing, and says so. Nobody is told at night:
    the notices would all come in the morning, one for each time the job looked."""
    told = queue.told_of(db, slot.subject)
    just_told = bool(told) and now - max(told.values()) < rules.TELL_MORE
    if just_told or policy.awake(now) > now:
        return 0
    window = policy.window(starts_at=slot.starts_at, now=now)
    asked = 0
    for entry in line:
        if asked == window.tell_first:
            break
        recently = entry.id in told and now - told[entry.id] < rules.TOLD_AGAIN
        if recently or entry.size > left or not _may_have(db, entry, slot, now=now):
            continue
        _note(db, Step.TOLD, entry, slot, now=now)
        outbox.post(
            db, to=entry.adult_id, kind=Kind.FREE_PLACE, about=f"entry:{entry.id}/{slot.id}",
            dedupe=f"free:{entry.id}:{slot.subject}:{now.timestamp():.0f}", send_after=now,
        )  # fmt: skip
        asked += 1
    return asked


def _may_have(db: Session, entry: WaitingEntry, slot: Slot, *, now: datetime) -> bool:
    """Whether an entry whose turn it is can use this session. Locks it, against another wake."""
    locked = db.get(WaitingEntry, entry.id, with_for_update=True, populate_existing=True)
    waits = locked is not None and locked.state is EntryState.WAITING
    return waits and queue.may_have(db, entry, slot, now=now)


def _offered(entry: WaitingEntry, claim: Claim | None) -> Claim | None:
    """A claim of the entry's family, where it is the offer that the entry may say yes to."""
    mine = claim is not None and claim.entry_id == entry.id
    return claim if mine and claim is not None and claim.kind is ClaimKind.OFFER else None


def _pass_over(db: Session, entry: WaitingEntry, slot: Slot, *, left: int, now: datetime) -> None:
    """Write once that there were too few places: the turn is kept, the next family goes first."""
    if not queue.has_step(db, entry, slot.subject, Step.PASSED_OVER):
        _note(db, Step.PASSED_OVER, entry, slot, now=now, left=left, size=entry.size)


def _check_list(db: Session, slot: Slot, policy: Policy) -> None:
    setting = queries.setting_of(db, slot.subject)
    most = setting.most_waiting
    if setting.waiting is ListState.CLOSED:
        raise rules.ListClosedError
    waiting = queue.line(db, slot, rules.LIVE_STATES, zone=policy.zone)
    if most is not None and len(waiting) >= most:
        raise rules.ListClosedError


def _end_offers(
    db: Session, entry: WaitingEntry, *, why: EndedWhy, now: datetime, but: int | None = None
) -> None:
    for held in queue.held_for(db, entry):
        if held.id != but:
            ledger.end_claim(db, held, why=why, now=now)


def _note(
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

"""The waiting list: who gets a place that comes free, in which order, and by when they must say.

One act drives it: `wake`, run inside whatever freed or added a place, before a newcomer is let in,
and by a job for what only time changed. It ends offers that ran out, then gives each free place to
the next family it suits. Near the start nothing is held: several are told, first to say yes.
Source: docs/bookings.md, "The waiting list".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from bot.bookings import gathering, ledger, may_book, offers, queries, queue, rules
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
from bot.timetable import queries as timetable
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
    slot = ledger.meeting(db, ledger.lock_slot(db, slot.id), now=now)
    opening = ledger.opening(db, slot)
    ledger.check_open(opening, now=now)
    if now >= policy.last_call(opening.starts_at):
        raise rules.TooLateError
    months = queue.months_of(db, facts, slot, zone=policy.zone)
    if months is not None and slot.age_to is not None and months > slot.age_to:
        raise rules.AgeRefusedError
    for entry in queue.entries_of(db, adult.id):
        # What they said no to meanwhile makes it no other wish.
        if {k: v for k, v in entry.wish.items() if k != "not"} == dict(wish):
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
    offers.note(db, Step.JOINED, entry, slot, now=now, place=place, size=size)
    wake(db, slot, policy=policy, now=now)
    return entry


def wake(db: Session, slot: Slot, *, policy: Policy, now: datetime) -> int:
    """Give what is free of a session to whoever is next; how many families were asked.

    Whatever changes a session or its places ends with this. The caller holds the lock of the
    session. Nothing is offered after the last call.
    """
    if not queue.somebody_waits(db, slot):
        return 0
    slot, opening = ledger.meeting(db, slot, now=now), ledger.opening(db, slot)
    offers.settle(db, slot, opening, policy=policy, now=now)
    setting = queries.setting_of(db, slot.subject)
    closed = opening.cancelled or now >= policy.last_call(opening.starts_at)
    if closed or slot.capacity is None or setting.waiting is ListState.PAUSED:
        return 0
    line = queue.line(db, slot, (EntryState.WAITING,), zone=policy.zone)
    if not line:
        return 0
    left = queries.places_left(db, [slot], now=now).get(slot.subject, 0)
    until = policy.answer_by(starts_at=opening.starts_at, now=now)
    if until is None:
        most = policy.window(starts_at=opening.starts_at, now=now).tell_first
        return offers.tell_several(db, slot, line, left, most=most, policy=policy, now=now)
    asked, kept, too_few = 0, queue.gathered(db, slot, now=now), False
    for entry in line:
        theirs = kept.size if kept is not None and kept.entry_id == entry.id else 0
        if left + theirs <= 0 or not offers.may_have(db, entry, slot, zone=policy.zone, now=now):
            continue
        if entry.size <= left + theirs:
            offers.offer(db, entry, slot, until=until, now=now)
            left -= entry.size - theirs
            kept = None if theirs else kept
            asked += 1
        elif (theirs or not too_few) and gathering.keep(
            db, entry, slot, kept, left=left, opening=opening, policy=policy, now=now
        ):
            left = 0
        else:
            _pass_over(db, entry, slot, left=left, now=now)
        too_few = too_few or entry.state is EntryState.WAITING
    return asked


def go_first(db: Session, slot: Slot, *, policy: Policy, now: datetime) -> None:
    """Let whoever waits have what is free before a newcomer is let in.

    While staff have paused the list a newcomer doesn't overtake it: raises ListPausedError.
    """
    if not queue.somebody_waits(db, slot):
        return
    wake(db, slot, policy=policy, now=now)
    paused = queries.setting_of(db, slot.subject).waiting is ListState.PAUSED
    if paused and queue.line(db, slot, (EntryState.WAITING,), zone=policy.zone):
        free = any(queries.places_left(db, [slot], now=now).values())
        raise rules.ListPausedError if free else rules.OccurrenceFullError


def accept(
    db: Session, entry: WaitingEntry, slot: Slot, *, key: str, policy: Policy, now: datetime
) -> Claim:
    """Say yes to an offer, or to a place that several were told of. The booking.

    An offer that ran out is good while the place is free after everybody who waits. Saying yes
    twice gives the same booking, and so does a yes after another of the family had theirs, where
    the two share. Raises OfferOverError, NoSuchEntryError, CalledOffError, TooLateError; where it
    doesn't go with what they have booked ClashError, TooManyCoursesError: the offer stays.
    """
    slot = ledger.meeting(db, ledger.lock_slot(db, slot.id), now=now)
    db.refresh(entry)
    adult = db.get_one(Adult, entry.adult_id)
    mine = may_book.has_one(db, slot, adult, now=now)
    if mine is not None and mine.kind is ClaimKind.BOOKING:
        if mine.adult_id != adult.id:
            fulfil(db, adult.id, mine, slot, policy=policy, now=now)
            wake(db, slot, policy=policy, now=now)
        return mine
    ledger.check_open(ledger.opening(db, slot), now=now)
    if entry.state not in rules.LIVE_STATES or not rules.suits(entry.wish, slot, policy.zone):
        raise rules.NoSuchEntryError
    wanted = timetable.course_slots(db, slot.course_id) if slot.course_id else [slot]
    may_book.check_beside(db, adult, wanted, policy=policy, now=now)
    claim = _offered(entry, mine)
    late = claim is None and _answers_late(db, entry, slot, now=now)
    if claim is None:
        wake(db, slot, policy=policy, now=now)
        db.refresh(entry)
        claim = _offered(entry, queries.claim_of(db, slot, [entry.adult_id], now=now))
    if claim is None:
        try:
            ledger.check_room(db, slot, size=entry.size, now=now)
        except rules.OccurrenceFullError:
            if late:
                offers.lapse(db, entry, slot, now=now)
            offers.note(db, Step.TOO_LATE, entry, slot, now=now)
            raise rules.OfferOverError from None
        claim = ledger.new_claim(
            db, slot, adult=adult, kind=ClaimKind.BOOKING, size=entry.size, key=key, now=now,
            entry=entry,
        )  # fmt: skip
    claim.kind, claim.expires_at = ClaimKind.BOOKING, None
    claim.seal(entry.private)
    db.flush()
    offers.note(db, Step.ACCEPTED, entry, slot, now=now)
    fulfil(db, adult.id, claim, slot, policy=policy, now=now)
    return claim


def fulfil(
    db: Session, adult_id: int, claim: Claim, slot: Slot, *, policy: Policy, now: datetime
) -> None:
    """A booking ends the waiting of this adult for whatever it suits."""
    for entry in queue.entries_of(db, adult_id):
        if rules.suits(entry.wish, slot, policy.zone):
            offers.end_held(db, entry, but=claim.id, why=EndedWhy.GIVEN_UP, now=now)
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
    offers.end_held(db, entry, why=EndedWhy.DECLINED, now=now)
    offers.note(db, Step.DECLINED, entry, slot, now=now)
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
        offers.end_held(db, entry, why=EndedWhy.DECLINED, now=now)
        ledger.close_entry(db, entry, EntryState.LEFT, now=now)
        offers.note(db, Step.LEFT, entry, slot, now=now)
        if slot is not None:
            wake(db, slot, policy=policy, now=now)
    return entry


def still_wanted(db: Session, entry: WaitingEntry, *, now: datetime) -> WaitingEntry:
    """After an offer ran out: they do want to wait on, in their old turn."""
    if entry.state is EntryState.ASKED:
        entry.state = EntryState.WAITING
        db.flush()
        offers.note(db, Step.STILL_WANTED, entry, None, now=now)
    return entry


def erase(db: Session, adult_id: int, *, now: datetime) -> None:
    """End what an adult waits for, silently, and remove what they told us."""
    for entry in db.exec(select(WaitingEntry).where(WaitingEntry.adult_id == adult_id)):
        entry.sealed = None
        if entry.state in rules.LIVE_STATES:
            offers.end_held(db, entry, why=EndedWhy.ERASED, now=now)
            entry.ended_why = ClosedWhy.ERASED
            ledger.close_entry(db, entry, EntryState.CLOSED, now=now)


def _answers_late(db: Session, entry: WaitingEntry, slot: Slot, *, now: datetime) -> bool:
    """Whether an offer of this session ran out that nobody has ended. Ends it: the place goes to
    whoever waits, but it is no offer without an answer, since they answer now."""
    held = queue.offer_of(db, entry)
    if held is None or slot.subject not in (held.course_id, held.occurrence_id):
        return False
    ledger.end_claim(db, held, why=EndedWhy.LAPSED, now=now)
    entry.state = EntryState.ASKED
    db.flush()
    return True


def _offered(entry: WaitingEntry, claim: Claim | None) -> Claim | None:
    """A claim of the entry's family, where it is the offer that the entry may say yes to."""
    mine = claim is not None and claim.entry_id == entry.id
    return claim if mine and claim is not None and claim.kind is ClaimKind.OFFER else None


def _pass_over(db: Session, entry: WaitingEntry, slot: Slot, *, left: int, now: datetime) -> None:
    """Write once that there were too few places: the turn is kept, the next family goes first."""
    if not queue.has_step(db, entry, slot.subject, Step.PASSED_OVER):
        offers.note(db, Step.PASSED_OVER, entry, slot, now=now, left=left, size=entry.size)


def _check_list(db: Session, slot: Slot, policy: Policy) -> None:
    setting = queries.setting_of(db, slot.subject)
    most = setting.most_waiting
    if setting.waiting is ListState.CLOSED:
        raise rules.ListClosedError
    waiting = queue.line(db, slot, rules.LIVE_STATES, zone=policy.zone)
    if most is not None and len(waiting) >= most:
        raise rules.ListClosedError

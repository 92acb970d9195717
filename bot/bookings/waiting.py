"""The waiting list: who gets a place that comes free, in which order, and by when they must say.

One act drives it: `wake`, run inside whatever freed or added a place, before a newcomer is let in,
and by a job for what only time changed. It ends offers that ran out, then gives each free place to
the next family it suits. Near the start nothing is held: several are told, first to say yes.
Source: docs/bookings.md, "The waiting list".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from bot.bookings import gathering, ledger, may_book, offers, queries, queue, rules
from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.policy import Policy
from bot.bookings.queue import IN_TURN
from bot.bookings.rules import (
    ClaimKind,
    ClosedWhy,
    EndedWhy,
    EntryState,
    ListState,
    Step,
)
from bot.families.models import Adult
from bot.families.queries import lock_family
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

    `facts` are what a booking would keep, sealed. A place that is free of any of them is offered at
    once, the soonest. Raises ListClosedError, TooLateError, CalledOffError, NotBookableError,
    AgeRefusedError.
    """
    if earlier := queue.find_entry_by_key(db, key):
        return earlier
    slot, free = _lock_with_free(db, slot, wish, policy=policy, now=now)
    slot = ledger.meeting(db, slot, now=now)
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
            wake_all(db, [slot, *free], policy=policy, now=now)
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
    wake_all(db, [slot, *free], policy=policy, now=now)
    return entry


def wake_all(db: Session, slots: Iterable[Slot], *, policy: Policy, now: datetime) -> int:
    """Wake several sessions that are locked, the soonest first: whoever waits for any of them is
    offered that one. How many families were asked."""
    soonest = sorted(slots, key=lambda s: (s.starts_at, s.subject))
    return sum(wake(db, s, policy=policy, now=now) for s in soonest)


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
    left = queries.places_left(db, [slot], now=now).get(slot.subject, 0)
    until = policy.answer_by(starts_at=opening.starts_at, now=now)
    if until is None:
        most = policy.window(starts_at=opening.starts_at, now=now).tell_first
        return offers.tell_several(db, slot, left, most=most, policy=policy, now=now)
    line = queue.line(db, slot, IN_TURN, zone=policy.zone)
    asked, kept, too_few = 0, queue.gathered(db, slot, now=now), False
    for entry in line:
        mine = kept.get(entry.id)
        theirs = mine.size if mine is not None else 0
        if left + theirs <= 0 or not offers.may_have(db, entry, slot, zone=policy.zone, now=now):
            continue
        if entry.state is EntryState.OFFERED:
            if mine is None and entry.size <= left and gathering.keep_beside(
                db, entry, slot, opening=opening, policy=policy, now=now
            ):  # fmt: skip
                left -= entry.size
                asked += 1
            continue
        if entry.size <= left + theirs:
            offers.offer(db, entry, slot, until=until, now=now)
            left -= entry.size - theirs
            asked += 1
        elif (theirs or not (too_few or _gathers(line, kept))) and gathering.keep(
            db, entry, slot, mine, left=left, opening=opening, policy=policy, now=now
        ):
            left = 0
        else:
            _pass_over(db, entry, slot, left=left, now=now)
        too_few = too_few or entry.state is EntryState.WAITING
    return asked


def go_first(db: Session, slot: Slot, *, policy: Policy, now: datetime) -> bool:
    """Let whoever waits have what is free before a newcomer is let in; whether somebody waits.

    While staff have paused the list a newcomer doesn't overtake it: raises ListPausedError.
    """
    if not queue.somebody_waits(db, slot):
        return False
    wake(db, slot, policy=policy, now=now)
    if queue.paused(db, slot, zone=policy.zone):
        free = any(queries.places_left(db, [slot], now=now).values())
        raise rules.ListPausedError if free else rules.OccurrenceFullError
    return True


def accept(
    db: Session, entry: WaitingEntry, slot: Slot, *, key: str, policy: Policy, now: datetime
) -> Claim:
    """Say yes to an offer, or to a place that several were told of. The booking.

    An offer that ran out is good while the place is free after everybody who waits. Saying yes
    twice gives the same booking, and so does a yes after another of the family had theirs, where
    the two share. Raises OfferOverError, NoSuchEntryError, CalledOffError, TooLateError; where it
    doesn't go with what they have booked ClashError, TooManyCoursesError: the offer stays.
    """
    waits = queue.entries_of(db, entry.adult_id)
    held = queue.held_slots(db, waits)
    slot = ledger.meeting(db, ledger.lock_all(db, [slot, *held])[slot.subject], now=now)
    adult = db.get_one(Adult, entry.adult_id)
    lock_family(db, adult)
    db.refresh(entry, with_for_update=True)  # a place may be kept for it meanwhile
    mine = may_book.has_one(db, slot, adult, now=now)
    if mine is not None and mine.kind is ClaimKind.BOOKING:
        if mine.adult_id != adult.id:
            fulfil(db, waits, mine, slot, freed=[slot, *held], policy=policy, now=now)
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
    fulfil(db, waits, claim, slot, freed=held, policy=policy, now=now)
    return claim


def fulfil(
    db: Session,
    waits: Iterable[WaitingEntry],
    claim: Claim,
    slot: Slot,
    *,
    freed: Iterable[Slot],
    policy: Policy,
    now: datetime,
) -> None:
    """A booking ends the waiting of its adult, all that `waits`, for whatever it suits. What comes
    `freed` with it goes on at once: sessions that are locked, of which something was kept."""
    for entry in waits:
        if rules.suits(entry.wish, slot, policy.zone):
            db.refresh(entry, with_for_update=True)  # a place may be kept for it meanwhile
            offers.end_held(db, entry, but=claim.id, why=EndedWhy.GIVEN_UP, now=now)
            ledger.close_entry(db, entry, EntryState.BOOKED, now=now)
    wake_all(db, ledger.lock_all(db, freed).values(), policy=policy, now=now)


def decline(
    db: Session, entry: WaitingEntry, slot: Slot, *, policy: Policy, now: datetime
) -> WaitingEntry:
    """Say no to an offer. Who waits for this session alone is off the list, others wait on, and
    are offered the next that is free."""
    slot, free = _lock_with_free(db, slot, entry.wish, entry=entry, policy=policy, now=now)
    db.refresh(entry, with_for_update=True)
    held = queue.held_for(db, entry)
    mine = [c for c in held if slot.subject in (c.course_id, c.occurrence_id)]
    if entry.state not in rules.LIVE_STATES or (held and not mine):
        return entry
    for claim in mine:
        ledger.end_claim(db, claim, why=EndedWhy.DECLINED, now=now)
    offers.note(db, Step.DECLINED, entry, slot, now=now)
    if entry.wish.get("subjects") == [slot.subject]:
        ledger.close_entry(db, entry, EntryState.LEFT, now=now)
    else:
        if queue.offer_of(db, entry) is None:
            entry.state = EntryState.WAITING
        # Not this one again: it would be offered at once.
        entry.wish = {**entry.wish, "not": [*entry.wish.get("not", []), slot.subject]}
        db.flush()
    wake_all(db, [slot, *free], policy=policy, now=now)
    return entry


def leave(db: Session, entry: WaitingEntry, *, policy: Policy, now: datetime) -> WaitingEntry:
    """Stop waiting. What was held for this entry goes on at once."""
    slots = list(ledger.lock_all(db, queue.held_slots(db, [entry])).values())
    db.refresh(entry, with_for_update=True)
    if entry.state in rules.LIVE_STATES:
        offers.end_held(db, entry, why=EndedWhy.DECLINED, now=now)
        ledger.close_entry(db, entry, EntryState.LEFT, now=now)
        offers.note(db, Step.LEFT, entry, slots[0] if slots else None, now=now)
        wake_all(db, slots, policy=policy, now=now)
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


def _lock_with_free(
    db: Session,
    slot: Slot,
    wish: Mapping[str, Any],
    *,
    entry: WaitingEntry | None = None,
    policy: Policy,
    now: datetime,
) -> tuple[Slot, list[Slot]]:
    """A session, and the others that suit a wish and have room, if only for `entry`: as they are
    now, and locked in the order of ids, so that no two acts wait for each other."""
    others = [s for s in queue.coming(db, slot.activity, now=now)
              if s.subject != slot.subject and rules.suits(wish, s, policy.zone)]  # fmt: skip
    left = queries.places_left(db, others, now=now)
    kept = {c.course_id or c.occurrence_id for c in (queue.held_for(db, entry) if entry else ())}
    free = [s for s in others if left.get(s.subject) or s.subject in kept]
    locked = ledger.lock_all(db, [slot, *free])
    return locked.pop(slot.subject), list(locked.values())


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


def _gathers(line: Iterable[WaitingEntry], kept: Mapping[int | None, Claim]) -> bool:
    """Whether places are being kept for a family that needs more: one at a time, else none would
    ever have enough."""
    return any(e.id in kept and e.state is EntryState.WAITING for e in line)


def _offered(entry: WaitingEntry, claim: Claim | None) -> Claim | None:
    """A claim of the entry's family, where it is what the entry may say yes to."""
    return claim if claim is not None and queue.may_say_yes(entry, claim) else None


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

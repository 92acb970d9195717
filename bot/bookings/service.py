"""A family's acts on the ledger. Each locks what it uses up, counts, then writes, once per key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.bookings import ledger, may_book, queries, queue, rules, waiting
from bot.bookings.models import Attendance, Claim
from bot.bookings.policy import Policy
from bot.bookings.rules import (
    ClaimKind,
    EndedWhy,
    RegisterMark,
    Step,
)
from bot.families.models import Adult
from bot.families.queries import lock_family
from bot.timetable.queries import find_slot
from bot.timetable.service import NoSuchSessionError

#: What a family has before anybody asked it to say yes: pressing "Book" takes it up.
_UNANSWERED = (ClaimKind.HOLD, ClaimKind.GATHERED)


def hold_place(
    db: Session,
    *,
    adult: Adult,
    occurrence: str,
    size: int,
    key: str,
    policy: Policy,
    now: datetime,
) -> Claim:
    """Keep `size` places while somebody answers our questions, until `expires_at`.

    Once per `key`; who holds, was offered or has booked gets that claim again, a hold with the new
    size. Whoever waits goes first. Raises NoSuchSessionError, NotBookableError, CalledOffError,
    TooLateError, NotOpenYetError, ClosedAlreadyError, ClashError, TooManyCoursesError,
    OccurrenceFullError. Source: docs/bookings.md, "Who gets a place".
    """
    if earlier := queries.find_claim_by_key(db, key):
        return earlier
    slot = ledger.lock_slot(db, occurrence)
    mine = may_book.has_one(db, slot, adult, now=now)
    if mine is not None and mine.kind not in _UNANSWERED:
        return mine
    may_book.check_allowed(db, adult, slot, policy=policy, now=now)
    if waiting.go_first(db, slot, policy=policy, now=now):  # it may be their turn, and an offer now
        mine = may_book.has_one(db, slot, adult, now=now)
        if mine is not None and mine.kind not in _UNANSWERED:
            return mine
    kept_for_us = mine.size if mine is not None else 0
    ledger.check_room(db, slot, size=size, now=now, but=kept_for_us)
    until = now + rules.HOLD
    if mine is not None:
        mine.kind, mine.expires_at, mine.ended_why, mine.size = ClaimKind.HOLD, until, None, size
        db.flush()
        return mine
    return ledger.new_claim(
        db, slot, adult=adult, kind=ClaimKind.HOLD, size=size, key=key, now=now, until=until
    )


def confirm_place(
    db: Session,
    claim: Claim,
    *,
    facts: Mapping[str, str],
    born: date | None,
    policy: Policy,
    now: datetime,
) -> Claim:
    """Turn a hold or an offer into a booking, in place; a booking stays as it is.

    Where they have booked it meanwhile, or another of the family did who lets them see it: that
    booking, and this claim goes on. `facts` are sealed: name, email, phone, born, due, needs.
    `born` is checked against the age on the day. One that ran out is good while there is still room
    after everybody who waits. Raises AgeRefusedError, OccurrenceFullError, CalledOffError,
    TooLateError, ClashError, TooManyCoursesError.
    """
    waits = queue.entries_of(db, claim.adult_id)
    if held := queue.held_slots(db, waits):
        ledger.lock_all(db, [*queries.claim_slots(db, claim)[:1], *held])
    slots = ledger.lock_claim(db, claim)
    if claim.kind is ClaimKind.BOOKING:
        return claim
    slot = ledger.opening(db, slots[0], join_late=slots[0].join_late)
    ledger.check_open(slot, now=now)
    adult = db.get_one(Adult, claim.adult_id)
    lock_family(db, adult)
    other = may_book.has_one(db, slot, adult, now=now)
    if other is not None and other.kind is ClaimKind.BOOKING:
        let_go(db, claim, now=now)
        waiting.fulfil(db, waits, other, slot, freed=[slot, *held], policy=policy, now=now)
        return other
    if born is not None:
        months = rules.months_on_the_day(born, slots[0], policy.zone)
        rules.check_age(slot.age_from, slot.age_to, months)
    may_book.check_beside(db, adult, slots, policy=policy, now=now)
    if claim.expires_at is None or claim.expires_at <= now:
        waiting.go_first(db, slot, policy=policy, now=now)
        theirs = may_book.kept_for(db, slot, adult, now=now)
        ledger.check_room(db, slot, size=claim.size, now=now, but=theirs.size if theirs else 0)
    claim.kind, claim.expires_at = ClaimKind.BOOKING, None
    claim.ended_at, claim.ended_why = None, None
    claim.seal(facts)
    db.flush()
    ledger.note(db, Step.BOOKED, adult=claim.adult_id, subject=slot.subject, now=now)
    waiting.fulfil(db, waits, claim, slot, freed=held, policy=policy, now=now)
    return claim


def let_go(db: Session, claim: Claim, *, now: datetime) -> None:
    """Give up a hold. A booking stays, and so does an offer."""
    if claim.kind is ClaimKind.HOLD:
        ledger.end_claim(db, claim, why=EndedWhy.GIVEN_UP, now=now)


def cancel(db: Session, claim: Claim, *, why: EndedWhy, policy: Policy, now: datetime) -> Claim:
    """Give up a booking. The place stays the family's own for a minute, so that undo works.

    In the last two hours, or by "I can't come", it goes on to others at once. Doing it again
    changes nothing. Raises TooLateError once the session (of a course: its last) is over.
    """
    slots = ledger.lock_claim(db, claim)
    if claim.kind is not ClaimKind.BOOKING:
        return claim
    coming = [s for s in slots if s.ends_at > now]
    if not coming:
        raise rules.TooLateError
    at_once = why is EndedWhy.CANT_COME or coming[0].starts_at - now < rules.LAST_HOURS
    claim.kind, claim.ended_why = ClaimKind.HOLD, why
    claim.expires_at = now if at_once else rules.undo_until(now)
    db.flush()
    ledger.note(db, Step.CANCELLED, adult=claim.adult_id, subject=slots[0].subject, now=now)
    if at_once:
        waiting.wake(db, slots[0], policy=policy, now=now)
    return claim


def undo_cancel(db: Session, claim: Claim, *, policy: Policy, now: datetime) -> Claim:
    """Take a cancelled booking back, if its place is still there.

    Raises TooLateToUndoError, HasOneError, and where they have booked something else in the
    meantime ClashError, TooManyCoursesError.
    """
    slots = ledger.lock_claim(db, claim)
    if claim.kind is ClaimKind.BOOKING:
        return claim
    coming = [s for s in slots if s.starts_at > now and not s.cancelled]
    cancelled = claim.ended_why in (EndedWhy.CANCELLED, EndedWhy.CANT_COME)
    if not coming or not cancelled or claim.ended_at is not None:
        raise rules.TooLateToUndoError
    adult = db.get_one(Adult, claim.adult_id)
    lock_family(db, adult)
    again = may_book.has_one(db, coming[0], adult, now=now)
    if again is not None and again.id != claim.id:
        booked = again.kind is ClaimKind.BOOKING
        raise rules.HasOneError if booked else rules.TooLateToUndoError
    may_book.check_beside(db, adult, coming, policy=policy, now=now)
    if claim.expires_at is None or claim.expires_at <= now:
        try:
            waiting.go_first(db, coming[0], policy=policy, now=now)
            ledger.check_room(db, coming[0], size=claim.size, now=now)
        except rules.OccurrenceFullError:
            raise rules.TooLateToUndoError from None
    claim.kind, claim.expires_at, claim.ended_why = ClaimKind.BOOKING, None, None
    db.flush()
    ledger.note(db, Step.UNDONE, adult=claim.adult_id, subject=slots[0].subject, now=now)
    return claim


def move_place(
    db: Session, claim: Claim, occurrence: str, *, key: str, policy: Policy, now: datetime
) -> Claim:
    """Book another session or course instead, with the same answers. The new booking.

    The old place is let go only once the new one is sure, and goes on at once. Once per `key`.
    Raises what `hold_place` raises, AgeRefusedError, NoSuchBookingError, HasOneError; TooLateError
    too where the old one is over: who came stays on its register.
    """
    if earlier := queries.find_claim_by_key(db, key):
        return earlier
    new, old = find_slot(db, occurrence), queries.first_slot(db, claim)
    if new is None or old is None:
        raise NoSuchSessionError
    waits = queue.entries_of(db, claim.adult_id)
    held = queue.held_slots(db, waits)
    ledger.lock_all(db, [new, old, *held])
    db.refresh(claim)
    if claim.kind is not ClaimKind.BOOKING:
        raise rules.NoSuchBookingError
    if new.subject == old.subject:
        return claim
    if queries.is_over(db, claim, now=now):
        raise rules.TooLateError
    adult = db.get_one(Adult, claim.adult_id)
    lock_family(db, adult)
    mine = may_book.has_one(db, new, adult, now=now)
    if mine is not None and mine.kind is ClaimKind.BOOKING:
        raise rules.HasOneError
    may_book.check_allowed(db, adult, new, policy=policy, now=now, instead_of=claim)
    months = queue.months_of(db, claim.private, new, zone=policy.zone)
    rules.check_age(new.age_from, new.age_to, months)
    waiting.go_first(db, new, policy=policy, now=now)
    theirs = may_book.kept_for(db, new, adult, now=now)
    ledger.check_room(db, new, size=claim.size, now=now, but=theirs.size if theirs else 0)
    moved = ledger.new_claim(
        db, new, adult=adult, kind=ClaimKind.BOOKING, size=claim.size, key=key, now=now,
        kept=theirs is not None and theirs.kept,
    )  # fmt: skip
    moved.seal(claim.private)
    claim.kind = ClaimKind.HOLD
    ledger.end_claim(db, claim, why=EndedWhy.MOVED, now=now)
    ledger.note(db, Step.MOVED, adult=claim.adult_id, subject=old.subject, now=now, to=new.subject)
    ledger.note(db, Step.BOOKED, adult=claim.adult_id, subject=new.subject, now=now)
    waiting.fulfil(db, waits, moved, new, freed=[old, *held], policy=policy, now=now)
    return moved


def say_coming(db: Session, claim: Claim, *, now: datetime) -> None:
    """Note that they tapped "I'm coming"."""
    claim.coming_at = now
    db.flush()


def mark_register(
    db: Session,
    occurrence: str,
    *,
    mark: RegisterMark,
    by: str,
    now: datetime,
    claim_id: int | None = None,
    count: int = 1,
) -> None:
    """Note who came. The newest event for a claim, and the newest count of walk-ins, stand."""
    db.add(
        Attendance(
            occurrence_id=occurrence, claim_id=claim_id, mark=mark, count=count, at=now, by=by
        )
    )
    db.flush()


def unmark_register(db: Session, occurrence: str, *, claim_id: int) -> None:
    """Take back what a family itself said about missing one meeting."""
    db.execute(
        sa.delete(Attendance).where(
            col(Attendance.occurrence_id) == occurrence,
            col(Attendance.claim_id) == claim_id,
            col(Attendance.by) == "family",
        )
    )


def erase(db: Session, adult_id: int, *, policy: Policy | None, now: datetime) -> None:
    """End what this adult booked and waits for, and remove what they told us; rows stay for the
    count. What comes free goes on at once; without a `policy` where nothing of theirs can.
    """
    freed: dict[str, str] = {}
    for claim in db.exec(select(Claim).where(Claim.adult_id == adult_id)).all():
        claim.sealed = None
        coming = [s for s in queries.claim_slots(db, claim) if s.ends_at > now]
        if claim.ended_at is None and coming:
            ledger.end_claim(db, claim, why=EndedWhy.ERASED, now=now)
            freed[coming[0].subject] = coming[0].id
    waiting.erase(db, adult_id, now=now)
    db.flush()
    for _subject, occurrence in sorted(freed.items()):  # the order in which places are locked
        if policy is not None:
            waiting.wake(db, ledger.lock_slot(db, occurrence), policy=policy, now=now)

"""A family's acts on the ledger. Each locks what it uses up, counts, then writes, once per key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.bookings import ledger, queries, rules, waiting
from bot.bookings.models import Attendance, Claim
from bot.bookings.policy import Policy
from bot.bookings.rules import (
    ClaimKind,
    EndedWhy,
    RegisterMark,
    Step,
)
from bot.families.models import Adult
from bot.families.queries import sharing_adults
from bot.families.rules import age_in_months
from bot.timetable.queries import Slot, course_slots, find_slot
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
    mine = _has_one(db, slot, adult, now=now)
    if mine is not None and mine.kind not in _UNANSWERED:
        return mine
    check_allowed(db, adult, slot, policy=policy, now=now)
    waiting.go_first(db, slot, policy=policy, now=now)
    if mine is not None and mine.kind is ClaimKind.GATHERED:  # it may have become an offer now
        mine = _has_one(db, slot, adult, now=now)
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

    `facts` are sealed: name, email, phone, born, due, needs. `born` is checked against the age on
    the day. One that ran out is good while there is still room after everybody who waits. Raises
    AgeRefusedError, OccurrenceFullError, CalledOffError, TooLateError.
    """
    slots = ledger.lock_claim(db, claim)
    if claim.kind is ClaimKind.BOOKING:
        return claim
    slot = ledger.opening(db, slots[0], join_late=slots[0].join_late)
    ledger.check_open(slot, now=now)
    other = queries.claim_of(db, slot, [claim.adult_id], now=now)
    if other is not None and other.id != claim.id and other.kind is ClaimKind.BOOKING:
        return other
    if born is not None:
        rules.check_age(slot.age_from, slot.age_to, age_in_months(born, slots[0].original_on))
    if claim.expires_at is None or claim.expires_at <= now:
        waiting.go_first(db, slot, policy=policy, now=now)
        ledger.check_room(db, slot, size=claim.size, now=now)
    claim.kind, claim.expires_at = ClaimKind.BOOKING, None
    claim.ended_at, claim.ended_why = None, None
    claim.seal(facts)
    db.flush()
    ledger.note(db, Step.BOOKED, adult=claim.adult_id, subject=slot.subject, now=now)
    waiting.fulfil(db, claim, slot, policy=policy, now=now)
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
    """Take a cancelled booking back, if its place is still there. Raises TooLateToUndoError."""
    slots = ledger.lock_claim(db, claim)
    if claim.kind is ClaimKind.BOOKING:
        return claim
    coming = [s for s in slots if s.starts_at > now]
    cancelled = claim.ended_why in (EndedWhy.CANCELLED, EndedWhy.CANT_COME)
    if not coming or not cancelled or claim.ended_at is not None or coming[0].cancelled:
        raise rules.TooLateToUndoError
    again = queries.claim_of(db, coming[0], [claim.adult_id], now=now)
    if again is not None and again.id != claim.id:
        raise rules.TooLateToUndoError
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
    Raises what `hold_place` raises, AgeRefusedError, NoSuchBookingError.
    """
    if earlier := queries.find_claim_by_key(db, key):
        return earlier
    new, old = find_slot(db, occurrence), queries.first_slot(db, claim)
    if new is None or old is None:
        raise NoSuchSessionError
    # Always in this order, so that two who swap never wait for each other.
    for slot in sorted((new, old), key=lambda s: s.subject):
        ledger.lock_slot(db, slot.id)
    db.refresh(claim)
    if claim.kind is not ClaimKind.BOOKING:
        raise rules.NoSuchBookingError
    if new.subject == old.subject:
        return claim
    adult = db.get_one(Adult, claim.adult_id)
    if (mine := _has_one(db, new, adult, now=now)) is not None and mine.kind is ClaimKind.BOOKING:
        return mine
    check_allowed(db, adult, new, policy=policy, now=now, instead_of=claim)
    if born := claim.private.get("born"):
        months = age_in_months(date.fromisoformat(born), new.original_on)
        rules.check_age(new.age_from, new.age_to, months)
    waiting.go_first(db, new, policy=policy, now=now)
    ledger.check_room(db, new, size=claim.size, now=now)
    moved = ledger.new_claim(
        db, new, adult=adult, kind=ClaimKind.BOOKING, size=claim.size, key=key, now=now
    )
    moved.seal(claim.private)
    claim.kind = ClaimKind.HOLD
    ledger.end_claim(db, claim, why=EndedWhy.MOVED, now=now)
    ledger.note(db, Step.MOVED, adult=claim.adult_id, subject=old.subject, now=now, to=new.subject)
    ledger.note(db, Step.BOOKED, adult=claim.adult_id, subject=new.subject, now=now)
    waiting.fulfil(db, moved, new, policy=policy, now=now)
    waiting.wake(db, old, policy=policy, now=now)
    return moved


def check_allowed(
    db: Session,
    adult: Adult,
    slot: Slot,
    *,
    policy: Policy,
    now: datetime,
    instead_of: Claim | None = None,
) -> None:
    """Raise the first rule that keeps this adult from booking, capacity and age aside."""
    first = ledger.opening(db, slot, join_late=slot.join_late)
    ledger.check_open(first, now=now)
    rules.check_window(
        opens_days=slot.opens_days, closes_hours=slot.closes_hours, starts_at=first.starts_at,
        now=now,
    )  # fmt: skip
    gone = instead_of.id if instead_of is not None else None
    booked = [b for b in queries.bookings_of(db, adult.id, now=now) if b.claim.id != gone]
    wanted = course_slots(db, slot.course_id) if slot.course_id else [slot]
    rules.check_clash(wanted, [s for b in booked for s in b.slots if not s.cancelled])
    if slot.course_id is not None:
        most = policy.places.most_courses
        courses = queries.courses_of(db, sharing_adults(db, adult), now=now)
        if instead_of is not None:
            courses.discard(instead_of.course_id or "")
        if len(courses) >= most:
            raise rules.TooManyCoursesError(most)


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


def erase(db: Session, adult_id: int, *, now: datetime) -> None:
    """End what this adult booked and waits for, and remove what they told us; rows stay for the count."""
    for claim in db.exec(select(Claim).where(Claim.adult_id == adult_id)):
        claim.sealed = None
        if claim.ended_at is None and not queries.is_over(db, claim, now=now):
            claim.ended_at, claim.ended_why = now, EndedWhy.ERASED
    waiting.erase(db, adult_id, now=now)
    db.flush()


def _has_one(db: Session, slot: Slot, adult: Adult, *, now: datetime) -> Claim | None:
    """What this adult has of the session already, else what another of the family booked who lets
    them see it. What others keep to themselves doesn't count: a refusal would tell of it."""
    mine = queries.claim_of(db, slot, sharing_adults(db, adult), now=now)
    if mine is None or mine.adult_id == adult.id or mine.kind is ClaimKind.BOOKING:
        return mine
    return queries.claim_of(db, slot, [adult.id], now=now)

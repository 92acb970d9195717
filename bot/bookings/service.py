"""Writes to the claims ledger. Each act locks what it uses up, counts, then writes, once per key."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.bookings import queries, rules
from bot.bookings.models import Attendance, Claim
from bot.bookings.rules import ClaimKind, EndedWhy, RegisterMark
from bot.families.models import Adult
from bot.families.rules import age_in_months
from bot.timetable.models import Course, Occurrence
from bot.timetable.queries import Slot, course_slots, find_slot
from bot.timetable.service import NoSuchSessionError

#: No vowels, no look-alikes: a code can be read out on the phone and spells nothing.
CODE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
CODE_LENGTH = 8
LAST_HOURS = timedelta(hours=2)  # in which a freed place goes on at once


def hold_place(
    db: Session, *, adult: Adult, occurrence: str, size: int, key: str, now: datetime
) -> Claim:
    """Keep `size` places while somebody answers our questions, until `expires_at`.

    Once per `key`; a family that holds or has booked gets that claim again. Raises
    NoSuchSessionError, NotBookableError, CalledOffError, TooLateError, OccurrenceFullError.
    Source: docs/bookings.md, "Who gets a place".
    """
    if earlier := queries.find_claim_by_key(db, key):
        return earlier
    slot = _locked(db, occurrence)
    mine = queries.family_claim(db, slot, adult.family_id, now=now)
    if mine is not None and mine.kind is ClaimKind.BOOKING:
        return mine
    _check_open(_opening(db, slot), now)
    taken = queries.live_size(db, slot, now=now) - (mine.size if mine is not None else 0)
    rules.check_fits(capacity=slot.capacity, taken=taken, size=size)
    if mine is not None:
        mine.expires_at, mine.ended_why, mine.size = now + rules.HOLD, None, size
        db.flush()
        return mine
    claim = Claim(
        code=_new_code(db), key=key, kind=ClaimKind.HOLD, family_id=adult.family_id,
        adult_id=adult.id, size=size, made_at=now, expires_at=now + rules.HOLD,
        occurrence_id=None if slot.course_id else slot.id, course_id=slot.course_id,
    )  # fmt: skip
    db.add(claim)
    db.flush()
    return claim


def confirm_place(
    db: Session,
    claim: Claim,
    *,
    facts: Mapping[str, str],
    born: date | None,
    now: datetime,
) -> Claim:
    """Turn a hold into a booking, in place; a booking stays as it is.

    `facts` are sealed: name, email, phone, born, due, needs. `born` is checked against the age on
    the day. A hold that ran out is good while there is still room. Raises AgeRefusedError,
    OccurrenceFullError, CalledOffError, TooLateError.
    """
    first = queries.first_slot(db, claim)
    if first is None:
        raise NoSuchSessionError
    slot = _locked(db, first.id)
    db.refresh(claim)
    if claim.kind is ClaimKind.BOOKING:
        return claim
    _check_open(slot, now)
    if born is not None:
        rules.check_age(slot.age_from, slot.age_to, age_in_months(born, slot.original_on))
    if claim.expires_at is None or claim.expires_at <= now:
        taken = queries.live_size(db, slot, now=now)
        rules.check_fits(capacity=slot.capacity, taken=taken, size=claim.size)
    claim.kind, claim.expires_at, claim.ended_why = ClaimKind.BOOKING, None, None
    claim.seal(facts)
    db.flush()
    return claim


def let_go(db: Session, claim: Claim, *, now: datetime) -> None:
    """Give up a hold. A booking stays."""
    if claim.kind is ClaimKind.HOLD:
        claim.expires_at, claim.ended_at, claim.ended_why = now, now, EndedWhy.GIVEN_UP
        db.flush()


def cancel(db: Session, claim: Claim, *, why: EndedWhy, now: datetime) -> Claim:
    """Give up a booking. The place stays the family's own for a minute, so that undo works.

    In the last two hours, or by "I can't come", it is free for others at once. Doing it again
    changes nothing. Raises TooLateError once the session (of a course: its last) is over.
    """
    slots = queries.claim_slots(db, claim)
    if slots:
        _locked(db, slots[0].id)
        db.refresh(claim)
    if claim.kind is not ClaimKind.BOOKING:
        return claim
    coming = [s for s in slots if s.ends_at > now]
    if not coming:
        raise rules.TooLateError
    at_once = why is EndedWhy.CANT_COME or coming[0].starts_at - now < LAST_HOURS
    claim.kind, claim.ended_why = ClaimKind.HOLD, why
    claim.expires_at = now if at_once else rules.undo_until(now)
    db.flush()
    return claim


def undo_cancel(db: Session, claim: Claim, *, now: datetime) -> Claim:
    """Take a cancelled booking back, if its place is still there. Raises TooLateToUndoError."""
    coming = [s for s in queries.claim_slots(db, claim) if s.starts_at > now]
    if not coming:
        raise rules.TooLateToUndoError
    slot = _locked(db, coming[0].id)
    db.refresh(claim)
    if claim.kind is ClaimKind.BOOKING:
        return claim
    cancelled = claim.ended_why in (EndedWhy.CANCELLED, EndedWhy.CANT_COME)
    if not cancelled or claim.ended_at is not None or slot.cancelled or slot.starts_at <= now:
        raise rules.TooLateToUndoError
    again = queries.family_claim(db, slot, claim.family_id, now=now)
    if again is not None and again.id != claim.id:
        raise rules.TooLateToUndoError
    if claim.expires_at is None or claim.expires_at <= now:
        try:
            taken = queries.live_size(db, slot, now=now)
            rules.check_fits(capacity=slot.capacity, taken=taken, size=claim.size)
        except rules.OccurrenceFullError:
            raise rules.TooLateToUndoError from None
    claim.kind, claim.expires_at, claim.ended_why = ClaimKind.BOOKING, None, None
    db.flush()
    return claim


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
    """End what this adult booked and remove what they told us; rows stay for the count."""
    for claim in db.exec(select(Claim).where(Claim.adult_id == adult_id)):
        claim.sealed = None
        if claim.ended_at is None and not queries.is_over(db, claim, now=now):
            claim.ended_at, claim.ended_why = now, EndedWhy.ERASED
    db.flush()


def _locked(db: Session, occurrence: str) -> Slot:
    """The session as it is now, its places locked to the end of the transaction."""
    slot = find_slot(db, occurrence)
    if slot is None:
        raise NoSuchSessionError
    if slot.course_id:
        db.get(Course, slot.course_id, with_for_update=True, populate_existing=True)
    else:
        db.get(Occurrence, slot.id, with_for_update=True, populate_existing=True)
    return find_slot(db, occurrence) or slot


def _opening(db: Session, slot: Slot) -> Slot:
    """What decides whether it can still be booked: of a course, its first meeting."""
    if slot.course_id is None:
        return slot
    return next(iter(course_slots(db, slot.course_id)), slot)


def _check_open(slot: Slot, now: datetime) -> None:
    if not slot.bookable:
        raise rules.NotBookableError
    if slot.cancelled:
        raise rules.CalledOffError
    if slot.starts_at <= now:
        raise rules.TooLateError


def _new_code(db: Session) -> str:
    while True:
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        if queries.find_claim_by_code(db, code) is None:
            return code

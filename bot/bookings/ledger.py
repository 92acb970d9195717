"""What every act on the ledger begins and ends with: lock, count, write, and say why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from bot.bookings import queries, rules
from bot.bookings.models import Claim, StoryLine, WaitingEntry
from bot.bookings.rules import ClaimKind, EndedWhy, EntryState, Step
from bot.core import codes
from bot.families.models import Adult
from bot.store.columns import new_uid, table_of
from bot.store.prepared import Prepared, loaded
from bot.timetable import queries as timetable
from bot.timetable.queries import Slot
from bot.timetable.service import NoSuchSessionError

_CLAIM = table_of(Claim)
_NEW_CLAIM = Prepared(sa.insert(_CLAIM).returning(*_CLAIM.c))
_BY_ID = Prepared(sa.select(_CLAIM).where(_CLAIM.c.id == sa.bindparam("claim")))
_NOTE = Prepared(sa.insert(table_of(StoryLine)))


def lock_slot(db: Session, occurrence: str) -> Slot:
    """The session as it is now, its places locked to the end of the transaction."""
    slot = timetable.lock_slot(db, occurrence)
    if slot is None:
        raise NoSuchSessionError
    return slot


def lock_all(db: Session, slots: Iterable[Slot]) -> dict[str, Slot]:
    """Sessions as they are now, by subject: locked in the order of ids, so that no two acts wait
    for each other."""
    wanted = {slot.subject: slot.id for slot in slots}
    return {subject: lock_slot(db, wanted[subject]) for subject in sorted(wanted)}


def lock_claim(db: Session, claim: Claim) -> list[Slot]:
    """The sessions of a claim, their places locked, and the claim as it is now."""
    first = claim.occurrence_id or next((s.id for s in queries.claim_slots(db, claim)), "")
    slot = lock_slot(db, first)
    loaded(db, Claim, _BY_ID.rows(db, {"claim": claim.id})[0], anew=True)
    return [slot] if claim.course_id is None else queries.claim_slots(db, claim)


def check_room(db: Session, slot: Slot, *, size: int, now: datetime, but: int = 0) -> None:
    """Raise OccurrenceFullError unless `size` places are free for everybody.

    `but` are places that are counted now and will not be. The slot is locked.
    """
    room = queries.room_of(db, slot, now=now)
    rules.check_fits(capacity=slot.capacity, taken=room.taken + room.kept - but, size=size)


def check_open(slot: Slot, *, now: datetime) -> None:
    """Raise NotBookableError, DroppedError, CalledOffError, TooLateError."""
    if not slot.bookable:
        raise rules.NotBookableError
    if not slot.active:
        raise rules.DroppedError
    if slot.cancelled:
        raise rules.CalledOffError
    if slot.starts_at <= now:
        raise rules.TooLateError


def new_claim(
    db: Session,
    slot: Slot,
    *,
    adult: Adult,
    kind: ClaimKind,
    size: int,
    key: str,
    now: datetime,
    until: datetime | None = None,
    entry: WaitingEntry | None = None,
    kept: bool = False,
) -> Claim:
    """Write a claim of a locked session that was found to have room."""
    values = {
        "uid": new_uid(), "code": new_code(db), "key": key, "kind": kind,
        "family_id": adult.family_id, "adult_id": adult.id, "size": size, "made_at": now,
        "expires_at": until, "entry_id": entry.id if entry else None, "kept": kept,
        "occurrence_id": None if slot.course_id else slot.id, "course_id": slot.course_id,
    }  # fmt: skip
    return loaded(db, Claim, _NEW_CLAIM.rows(db, values)[0])


def end_claim(db: Session, claim: Claim, *, why: EndedWhy, now: datetime) -> None:
    claim.expires_at, claim.ended_at, claim.ended_why = now, now, why
    db.flush()


def note(
    db: Session,
    step: Step,
    *,
    adult: int,
    subject: str,
    now: datetime,
    entry: int | None = None,
    by: str = "",
    **facts: Any,
) -> None:
    """Write one line of the story. `facts` hold numbers, moments and ids only."""
    plain = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in facts.items()}
    _NOTE.change(
        db,
        {"at": now, "adult_id": adult, "subject": subject, "entry_id": entry, "step": step,
         "facts": plain, "by": by},
    )  # fmt: skip


def close_entry(db: Session, entry: WaitingEntry, state: EntryState, *, now: datetime) -> None:
    entry.state, entry.ended_at = state, now
    db.flush()


def opening(db: Session, slot: Slot, *, join_late: int | None = None) -> Slot:
    """What decides how long it can be booked: of a course, the last meeting one may join at.

    `join_late` is how many meetings may be over, else as the series says. Cancelled meetings don't
    count; a course whose every meeting is cancelled is called off.
    """
    if slot.course_id is None:
        return slot
    meetings = timetable.course_slots(db, slot.course_id)
    held = [m for m in meetings if not m.cancelled] or meetings or [slot]
    late = slot.join_late if join_late is None else join_late
    return held[min(late, len(held) - 1)]


def begun(db: Session, slot: Slot, *, now: datetime) -> bool:
    """Whether it is a course that has begun and can still be joined."""
    if slot.course_id is None or not slot.join_late:
        return False
    meetings = timetable.course_slots(db, slot.course_id)
    started = any(m.starts_at <= now and not m.cancelled for m in meetings)
    return started and now < opening(db, slot).starts_at


def meeting(db: Session, slot: Slot, *, now: datetime) -> Slot:
    """The one to speak of: of a course, its next meeting that is on."""
    if slot.course_id is None:
        return slot
    return timetable.next_of(timetable.course_slots(db, slot.course_id), now=now) or slot


def new_code(db: Session) -> str:
    """A code that opens one booking or one waiting entry from any device."""
    while True:
        code = codes.new_code()
        if not queries.code_in_use(db, code):
            return code

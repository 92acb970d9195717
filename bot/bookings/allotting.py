"""Staff decide how many places there are, keep some back, order the list and give a place.

The same ledger and the same rules of room; what staff may pass over is age, clash and turn, and
each time they say why. No parent can see that places were kept or who was given one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlmodel import Session

from bot.bookings import ledger, offers, queries, queue, rules, waiting
from bot.bookings.models import Claim, PlaceSetting, WaitingEntry
from bot.bookings.policy import Policy
from bot.bookings.rules import (
    ClaimKind,
    ClosedWhy,
    EntryState,
    ListState,
    Step,
)
from bot.families import service as families
from bot.staff import service as staff
from bot.timetable.models import Course, Occurrence
from bot.timetable.queries import Slot

_CAPACITY = "capacity"
_ASIDE = timedelta(minutes=1)  # between the first or last of a line and who is put beside it


def set_capacity(
    db: Session, occurrence: str, capacity: int, *, by: str, policy: Policy, now: datetime
) -> None:
    """Change how many places there are. More of them wake the waiting list.

    Raises BelowTakenError where more are taken: nobody loses a place by a number.
    """
    slot = ledger.lock_slot(db, occurrence)
    taken = queries.sizes_by_kind(db, slot, now=now)
    if capacity < (size := sum(taken.values())):
        passing = capacity >= size - taken.get(ClaimKind.HOLD, 0)
        raise rules.BelowTakenError(size, passing=passing)
    if slot.course_id is not None:
        db.get_one(Course, slot.course_id, populate_existing=True).capacity = capacity
    else:
        db.get_one(Occurrence, slot.id, populate_existing=True).capacity = capacity
    db.flush()
    staff.note(db, by=by, act=_CAPACITY, about=slot.subject, reason=str(capacity), now=now)
    waiting.wake(db, ledger.lock_slot(db, occurrence), policy=policy, now=now)


def resized(db: Session) -> frozenset[str]:
    """The sessions and courses whose number of places staff decided."""
    return staff.subjects(db, _CAPACITY)


def keep_places(
    db: Session,
    occurrence: str,
    places: int,
    *,
    release_at: datetime | None,
    by: str,
    policy: Policy,
    now: datetime,
) -> None:
    """Keep places that only staff can give, until `release_at` (aware UTC; None: to the start).

    Raises BelowTakenError where fewer are free.
    """
    slot = ledger.lock_slot(db, occurrence)
    room = queries.room_of(db, slot, now=now)
    others = room.taken - room.given
    if slot.capacity is not None and places + others > slot.capacity:
        raise rules.BelowTakenError(others)
    setting = _setting(db, slot)
    setting.kept, setting.release_at = places, release_at
    db.flush()
    staff.note(db, by=by, act="keep places", about=slot.subject, reason=str(places), now=now)
    waiting.wake(db, slot, policy=policy, now=now)


def set_list(
    db: Session,
    occurrence: str,
    state: ListState,
    *,
    most: int | None,
    by: str,
    policy: Policy,
    now: datetime,
) -> None:
    """Open, pause or close a waiting list, or cap it at `most` entries. Nobody is taken off."""
    slot = ledger.lock_slot(db, occurrence)
    setting = _setting(db, slot)
    setting.waiting, setting.most_waiting = state, most
    db.flush()
    staff.note(db, by=by, act="waiting list", about=slot.subject, reason=state.value, now=now)
    waiting.wake(db, slot, policy=policy, now=now)


def move_to(
    db: Session,
    entry: WaitingEntry,
    occurrence: str,
    place: int,
    *,
    reason: str,
    by: str,
    policy: Policy,
    now: datetime,
) -> None:
    """Give an entry another place in the line of a session: 1 is next. The reason is kept."""
    slot = ledger.lock_slot(db, occurrence)
    others = [
        e for e in queue.line(db, slot, rules.LIVE_STATES, zone=policy.zone) if e.id != entry.id
    ]
    if not others:
        return
    before, after = others[: max(place, 1) - 1], others[max(place, 1) - 1 :]
    if not after:
        entry.ranked_at = before[-1].ranked_at + _ASIDE
    elif not before:
        entry.ranked_at = after[0].ranked_at - _ASIDE
    else:
        entry.ranked_at = before[-1].ranked_at + (after[0].ranked_at - before[-1].ranked_at) / 2
    db.flush()
    ledger.note(
        db, Step.REORDERED, adult=entry.adult_id, subject=slot.subject, entry=entry.id, now=now,
        by=by, place=queue.position(db, entry, slot, zone=policy.zone),
    )  # fmt: skip
    staff.note(db, by=by, act="reorder", about=f"entry:{entry.id}", reason=reason, now=now)


def take_off(
    db: Session, entry: WaitingEntry, *, reason: str, by: str, policy: Policy, now: datetime
) -> None:
    """Take somebody off the waiting list. They are told; what was held for them goes on."""
    held = queue.held_for(db, entry)
    slot = queries.first_slot(db, held[0]) if held else None
    if slot is not None:
        slot = ledger.lock_slot(db, slot.id)
    db.refresh(entry, with_for_update=True)
    if entry.state in rules.LIVE_STATES:
        offers.close(db, entry, why=ClosedWhy.LIST_CLOSED, now=now, by=by)
        staff.note(db, by=by, act="take off", about=f"entry:{entry.id}", reason=reason, now=now)
        if slot is not None:
            waiting.wake(db, slot, policy=policy, now=now)


def give_offer(
    db: Session,
    entry: WaitingEntry,
    occurrence: str,
    *,
    kept: bool,
    reason: str,
    by: str,
    policy: Policy,
    now: datetime,
) -> Claim:
    """Offer a place to somebody out of turn, of the kept ones or of those free for all.

    To the family it is an offer like any other. Raises OccurrenceFullError, NoSuchEntryError,
    TooLateError, CalledOffError.
    """
    slot = ledger.meeting(db, ledger.lock_slot(db, occurrence), now=now)
    opening = ledger.opening(db, slot)
    ledger.check_open(opening, now=now)
    db.refresh(entry, with_for_update=True)  # another session may offer it a place meanwhile
    waits = entry.state in (EntryState.WAITING, EntryState.ASKED)
    if not waits or not rules.suits(entry.wish, slot, policy.zone):
        raise rules.NoSuchEntryError
    _check_room(db, slot, size=entry.size, kept=kept, now=now)
    starts_at = opening.starts_at
    until = policy.answer_by(starts_at=starts_at, now=now) or policy.last_call(starts_at)
    if until <= now:
        raise rules.TooLateError
    staff.note(db, by=by, act="give a place", about=f"entry:{entry.id}", reason=reason, now=now)
    return offers.offer(db, entry, slot, until=until, now=now, kept=kept, by=by)


def book_for(
    db: Session,
    occurrence: str,
    *,
    name: str,
    phone: str,
    size: int,
    kept: bool,
    reason: str,
    key: str,
    by: str,
    now: datetime,
    born: date | None = None,
) -> Claim:
    """Book a place for a family that rang or was referred; it has no chat. Once per key.

    Age and clash are for staff to judge; room is not. The code opens the booking from any phone.
    Raises OccurrenceFullError, CalledOffError, TooLateError, NotBookableError.
    """
    if earlier := queries.find_claim_by_key(db, key):
        return earlier
    slot = ledger.lock_slot(db, occurrence)
    slot = ledger.opening(db, slot, join_late=slot.weeks)  # how late is theirs to judge, too
    ledger.check_open(slot, now=now)
    _check_room(db, slot, size=size, kept=kept, now=now)
    adult = families.enter(db, name=name, phone=phone, now=now)
    claim = ledger.new_claim(
        db, slot, adult=adult, kind=ClaimKind.BOOKING, size=size, key=key, now=now, kept=kept
    )
    facts = {"name": name, "phone": phone, "born": born.isoformat() if born else ""}
    claim.seal({k: v for k, v in facts.items() if v})
    ledger.note(db, Step.GIVEN, adult=claim.adult_id, subject=slot.subject, now=now, by=by)
    staff.note(db, by=by, act="book for", about=f"claim:{claim.id}", reason=reason, now=now)
    db.flush()
    return claim


def _check_room(db: Session, slot: Slot, *, size: int, kept: bool, now: datetime) -> None:
    if not kept:
        ledger.check_room(db, slot, size=size, now=now)
        return
    # Fewer places than are kept may be free, where the session was made smaller since.
    room = queries.room_of(db, slot, now=now)
    rules.check_fits(capacity=slot.capacity, taken=room.taken, size=size)
    if room.kept < size:
        raise rules.OccurrenceFullError(room.kept)


def _setting(db: Session, slot: Slot) -> PlaceSetting:
    setting = queries.setting_of(db, slot.subject)
    db.add(setting)
    return setting

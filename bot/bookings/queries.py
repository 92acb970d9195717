"""Reads the claims ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.bookings.models import Attendance, Claim, PlaceSetting, WaitingEntry
from bot.bookings.rules import ClaimKind, EndedWhy, RegisterMark
from bot.core.codes import read_code
from bot.store.columns import table_of
from bot.store.prepared import Prepared, loaded
from bot.timetable.models import Course, Occurrence
from bot.timetable.queries import SLOTS, Slot, course_slots, find_slot, next_of


def is_live(now: datetime | sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
    """Takes places at that moment: not ended, and not past its expiry."""
    return sa.and_(
        col(Claim.ended_at).is_(None),
        sa.or_(col(Claim.expires_at).is_(None), col(Claim.expires_at) > now),
    )


_CLAIM, _ENTRY, _SETTING = table_of(Claim), table_of(WaitingEntry), table_of(PlaceSetting)
_OCCURRENCE = table_of(Occurrence)
_SUBJECT = sa.func.coalesce(_CLAIM.c.course_id, _CLAIM.c.occurrence_id)
_SUBJECTS: sa.BindParameter[Any] = sa.bindparam("subjects", expanding=True)
_LIVE = is_live(sa.bindparam("now"))
_TAKEN = (
    sa.select(_SUBJECT, sa.func.sum(_CLAIM.c.size))
    .where(sa.or_(_CLAIM.c.course_id.in_(_SUBJECTS), _CLAIM.c.occurrence_id.in_(_SUBJECTS)), _LIVE)
    .group_by(_SUBJECT)
)
_GIVEN = _TAKEN.where(_CLAIM.c.kept)
_SETTINGS = sa.select(_SETTING).where(_SETTING.c.subject.in_(_SUBJECTS))

#: Claims of one `subject`, a session or a course.
of_one = sa.or_(
    _CLAIM.c.occurrence_id == sa.bindparam("subject"), _CLAIM.c.course_id == sa.bindparam("subject")
)
_GIVEN_SIZE = sa.case((_CLAIM.c.kept, _CLAIM.c.size), else_=0)
_IS_SET = _SETTING.c.subject == sa.bindparam("subject")
_ROOM = Prepared(
    sa.select(
        sa.func.coalesce(sa.func.sum(_CLAIM.c.size), 0),
        sa.func.coalesce(sa.func.sum(_GIVEN_SIZE), 0),
        sa.select(_SETTING.c.kept).where(_IS_SET).scalar_subquery(),
        sa.select(_SETTING.c.release_at).where(_IS_SET).scalar_subquery(),
    ).where(of_one, _LIVE)
)
_SETTING_OF = Prepared(sa.select(_SETTING).where(_IS_SET))
_BY_KEY = Prepared(sa.select(_CLAIM).where(_CLAIM.c.key == sa.bindparam("key")))
_THEIRS = Prepared(
    sa.select(_CLAIM).where(_CLAIM.c.adult_id == sa.bindparam("adult"), of_one, _LIVE)
)
_BOOKED = Prepared(
    SLOTS.add_columns(*_CLAIM.c)
    .join(
        _CLAIM,
        sa.or_(
            _CLAIM.c.occurrence_id == _OCCURRENCE.c.id,
            _CLAIM.c.course_id == _OCCURRENCE.c.course_id,
        ),
    )
    .where(
        _CLAIM.c.adult_id == sa.bindparam("adult"), _CLAIM.c.kind == ClaimKind.BOOKING,
        _CLAIM.c.ended_at.is_(None), _OCCURRENCE.c.ends_at > sa.bindparam("now"),
    )
    .order_by(_OCCURRENCE.c.starts_at)
)  # fmt: skip
_WIDE = len(SLOTS.selected_columns)
_CODE = Prepared(
    sa.select(
        sa.or_(
            sa.exists().where(_CLAIM.c.code == sa.bindparam("code")),
            sa.exists().where(_ENTRY.c.code == sa.bindparam("code")),
        )
    )
)


@dataclass(frozen=True, slots=True)
class Room:
    """What is taken of one session or course. `given` are those of it that staff gave of the kept
    places; `kept` those that only staff can give, not given yet and not yet released to all."""

    taken: int
    given: int
    kept: int


def room_of(db: Session, slot: Slot, *, now: datetime) -> Room:
    db.flush()  # a prepared statement sees only what is flushed
    taken, given, own, release_at = _ROOM.rows(db, {"subject": slot.subject, "now": now})[0]
    kept, release = _kept_plan(slot, own, release_at)
    waits = release is None or now < release
    return Room(taken, given, max(0, kept - given) if waits else 0)


def live_size(db: Session, slot: Slot, *, now: datetime) -> int:
    """How many places are taken of the session, or of the course it belongs to."""
    return room_of(db, slot, now=now).taken


def places_left(db: Session, slots: Iterable[Slot], *, now: datetime) -> dict[str, int]:
    """Places left for everybody by subject (course or session), for those that can be booked.

    Places kept for staff to give are not in it: nobody can see that there are any.
    """
    bookable = {s.subject: s for s in slots if s.bookable and s.capacity is not None}
    if not bookable:
        return {}
    db.flush()  # what this transaction claimed so far counts
    rows = db.connection().execute(_TAKEN, {"subjects": list(bookable), "now": now})
    taken = {str(row[0]): int(row[1]) for row in rows}
    kept = kept_back(db, bookable.values(), now=now)
    return {
        name: max(0, (slot.capacity or 0) - taken.get(name, 0) - kept.get(name, 0))
        for name, slot in bookable.items()
    }


def kept_back(db: Session, slots: Iterable[Slot], *, now: datetime) -> dict[str, int]:
    """By subject: places that only staff can give, not given yet and not yet released to all."""
    promised = {
        subject: kept
        for subject, (kept, release) in kept_plans(db, slots).items()
        if kept and (release is None or now < release)
    }
    if not promised:
        return {}
    given = db.connection().execute(_GIVEN, {"subjects": list(promised), "now": now})
    taken = {str(row[0]): int(row[1]) for row in given}
    return {s: max(0, kept - taken.get(s, 0)) for s, kept in promised.items()}


def kept_plans(db: Session, slots: Iterable[Slot]) -> dict[str, tuple[int, datetime | None]]:
    """By subject: how many places are kept, given ones too, and when the rest is for everybody."""
    found = {s.subject: s for s in slots}
    rows = db.connection().execute(_SETTINGS, {"subjects": list(found)})
    own = {row.subject: (row.kept, row.release_at) for row in rows}
    return {s: _kept_plan(slot, *own.get(s, (None, None))) for s, slot in found.items()}


def find_claim_by_key(db: Session, key: str) -> Claim | None:
    db.flush()
    row = _BY_KEY.one(db, {"key": key})
    return loaded(db, Claim, row) if row is not None else None


def find_claim_by_code(db: Session, code: str) -> Claim | None:
    """By its code, in any writing."""
    return db.exec(select(Claim).where(Claim.code == read_code(code))).first()


def code_in_use(db: Session, code: str) -> bool:
    """Whether a booking or a waiting entry has this code."""
    db.flush()
    return bool(_CODE.rows(db, {"code": code})[0][0])


def find_claim(db: Session, claim_id: int) -> Claim | None:
    return db.get(Claim, claim_id)


def sizes_by_kind(db: Session, slot: Slot, *, now: datetime) -> dict[ClaimKind, int]:
    """Places taken by bookings, by holds and by offers."""
    query = (
        sa.select(col(Claim.kind), sa.func.sum(Claim.size))
        .where(of_slot(slot), is_live(now))
        .group_by(col(Claim.kind))
    )
    return {row[0]: int(row[1]) for row in db.execute(query)}


def claim_of(db: Session, slot: Slot, adults: Collection[int], *, now: datetime) -> Claim | None:
    """What these adults have of a session or its course: a booking, else a hold or an offer."""
    db.flush()
    found = [
        loaded(db, Claim, row)
        for adult in adults
        for row in _THEIRS.rows(db, {"adult": adult, "subject": slot.subject, "now": now})
    ]
    return min(found, key=lambda c: c.kind is not ClaimKind.BOOKING, default=None)


def claim_slots(db: Session, claim: Claim) -> list[Slot]:
    """The sessions a claim is for, in order."""
    if claim.course_id is not None:
        return course_slots(db, claim.course_id)
    slot = find_slot(db, claim.occurrence_id or "")
    return [slot] if slot else []


def first_slot(db: Session, claim: Claim) -> Slot | None:
    return next(iter(claim_slots(db, claim)), None)


def next_slot(db: Session, claim: Claim, *, now: datetime) -> Slot | None:
    """The session of a claim to speak of: of a course, its next meeting that is on."""
    return next_of(claim_slots(db, claim), now=now)


def last_cancelled(db: Session, adult_id: int) -> Claim | None:
    """The booking that this adult cancelled last, where undo may take it back."""
    query = select(Claim).where(
        Claim.adult_id == adult_id, Claim.kind == ClaimKind.HOLD, col(Claim.ended_at).is_(None),
        col(Claim.ended_why).in_([EndedWhy.CANCELLED, EndedWhy.CANT_COME]),
    ).order_by(col(Claim.expires_at).desc())  # fmt: skip
    return db.exec(query).first()


def last_moved(db: Session, adult_id: int) -> Claim | None:
    """The booking that this adult changed to another date last."""
    query = select(Claim).where(
        Claim.adult_id == adult_id, Claim.ended_why == EndedWhy.MOVED
    ).order_by(col(Claim.ended_at).desc())  # fmt: skip
    return db.exec(query).first()


def is_over(db: Session, claim: Claim, *, now: datetime) -> bool:
    """Whether every session of the claim has ended."""
    return all(s.ends_at <= now for s in claim_slots(db, claim))


@dataclass(frozen=True, slots=True)
class Booked:
    """A live booking with its sessions still to come, soonest first."""

    claim: Claim
    slots: tuple[Slot, ...]

    @property
    def next(self) -> Slot:
        """The next that is on; where all are cancelled, the next of those."""
        return next((s for s in self.slots if not s.cancelled), self.slots[0])


def bookings_of(db: Session, *adults: int, now: datetime) -> list[Booked]:
    """Bookings of these adults that are not over, soonest first. Cancelled sessions are in it."""
    db.flush()
    found: dict[int, Booked] = {}
    for adult in adults:
        for row in _BOOKED.rows(db, {"adult": adult, "now": now}):
            slot, claim = Slot(*row[:_WIDE]), loaded(db, Claim, row[_WIDE:])
            known = found.get(claim.id, Booked(claim, ()))
            found[claim.id] = Booked(claim, (*known.slots, slot))
    return sorted(found.values(), key=lambda b: b.next.starts_at)


def booked_for(db: Session, slot: Slot) -> Sequence[Claim]:
    """Every booking that holds for a session: of itself, or of its course."""
    query = (
        select(Claim)
        .where(of_slot(slot), Claim.kind == ClaimKind.BOOKING, col(Claim.ended_at).is_(None))
        .order_by(col(Claim.id))
    )
    return db.exec(query).all()


def claims_of(db: Session, slot: Slot) -> Sequence[Claim]:
    """Whoever has, or had, a claim on a session or its course, oldest first."""
    return db.exec(select(Claim).where(of_slot(slot)).order_by(col(Claim.id))).all()


def live_sizes(db: Session, *, now: datetime) -> dict[str, int]:
    """Places taken, by session or course, of all those that somebody has."""
    subject = sa.func.coalesce(Claim.course_id, Claim.occurrence_id)
    query = sa.select(subject, sa.func.sum(Claim.size)).where(is_live(now)).group_by(subject)
    return {str(row[0]): int(row[1]) for row in db.execute(query)}


def claimed_occurrences(db: Session) -> set[str]:
    """Ids of occurrences that any claim or register names, also an old one, alone or with their
    course."""
    alone = sa.select(col(Claim.occurrence_id)).where(col(Claim.occurrence_id).is_not(None))
    course = (
        sa.select(col(Occurrence.id))
        .join(Course, col(Course.id) == col(Occurrence.course_id))
        .join(Claim, col(Claim.course_id) == col(Course.id))
    )
    marked = sa.select(col(Attendance.occurrence_id))
    return {str(row[0]) for query in (alone, course, marked) for row in db.execute(query)}


def register_of(db: Session, occurrence: str) -> tuple[dict[int, RegisterMark], int]:
    """The newest mark by claim, and the number of walk-ins."""
    marks: dict[int, RegisterMark] = {}
    walk_ins = 0
    for event in db.exec(
        select(Attendance)
        .where(Attendance.occurrence_id == occurrence)
        .order_by(col(Attendance.id))
    ):
        if event.claim_id is None:
            walk_ins = event.count
        else:
            marks[event.claim_id] = event.mark
    return marks, walk_ins


def bookings_between(db: Session, first: datetime, last: datetime) -> list[tuple[Claim, str]]:
    """Live bookings with the id of each of their sessions that starts between two moments."""
    starts = sa.and_(col(Occurrence.starts_at) >= first, col(Occurrence.starts_at) < last)
    booked = sa.and_(col(Claim.kind) == ClaimKind.BOOKING, col(Claim.ended_at).is_(None))
    alone = (
        sa.select(Claim, col(Occurrence.id))
        .join(Occurrence, col(Occurrence.id) == col(Claim.occurrence_id))
        .where(starts, booked)
    )
    course = (
        sa.select(Claim, col(Occurrence.id))
        .join(Occurrence, col(Occurrence.course_id) == col(Claim.course_id))
        .where(starts, booked)
    )
    return [(row[0], row[1]) for query in (alone, course) for row in db.execute(query)]


def counts_by_occurrence(db: Session, slots: Iterable[Slot]) -> dict[str, int]:
    """Places booked by subject: for the staff list."""
    subjects = list({s.subject for s in slots})
    subject = sa.func.coalesce(Claim.course_id, Claim.occurrence_id)
    query = (
        sa.select(subject, sa.func.sum(Claim.size))
        .where(
            sa.or_(col(Claim.course_id).in_(subjects), col(Claim.occurrence_id).in_(subjects)),
            col(Claim.kind) == ClaimKind.BOOKING,
            col(Claim.ended_at).is_(None),
        )
        .group_by(subject)
    )
    return {str(row[0]): int(row[1]) for row in db.execute(query)}


def courses_of(db: Session, adults: Collection[int], *, now: datetime) -> set[str]:
    """Courses that these adults are booked on and that are not over."""
    query = (
        sa.select(col(Claim.course_id))
        .join(Occurrence, col(Occurrence.course_id) == col(Claim.course_id))
        .where(
            col(Claim.adult_id).in_(adults), col(Claim.kind) == ClaimKind.BOOKING, is_live(now),
            col(Occurrence.ends_at) > now,
        )
        .distinct()
    )  # fmt: skip
    return {str(row[0]) for row in db.execute(query)}


def setting_of(db: Session, subject: str) -> PlaceSetting:
    """What staff decided about a session's places; the usual where they decided nothing."""
    db.flush()
    row = _SETTING_OF.one(db, {"subject": subject})
    return loaded(db, PlaceSetting, row) if row is not None else PlaceSetting(subject=subject)


def of_slot(slot: Slot) -> sa.ColumnElement[bool]:
    """Claims of a session, or of the course it belongs to."""
    if slot.course_id is not None:
        return col(Claim.course_id) == slot.course_id
    return col(Claim.occurrence_id) == slot.id


def _kept_plan(
    slot: Slot, own: int | None, release_at: datetime | None
) -> tuple[int, datetime | None]:
    """How many are kept and until when: what staff decided for it, else as its series says."""
    if own is not None:
        return own, release_at
    into = (slot.original_on - slot.course_on).days if slot.course_on else 0
    # Counted from a course's first day.
    return slot.kept, slot.starts_at - timedelta(days=slot.kept_days + into)

"""Reads the claims ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.bookings.models import Attendance, Claim, PlaceSetting, WaitingEntry
from bot.bookings.rules import ClaimKind, RegisterMark
from bot.core.codes import read_code
from bot.store.columns import table_of
from bot.timetable.models import Course, Occurrence, Series
from bot.timetable.queries import Slot, course_slots, find_slot


def is_live(now: datetime | sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
    """Takes places at that moment: not ended, and not past its expiry."""
    return sa.and_(
        col(Claim.ended_at).is_(None),
        sa.or_(col(Claim.expires_at).is_(None), col(Claim.expires_at) > now),
    )


_CLAIM = table_of(Claim)
_SUBJECT = sa.func.coalesce(_CLAIM.c.course_id, _CLAIM.c.occurrence_id)
_SUBJECTS: sa.BindParameter[Any] = sa.bindparam("subjects", expanding=True)
_TAKEN = (
    sa.select(_SUBJECT, sa.func.sum(_CLAIM.c.size))
    .where(
        sa.or_(_CLAIM.c.course_id.in_(_SUBJECTS), _CLAIM.c.occurrence_id.in_(_SUBJECTS)),
        is_live(sa.bindparam("now")),
    )
    .group_by(_SUBJECT)
)
_GIVEN = _TAKEN.where(_CLAIM.c.kept)
_SERIES, _SETTING = table_of(Series).c, table_of(PlaceSetting)
_KEPT = sa.select(_SERIES.id, _SERIES.kept, _SERIES.kept_days).where(
    _SERIES.kept > 0, _SERIES.id.in_(sa.bindparam("series", expanding=True))
)
_SETTINGS = sa.select(_SETTING).where(_SETTING.c.subject.in_(_SUBJECTS))


def live_size(db: Session, slot: Slot, *, now: datetime) -> int:
    """How many places are taken of the session, or of the course it belongs to."""
    query = sa.select(sa.func.coalesce(sa.func.sum(Claim.size), 0)).where(
        of_slot(slot), is_live(now)
    )
    return int(db.execute(query).scalar_one())


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
    rows = db.connection().execute(_KEPT, {"series": list({s.series_id for s in found.values()})})
    usual = {row.id: (row.kept, row.kept_days) for row in rows}
    settings = db.connection().execute(_SETTINGS, {"subjects": list(found)})
    own = {row.subject: (row.kept, row.release_at) for row in settings if row.kept is not None}
    plans: dict[str, tuple[int, datetime | None]] = {}
    for subject, slot in found.items():
        kept, days = usual.get(slot.series_id, (0, 0))
        into = (slot.original_on - slot.course_on).days if slot.course_on else 0
        release = slot.starts_at - timedelta(days=days + into)  # counted from a course's first day
        plans[subject] = own.get(subject, (kept, release))
    return plans


def find_claim_by_key(db: Session, key: str) -> Claim | None:
    return db.exec(select(Claim).where(Claim.key == key)).first()


def find_claim_by_code(db: Session, code: str) -> Claim | None:
    """By its code, in any writing."""
    return db.exec(select(Claim).where(Claim.code == read_code(code))).first()


def code_in_use(db: Session, code: str) -> bool:
    """Whether a booking or a waiting entry has this code."""
    waits = select(WaitingEntry.id).where(WaitingEntry.code == code)
    return find_claim_by_code(db, code) is not None or db.exec(waits).first() is not None


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
    query = select(Claim).where(of_slot(slot), col(Claim.adult_id).in_(adults), is_live(now))
    found = sorted(db.exec(query), key=lambda c: c.kind is not ClaimKind.BOOKING)
    return found[0] if found else None


def claim_slots(db: Session, claim: Claim) -> list[Slot]:
    """The sessions a claim is for, in order."""
    if claim.course_id is not None:
        return course_slots(db, claim.course_id)
    slot = find_slot(db, claim.occurrence_id or "")
    return [slot] if slot else []


def first_slot(db: Session, claim: Claim) -> Slot | None:
    return next(iter(claim_slots(db, claim)), None)


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
        return self.slots[0]


def bookings_of(db: Session, *adults: int, now: datetime) -> list[Booked]:
    """Bookings of these adults that are not over, soonest first. Cancelled sessions are in it."""
    query = select(Claim).where(
        col(Claim.adult_id).in_(adults), Claim.kind == ClaimKind.BOOKING, is_live(now)
    )
    found = []
    for claim in db.exec(query):
        coming = tuple(s for s in claim_slots(db, claim) if s.ends_at > now)
        if coming:
            found.append(Booked(claim, coming))
    return sorted(found, key=lambda b: b.next.starts_at)


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


def claimed_occurrences(db: Session) -> set[str]:
    """Ids of occurrences that somebody has claimed, alone or with their course."""
    alone = sa.select(col(Claim.occurrence_id)).where(col(Claim.occurrence_id).is_not(None))
    course = (
        sa.select(col(Occurrence.id))
        .join(Course, col(Course.id) == col(Occurrence.course_id))
        .join(Claim, col(Claim.course_id) == col(Course.id))
    )
    return {str(row[0]) for query in (alone, course) for row in db.execute(query)}


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


def kept_given(db: Session, slot: Slot, *, now: datetime) -> int:
    """How many places of a session staff gave from the kept ones."""
    db.flush()
    rows = db.connection().execute(_GIVEN, {"subjects": [slot.subject], "now": now})
    return sum(int(row[1]) for row in rows)


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
    return db.get(PlaceSetting, subject) or PlaceSetting(subject=subject)


def of_slot(slot: Slot) -> sa.ColumnElement[bool]:
    """Claims of a session, or of the course it belongs to."""
    if slot.course_id is not None:
        return col(Claim.course_id) == slot.course_id
    return col(Claim.occurrence_id) == slot.id

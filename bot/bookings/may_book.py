"""What a family has already, and whether it may have one thing more; room, age and turn aside."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from bot.bookings import ledger, queries, rules
from bot.bookings.models import Claim
from bot.bookings.policy import Policy
from bot.bookings.rules import ClaimKind
from bot.families.models import Adult
from bot.families.queries import SHARE, sharing_adults
from bot.store.columns import table_of
from bot.store.prepared import Prepared, loaded
from bot.timetable.queries import Slot, course_slots

_CLAIM, _ADULT = table_of(Claim), table_of(Adult)
_THEIRS = Prepared(
    sa.select(_CLAIM)
    .join(_ADULT, _ADULT.c.id == _CLAIM.c.adult_id)
    .where(
        queries.of_one, queries.is_live(sa.bindparam("now")),
        sa.or_(
            _CLAIM.c.adult_id == sa.bindparam("adult"),
            sa.and_(_CLAIM.c.kind == ClaimKind.BOOKING, SHARE),
        ),
    )
)  # fmt: skip


def has_one(db: Session, slot: Slot, adult: Adult, *, now: datetime) -> Claim | None:
    """What this adult has of a session already, else what another of the family booked who lets
    them see it. What others keep to themselves doesn't count: a refusal would tell of it."""
    db.flush()
    values = {"subject": slot.subject, "adult": adult.id, "family": adult.family_id, "now": now}
    found = [loaded(db, Claim, row) for row in _THEIRS.rows(db, values)]
    return min(
        found, key=lambda c: (c.kind is not ClaimKind.BOOKING, c.adult_id != adult.id), default=None
    )


def kept_for(db: Session, slot: Slot, adult: Adult, *, now: datetime) -> Claim | None:
    """What is kept of a session for this adult, who waits: room for them, whatever they book it by."""
    mine = has_one(db, slot, adult, now=now)
    return mine if mine is not None and mine.entry_id is not None else None


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
    wanted = course_slots(db, slot.course_id) if slot.course_id else [slot]
    check_beside(db, adult, wanted, policy=policy, now=now, instead_of=instead_of)


def check_beside(
    db: Session,
    adult: Adult,
    wanted: Iterable[Slot],
    *,
    policy: Policy,
    now: datetime,
    instead_of: Claim | None = None,
) -> None:
    """Raise ClashError or TooManyCoursesError where this doesn't go with what they have booked.

    `wanted` are the sessions of one booking. Two adults of one family can be at two things at once.
    """
    wanted = list(wanted)
    gone = instead_of.id if instead_of is not None else None
    booked = [b for b in queries.bookings_of(db, adult.id, now=now) if b.claim.id != gone]
    rules.check_clash(
        [s for s in wanted if not s.cancelled],
        [s for b in booked for s in b.slots if not s.cancelled],
    )
    if wanted and wanted[0].course_id is not None:
        most = policy.places.most_courses
        courses = queries.courses_of(db, sharing_adults(db, adult), now=now)
        if instead_of is not None:
            courses.discard(instead_of.course_id or "")
        if len(courses) >= most:
            raise rules.TooManyCoursesError(most)

"""Bookings become numbers: the row stays, nothing in it leads to a family."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.bookings.models import Claim, StoryLine, WaitingEntry
from bot.store.lifetimes import Keys, Lifetime
from bot.timetable.models import Occurrence


def claims(*, before: datetime) -> Lifetime:
    """Claims whose last session ended before then lose what was told and whose they were."""
    return Lifetime(
        "bookings",
        Claim.id,
        sa.select(col(Claim.id)).where(
            col(Claim.adult_id).is_not(None), col(Claim.made_at) < before, ~_goes_on(before)
        ),
        lambda db, ids: db.execute(
            sa.update(Claim)
            .where(col(Claim.id).in_(ids))
            .values(sealed=None, family_id=None, adult_id=None, entry_id=None)
        ),
    )


def entries(*, before: datetime) -> Lifetime:
    """Waiting entries that ended before then go. One that still waits stays."""
    return Lifetime(
        "waiting entries",
        WaitingEntry.id,
        sa.select(col(WaitingEntry.id)).where(col(WaitingEntry.ended_at) < before),
        _end_entries,
    )


def stories(*, before: datetime) -> Lifetime:
    """Lines of before then go, but for those of an entry that still waits."""
    waits = sa.exists().where(
        col(WaitingEntry.id) == col(StoryLine.entry_id), col(WaitingEntry.ended_at).is_(None)
    )
    return Lifetime(
        "lines of stories",
        StoryLine.id,
        sa.select(col(StoryLine.id)).where(col(StoryLine.at) < before, ~waits),
        lambda db, ids: db.execute(sa.delete(StoryLine).where(col(StoryLine.id).in_(ids))),
    )


def live_claims(now: datetime) -> sa.Select[Any]:
    """Ids of claims with a session still to come."""
    return sa.select(col(Claim.id)).where(col(Claim.ended_at).is_(None), _goes_on(now))


def expected_families(now: datetime) -> sa.Select[Any]:
    """Ids of families that have something to come to, or wait for it."""
    coming = sa.select(col(Claim.family_id)).where(
        col(Claim.family_id).is_not(None), col(Claim.ended_at).is_(None), _goes_on(now)
    )
    waiting = sa.select(col(WaitingEntry.family_id)).where(col(WaitingEntry.ended_at).is_(None))
    both = sa.union_all(coming, waiting).subquery()
    return sa.select(both.c[0])


def _goes_on(moment: datetime) -> sa.ColumnElement[bool]:
    """Whether a session of the claim ends then or later."""
    ends = col(Occurrence.ends_at) >= moment
    return sa.or_(
        sa.exists().where(col(Occurrence.id) == col(Claim.occurrence_id), ends),
        sa.exists().where(col(Occurrence.course_id) == col(Claim.course_id), ends),
    )


def _end_entries(db: Session, ids: Keys) -> None:
    db.execute(sa.update(Claim).where(col(Claim.entry_id).in_(ids)).values(entry_id=None))
    db.execute(sa.delete(StoryLine).where(col(StoryLine.entry_id).in_(ids)))
    db.execute(sa.delete(WaitingEntry).where(col(WaitingEntry.id).in_(ids)))

"""Venues and activities that rows still need and the council's folder no longer names.

Nothing breaks without them (`bot.content.gone`), but families are told too little: staff must know.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.rules import LIVE_STATES, ClaimKind
from bot.content.values import Content
from bot.timetable.models import Occurrence, Series
from bot.timetable.rules import OccurrenceState


def missing_names(db: Session, content: Content, *, now: datetime) -> list[str]:
    """A line for each: its file and id, and how many coming sessions, live bookings and waiting
    families need it."""
    return [
        f"{file}: “{ident}” is not there, and rows still need it (coming sessions: {sessions}, live "
        f"bookings: {bookings}, waiting families: {waiting}). Put it back, or cancel or move those "
        "sessions."
        for file, column, named in (
            ("venues.yaml", Occurrence.venue, content.venues),
            ("activities.yaml", Series.activity, content.activities),
        )
        for ident, sessions, bookings, waiting in _needed(db, column, named, now)
    ]


def _needed(
    db: Session, column: Any, named: Container[str], now: datetime
) -> list[tuple[str, int, int, int]]:
    coming = sa.and_(
        col(Occurrence.starts_at) > now, col(Occurrence.state) != OccurrenceState.CANCELLED
    )
    sessions = (
        sa.select(column, sa.func.count())
        .select_from(Occurrence)
        .join(Series, col(Series.id) == col(Occurrence.series_id))
        .where(coming)
        .group_by(column)
    )
    found = {str(ident): n for ident, n in db.execute(sessions) if ident not in named}
    waiting: dict[str, int] = {}
    if column is Series.activity:
        families = (
            sa.select(col(WaitingEntry.activity), sa.func.count())
            .where(col(WaitingEntry.state).in_(LIVE_STATES))
            .group_by(col(WaitingEntry.activity))
        )
        waiting = {str(ident): n for ident, n in db.execute(families) if ident not in named}
    bookings = (
        sa.select(column, sa.func.count(col(Claim.id).distinct()))
        .select_from(Claim)
        .join(
            Occurrence,
            sa.or_(
                col(Occurrence.id) == col(Claim.occurrence_id),
                col(Occurrence.course_id) == col(Claim.course_id),
            ),
        )
        .join(Series, col(Series.id) == col(Occurrence.series_id))
        .where(
            coming, col(Claim.kind) == ClaimKind.BOOKING, col(Claim.ended_at).is_(None),
            column.in_(list(found)),
        )
        .group_by(column)
    )  # fmt: skip
    booked = {str(ident): n for ident, n in db.execute(bookings)} if found else {}
    return [
        (ident, found.get(ident, 0), booked.get(ident, 0), waiting.get(ident, 0))
        for ident in sorted(found.keys() | waiting)
    ]

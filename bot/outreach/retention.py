""" "Tell me if this changes" ends with the session."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from bot.outreach.models import Follow
from bot.store.lifetimes import Lifetime
from bot.timetable.models import Occurrence


def follows(*, before: datetime) -> Lifetime:
    """Follows of sessions that ended before then go."""
    over = sa.exists().where(
        col(Occurrence.id) == col(Follow.occurrence_id), col(Occurrence.ends_at) < before
    )
    return Lifetime(
        "follows",
        Follow.id,
        sa.select(col(Follow.id)).where(over),
        lambda db, ids: db.execute(sa.delete(Follow).where(col(Follow.id).in_(ids))),
    )

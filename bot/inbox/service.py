"""Writes about incoming updates. Storing commits before the channel is told that we have it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.inbox import queries
from bot.inbox.models import Inbox
from bot.inbox.rules import InboxState


def store(
    db: Session, *, channel: str, external_id: str, person: str, body: str, now: datetime
) -> int | None:
    """Keep an update. Its id, or None where we have it already."""
    if queries.find_by_external_id(db, channel=channel, external_id=external_id):
        return None
    row = Inbox(channel=channel, external_id=external_id, person=person, received_at=now)
    row.seal({"body": body})
    db.add(row)
    db.flush()
    return row.id


def settle(
    db: Session, inbox_id: int, *, now: datetime, state: InboxState = InboxState.PROCESSED
) -> None:
    """Mark an update done and blank it."""
    db.execute(
        sa.update(Inbox)
        .where(col(Inbox.id) == inbox_id)
        .values(state=state, processed_at=now, sealed=None)
    )


def park(db: Session, inbox_id: int, *, reason: str, now: datetime) -> None:
    """Set an update aside that failed too often, so that it stops nothing else; staff see it.

    What was written is the person's and is blanked: the reason is enough to mend it.
    """
    db.execute(
        sa.update(Inbox)
        .where(col(Inbox.id) == inbox_id)
        .values(state=InboxState.PARKED, reason=reason[:80], processed_at=now, sealed=None)
    )

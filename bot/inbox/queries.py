"""Reads about incoming updates."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.inbox.models import Inbox
from bot.inbox.rules import InboxState


def find_by_external_id(db: Session, *, channel: str, external_id: str) -> Inbox | None:
    return db.exec(
        select(Inbox).where(Inbox.channel == channel, Inbox.external_id == external_id)
    ).first()


def waiting(db: Session, *, channel: str, limit: int) -> list[tuple[int, str]]:
    """Ids and persons of updates to process, oldest first."""
    query = (
        sa.select(col(Inbox.id), col(Inbox.person))
        .where(col(Inbox.channel) == channel, col(Inbox.state) == InboxState.NEW)
        .order_by(col(Inbox.id))
        .limit(limit)
    )
    return [(row[0], row[1]) for row in db.execute(query)]


def body_of(db: Session, inbox_id: int) -> str | None:
    """The update as it came, or None once it has been processed."""
    row = db.get(Inbox, inbox_id)
    if row is None or row.state is not InboxState.NEW:
        return None
    body: str | None = row.private.get("body")
    return body


def parked(db: Session) -> int:
    """How many updates failed too often."""
    query = sa.select(sa.func.count()).select_from(Inbox)
    return int(db.execute(query.where(col(Inbox.state) == InboxState.PARKED)).scalar_one())

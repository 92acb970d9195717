"""Reads what went out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.outbox.models import ButtonPress, Outbox
from bot.outbox.rules import Kind, OutboxState
from bot.store.columns import table_of
from bot.store.prepared import Prepared

_BUTTON = table_of(ButtonPress)
_PRESS = Prepared(sa.select(_BUTTON).where(_BUTTON.c.token == sa.bindparam("token")))


def find_press(db: Session, token: str) -> ButtonPress | None:
    if not token.isascii():
        return None  # none of ours; a lone surrogate is not even fit for a query
    row = _PRESS.one(db, {"token": token})
    return ButtonPress(**dict(zip(_BUTTON.columns.keys(), row, strict=True))) if row else None


def replies_to(db: Session, inbox_id: int) -> list[Outbox]:
    """What a turn answered, in order."""
    query = select(Outbox).where(Outbox.inbox_id == inbox_id).order_by(col(Outbox.id))
    return list(db.exec(query))


def talk(db: Session, adult_id: int, *, after: int = 0, limit: int = 40) -> list[Outbox]:
    """The newest messages to an adult that still have words, oldest first: for the web chat.

    Replies given on another channel are not in it: what was asked there was asked there.
    """
    query = (
        select(Outbox)
        .where(
            Outbox.adult_id == adult_id,
            sa.or_(col(Outbox.channel) == "web", col(Outbox.kind) != Kind.REPLY),
            col(Outbox.id) > after,
            col(Outbox.sealed).is_not(None),
            col(Outbox.hidden_at).is_(None),
        )
        .order_by(col(Outbox.id).desc())
        .limit(limit)
    )
    return list(reversed(db.exec(query).all()))


def about(db: Session, causes: Collection[str], kinds: Collection[Kind]) -> list[Outbox]:
    """Notices about these causes."""
    query = select(Outbox).where(
        col(Outbox.about).in_(list(causes)), col(Outbox.kind).in_(list(kinds))
    )
    return list(db.exec(query.order_by(col(Outbox.id))))


def find_notice(db: Session, outbox_id: int, *, about: str) -> Outbox | None:
    """One notice about a cause."""
    row = db.get(Outbox, outbox_id)
    return row if row is not None and row.about == about else None


def troubled(db: Session, *, since: datetime) -> dict[str, int]:
    """How many messages failed or may not have arrived, by what they are about ("" for replies)."""
    query = (
        sa.select(col(Outbox.about), sa.func.count())
        .where(
            col(Outbox.state).in_([OutboxState.FAILED, OutboxState.UNKNOWN]),
            col(Outbox.settled_at) >= since,
        )
        .group_by(col(Outbox.about))
    )
    return {str(row[0]): int(row[1]) for row in db.execute(query)}


def next_due(db: Session) -> datetime | None:
    """When the next queued message is to leave."""
    query = sa.select(sa.func.min(Outbox.send_after)).where(col(Outbox.state) == OutboxState.QUEUED)
    return db.execute(query).scalar_one_or_none()

"""Reads what went out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.outbox.models import ButtonPress, Outbox
from bot.outbox.rules import Kind, OutboxState
from bot.store.columns import table_of

_PRESS = sa.select(table_of(ButtonPress)).where(
    table_of(ButtonPress).c.token == sa.bindparam("token")
)


def find_press(db: Session, token: str) -> ButtonPress | None:
    row = db.connection().execute(_PRESS, {"token": token}).first()
    return ButtonPress(**row._mapping) if row is not None else None


def replies_to(db: Session, inbox_id: int) -> list[Outbox]:
    """What a turn answered, in order."""
    query = select(Outbox).where(Outbox.inbox_id == inbox_id).order_by(col(Outbox.id))
    return list(db.exec(query))


def talk(db: Session, adult_id: int, *, after: int = 0, limit: int = 40) -> list[Outbox]:
    """The newest messages to an adult that still have words, oldest first: for the web chat."""
    query = (
        select(Outbox)
        .where(
            Outbox.adult_id == adult_id,
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

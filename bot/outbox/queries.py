"""Reads what went out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.outbox.message import Message
from bot.outbox.models import ButtonPress, Outbox
from bot.outbox.rules import Kind, OutboxState
from bot.store.columns import open_row, table_of
from bot.store.prepared import Prepared

SCREEN = 12  # messages that somebody may still have before them
_BUTTON, _OUTBOX = table_of(ButtonPress), table_of(Outbox)
_NEWEST = Prepared(
    sa.select(
        _OUTBOX.c.inbox_id,
        _OUTBOX.c.uid,
        _OUTBOX.c.sealed,
        _OUTBOX.c.settled_at,
        _OUTBOX.c.send_after,
        _OUTBOX.c.id,
    )
    .where(
        _OUTBOX.c.adult_id == sa.bindparam("adult"),
        sa.or_(_OUTBOX.c.channel == sa.bindparam("channel"), _OUTBOX.c.kind != Kind.REPLY),
        _OUTBOX.c.sealed.is_not(None),
        _OUTBOX.c.hidden_at.is_(None),
    )
    .order_by(_OUTBOX.c.id.desc())
    .limit(2 * SCREEN)
)
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


def newest(db: Session, adult_id: int, *, channel: str) -> Iterator[tuple[int | None, Message]]:
    """The last few messages of an adult's screen, the newest first, each with the inbox id of the
    turn that it answered; a notice has none. They are opened as they are asked for."""
    rows = _NEWEST.rows(db, {"adult": adult_id, "channel": channel})

    def shown_at(row: Sequence[Any]) -> tuple[datetime, bool, int]:
        inbox_id, _, _, settled_at, send_after, row_id = row
        notice = inbox_id is None  # promised long before it is on the screen
        return (settled_at or send_after) if notice else send_after, notice, row_id

    for inbox_id, uid, sealed, *_ in sorted(rows, key=shown_at, reverse=True)[:SCREEN]:
        yield inbox_id, Message.from_json(open_row(Outbox, uid, sealed))


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

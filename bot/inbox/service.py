"""Writes about incoming updates. Storing commits before the channel is told that we have it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.inbox import queries
from bot.inbox.models import Inbox
from bot.inbox.rules import InboxState
from bot.store.columns import new_uid, seal_row, table_of

_INBOX = table_of(Inbox)
_STORE = sa.insert(_INBOX).returning(_INBOX.c.id)
_SETTLE = (
    sa.update(_INBOX)
    .where(_INBOX.c.id == sa.bindparam("row"))
    .values(state=sa.bindparam("to"), processed_at=sa.bindparam("at"), sealed=None)
)


def store(
    db: Session, *, channel: str, external_id: str, person: str, body: str, now: datetime
) -> int | None:
    """Keep an update. Its id, or None where we have it already."""
    if queries.known(db, channel=channel, external_id=external_id):
        return None
    uid = new_uid()
    values = {
        "uid": uid, "sealed": seal_row(Inbox, uid, {"body": body}), "channel": channel,
        "external_id": external_id, "person": person, "state": InboxState.NEW, "reason": "",
        "received_at": now,
    }  # fmt: skip
    return int(db.connection().execute(_STORE, values).scalar_one())


def settle(
    db: Session, inbox_id: int, *, now: datetime, state: InboxState = InboxState.PROCESSED
) -> None:
    """Mark an update done and blank it."""
    db.connection().execute(_SETTLE, {"row": inbox_id, "to": state, "at": now})


def park(db: Session, inbox_id: int, *, reason: str, now: datetime) -> None:
    """Set an update aside that failed too often, so that it stops nothing else; staff see it.

    What was written is the person's and is blanked: the reason is enough to mend it.
    """
    db.execute(
        sa.update(Inbox)
        .where(col(Inbox.id) == inbox_id)
        .values(state=InboxState.PARKED, reason=reason[:80], processed_at=now, sealed=None)
    )

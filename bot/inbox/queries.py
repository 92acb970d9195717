"""Reads about incoming updates."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.inbox.models import Inbox
from bot.inbox.rules import InboxState
from bot.store.columns import open_row, table_of

_INBOX = table_of(Inbox)
_KNOWN = sa.select(_INBOX.c.id).where(
    _INBOX.c.channel == sa.bindparam("channel"), _INBOX.c.external_id == sa.bindparam("external")
)
_WAITING = (
    sa.select(_INBOX.c.id, _INBOX.c.person)
    .where(_INBOX.c.channel == sa.bindparam("channel"), _INBOX.c.state == InboxState.NEW)
    .order_by(_INBOX.c.id)
    .limit(sa.bindparam("lot"))
)
_ONE = sa.select(_INBOX.c.uid, _INBOX.c.sealed, _INBOX.c.state).where(
    _INBOX.c.id == sa.bindparam("row")
)
_LOCKED = _ONE.with_for_update()


def known(db: Session, *, channel: str, external_id: str) -> int | None:
    """The id of an update that we have already."""
    found = db.connection().execute(_KNOWN, {"channel": channel, "external": external_id})
    row_id: int | None = found.scalar_one_or_none()
    return row_id


def waiting(db: Session, *, channel: str, limit: int) -> list[tuple[int, str]]:
    """Ids and persons of updates to process, oldest first."""
    found = db.connection().execute(_WAITING, {"channel": channel, "lot": limit})
    return [(row[0], row[1]) for row in found]


def still_new(db: Session, inbox_id: int) -> bool:
    """Whether an update waits to be taken; its row is locked to the end of the transaction."""
    row = db.connection().execute(_LOCKED, {"row": inbox_id}).first()
    return row is not None and row.state is InboxState.NEW


def body_of(db: Session, inbox_id: int) -> str | None:
    """The update as it came, or None once it has been processed."""
    row = db.connection().execute(_ONE, {"row": inbox_id}).first()
    if row is None or row.state is not InboxState.NEW:
        return None
    body: str | None = open_row(Inbox, row.uid, row.sealed).get("body")
    return body


def parked(db: Session) -> int:
    """How many updates failed too often."""
    query = sa.select(sa.func.count()).select_from(Inbox)
    return int(db.execute(query.where(col(Inbox.state) == InboxState.PARKED)).scalar_one())

"""Reads about incoming updates."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.inbox.models import Inbox
from bot.inbox.rules import InboxState
from bot.store.columns import open_row, table_of
from bot.store.prepared import Prepared

_INBOX = table_of(Inbox)
_KNOWN = Prepared(
    sa.select(_INBOX.c.id).where(
        _INBOX.c.channel == sa.bindparam("channel"),
        _INBOX.c.external_id == sa.bindparam("external"),
    )
)
_WAITING = Prepared(
    sa.select(_INBOX.c.id, _INBOX.c.person)
    .where(_INBOX.c.channel == sa.bindparam("channel"), _INBOX.c.state == InboxState.NEW)
    .order_by(_INBOX.c.id)
    .limit(sa.bindparam("lot"))
)
_ONE = Prepared(
    sa.select(_INBOX.c.uid, _INBOX.c.sealed, _INBOX.c.state).where(
        _INBOX.c.id == sa.bindparam("row")
    )
)


def known(db: Session, *, channel: str, external_id: str) -> int | None:
    """The id of an update that we have already."""
    row = _KNOWN.one(db, {"channel": channel, "external": external_id})
    return row[0] if row is not None else None


def waiting(db: Session, *, channel: str, limit: int) -> list[tuple[int, str]]:
    """Ids and persons of updates to process, oldest first."""
    return [(row[0], row[1]) for row in _WAITING.rows(db, {"channel": channel, "lot": limit})]


def body_of(db: Session, inbox_id: int) -> bytes | None:
    """The update as it came, or None once it has been processed."""
    row = _ONE.one(db, {"row": inbox_id})
    if row is None or row[2] is not InboxState.NEW:
        return None
    body: str = open_row(Inbox, row[0], row[1]).get("body", "")
    return body.encode("utf-8", "surrogateescape")


def parked(db: Session) -> int:
    """How many updates failed too often."""
    query = sa.select(sa.func.count()).select_from(Inbox)
    return int(db.execute(query.where(col(Inbox.state) == InboxState.PARKED)).scalar_one())

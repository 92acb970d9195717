"""Writes about incoming updates. Storing commits before the channel is told that we have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.inbox import queries
from bot.inbox.models import Inbox
from bot.inbox.rules import Arrival, InboxState
from bot.store.columns import new_uid, seal_row, table_of
from bot.store.prepared import Prepared

_INBOX = table_of(Inbox)
_STORE = Prepared(sa.insert(_INBOX).returning(_INBOX.c.id))
_STORE_ALL = sa.insert(_INBOX).returning(
    _INBOX.c.id, _INBOX.c.external_id, sort_by_parameter_order=True
)
_SETTLE = (
    sa.update(_INBOX)
    .where(_INBOX.c.id == sa.bindparam("row"))
    .values(state=sa.bindparam("to"), processed_at=sa.bindparam("at"), sealed=None)
)
_IGNORE = Prepared(_SETTLE)
_TAKE = Prepared(_SETTLE.where(_INBOX.c.state == InboxState.NEW))


def store_all(
    db: Session, arrivals: Sequence[Arrival], *, channel: str, now: datetime
) -> Mapping[str, int]:
    """Keep updates, in order. The ids of those that are new, by their id in the channel."""
    fresh = {a.external_id: a for a in arrivals}
    for known in queries.known_among(db, channel=channel, external_ids=list(fresh)):
        del fresh[known]
    if not fresh:
        return {}
    rows = [_row(channel, arrival, InboxState.NEW, now) for arrival in fresh.values()]
    return {row[1]: row[0] for row in db.connection().execute(_STORE_ALL, rows)}


def take_form(
    db: Session, *, channel: str, external_id: str, person: str, now: datetime
) -> int | None:
    """Note something that is taken at once, in this transaction. Its id, or None where it was
    taken before."""
    if queries.known(db, channel=channel, external_id=external_id):
        return None
    row = _row(channel, Arrival(external_id, person, b""), InboxState.PROCESSED, now)
    return int(_STORE.rows(db, row)[0][0])


def take(db: Session, inbox_id: int, *, now: datetime) -> bool:
    """Mark a waiting update done and blank it; False where it is not waiting.

    First in the transaction of its effects: the row is locked to its end, and nobody else's.
    """
    values = {"row": inbox_id, "to": InboxState.PROCESSED, "at": now}
    return _TAKE.change(db, values) == 1


def ignore(db: Session, inbox_id: int, *, now: datetime) -> None:
    """Mark an update done that calls for nothing, and blank it."""
    _IGNORE.change(db, {"row": inbox_id, "to": InboxState.IGNORED, "at": now})


def park(db: Session, inbox_id: int, *, reason: str, now: datetime) -> None:
    """Set an update aside that failed too often, so that it stops nothing else; staff see it.

    What was written is the person's and is blanked: the reason is enough to mend it.
    """
    db.execute(
        sa.update(Inbox)
        .where(col(Inbox.id) == inbox_id)
        .values(state=InboxState.PARKED, reason=reason[:80], processed_at=now, sealed=None)
    )


def _row(channel: str, arrival: Arrival, state: InboxState, now: datetime) -> dict[str, Any]:
    uid = new_uid()
    body = arrival.body.decode("utf-8", "surrogateescape")
    return {
        "uid": uid, "sealed": seal_row(Inbox, uid, {"body": body}), "channel": channel,
        "external_id": arrival.external_id, "person": arrival.person, "state": state, "reason": "",
        "received_at": now, "processed_at": now if state is InboxState.PROCESSED else None,
    }  # fmt: skip

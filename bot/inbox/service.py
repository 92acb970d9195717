"""Writes about incoming updates. Storing commits before the channel is told that we have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.inbox import queries
from bot.inbox.models import Inbox
from bot.inbox.rules import Arrival, InboxState
from bot.store.columns import new_uid, seal_row, table_of
from bot.store.prepared import Prepared

_INBOX = table_of(Inbox)
_STORE = Prepared(sa.insert(_INBOX).returning(_INBOX.c.id))
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
    stored = {}
    for arrival in arrivals:
        new = _store(db, arrival, InboxState.NEW, channel=channel, now=now)
        if new is not None:
            stored[arrival.external_id] = new
    return stored


def take_form(
    db: Session, *, channel: str, external_id: str, person: str, now: datetime
) -> int | None:
    """Note something that is taken at once, in this transaction. Its id, or None where it was
    taken before."""
    arrival = Arrival(external_id, person, b"")
    return _store(db, arrival, InboxState.PROCESSED, channel=channel, now=now)


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


def _store(
    db: Session, arrival: Arrival, state: InboxState, *, channel: str, now: datetime
) -> int | None:
    """The id of its new row; None where we have it already."""
    if queries.known(db, channel=channel, external_id=arrival.external_id) is not None:
        return None
    uid = new_uid()
    body = arrival.body.decode("utf-8", "surrogateescape")
    row = {
        "uid": uid, "sealed": seal_row(Inbox, uid, {"body": body}), "channel": channel,
        "external_id": arrival.external_id, "person": arrival.person, "state": state, "reason": "",
        "received_at": now, "processed_at": now if state is InboxState.PROCESSED else None,
    }  # fmt: skip
    return int(_STORE.rows(db, row)[0][0])

"""Updates that were dealt with are forgotten: that they came, and from whom."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from bot.inbox.models import Inbox
from bot.inbox.rules import InboxState
from bot.store.lifetimes import Lifetime


def updates(*, before: datetime) -> Lifetime:
    """Updates of before then, whatever came of them; one that waits to be taken stays.

    The newest row stays too: SQLite would give its number to another, and replies have it.
    """
    newest = sa.select(sa.func.max(Inbox.id)).scalar_subquery()
    return Lifetime(
        "updates",
        Inbox.id,
        sa.select(col(Inbox.id)).where(
            col(Inbox.state) != InboxState.NEW,
            col(Inbox.received_at) < before,
            col(Inbox.id) < newest,
        ),
        lambda db, ids: db.execute(sa.delete(Inbox).where(col(Inbox.id).in_(ids))),
    )

"""What came in from a channel that resends: each update once, blanked when it has been processed."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from bot.inbox.rules import InboxState
from bot.store.columns import SealedRow, choice


class Inbox(SealedRow, table=True):
    """One update or form. Sealed: `body`."""

    __table_args__ = (
        sa.UniqueConstraint("channel", "external_id"),
        sa.Index("ix_inbox_open", "state", "id"),
    )

    id: int = Field(default=None, primary_key=True)
    channel: str = Field(max_length=12)
    external_id: str = Field(max_length=64)
    person: str = Field(max_length=64)  # whose order it belongs to
    state: InboxState = Field(default=InboxState.NEW, sa_column=choice(InboxState, "inbox_state"))
    reason: str = Field(default="", max_length=80)
    received_at: datetime
    processed_at: datetime | None = None

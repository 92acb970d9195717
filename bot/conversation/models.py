"""One adult's talk with us."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from bot.store.columns import SealedRow


class Conversation(SealedRow, table=True):
    """Sealed: the talk so far, the open form and its answers (`conversation.talk.Talk`)."""

    id: int = Field(default=None, primary_key=True)
    adult_id: int = Field(foreign_key="adult.id", unique=True)
    turn_no: int = 0
    at: datetime

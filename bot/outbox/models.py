"""What must go out, with its journey, and the buttons it carried."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.outbox.rules import Kind, OutboxState
from bot.store.columns import SealedRow, choice


class Outbox(SealedRow, table=True):
    """One message to one adult. Sealed: the rendered `Message`; a notice is rendered when sent.

    `dedupe` is unique: the same cause never makes two rows. `about` is the id of the cause.
    """

    __table_args__ = (
        sa.Index("ix_outbox_due", "state", "send_after", "priority"),
        sa.Index("ix_outbox_talk", "adult_id", "id"),
    )

    id: int = Field(default=None, primary_key=True)
    adult_id: int = Field(foreign_key="adult.id")
    kind: Kind = Field(sa_column=choice(Kind, "outbox_kind"))
    about: str = Field(default="", max_length=64, index=True)
    dedupe: str = Field(unique=True, max_length=120)
    priority: int
    send_after: datetime
    state: OutboxState = Field(
        default=OutboxState.QUEUED, sa_column=choice(OutboxState, "outbox_state")
    )
    channel: str = Field(default="", max_length=12)  # "" until a way is chosen
    attempts: int = 0
    lease_until: datetime | None = None
    settled_at: datetime | None = None
    external_id: str = Field(default="", max_length=120)
    reason: str = Field(default="", max_length=80)
    inbox_id: int | None = Field(default=None, index=True)
    once: bool = False  # a web page shows it one time only
    shown_at: datetime | None = None
    hidden_at: datetime | None = None


class ButtonPress(SQLModel, table=True):
    """What a token on a button stands for, and whose it is."""

    __tablename__ = "button"

    token: str = Field(primary_key=True, max_length=24)
    adult_id: int = Field(foreign_key="adult.id", index=True)
    act: str = Field(max_length=40)
    args: dict[str, Any] = Field(sa_column=sa.Column(sa.JSON, nullable=False))
    made_at: datetime

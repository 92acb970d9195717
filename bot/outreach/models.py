"""Who wants to hear of changes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class Follow(SQLModel, table=True):
    """ "Tell me if this changes" on one session."""

    __table_args__ = (sa.UniqueConstraint("adult_id", "occurrence_id"),)

    id: int = Field(default=None, primary_key=True)
    adult_id: int = Field(foreign_key="adult.id", index=True)
    occurrence_id: str = Field(foreign_key="occurrence.id", index=True)
    made_at: datetime
    ended_at: datetime | None = None

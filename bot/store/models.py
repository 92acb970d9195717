"""Facts about the store itself: small named values, and the row that proves the key fits."""

from __future__ import annotations

from sqlmodel import Field, SQLModel

from bot.store.columns import SealedRow


class Fact(SQLModel, table=True):
    """A named value: which programme is laid out, when a job last ran."""

    name: str = Field(primary_key=True, max_length=60)
    value: str


class KeyCheck(SealedRow, table=True):
    """One sealed row, opened at every start: a key that can't open it is the wrong key."""

    __tablename__ = "key_check"

    id: int = Field(default=None, primary_key=True)

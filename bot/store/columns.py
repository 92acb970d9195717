"""Columns that every table shares: text enums with a check, and rows with a sealed part."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.core.sealing import Keys

_ring: list[Keys] = []


def use_keys(keys: Keys) -> None:
    """Set the keys that this process seals and opens with. Called once by the composition root."""
    _ring[:] = [keys]


def keys() -> Keys:
    """The keys in use. Raises RuntimeError before `use_keys`."""
    if not _ring:
        raise RuntimeError("no keys yet: call use_keys first")
    return _ring[0]


def new_uid() -> str:
    return secrets.token_hex(16)


def table_of(model: type[SQLModel]) -> sa.Table:
    """The table behind a model, for statements that are built once and run at every turn.

    Building a statement costs more than running it on SQLite; those of the busiest paths are
    made once at import, with `bindparam`s.
    """
    table: sa.Table = model.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
    return table


def choice(kind: type[StrEnum], name: str, **more: Any) -> Any:
    """A text column that only takes the values of an enum, with the same CHECK on both databases."""
    return sa.Column(
        sa.Enum(
            kind,
            name=name,
            native_enum=False,
            create_constraint=True,
            length=20,
            values_callable=lambda members: [m.value for m in members],
        ),
        nullable=False,
        **more,
    )


class SealedRow(SQLModel):
    """A row whose personal fields are one sealed JSON object, replaced whole.

    The seal is bound to the table and to the row's `uid`, so a value copied into another row or
    table doesn't open. The bare column only ever gives sealed bytes.
    """

    uid: str = Field(default_factory=new_uid, unique=True, max_length=32)
    sealed: bytes | None = Field(default=None, sa_type=sa.LargeBinary, nullable=True)

    @property
    def private(self) -> Mapping[str, Any]:
        """The personal fields, read-only; empty where there are none. Raises SealBrokenError."""
        return open_row(type(self), self.uid, self.sealed)

    def seal(self, values: Mapping[str, Any]) -> None:
        """Replace the personal fields. An empty mapping leaves nothing behind."""
        self.sealed = seal_row(type(self), self.uid, values)

    def reseal(self, **changes: Any) -> None:
        """Replace some of the personal fields and keep the others."""
        self.seal({**self.private, **changes})


def seal_row(model: type[SealedRow], uid: str, values: Mapping[str, Any]) -> bytes | None:
    """The sealed form of a row's personal fields; None where there are none."""
    kept = {k: v for k, v in values.items() if v not in (None, "", [], {})}
    return keys().seal(kept, context=f"{model.__tablename__}:{uid}") if kept else None


def open_row(model: type[SealedRow], uid: str, sealed: bytes | None) -> Mapping[str, Any]:
    """What `seal_row` sealed, read-only. Raises SealBrokenError."""
    if sealed is None:
        return MappingProxyType({})
    return MappingProxyType(keys().open(sealed, context=f"{model.__tablename__}:{uid}"))

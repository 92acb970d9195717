"""Statements of the busiest paths: built once, compiled once, run at every turn.

On SQLite the way through SQLAlchemy takes ten times as long as the statement itself. A prepared one
goes straight to the driver, in the session's own transaction, its values converted by the same
types. PostgreSQL is a journey away and goes the usual way.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import orm
from sqlmodel import Session, SQLModel

Row = TypeVar("Row", bound=SQLModel)
Convert = Callable[[Any], Any] | None


class Prepared:
    """A statement with `bindparam`s of fixed number. Like all that is not written through the ORM,
    it doesn't see what the session has not flushed."""

    def __init__(self, statement: sa.Select[Any] | sa.sql.dml.DMLWhereBase | sa.Insert) -> None:
        self._statement: Any = statement
        self._plan: _Plan | None = None

    def rows(self, db: Session, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """What it selects or returns, each row in the order of its columns."""
        connection = db.connection()
        if connection.dialect.name != "sqlite":
            return connection.execute(self._statement, values).all()
        plan = self._planned(connection)
        with _as_elsewhere():
            found = _driver(connection).execute(plan.sql, plan.bind(values)).fetchall()
        return [plan.read(row) for row in found]

    def one(self, db: Session, values: Mapping[str, Any]) -> Sequence[Any] | None:
        """Its only row, or None."""
        return next(iter(self.rows(db, values)), None)

    def change(self, db: Session, values: Mapping[str, Any]) -> int:
        """Run what returns no rows; how many it changed."""
        connection = db.connection()
        if connection.dialect.name != "sqlite":
            return int(connection.execute(self._statement, values).rowcount)
        plan = self._planned(connection)
        with _as_elsewhere():
            return _driver(connection).execute(plan.sql, plan.bind(values)).rowcount

    def change_all(self, db: Session, values: Iterable[Mapping[str, Any]]) -> None:
        """Run what returns no rows, once for each of `values`."""
        connection = db.connection()
        if connection.dialect.name != "sqlite":
            connection.execute(self._statement, list(values))
            return
        plan = self._planned(connection)
        with _as_elsewhere():
            _driver(connection).executemany(plan.sql, [plan.bind(v) for v in values])

    def _planned(self, connection: sa.Connection) -> _Plan:
        if self._plan is None:
            self._plan = _plan(self._statement, connection.dialect)
        return self._plan


def loaded(db: Session, model: type[Row], row: Sequence[Any]) -> Row:
    """The object of a row of `select(table_of(model))`, as if the session itself had read it."""
    mapper = sa.inspect(model)
    values = dict(zip(mapper.columns.keys(), row, strict=True))
    key = mapper.identity_key_from_primary_key([values[c.key] for c in mapper.primary_key])
    known: Row | None = db.identity_map.get(key)
    if known is not None:
        return known
    made: Row = mapper.class_manager.new_instance()
    for name, value in values.items():
        orm.attributes.set_committed_value(made, name, value)
    orm.make_transient_to_detached(made)
    db.add(made)
    return made


@dataclass(frozen=True, slots=True)
class _Plan:
    """A statement as SQLite takes it: `binds` are names, fixed values and conversions in order."""

    sql: str
    binds: tuple[tuple[str, Any, Convert], ...]
    columns: tuple[Convert, ...]

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        bound = []
        for name, fixed, convert in self.binds:
            value = values.get(name, fixed)
            bound.append(value if convert is None else convert(value))
        return bound

    def read(self, row: Sequence[Any]) -> Sequence[Any]:
        return [
            value if convert is None else convert(value)
            for value, convert in zip(row, self.columns, strict=True)
        ]


def _plan(statement: Any, dialect: sa.Dialect) -> _Plan:
    compiled = statement.compile(dialect=dialect)
    binds = [
        (name, compiled.params[name], _into(compiled.binds[name].type, dialect))
        for name in compiled.positiontup
    ]
    selected = statement.selected_columns if statement.is_select else statement.exported_columns
    return _Plan(str(compiled), tuple(binds), tuple(_out(c.type, dialect) for c in selected))


def _into(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _out(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


@contextlib.contextmanager
def _as_elsewhere() -> Iterator[None]:
    """Raises what SQLAlchemy would, which is what the rest of the service knows."""
    try:
        yield
    except sqlite3.Error as problem:
        known: type[sa.exc.DBAPIError] = getattr(
            sa.exc, type(problem).__name__, sa.exc.DatabaseError
        )
        raise known(None, None, problem) from problem


def _driver(connection: sa.Connection) -> sqlite3.Connection:
    found: Any = connection.connection.driver_connection
    return cast(sqlite3.Connection, found)

"""Statements of the busiest paths: built once, compiled once, run at every turn.

On SQLite the way through SQLAlchemy takes ten times as long as the statement itself. A prepared one
goes straight to the driver, in the session's own transaction, its values converted by the same
types. PostgreSQL is a journey away and goes the usual way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
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
        connection = _connection(db)
        if connection.dialect.name != "sqlite":
            return connection.execute(self._statement, values).all()
        plan = self._planned(connection)
        try:
            found = _driver(connection).execute(plan.sql, plan.bind(values)).fetchall()
        except sqlite3.Error as problem:
            raise _as_elsewhere(problem) from problem
        return [plan.read(row) for row in found] if plan.converts else found

    def one(self, db: Session, values: Mapping[str, Any]) -> Sequence[Any] | None:
        """Its only row, or None."""
        return next(iter(self.rows(db, values)), None)

    def change(self, db: Session, values: Mapping[str, Any]) -> int:
        """Run what returns no rows; how many it changed."""
        connection = _connection(db)
        if connection.dialect.name != "sqlite":
            return int(connection.execute(self._statement, values).rowcount)
        plan = self._planned(connection)
        try:
            return _driver(connection).execute(plan.sql, plan.bind(values)).rowcount
        except sqlite3.Error as problem:
            raise _as_elsewhere(problem) from problem

    def change_all(self, db: Session, values: Iterable[Mapping[str, Any]]) -> None:
        """Run what returns no rows, once for each of `values`."""
        connection = _connection(db)
        if connection.dialect.name != "sqlite":
            connection.execute(self._statement, list(values))
            return
        plan = self._planned(connection)
        try:
            _driver(connection).executemany(plan.sql, [plan.bind(v) for v in values])
        except sqlite3.Error as problem:
            raise _as_elsewhere(problem) from problem

    def _planned(self, connection: sa.Connection) -> _Plan:
        if self._plan is None:
            self._plan = _plan(self._statement, connection.dialect)
        return self._plan


def loaded(db: Session, model: type[Row], row: Sequence[Any], *, anew: bool = False) -> Row:
    """The object of a row of `select(table_of(model))`, as if the session itself had read it.

    One that the session knows stays as it is; `anew` it becomes what the row is now.
    """
    mapper: Any = orm.class_mapper(model)  # configured, as `sa.inspect` alone leaves it not
    values = dict(zip(mapper.columns.keys(), row, strict=True))
    key = mapper.identity_key_from_primary_key([values[c.key] for c in mapper.primary_key])
    known: Row | None = db.identity_map.get(key)
    if known is not None:
        for name, value in values.items() if anew else ():
            orm.attributes.set_committed_value(known, name, value)
        return known
    made: Row = mapper.class_manager.new_instance()
    orm.attributes.instance_dict(made).update(values)
    orm.make_transient_to_detached(made)  # which takes its values as those of the row
    db.add(made)
    return made


@dataclass(frozen=True, slots=True)
class _Plan:
    """A statement as SQLite takes it: `binds` are names and conversions in order."""

    sql: str
    binds: tuple[tuple[str, Convert], ...]
    columns: tuple[Convert, ...]
    converts: bool  # whether any column needs it

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        bound = []
        for name, convert in self.binds:
            value = values.get(name)
            bound.append(value if convert is None else convert(value))
        return bound

    def read(self, row: Sequence[Any]) -> Sequence[Any]:
        return [
            value if convert is None else convert(value)
            for value, convert in zip(row, self.columns, strict=True)
        ]


def _plan(statement: Any, dialect: sa.Dialect) -> _Plan:
    compiled = statement.compile(dialect=dialect)
    sql, *after = str(compiled).split("?")
    binds = []
    for name, text in zip(compiled.positiontup, after, strict=True):
        bind = compiled.binds[name]
        if bind.value is None:
            sql += f"?{text}"
            binds.append((name, _into(bind.type, dialect)))
        else:
            # As text: an index of some rows may hang on it, and where that is bound, SQLite plans
            # the statement anew each time it runs, which takes longer than running it.
            sql += compiled.render_literal_value(bind.value, bind.type) + text
    selected = statement.selected_columns if statement.is_select else statement.exported_columns
    columns = tuple(_out(c.type, dialect) for c in selected)
    return _Plan(sql, tuple(binds), columns, converts=any(columns))


def _into(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _out(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _connection(db: Session) -> sa.Connection:
    """A unit of a lot is bound to the lot's own connection, which needs no looking up."""
    return db.bind if isinstance(db.bind, sa.Connection) else db.connection()


def _as_elsewhere(problem: sqlite3.Error) -> sa.exc.DBAPIError:
    """What SQLAlchemy would raise, which is what the rest of the service knows."""
    known: type[sa.exc.DBAPIError] = getattr(sa.exc, type(problem).__name__, sa.exc.DatabaseError)
    return known(None, None, problem)


def _driver(connection: sa.Connection) -> sqlite3.Connection:
    found: Any = connection.connection.driver_connection
    return cast(sqlite3.Connection, found)

"""Backups: every row of every table in one compressed file, the same for SQLite and PostgreSQL.

The copy is one consistent moment, taken while the service runs. Sealed fields stay sealed, and the
key is never in it: data and key are kept apart. It can be restored into either database.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Kind, PlannedError, Translate
from bot.store.engine import Store
from bot.store.migrate import current_revision

LOT = 1000
_FORMAT = "family-assistant backup 1"


class BackupUnusableError(PlannedError):
    """The file is not a backup, is cut off, or belongs to another version."""

    kind = Kind.INVALID

    def __init__(self, path: Path, fault: str) -> None:
        super().__init__(f"{path}: {fault}")
        self.path, self.fault = path, fault

    def sentence(self, _: Translate) -> str:
        return f"{self.path}: {self.fault}"


class NotEmptyError(PlannedError):
    """A restore never overwrites: the database must have no rows."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("The database is not empty. Restore into a new one: set DATA_DIR or DATABASE_URL.")


def write_backup(store: Store, tables: Sequence[sa.Table], folder: Path, *, now: datetime) -> Path:
    """Write one backup and return its path. A file cut short by a crash keeps the name `.part`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"backup-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.jsonl.gz"
    # A name of its own, since two may be written at a time.
    handle, name = tempfile.mkstemp(".part", f"{path.name}.", folder)
    part = Path(name)
    with os.fdopen(handle, "wb") as raw, gzip.open(raw, "wt", encoding="utf-8") as file:
        for line in _lines(store, tables):
            file.write(json.dumps(line, ensure_ascii=True) + "\n")
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(path)
    return path


def restore_backup(store: Store, tables: Sequence[sa.Table], path: Path) -> int:
    """Put every row back into an empty, migrated database; how many rows.

    One transaction: a file that turns out to be cut off leaves nothing behind. Raises
    BackupUnusableError, NotEmptyError.
    """
    revision = current_revision(store.engine)  # before ours takes SQLite's only write lock
    try:
        with store.engine.begin() as db:
            if any(
                db.execute(sa.select(sa.literal(1)).select_from(t).limit(1)).first() for t in tables
            ):
                raise NotEmptyError
            rows = _put_back(db, {t.name: t for t in tables}, path, revision)
            if db.dialect.name == "postgresql":
                _catch_up_sequences(db, tables)
    except sa.exc.OperationalError:
        raise  # the database's fault, not the file's
    except (ValueError, TypeError, LookupError, AttributeError, sa.exc.StatementError):
        raise BackupUnusableError(path, "The file is damaged: a line makes no sense.") from None
    return rows


def _put_back(
    db: sa.Connection, by_name: Mapping[str, sa.Table], path: Path, revision: str | None
) -> int:
    """Insert every row of the file, in its order; how many."""
    lines = _read(path)
    head = next(lines, None)
    if head is None or head.get("format") != _FORMAT:
        raise BackupUnusableError(path, "This is not a backup of this service.")
    if head.get("revision") != revision:
        raise BackupUnusableError(path, "It belongs to another version of the program.")
    table: sa.Table | None = None
    lot: list[dict[str, Any]] = []
    rows, promised = 0, None
    for line in lines:
        if "table" in line:
            _insert(db, table, lot)
            table, lot = by_name.get(line["table"]), []
            if table is None:
                raise BackupUnusableError(path, f"It has a table we don't know: {line['table']}")
        elif "end" in line:
            promised = line["end"]
        elif table is not None:
            lot.append(_from_plain(table, line["row"]))
            rows += 1
            if len(lot) >= LOT:
                _insert(db, table, lot)
                lot = []
    _insert(db, table, lot)
    if promised != rows:
        raise BackupUnusableError(path, "It is cut off: rows or the end are missing.")
    return rows


def _lines(store: Store, tables: Sequence[sa.Table]) -> Iterator[dict[str, Any]]:
    revision = current_revision(store.reading)
    with store.reading.connect() as db:
        if db.dialect.name == "postgresql":
            db.execution_options(isolation_level="REPEATABLE READ")
        yield {"format": _FORMAT, "revision": revision}
        count = 0
        for table in tables:
            yield {"table": table.name}
            for row in db.execution_options(yield_per=LOT).execute(sa.select(table)):
                yield {"row": [_plain(v) for v in row]}
                count += 1
        yield {"end": count}


def _read(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
    except FileNotFoundError:
        raise BackupUnusableError(path, "There is no such file.") from None
    except (OSError, EOFError, ValueError, zlib.error):
        raise BackupUnusableError(path, "The file is damaged or cut off.") from None


def _plain(value: object) -> object:
    match value:
        case bytes() | memoryview():
            return {"b": base64.b64encode(bytes(value)).decode()}
        case datetime():
            return {"t": value.isoformat()}
        case date():
            return {"d": value.isoformat()}
        case Enum():
            return value.value
    return {"j": value} if isinstance(value, dict | list) else value


def _from_plain(table: sa.Table, row: list[Any]) -> dict[str, Any]:
    values = {}
    for column, kept in zip(table.columns, row, strict=True):
        value = kept
        match kept:
            case {"b": text}:
                value = base64.b64decode(text, validate=True)
            case {"t": text}:
                value = datetime.fromisoformat(text)
            case {"d": text}:
                value = date.fromisoformat(text)
            case {"j": inner}:
                value = inner
        if isinstance(column.type, sa.Enum) and column.type.enum_class and value is not None:
            value = column.type.enum_class(value)
        values[column.name] = value
    return values


def _insert(db: sa.Connection, table: sa.Table | None, lot: list[dict[str, Any]]) -> None:
    if table is not None and lot:
        db.execute(sa.insert(table), lot)


def _catch_up_sequences(db: sa.Connection, tables: Sequence[sa.Table]) -> None:
    for table in tables:
        column = table.autoincrement_column
        if column is not None:
            db.execute(
                sa.text(
                    f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', '{column.name}'), "  # noqa: S608  # names of our own tables
                    f'COALESCE((SELECT MAX({column.name}) FROM "{table.name}"), 0) + 1, false)'
                )
            )

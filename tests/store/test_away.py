"""A database that can't be used just now, told from work that is at fault; and a file that is gone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, IntegrityError, InternalError, OperationalError
from sqlmodel import Session

from bot.store.engine import Store, is_away
from bot.store.models import Fact


def of_sqlite(code: int) -> sqlite3.Error:
    problem = sqlite3.OperationalError("whatever it says")
    problem.sqlite_errorcode = code
    return problem


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (OperationalError(None, None, of_sqlite(sqlite3.SQLITE_BUSY)), True),
        (OperationalError(None, None, of_sqlite(sqlite3.SQLITE_FULL)), True),
        (OperationalError(None, None, of_sqlite(sqlite3.SQLITE_IOERR_WRITE)), True),
        (DatabaseError(None, None, of_sqlite(sqlite3.SQLITE_CORRUPT)), True),
        (OperationalError("SELECT x", None, of_sqlite(sqlite3.SQLITE_ERROR)), False),
        (IntegrityError("INSERT", None, of_sqlite(sqlite3.SQLITE_CONSTRAINT_UNIQUE)), False),
        (OperationalError(None, None, psycopg.OperationalError("connection refused")), True),
        (OperationalError(None, None, psycopg.errors.AdminShutdown()), True),
        (OperationalError(None, None, psycopg.errors.DiskFull()), True),
        (InternalError("INSERT", None, psycopg.errors.ReadOnlySqlTransaction()), True),
        (OperationalError("SELECT x", None, psycopg.errors.QueryCanceled()), False),
        (IntegrityError("INSERT", None, psycopg.errors.UniqueViolation()), False),
        (RuntimeError("a bug"), False),
    ],
)
def test_whose_fault_it_is(error: Exception, away: bool) -> None:
    assert is_away(error) is away


async def test_nothing_is_promised_in_a_file_that_was_deleted(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path, aside = tmp_path / "bot.sqlite3", tmp_path / "aside.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    store = Store(f"sqlite:///{path}", durable=False)
    await store.write(note, "before")
    assert await store.read(names) == ["before"]
    path.rename(aside)
    for _ in range(2):  # at the second, too: no empty file came in its place
        with pytest.raises(OperationalError) as written:
            await store.write(note, "lost")
        with pytest.raises(OperationalError) as read:
            await store.read(names)
        assert is_away(written.value)
        assert is_away(read.value)
    assert not path.exists()
    aside.rename(path)
    await store.write(note, "after")
    assert await store.read(names) == ["after", "before"]
    store.close()


async def test_another_file_in_its_place_is_not_written_to(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "bot.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    store = Store(f"sqlite:///{path}", durable=False)
    await store.write(note, "before")
    path.rename(tmp_path / "old.sqlite3")
    path.write_bytes(sqlite_template.read_bytes())
    with pytest.raises(OperationalError):
        await store.write(note, "mixed up")
    store.close()


def note(db: Session, name: str) -> None:
    db.add(Fact(name=name, value=""))


def names(db: Session) -> list[str]:
    return sorted(db.scalars(sa.select(Fact.name).where(Fact.value == "")))

"""Who stands beside us on one database: advisory locks on PostgreSQL, a locked file on SQLite.

Each lock ends with the process that holds it, also when that is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

import sqlalchemy as sa

from bot.core.errors import Kind, PlannedError, Translate
from bot.store.engine import Store


class AlreadyRunningError(PlannedError):
    """Another service uses this SQLite file."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("The service is already running on this database. Stop it first, or set DATA_DIR.")


@contextlib.asynccontextmanager
async def own_connection(store: Store) -> AsyncIterator[sa.Connection]:
    """A connection for advisory locks, which end with it, also when the process is killed."""
    connection = await asyncio.to_thread(store.engine.connect)
    try:
        yield connection
    finally:
        await asyncio.to_thread(connection.invalidate)
        await asyncio.to_thread(connection.close)


def try_lock(connection: sa.Connection, key: int) -> bool:
    """Whether nobody else held this lock: it is ours now, to the end of the connection."""
    query = sa.text("SELECT pg_try_advisory_lock(:key)")
    got: bool = connection.execute(query, {"key": key}).scalar_one()
    connection.commit()
    return got


def share_lock(connection: sa.Connection, key: int, *, was_alone: bool) -> None:
    """Hold a lock together with others from now on."""
    connection.execute(sa.text("SELECT pg_advisory_lock_shared(:key)"), {"key": key})
    if was_alone:
        connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": key})
    connection.commit()


def lock_file(database: str) -> IO[str]:
    """Held while serving. Raises AlreadyRunningError for a second service on the same SQLite file."""
    path = Path(database.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.with_suffix(".lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise AlreadyRunningError from None
    return file

"""The two ways into the database, `write` and `read`, for SQLite and PostgreSQL alike.

A unit of work is one plain function given a `Session`; it runs whole in a worker thread, in one
transaction. SQLite has one writer thread (`lots`) and takes its write lock at the start (BEGIN
IMMEDIATE), so that what a function read is still true when it writes; readers never wait for it
(WAL). PostgreSQL has a few threads, and the services lock the rows they use up.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool, StaticPool
from sqlmodel import Session

from bot.store.lots import LotWriter

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Session, P], T]

WRITERS_POSTGRES = 6
READERS = 4
BUSY_MS = 10_000  # how long SQLite waits for a command that writes beside us
TRIES = 3  # of a transaction that PostgreSQL asks us to repeat
#: Serialization failure, deadlock, lock timeout; a row that somebody else wrote first.
_REPEAT = {"40001", "40P01", "55P03", "23505"}
#: What SQLite says of its file, not of what was asked of it.
_FILE_TROUBLE = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_NOMEM,
}  # fmt: skip
_TOO_SLOW = "57014"  # PostgreSQL ended a statement that took too long: the statement's own fault
_READ_ONLY = "25006"  # PostgreSQL is a copy that waits to take over
_SAFE_SQLITE = (3, 51, 3)  # earlier ones have a rare fault in WAL mode with several connections


class Store:
    """Opens a database for one process. Close it when done. One in memory (`sqlite://`) has only
    `write_now` and `read_now`.

    `durable=False` lets SQLite leave writing through to the operating system: for tests that
    don't pull the plug.
    """

    def __init__(self, url: str, *, durable: bool = True) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")
        memory = url in ("sqlite://", "sqlite:///:memory:")
        if self.sqlite and not memory:
            Path(sa.engine.make_url(url).database or "").parent.mkdir(
                mode=0o700, parents=True, exist_ok=True
            )
        if self.sqlite:
            self._write_engine = _sqlite(url, immediate=True, memory=memory, durable=durable)
            self._read_engine = (
                self._write_engine
                if memory
                else _sqlite(url, immediate=False, memory=False, durable=durable)
            )
        else:
            self._write_engine = self._read_engine = sa.create_engine(
                url,
                pool_size=WRITERS_POSTGRES + READERS,
                pool_pre_ping=True,
                hide_parameters=True,  # an error must not quote a row
                connect_args={
                    "options": "-c lock_timeout=5000 -c statement_timeout=20000 -c timezone=UTC"
                },
            )
        self._writer = LotWriter(self._write_engine) if self.sqlite else None
        self._writers = ThreadPoolExecutor(WRITERS_POSTGRES, thread_name_prefix="write")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="read")

    @property
    def engine(self) -> sa.Engine:
        """For migrations, restores and checks only."""
        return self._write_engine

    @property
    def reading(self) -> sa.Engine:
        """For backups: its transactions see one moment and keep nobody from writing."""
        return self._read_engine

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work(session, …)` in one writing transaction, in a worker thread."""
        if self._writer is not None:
            return await self._writer.write(lambda db: work(db, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(
            self._writers, lambda: self.write_now(work, *args, **kwargs)
        )

    async def write_soon(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Like `write`, for what nobody waits for: on SQLite it lets others come along first, so
        that it needs no commit of its own."""
        if self._writer is not None:
            return await self._writer.write(lambda db: work(db, *args, **kwargs), can_wait=True)
        return await self.write(work, *args, **kwargs)

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work(session, …)` in a transaction that can't write, in a worker thread."""
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, lambda: self.read_now(work, *args, **kwargs)
        )

    def write_now(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Like `write`, in this thread: for commands and tests."""
        for attempt in range(1, TRIES + 1):
            try:
                with Session(self._write_engine, expire_on_commit=False) as db, db.begin():
                    return work(db, *args, **kwargs)
            except DBAPIError as problem:
                if attempt == TRIES or getattr(problem.orig, "sqlstate", None) not in _REPEAT:
                    raise
        raise AssertionError("unreachable")

    def read_now(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Like `read`, in this thread."""
        with Session(self._read_engine, expire_on_commit=False, autoflush=False) as db:
            try:
                if not self.sqlite:
                    db.connection().exec_driver_sql("SET TRANSACTION READ ONLY")
                return work(db, *args, **kwargs)
            finally:
                db.expunge_all()  # what was read stays readable
                db.rollback()

    def close(self) -> None:
        """Let running work end, then close every connection."""
        if self._writer is not None:
            self._writer.close()
        self._writers.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        for engine in {self._read_engine, self._write_engine}:
            engine.dispose()


def is_away(error: BaseException) -> bool:
    """Whether it is the database that can't be used just now, and not the work that is at fault."""
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _FILE_TROUBLE
    state = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated or state == _READ_ONLY:
        return True
    return isinstance(error, OperationalError) and state != _TOO_SLOW


def sqlite_is_safe() -> bool:
    """Whether this machine's SQLite is free of the fault that WAL mode had."""
    return sqlite3.sqlite_version_info >= _SAFE_SQLITE


def _sqlite(url: str, *, immediate: bool, memory: bool, durable: bool) -> sa.Engine:
    pool: dict[str, Any] = (
        {"poolclass": StaticPool} if memory else {"poolclass": QueuePool, "pool_size": READERS + 1}
    )
    same_file = _SameFile(Path(sa.engine.make_url(url).database or ""))
    engine = sa.create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
        hide_parameters=True,
        **pool,
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        run = connection.execute
        run(f"PRAGMA busy_timeout={BUSY_MS}")
        run("PRAGMA foreign_keys=ON")
        if not memory:
            run("PRAGMA journal_mode=WAL")
            run(f"PRAGMA synchronous={'FULL' if durable else 'OFF'}")
            if not immediate:
                run("PRAGMA query_only=ON")

        if not memory:
            same_file.note()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if not memory:
            same_file.check()
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate and not memory else "BEGIN")

    @sa.event.listens_for(engine, "do_connect")
    def _connect(*_: object) -> None:
        if not memory:
            same_file.check()  # else SQLite makes an empty file in its place

    return engine


class _SameFile:
    """A file that is deleted or replaced under us can be written to as before, and all of it is
    lost at the end: what we promised meanwhile, too. So we look before each transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[int, int] | None = None

    def note(self) -> None:
        """What was opened is the file, if it is the first."""
        self._known = self._known or self._now()

    def check(self) -> None:
        """Raises OperationalError."""
        if self._known is not None and self._now() != self._known:
            gone = sqlite3.OperationalError("the file was moved or deleted while it was in use")
            gone.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
            raise OperationalError(None, None, gone)

    def _now(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


__all__ = ["DBAPIError", "OperationalError", "Store", "Work", "is_away", "sqlite_is_safe"]

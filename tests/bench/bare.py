"""What our booking is held against: the bare driver, with SQL by hand and rows as they come.

It does the same as a booking of ours under the same lock: what must be read and written to book
honestly, each thing once. It may also do nothing but count and insert, which asks nothing of a
booking's rules and keeps no story.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from typing import Any

import psycopg
import sqlalchemy as sa

from bot.store.columns import new_uid
from bot.store.engine import WRITERS_POSTGRES, Store
from tests.conftest import NOW

Attempt = Callable[[int], Awaitable[bool]]  # by the number of a family: did it get a place?
Run = Callable[[str, dict[str, Any]], Any]
Connect = Callable[[str], AbstractContextManager[tuple[Run, Any]]]  # by the session to be locked
#: What the bare driver runs: up to the count, and after it where a place is free.
Statements = tuple[tuple[str, ...], tuple[str, ...]]

_COUNT = """SELECT coalesce(sum(size), 0) FROM claim WHERE occurrence_id = :session
    AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > :now)"""
_NEW = """INSERT INTO claim (uid, code, key, kind, family_id, adult_id, occurrence_id, size,
    made_at, kept) VALUES (:uid, :code, :key, 'booking', :family, :family, :session, 1, :now, :no)"""
COUNT_AND_INSERT: Statements = ((_COUNT,), (_NEW,))
SAME: Statements = (
    (
        """SELECT * FROM adult JOIN channel_address ON channel_address.adult_id = adult.id
            WHERE channel = 'telegram' AND channel_address.key = :who""",
        "SELECT * FROM claim WHERE key = :key",  # the same button, pressed twice
        # The session with what its series says of who may book it, and when.
        """SELECT * FROM occurrence JOIN series ON series.id = occurrence.series_id
            WHERE occurrence.id = :session""",
        # What they have of it, or another of the family who lets them see it.
        """SELECT * FROM claim JOIN adult ON adult.id = claim.adult_id
            WHERE occurrence_id = :session AND ended_at IS NULL
            AND (adult.id = :family OR adult.family_id = :family AND adult.shares_since IS NOT NULL)""",
        # What else they booked, for a clash.
        """SELECT * FROM claim JOIN occurrence ON occurrence.id = claim.occurrence_id
            WHERE adult_id = :family AND kind = 'booking' AND ended_at IS NULL AND ends_at > :now""",
        # Who waits goes first.
        """SELECT * FROM waiting_entry WHERE activity = 'henry'
            AND state IN ('waiting', 'offered', 'asked') LIMIT 1""",
        "SELECT * FROM place_setting WHERE subject = :session",  # places kept for staff to give
        _COUNT,
    ),
    (
        "SELECT 1 FROM claim WHERE code = :code",
        _NEW.replace("'booking'", "'hold'"),
        "UPDATE claim SET kind = 'booking', sealed = :sealed WHERE uid = :uid",
        """INSERT INTO story_line (at, adult_id, subject, step, facts, by)
            VALUES (:now, :family, :session, 'booked', '{}', '')""",
        # Their waiting ends.
        """SELECT * FROM waiting_entry WHERE adult_id = :family
            AND state IN ('waiting', 'offered', 'asked')""",
    ),
)


def bare(
    stack: ExitStack, store: Store, session: str, statements: Statements, *, places: int
) -> Attempt:
    """Run these in one transaction under the lock that ours has; the last of the first is the count."""
    connect = _sqlite(stack, store) if store.sqlite else _postgres(stack, store)
    pool = stack.enter_context(ThreadPoolExecutor(1 if store.sqlite else WRITERS_POSTGRES))
    looks, takes = statements

    def take(family: int) -> bool:
        uid = new_uid()
        with connect(session) as (run, now):
            values = {
                "uid": uid, "code": uid[:12], "key": f"{session}:{family}", "family": family, "who": str(family),
                "session": session, "now": now, "no": False, "sealed": b"." * 120,
            }  # fmt: skip
            rows = [run(sql, values).fetchall() for sql in looks]
            if free := rows[-1][0][0] < places:
                for sql in takes:
                    run(sql, values)
        return free

    async def attempt(family: int) -> bool:
        return await asyncio.get_running_loop().run_in_executor(pool, take, family)

    return attempt


def _sqlite(stack: ExitStack, store: Store) -> Connect:
    path = sa.engine.make_url(store.url).database or ""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    stack.callback(db.close)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        db.execute(f"PRAGMA {pragma}")
    (now,) = db.execute("SELECT made_at FROM claim LIMIT 1").fetchone()

    @contextmanager
    def transaction(_session: str) -> Iterator[tuple[Run, Any]]:
        db.execute("BEGIN IMMEDIATE")
        yield db.execute, now
        db.execute("COMMIT")

    return transaction


def _postgres(stack: ExitStack, store: Store) -> Connect:
    address = store.url.replace("postgresql+psycopg://", "postgresql://")
    mine = threading.local()

    def run(sql: str, values: dict[str, Any]) -> Any:
        return mine.db.execute(_named(sql), values)

    @contextmanager
    def transaction(session: str) -> Iterator[tuple[Run, Any]]:
        if not hasattr(mine, "db"):
            mine.db = psycopg.connect(address)
            stack.callback(mine.db.close)
        with mine.db.transaction():
            mine.db.execute("SELECT 1 FROM occurrence WHERE id = %s FOR UPDATE", (session,))
            yield run, NOW

    return transaction


@cache
def _named(sql: str) -> str:
    return re.sub(r":(\w+)", r"%(\1)s", sql)

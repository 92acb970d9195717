"""What waits for SQLite's writer is written together, and yet each unit of work stands alone."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from bot.store import lots
from bot.store.engine import Store
from bot.store.lots import StoreClosedError
from bot.store.models import Fact


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "bot.sqlite3"
    shutil.copy(sqlite_template, path)
    store = Store(f"sqlite:///{path}", durable=False)
    yield store
    store.close()


@pytest.fixture
def commits(sqlite: Store) -> list[int]:
    """Grows by one with every commit."""
    seen: list[int] = []
    sa.event.listen(sqlite.engine, "commit", lambda _connection: seen.append(1))
    return seen


class Gate:
    """Holds the writer inside a transaction until it is opened, so that others have to wait."""

    def __init__(self) -> None:
        self.reached, self._open = threading.Event(), threading.Event()

    def hold(self, _db: Session) -> None:
        self.reached.set()
        assert self._open.wait(10)

    def open(self) -> None:
        self._open.set()


async def behind(store: Store, *units: asyncio.Task[None]) -> list[BaseException | None]:
    """Let these wait behind a unit that is under way, so that they make one lot; how each ended."""
    gate = Gate()
    first = asyncio.create_task(store.write(gate.hold))
    while not gate.reached.is_set():
        await asyncio.sleep(0)
    tasks = list(units)
    await asyncio.sleep(0)  # each is in the queue now
    gate.open()
    await first
    return await asyncio.gather(*tasks, return_exceptions=True)


def note(db: Session, name: str) -> None:
    db.add(Fact(name=name, value="kept"))


def note_and_fail(db: Session, name: str) -> None:
    note(db, name)
    db.flush()
    raise LookupError(name)


def noted(store: Store) -> list[str]:
    def names(db: Session) -> list[str]:
        return [r[0] for r in db.execute(sa.text("SELECT name FROM fact ORDER BY rowid"))]

    return store.read_now(names)


async def test_what_waits_shares_one_commit(sqlite: Store, commits: list[int]) -> None:
    writes = [asyncio.create_task(sqlite.write(note, str(n))) for n in range(5)]
    assert await behind(sqlite, *writes) == [None] * 5
    assert noted(sqlite) == ["0", "1", "2", "3", "4"]
    assert len(commits) < 6


async def test_what_can_wait_shares_the_next_commit(
    sqlite: Store, commits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lots, "PATIENCE", 60.0)
    soon = [asyncio.create_task(sqlite.write_soon(note, name)) for name in "ab"]
    await asyncio.sleep(0)  # both are in the queue now
    await sqlite.write(note, "c")
    await asyncio.gather(*soon)
    assert noted(sqlite) == ["a", "b", "c"]
    assert len(commits) == 1


async def test_what_can_wait_is_written_though_nobody_comes(sqlite: Store) -> None:
    await sqlite.write_soon(note, "alone")
    assert noted(sqlite) == ["alone"]


async def test_closing_does_not_wait_for_company(
    sqlite: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lots, "PATIENCE", 60.0)
    soon = asyncio.create_task(sqlite.write_soon(note, "last"))
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await asyncio.to_thread(sqlite.close)
        await soon


async def test_one_that_fails_fails_alone(sqlite: Store) -> None:
    writes = [
        asyncio.create_task(sqlite.write(note_and_fail if n == 2 else note, str(n)))
        for n in range(5)
    ]
    ended = await behind(sqlite, *writes)
    assert [type(e) for e in ended] == [type(None), type(None), LookupError, type(None), type(None)]
    assert noted(sqlite) == ["0", "1", "3", "4"]


async def test_a_broken_rule_of_the_database_fails_alone(sqlite: Store) -> None:
    writes = [asyncio.create_task(sqlite.write(note, name)) for name in ("a", "a", "b")]
    ended = await behind(sqlite, *writes)
    assert [type(e) for e in ended] == [type(None), sa.exc.IntegrityError, type(None)]
    assert noted(sqlite) == ["a", "b"]


async def test_one_that_fails_alone_runs_once(sqlite: Store) -> None:
    runs = []

    def fails(_db: Session) -> None:
        runs.append(1)
        raise LookupError

    with pytest.raises(LookupError):
        await sqlite.write(fails)
    assert runs == [1]


async def test_nobody_hears_of_a_result_before_it_is_committed(sqlite: Store) -> None:
    writes: list[asyncio.Task[None]] = []
    done: list[bool] = []
    sa.event.listen(
        sqlite.engine, "commit", lambda _connection: done.extend(w.done() for w in writes)
    )
    writes += [asyncio.create_task(sqlite.write(note, str(n))) for n in range(3)]
    await asyncio.gather(*writes)
    assert done[:3] == [False, False, False]


async def test_a_commit_that_fails_fails_everybody_and_keeps_nothing(sqlite: Store) -> None:
    full = [True]

    def fail(_connection: sa.Connection) -> None:
        if full[0]:
            raise OSError("the disk is full")

    sa.event.listen(sqlite.engine, "commit", fail)
    ended = await asyncio.gather(
        *(sqlite.write(note, str(n)) for n in range(3)), return_exceptions=True
    )
    assert [type(e) for e in ended] == [OSError] * 3
    assert noted(sqlite) == []
    full[0] = False
    await sqlite.write(note, "afterwards")
    assert noted(sqlite) == ["afterwards"]


async def test_what_nobody_waits_for_any_more_is_not_begun(sqlite: Store) -> None:
    writes = [asyncio.create_task(sqlite.write(note, str(n))) for n in range(3)]
    await asyncio.sleep(0)
    gate = Gate()
    first = asyncio.create_task(sqlite.write(gate.hold))
    while not gate.reached.is_set():
        await asyncio.sleep(0)
    late = asyncio.create_task(sqlite.write(note, "late"))
    await asyncio.sleep(0)
    late.cancel()
    gate.open()
    await asyncio.gather(first, *writes)
    with pytest.raises(asyncio.CancelledError):
        await late
    await sqlite.write(note, "last")
    assert noted(sqlite) == ["0", "1", "2", "last"]


async def test_closing_writes_what_waits_and_takes_no_more(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "closed.sqlite3"
    shutil.copy(sqlite_template, path)
    store = Store(f"sqlite:///{path}", durable=False)
    writes = [asyncio.create_task(store.write(note, str(n))) for n in range(3)]
    await asyncio.sleep(0)
    await asyncio.to_thread(store.close)
    await asyncio.gather(*writes)
    with pytest.raises(StoreClosedError):
        await store.write(note, "late")
    again = Store(f"sqlite:///{path}", durable=False)
    assert noted(again) == ["0", "1", "2"]
    again.close()


async def test_on_both_databases_one_failure_is_nobody_elses(store: Store) -> None:
    ended = await asyncio.gather(
        *(store.write(note_and_fail if n % 2 else note, str(n)) for n in range(6)),
        return_exceptions=True,
    )
    assert [type(e) is LookupError for e in ended] == [False, True] * 3

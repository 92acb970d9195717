"""SQLite's one writer: whatever waits for it is written in one transaction, with one commit.

A commit is a flush to the disk, and there are only so many of those in a second. Each unit of work
has a session of its own, and nobody hears of a result before the commit that keeps it. If one
fails, nothing of the lot is kept, and each runs again in a transaction of its own, so that it fails
alone: a unit may run twice and must touch nothing but the database, as on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session

T = TypeVar("T")

#: Seconds after which a transaction takes in no more units: the first ones wait for its end.
TOGETHER = 0.01

#: Seconds for which a unit that can wait is kept back, for others to share its commit.
PATIENCE = 0.02


class StoreClosedError(RuntimeError):
    """Work was given to a store that is closed."""


@dataclass(eq=False, slots=True)
class _Unit:
    """Work with the future of whoever waits for it, and how it ended."""

    work: Callable[[Session], Any]
    future: asyncio.Future[Any]
    can_wait: bool
    result: Any = None
    error: BaseException | None = None


class _UnitFailedError(Exception):
    """A unit raised its cause: the lot is undone."""


class LotWriter:
    """A thread that writes on `engine`. `write` may be awaited in any event loop."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._connection: sa.Connection | None = None  # kept: opening costs more than a statement
        self._waiting: queue.SimpleQueue[_Unit | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="write", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[Session], T], *, can_wait: bool = False) -> T:
        """What `work` returns, once it is committed. Raises what it raises, StoreClosedError.

        What `can_wait` begins no transaction before `PATIENCE` is over, but joins the next.
        """
        if self._closed:
            raise StoreClosedError
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.put(_Unit(work, future, can_wait))
        return await future

    def close(self) -> None:
        """Write what waits, then end the thread."""
        self._closed = True
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while lot := self._next():
            _report(self._write(lot, more=True))
        self._disconnect()

    def _next(self) -> list[_Unit]:
        """The units that a lot begins with; none at the end."""
        lot: list[_Unit] = []
        unit = self._waiting.get()
        until = time.monotonic() + PATIENCE
        while unit is not None:
            lot.append(unit)
            if not unit.can_wait:
                return lot
            try:
                unit = self._waiting.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return lot
        if lot:
            self._waiting.put(None)  # the end comes after these
        return lot

    def _write(self, lot: list[_Unit], *, more: bool) -> list[_Unit]:
        """Bring these units to their end; with `more`, those too that wait by then."""
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            with self._connection.begin():
                self._work_off(
                    self._connection, lot, until=time.monotonic() + TOGETHER if more else 0.0
                )
        except _UnitFailedError as failed:
            if len(lot) == 1:
                lot[0].error = failed.__cause__
            else:
                for unit in lot:
                    self._write([unit], more=False)
        except BaseException as error:  # no transaction came about, or it was not kept
            self._disconnect()  # which undoes what may be left of it
            for unit in lot:
                unit.error = error
        return lot

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _work_off(self, connection: sa.Connection, lot: list[_Unit], *, until: float) -> None:
        """Run each unit of `lot`, and what comes in meanwhile, which joins it."""
        for unit in lot:  # grows as it goes
            if not unit.future.cancelled():
                unit.result = _run_one(connection, unit.work)
            if time.monotonic() < until:
                self._join(lot)

    def _join(self, lot: list[_Unit]) -> None:
        with contextlib.suppress(queue.Empty):
            unit = self._waiting.get_nowait()
            if unit is None:
                self._waiting.put(None)  # the end is for `_run` to see
            else:
                lot.append(unit)


def _run_one(connection: sa.Connection, work: Callable[[Session], Any]) -> Any:
    try:
        with Session(connection, expire_on_commit=False) as db:
            result = work(db)
            db.flush()
            return result
    except BaseException as error:
        raise _UnitFailedError from error


def _report(lot: list[_Unit]) -> None:
    """Tell everybody who waits, one wake-up for each event loop."""
    for loop in {unit.future.get_loop() for unit in lot}:
        mine = [unit for unit in lot if unit.future.get_loop() is loop]
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(_hand_back, mine)


def _hand_back(lot: list[_Unit]) -> None:
    for unit in lot:
        if unit.future.done():
            continue
        if unit.error is not None:
            unit.future.set_exception(unit.error)
        else:
            unit.future.set_result(unit.result)

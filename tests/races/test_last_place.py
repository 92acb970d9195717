"""Many processes on few places. With a control that shows the race once the guard is gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlmodel import Session

from bot.bookings import queries
from bot.store.engine import Store
from bot.timetable.queries import find_slot
from tests.conftest import DAY, NOW
from tests.sessions import make_session

ROOT = Path(__file__).resolve().parents[2]
PROCESSES, EACH, CAPACITY = 4, 15, 7


def _rush(database: str, *, guarded: bool) -> int:
    """60 families press "Book" at the same moment from 4 processes; how many places are taken."""
    store = Store(database)

    def open_session(db: Session) -> str:
        (row,) = make_session(db, starts_at=NOW + DAY, capacity=CAPACITY)
        return row.id

    occurrence = store.write_now(open_session)
    mode = "guarded" if guarded else "unguarded"
    crowd = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.races.crowd", database, occurrence, str(n), str(EACH), mode],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for n in range(PROCESSES)
    ]  # fmt: skip
    for process in crowd:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process in crowd:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    for process in crowd:
        process.communicate(timeout=120)
        assert process.returncode == 0

    def count(db: Session) -> int:
        slot = find_slot(db, occurrence)
        assert slot is not None
        return queries.live_size(db, slot, now=NOW)

    taken = store.read_now(count)
    store.close()
    return taken


def test_the_last_places_are_never_sold_twice(database: str) -> None:
    assert _rush(database, guarded=True) == CAPACITY


def test_without_the_guard_the_same_rush_oversells(database: str) -> None:
    assert _rush(database, guarded=False) > CAPACITY

"""Booking itself, without chat or network: `python -m tests.bench.places`, and a part of `make bench`.

64 at once want the last places of one session, on SQLite and on PostgreSQL; in the same run, turn
about, the bare driver does the same under the same lock: what must be read and written to book
honestly, each thing once, in SQL by hand, its rows as the driver gives them. To see what honesty
costs, it also just counts and inserts, which asks nothing of a booking's rules and keeps no story.
Then one booking after another in a database with 1,000 claims, and in the same one with 200,000.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from bot.bookings import rules, service
from bot.bookings.models import Claim
from bot.content.values import Counts, Mode
from bot.core.sealing import make_keys
from bot.families.models import Adult, ChannelAddress, Family
from bot.families.queries import find_adult
from bot.families.rules import AddressState, AdultState
from bot.store.columns import new_uid, table_of, use_keys
from bot.store.engine import Store
from bot.store.migrate import migrate
from bot.timetable.models import Occurrence, Series
from bot.timetable.rules import OccurrenceState
from tests.bench.bare import COUNT_AND_INSERT, SAME, Attempt, bare
from tests.conftest import DAY, NOW, postgres_server
from tests.sessions import POLICY, make_session

AT_ONCE = 64
PLACES, ATTEMPTS = 192, 256  # the last 64 are too late
ROUNDS = 3
ONE_BY_ONE = 60
FEW, MANY = 1_000, 200_000  # claims in the database
FAMILIES, EACH_PAST = 20_000, 12  # families, and bookings of a session that is over
AIM = 0.3
_LOT = 10_000
_days = itertools.count()
#: A row each, made by the database itself.
_CLAIMS = sa.text(f"""
    INSERT INTO claim (uid, code, key, kind, family_id, adult_id, occurrence_id, size, made_at, kept)
    WITH RECURSIVE numbers(n) AS (
        SELECT CAST(:first AS integer) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :last
    )
    SELECT 'past' || n, 'P' || n, 'past:' || n, 'booking', n % {FAMILIES} + 1, n % {FAMILIES} + 1,
        'past-' || (n / {EACH_PAST}), 1, :now, false FROM numbers
""").bindparams(sa.bindparam("now", type_=table_of(Claim).c.made_at.type))


@dataclass
class Found:
    """What one database did."""

    ours: list[float] = field(default_factory=list)  # claims a second, by round
    bare: list[float] = field(default_factory=list)
    insert: list[float] = field(default_factory=list)  # which only counts and inserts
    booking_ms: dict[int, float] = field(default_factory=dict)  # by claims in the database

    @property
    def ratio(self) -> float:
        return _ratio(self.ours, self.bare)


async def measure() -> dict[str, Found]:
    """Everything, by database. Under a minute where nothing else runs."""
    use_keys(make_keys())
    found = {}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="places-"))
        found["SQLite"] = await _measured(f"sqlite:///{Path(folder) / 'bot.sqlite3'}")
        found["PostgreSQL"] = await _measured(stack.enter_context(postgres_server()))
    return found


def table(found: dict[str, Found]) -> str:
    """The figures as a Markdown table."""
    rows = [["", *found], ["---", *["---:"] * len(found)]]
    rows += [
        [f"Claims a second, {AT_ONCE} at once for the last places",
         *(f"{median(f.ours):.0f}" for f in found.values())],
        ["The bare driver doing the same",
         *(f"{median(f.bare):.0f}" for f in found.values())],
        [f"Ratio, aim {AIM}", *(f"{f.ratio:.2f}" for f in found.values())],
        ["The bare driver that only counts and inserts",
         *(f"{median(f.insert):.0f}" for f in found.values())],
        ["Ratio to that", *(f"{_ratio(f.ours, f.insert):.2f}" for f in found.values())],
        *([f"One booking with {claims:,} claims in the database",
           *(f"{f.booking_ms[claims]:.1f} ms" for f in found.values())] for claims in (FEW, MANY)),
    ]  # fmt: skip
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def aims(found: dict[str, Found]) -> str:
    """A line for each database: the figure and whether it was reached."""
    return "\n".join(
        f"{'reached' if f.ratio >= AIM else 'MISSED '}  {f.ratio:.2f} of the bare driver's claims, "
        f"{name} (aim {AIM})"
        for name, f in found.items()
    )


def _ratio(some: list[float], others: list[float]) -> float:
    return median(s / o for s, o in zip(some, others, strict=True))


async def _measured(url: str) -> Found:
    store, found = Store(url), Found()
    migrate(store.engine)
    store.write_now(_families)
    store.write_now(_past, 0, FEW)
    found.booking_ms[FEW] = _one_by_one(store, "few", range(1, ONE_BY_ONE + 1))
    with ExitStack() as stack:
        for number in range(ROUNDS):
            for into, statements in (
                (found.insert, COUNT_AND_INSERT), (found.bare, SAME), (found.ours, None),
            ):  # fmt: skip
                session = store.write_now(_open, new_uid()[:8], PLACES)
                attempt = (
                    bare(stack, store, session, statements, places=PLACES)
                    if statements is not None
                    else _ours(store, session)
                )
                into.append(await _rush(attempt, first=1 + number * ATTEMPTS))
    store.write_now(_past, FEW, MANY)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.exec_driver_sql("ANALYZE")
    families = range(FAMILIES - ONE_BY_ONE, FAMILIES)
    found.booking_ms[MANY] = _one_by_one(store, "many", families)
    store.close()
    return found


async def _rush(attempt: Attempt, *, first: int) -> float:
    """So many at once, one after another each; claims a second. Exactly the places are taken."""
    families = iter(range(first, first + ATTEMPTS))

    async def client() -> int:
        return sum([await attempt(family) for family in families])

    began = time.perf_counter()
    claims = sum(await asyncio.gather(*(client() for _ in range(AT_ONCE))))
    spent = time.perf_counter() - began
    assert claims == PLACES, f"{claims} claims of {PLACES} places"
    return claims / spent


def _ours(store: Store, session: str) -> Attempt:
    async def attempt(family: int) -> bool:
        try:
            await store.write(_book, session, family)
        except rules.OccurrenceFullError:
            return False
        return True

    return attempt


def _book(db: Session, session: str, family: int) -> None:
    """Everything from pressing "Book" to the sealed booking, in one transaction."""
    adult = find_adult(db, channel="telegram", key=str(family))
    assert adult is not None
    held = service.hold_place(
        db, adult=adult, occurrence=session, size=1,
        key=f"{session}:{family}", policy=POLICY, now=NOW,
    )  # fmt: skip
    facts = {"name": "Amina", "phone": "+447700900982"}
    service.confirm_place(db, held, facts=facts, born=None, policy=POLICY, now=NOW)


def _one_by_one(store: Store, key: str, families: Iterable[int]) -> float:
    """Milliseconds of one booking, nobody else there: the median."""
    session = store.write_now(_open, key, ONE_BY_ONE)
    spent = []
    for family in families:
        began = time.perf_counter()
        store.write_now(_book, session, family)
        spent.append(time.perf_counter() - began)
    return 1000 * median(spent)


def _open(db: Session, key: str, places: int) -> str:
    """A session on a day of its own, so that no family has a clash."""
    begins = NOW + (10 + next(_days)) * DAY
    (row,) = make_session(db, starts_at=begins, capacity=places, key=key)
    return row.id


def _families(db: Session) -> None:
    numbers = range(1, FAMILIES + 1)
    _put(db, Family, ({"id": n, "uid": new_uid(), "made_at": NOW} for n in numbers))
    _put(db, Adult, ({
        "id": n, "uid": new_uid(), "family_id": n, "lang": "en", "reminders": True,
        "shares": False, "wrong_codes": 0, "state": AdultState.ACTIVE, "made_at": NOW,
        "seen_at": NOW,
    } for n in numbers))  # fmt: skip
    _put(db, ChannelAddress, ({
        "id": n, "uid": new_uid(), "adult_id": n, "channel": "telegram", "key": str(n),
        "state": AddressState.WORKING, "made_at": NOW,
    } for n in numbers))  # fmt: skip


def _past(db: Session, first: int, last: int) -> None:
    """Bookings of sessions that are over; families take turns."""
    if first == 0:
        db.add(
            Series(
                id="past", activity="henry", venue="west_street", plan={}, anchor=NOW.date(),
                mode=Mode.BOOK, counts=Counts.FAMILIES, capacity=EACH_PAST, active=False,
            )
        )  # fmt: skip
        db.flush()
    numbers = range(first // EACH_PAST + bool(first), last // EACH_PAST + 1)
    _put(db, Occurrence, map(_past_session, numbers))
    for lot in range(first, last, _LOT):
        db.execute(_CLAIMS, {"first": lot, "last": min(lot + _LOT, last), "now": NOW})


def _past_session(n: int) -> dict[str, Any]:
    begins = NOW - (n + 1) * DAY
    return {
        "id": f"past-{n}", "series_id": "past", "original_on": begins.date(),
        "starts_at": begins, "ends_at": begins + timedelta(hours=1), "venue": "west_street",
        "capacity": EACH_PAST, "state": OccurrenceState.SCHEDULED, "reason": "", "version": 0,
    }  # fmt: skip


def _put(db: Session, model: type[SQLModel], rows: Iterator[dict[str, Any]]) -> None:
    while lot := list(itertools.islice(rows, _LOT)):
        db.connection().execute(sa.insert(table_of(model)), lot)


if __name__ == "__main__":
    print(table(asyncio.run(measure())))

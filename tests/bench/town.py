"""A borough's database for the benchmark: 20,000 families, 200,000 bookings, three years of them.

`python -m tests.bench.town FOLDER` makes it in bulk through the tables of the models, with sealed
fields, on top of the programme that the service lays out itself. Every promise that
`python -m bot doctor` checks holds in it. The first families are the people of the load generator.
"""

from __future__ import annotations

import hashlib
import itertools
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind
from bot.content.values import Counts, Mode
from bot.core.clock import to_utc
from bot.core.codes import LENGTH, LETTERS
from bot.core.settings import read_settings
from bot.families.models import Adult, CarerLink, ChannelAddress, Child, Family
from bot.families.rules import AddressState, AdultState
from bot.opening import open_all
from bot.store.columns import SealedRow, new_uid, seal_row, table_of
from bot.timetable.models import Occurrence, Series
from bot.timetable.queries import Slot, slots_between
from bot.timetable.rules import OccurrenceState
from tests.conftest import LONDON
from tests.emulator.load import FIRST_PERSON

FAMILIES, BOOKINGS = 20_000, 200_000
PAST_WEEKS = 150
PLACES = 12
COMING_FULL = 0.8  # of the places of sessions still to come
_LOT = 5_000
_VENUE, _ACTIVITY = "west_street", "baby_massage"


def make_town(db: Session, *, families: int, bookings: int, now: datetime) -> None:
    """Fill an empty, laid-out database. At least `PLACES` families."""
    _people(db, families, now)
    coming = [s for s in slots_between(db, now, now + timedelta(days=400)) if s.bookable]
    made = itertools.count()
    _put(db, Claim, _claims(_places(coming, COMING_FULL), families, made, now))
    left = bookings - next(made)
    _put(db, Claim, _claims(_past(db, left, now), families, made, now, most=left))


def mark_of_town() -> str:
    """Changes whenever a town that was kept is out of date: code, tables, content, or the week."""
    root = Path(__file__).resolve().parents[2]
    week = "-".join(map(str, datetime.now(UTC).isocalendar()[:2]))
    digest = hashlib.sha256(week.encode())
    for path in sorted(
        [Path(__file__), root / "content" / "programme.csv",
         *(root / "bot/store/migrations/versions").glob("*.py")]
    ):  # fmt: skip
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _people(db: Session, families: int, now: datetime) -> None:
    since = now - timedelta(weeks=PAST_WEEKS)
    numbers = range(1, families + 1)
    _put(db, Family, ({"id": n, **_sealed(Family, where="area:erith"), "made_at": since,
                       "registered_at": since} for n in numbers))  # fmt: skip
    _put(db, Adult, ({
        "id": n, "family_id": n, "lang": "en", "reminders": True, "state": AdultState.ACTIVE,
        "made_at": since, "seen_at": since,
        **_sealed(Adult, name=f"Parent {n}", phone=f"07700 900{n % 1000:03}"),
    } for n in numbers))  # fmt: skip
    _put(db, Child, ({
        "id": n, "family_id": n, "made_at": since,
        **_sealed(Child, first_name=f"Child {n}",
                  born=(now.date() - timedelta(days=30 + n * 7 % 1500)).isoformat()),
    } for n in numbers))  # fmt: skip
    _put(db, CarerLink, ({"adult_id": n, "child_id": n, "since": since} for n in numbers))
    _put(db, ChannelAddress, ({
        "id": n, "adult_id": n, "channel": "telegram", "key": str(FIRST_PERSON + n - 1),
        "state": AddressState.WORKING, "made_at": since,
        **_sealed(ChannelAddress, address=str(FIRST_PERSON + n - 1)),
    } for n in numbers))  # fmt: skip


def _past(db: Session, bookings: int, now: datetime) -> Iterator[dict[str, Any]]:
    """Weekly sessions that are over, each full, one place after another."""
    sessions = -(-bookings // PLACES)
    each = -(-sessions // PAST_WEEKS)
    monday = now.astimezone(LONDON).date() - timedelta(days=now.astimezone(LONDON).weekday())
    _put(db, Series, ({
        "id": f"past-{n}", "activity": _ACTIVITY, "venue": _VENUE, "plan": {},
        "anchor": monday - timedelta(weeks=PAST_WEEKS), "mode": Mode.BOOK,
        "counts": Counts.FAMILIES, "capacity": PLACES, "free": True, "sample": True,
        "active": False, "name": "", "cost": "", "run_by": "", "contact": "", "notes": "",
    } for n in range(each)))  # fmt: skip
    rows = []
    for n in range(sessions):
        day = monday - timedelta(weeks=1 + n // each, days=-(n % 5))
        begins = to_utc(day, time(9 + n % 7, 30), LONDON)
        rows.append({
            "id": f"past-{n}", "series_id": f"past-{n % each}", "original_on": day,
            "starts_at": begins, "ends_at": begins + timedelta(hours=1), "venue": _VENUE,
            "capacity": PLACES, "state": OccurrenceState.SCHEDULED, "reason": "", "version": 0,
        })  # fmt: skip
    _put(db, Occurrence, rows)
    for row in rows:
        yield from [{"occurrence_id": row["id"], "course_id": None}] * PLACES


def _places(coming: Iterable[Slot], full: float) -> Iterator[dict[str, Any]]:
    """So much of the room of each course or session to come, a place at a time."""
    for subject, slot in {s.subject: s for s in coming}.items():
        alone = slot.course_id is None
        place = {"occurrence_id": subject if alone else None,
                 "course_id": None if alone else subject}  # fmt: skip
        yield from [place] * int((slot.capacity or 0) * full)


def _claims(
    places: Iterable[dict[str, Any]],
    families: int,
    made: Iterator[int],
    now: datetime,
    *,
    most: int | None = None,
) -> Iterator[dict[str, Any]]:
    """A booking for each place. Families take turns, so that nobody has the same place twice."""
    for place in itertools.islice(places, most):
        n = next(made)
        family = n % families + 1
        yield {
            **place, "code": _code(n), "key": f"town:{n}", "kind": ClaimKind.BOOKING,
            "family_id": family, "adult_id": family, "size": 1, "made_at": now,
            **_sealed(Claim, name=f"Parent {family}", phone=f"07700 900{family % 1000:03}"),
        }  # fmt: skip


def _code(n: int) -> str:
    letters = []
    for _ in range(LENGTH):
        n, rest = divmod(n, len(LETTERS))
        letters.append(LETTERS[rest])
    return "".join(letters)


def _sealed(model: type[SealedRow], **private: str) -> dict[str, Any]:
    uid = new_uid()
    return {"uid": uid, "sealed": seal_row(model, uid, private)}


def _put(db: Session, model: type[SQLModel], rows: Iterable[dict[str, Any]]) -> None:
    insert, rows = sa.insert(table_of(model)), iter(rows)
    while lot := list(itertools.islice(rows, _LOT)):
        db.connection().execute(insert, lot)


def main(folder: Path) -> None:
    settings = read_settings(data_dir=folder / "data", key_file=folder / "keys" / "seal.keys")
    opened = open_all(settings)
    try:
        opened.store.write_now(make_town, families=FAMILIES, bookings=BOOKINGS, now=opened.clock())
    finally:
        opened.store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

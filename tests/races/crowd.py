"""One process of the crowd: `python -m tests.races.crowd DATABASE OCCURRENCE N EACH guarded`.

Unguarded, a place is counted in one transaction and taken in the next, as a careless program would.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from sqlmodel import Session

import bot.opening  # noqa: F401
from bot.bookings import queries, rules, service
from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind
from bot.core.sealing import make_keys
from bot.families import service as families
from bot.store.columns import use_keys
from bot.store.engine import Store
from bot.timetable.queries import find_slot
from tests.conftest import NOW
from tests.sessions import POLICY


def main() -> None:
    database, occurrence, number, each, mode = sys.argv[1:]
    use_keys(make_keys())
    store = Store(database)
    print("ready", flush=True)
    sys.stdin.readline()

    def press(n: int) -> None:
        key = f"{number}-{n}"

        def guarded(db: Session) -> None:
            adult = families.welcome(db, channel="telegram", key=key, lang="en", now=NOW)
            held = service.hold_place(
                db, adult=adult, occurrence=occurrence, size=1, key=key, policy=POLICY, now=NOW
            )
            service.confirm_place(db, held, facts={}, born=None, policy=POLICY, now=NOW)

        def looks(db: Session) -> bool:
            slot = find_slot(db, occurrence)
            assert slot is not None
            return queries.live_size(db, slot, now=NOW) < (slot.capacity or 0)

        def takes(db: Session) -> None:
            adult = families.welcome(db, channel="telegram", key=key, lang="en", now=NOW)
            db.add(
                Claim(code=key, key=key, kind=ClaimKind.BOOKING, family_id=adult.family_id,
                      adult_id=adult.id, occurrence_id=occurrence, made_at=NOW)
            )  # fmt: skip

        try:
            if mode == "guarded":
                store.write_now(guarded)
            elif store.read_now(looks):
                store.write_now(takes)
        except rules.OccurrenceFullError:
            pass

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(press, range(int(each))))
    store.close()


if __name__ == "__main__":
    main()

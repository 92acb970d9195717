"""Offers, answers and expiry at the same moment, from many processes; each with its control."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.bookings import promises, queries, service, waiting
from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind, EndedWhy, EntryState
from bot.store.engine import Store
from tests.conftest import DAY, MINUTE, NOW
from tests.races.acts import LATE, booking, family, line, slot_of
from tests.races.conftest import Crowd, mixed
from tests.sessions import POLICY, make_session

pytestmark = pytest.mark.long

SESSIONS = 8
ACTIVITY = "henry"


def full(db: Session, key: str, *, apart: int = 0) -> str:
    """A session of one place, which the family "has-<id>" has booked."""
    begins = NOW + 10 * DAY + apart * 90 * MINUTE
    (row,) = make_session(db, starts_at=begins, key=key, activity=ACTIVITY)
    held = service.hold_place(
        db, adult=family(db, f"has-{row.id}"), occurrence=row.id, size=1, key=row.id,
        policy=POLICY, now=NOW,
    )  # fmt: skip
    service.confirm_place(db, held, facts={}, born=None, policy=POLICY, now=NOW)
    return row.id


def join(db: Session, occurrence: str, name: str, *, wish: Mapping[str, Any]) -> None:
    waiting.join(
        db, adult=family(db, name), slot=slot_of(db, occurrence), wish=wish, size=1, facts={},
        key=name, policy=POLICY, now=NOW,
    )  # fmt: skip


def offered(db: Session, key: str, *, made: Any = NOW) -> str:
    """A session whose place was offered to the first of three in line, at NOW or when `made`."""
    occurrence = full(db, key)
    for n in range(3):
        join(db, occurrence, f"{key}-{n}", wish={"subjects": [occurrence]})
    claim = booking(db, f"has-{occurrence}")
    service.cancel(db, claim, why=EndedWhy.CANT_COME, policy=POLICY, now=made)
    return occurrence


def several(store: Store, key: str, **how: Any) -> list[str]:
    def work(db: Session) -> list[str]:
        return [offered(db, f"{key}{n}", **how) for n in range(SESSIONS)]

    return store.write_now(work)


def holders(store: Store, occurrence: str) -> int:
    return store.read_now(lambda db: queries.live_size(db, slot_of(db, occurrence), now=LATE))


def broken(store: Store) -> list[str]:
    found = store.read_now(promises.broken, policy=POLICY, now=LATE)
    return [f"{promise}: {what}" for promise, what in found.items() if what]


def without(store: Store, index: str) -> None:
    """Take the last guard away, which the database itself keeps."""
    store.write_now(lambda db: db.execute(sa.text(f"DROP INDEX {index}")))


def test_a_yes_as_the_list_is_woken_after_the_offer_ran_out_gives_one_holder(
    store: Store, database: str, crowd: Crowd
) -> None:
    def rush(sessions: list[str]) -> list[tuple[str, ...]]:
        return mixed(
            [("SayYes", s, "one") for s in sessions],
            [("Wake", s) for s in sessions],
            [("Book", s, f"new-{s}") for s in sessions],
            [("Wake", s) for s in sessions],
        )

    ends = crowd.rushes(database, rush(sessions := several(store, "s")))
    kinds = Counter(end.split(" booked")[0] for end in ends)
    assert set(kinds) <= {"OfferOverError", "OccurrenceFullError", "0 asked", "1 asked", *sessions}
    assert [holders(store, s) for s in sessions] == [1] * SESSIONS
    assert broken(store) == []
    for s in sessions:
        states = [e.state for e in store.read_now(line, s)]
        assert states.count(EntryState.OFFERED) + states.count(EntryState.BOOKED) == 1
    crowd.rushes(database, rush(control := several(store, "c")), careless=True)
    assert max(holders(store, s) for s in control) > 1
    assert broken(store) != []


def test_the_same_offer_accepted_on_many_phones_at_once_is_one_booking(
    store: Store, database: str, crowd: Crowd
) -> None:
    def rush(sessions: list[str]) -> list[tuple[str, ...]]:
        return [("SayYes", s, str(phone)) for s in sessions for phone in range(4)]

    ends = crowd.rushes(database, rush(several(store, "s", made=LATE)))
    assert sorted(Counter(ends).values()) == [4] * SESSIONS  # all were shown the same booking
    assert broken(store) == []
    without(store, "ux_claim_adult_occurrence")
    crowd.rushes(database, rush(control := several(store, "c", made=LATE)), careless=True)
    assert max(holders(store, s) for s in control) > 1


@pytest.mark.parametrize("careless", [False, True], ids=["guarded", "control"])
def test_whoever_waits_for_any_date_is_offered_one_place_at_a_time(
    store: Store, database: str, crowd: Crowd, careless: bool
) -> None:
    """Every session's place comes free at once, and all in line would have any of them."""

    def work(db: Session) -> list[str]:
        made = [full(db, f"s{n}", apart=n) for n in range(SESSIONS)]
        for n in range(SESSIONS + 2):
            join(db, made[0], f"any-{n}", wish={"activity": ACTIVITY})
        return made

    sessions = store.write_now(work)
    if careless:
        without(store, "ux_claim_offer")
    ends = crowd.rushes(database, [("GiveUp", s, f"has-{s}") for s in sessions], careless=careless)
    assert set(ends) == {"cancelled"}
    held = store.read_now(_held)
    beside = store.read_now(_held, ClaimKind.GATHERED)  # sooner than what somebody was offered
    assert len(held) + len(beside) == SESSIONS
    assert (len(set(held)) < len(held)) is careless
    if not careless:
        assert broken(store) == []
        assert set(beside) <= set(held)
        states = [e.state for e in store.read_now(line, sessions[0])]  # in turn
        waiting = [EntryState.WAITING] * (SESSIONS + 2 - len(held))
        assert states == [EntryState.OFFERED] * len(held) + waiting


def _held(db: Session, kind: ClaimKind = ClaimKind.OFFER) -> list[int | None]:
    """The entry of every offer that stands."""
    query = select(Claim.entry_id).where(Claim.kind == kind, col(Claim.ended_at).is_(None))
    return list(db.exec(query))

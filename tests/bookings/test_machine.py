"""Any mix of acts, with time passing: never more claims than places, never two for a family."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)  # fmt: skip
from sqlmodel import Session

from bot.bookings import queries, rules, service
from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind, EndedWhy
from bot.families import service as families
from bot.store.engine import Store
from bot.timetable.queries import find_slot
from tests.conftest import DAY, NOW
from tests.sessions import POLICY, make_session


class World:
    """A real database with one session of few places, and a clock that only goes forward."""

    def __init__(self, store: Store, capacity: int) -> None:
        self.store, self.capacity, self.now, self.keys = store, capacity, NOW, 0
        self.session = store.write_now(self._open)

    def _open(self, db: Session) -> str:
        (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=self.capacity)
        return row.id

    def hold(self, who: int, size: int, key: str) -> int | None:
        def work(db: Session) -> int | None:
            adult = families.welcome(db, channel="telegram", key=str(who), lang="en", now=self.now)
            try:
                claim = service.hold_place(
                    db,
                    adult=adult,
                    occurrence=self.session,
                    size=size,
                    key=key,
                    policy=POLICY,
                    now=self.now,
                )
            except rules.OccurrenceFullError:
                return None
            return claim.id

        return self.store.write_now(work)

    def act(self, claim_id: int, work) -> bool:  # type: ignore[no-untyped-def]
        def run(db: Session) -> bool:
            try:
                work(db, db.get_one(Claim, claim_id))
            except (rules.OccurrenceFullError, rules.TooLateToUndoError):
                return False
            return True

        return self.store.write_now(run)

    def live(self) -> tuple[int, list[int]]:
        def read(db: Session) -> tuple[int, list[int]]:
            slot = find_slot(db, self.session)
            assert slot is not None
            families_in = [c.family_id for c in queries.booked_for(db, slot)]
            return queries.live_size(db, slot, now=self.now), families_in

        return self.store.read_now(read)


def machine(make_store, clean_up):  # type: ignore[no-untyped-def]
    class BookingMachine(RuleBasedStateMachine):
        claims: Bundle[int] = Bundle("claims")

        @initialize(capacity=st.integers(1, 3))
        def open_a_class(self, capacity: int) -> None:
            self.store = make_store()
            self.world = World(self.store, capacity)

        @rule(target=claims, who=st.integers(1, 4), size=st.integers(1, 2))
        def somebody_presses_book(self, who: int, size: int):  # type: ignore[no-untyped-def]
            self.world.keys += 1
            claim = self.world.hold(who, size, f"k{self.world.keys}")
            return multiple() if claim is None else claim

        @rule(who=st.integers(1, 4), key=st.integers(1, 3))
        def an_old_button_is_pressed_again(self, who: int, key: int) -> None:
            self.world.hold(who, 1, f"k{key}")

        @rule(claim=claims)
        def they_confirm(self, claim: int) -> None:
            self.world.act(
                claim,
                lambda db, c: service.confirm_place(
                    db, c, facts={}, born=None, policy=POLICY, now=self.world.now
                ),
            )

        @rule(claim=claims, why=st.sampled_from([EndedWhy.CANCELLED, EndedWhy.CANT_COME]))
        def they_cancel(self, claim: int, why: EndedWhy) -> None:
            self.world.act(
                claim,
                lambda db, c: service.cancel(db, c, why=why, policy=POLICY, now=self.world.now),
            )

        @rule(claim=claims)
        def they_undo(self, claim: int) -> None:
            def undo(db: Session, claim: Claim) -> None:
                before = claim.kind
                service.undo_cancel(db, claim, policy=POLICY, now=self.world.now)
                assert before is ClaimKind.BOOKING or claim.ended_why is None

            self.world.act(claim, undo)

        @rule(claim=consumes(claims))
        def they_leave_the_form(self, claim: int) -> None:
            self.world.act(claim, lambda db, c: service.let_go(db, c, now=self.world.now))

        @rule(seconds=st.sampled_from([1, 30, 61, 901, 7200]))
        def time_passes(self, seconds: int) -> None:
            self.world.now += timedelta(seconds=seconds)

        @invariant()
        def never_more_than_fits(self) -> None:
            live, families_in = self.world.live()
            assert live <= self.world.capacity
            assert len(families_in) == len(set(families_in))

        def teardown(self) -> None:
            if hasattr(self, "store"):
                self.store.close()
            clean_up()

    return BookingMachine


def test_any_mix_of_acts_on_sqlite(sqlite_template: Path) -> None:
    folder = Path(tempfile.mkdtemp())

    def make_store() -> Store:
        shutil.copy(sqlite_template, folder / "bot.sqlite3")
        for part in ("-wal", "-shm"):
            (folder / f"bot.sqlite3{part}").unlink(missing_ok=True)
        return Store(f"sqlite:///{folder / 'bot.sqlite3'}", durable=False)

    run_state_machine_as_test(
        machine(make_store, lambda: None),
        settings=settings(
            max_examples=20, stateful_step_count=20, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    shutil.rmtree(folder)


@pytest.mark.postgres
def test_any_mix_of_acts_on_postgres(postgres) -> None:  # type: ignore[no-untyped-def]
    run_state_machine_as_test(
        machine(lambda: Store(postgres()), lambda: None),
        settings=settings(
            max_examples=6, stateful_step_count=15, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip

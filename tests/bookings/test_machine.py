"""Any mix of acts by families and staff, with time passing: every promise of the ledger holds."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)  # fmt: skip
from sqlmodel import Session, select

from bot.bookings import allotting, promises, queries, queue, service, tending, waiting
from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.rules import LIVE_STATES, ClaimKind, EndedWhy, EntryState, ListState, Step
from bot.content import load
from bot.core.errors import PlannedError
from bot.families import service as families
from bot.families.models import Adult
from bot.outreach import changing
from bot.outreach.changing import Draft
from bot.store.engine import Store
from bot.timetable.queries import Slot, find_slot
from bot.timetable.rules import ChangeKind
from tests.conftest import DAY, HOUR, LONDON, NOW, SHIPPED
from tests.sessions import POLICY, make_session

pytestmark = pytest.mark.long

CONTENT = load(SHIPPED)
PEOPLE = st.integers(1, 5)
SESSIONS = range(3)
WHICH = st.sampled_from(SESSIONS)
#: Two adults of a family for one session, or one adult for two that overlap; or anything.
AT_ONCE = st.one_of(
    WHICH.map(lambda which: [(1, which), (2, which)]),
    PEOPLE.map(lambda who: [(who, 0), (who, 2)]),
    st.lists(st.tuples(PEOPLE, WHICH), min_size=2, max_size=4),
)
STEPS = [1, 30, 61, 901, 4 * 3600, 24 * 3600, 49 * 3600]


class World:
    """A real database with three small sessions of one activity, and a clock that goes forward.

    The first and the last overlap. The first two people are of one family, and let each other see
    their bookings.
    """

    def __init__(self, store: Store, capacity: int) -> None:
        self.store, self.now, self.keys = store, NOW, 0
        self.change = 0  # the last one that staff made
        self.called_off = set[int]()  # what was, if only for a minute, goes with anything
        self.sessions = store.write_now(self._open, capacity)

    def _open(self, db: Session, capacity: int) -> list[str]:
        one, two = (self.adult(db, who) for who in (1, 2))
        two.family_id, one.shares_since, two.shares_since = one.family_id, NOW - DAY, NOW - DAY
        starts = (NOW + 10 * DAY, NOW + 4 * DAY + HOUR, NOW + 10 * DAY + HOUR / 2)
        return [
            make_session(db, starts_at=at, capacity=capacity, key=f"k{n}")[0].id
            for n, at in enumerate(starts)
        ]

    def key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    def do(self, work: Callable[[Session], object]) -> bool:
        """One act in one transaction; whether it was allowed. A refusal must leave nothing."""

        def run(db: Session) -> None:
            work(db)
            db.flush()

        try:
            self.store.write_now(run)
        except PlannedError:
            return False
        return True

    def adult(self, db: Session, who: int) -> Adult:
        return families.welcome(db, channel="telegram", key=str(who), lang="en", now=self.now)

    def slot(self, db: Session, which: int) -> Slot:
        found = find_slot(db, self.sessions[which])
        assert found is not None
        return found

    def claim(self, db: Session, who: int, which: int, *kinds: ClaimKind) -> Claim | None:
        query = select(Claim).where(
            Claim.adult_id == self.adult(db, who).id, Claim.occurrence_id == self.sessions[which]
        )
        fitting = [c for c in db.exec(query) if c.kind in kinds]
        return fitting[-1] if fitting else None

    def entry(self, db: Session, who: int) -> WaitingEntry | None:
        return next(iter(queue.entries_of(db, self.adult(db, who).id)), None)


class LedgerMachine(RuleBasedStateMachine):
    make_store: Callable[[], Store]

    @initialize(capacity=st.integers(1, 3))
    def open_the_sessions(self, capacity: int) -> None:
        self.store = type(self).make_store()
        self.world = World(self.store, capacity)

    @rule(who=PEOPLE, which=WHICH, size=st.integers(1, 2), old_key=st.booleans())
    def somebody_presses_book(self, who: int, which: int, size: int, old_key: bool) -> None:
        w = self.world
        key = "k1" if old_key else w.key()
        w.do(lambda db: service.hold_place(
            db, adult=w.adult(db, who), occurrence=w.sessions[which], size=size, key=key,
            policy=POLICY, now=w.now,
        ))  # fmt: skip

    @rule(phones=AT_ONCE)
    def several_phones_book_at_once(self, phones: list[tuple[int, int]]) -> None:
        """All hold, then all say yes: one adult twice, two of a family, or strangers."""
        w = self.world
        held: list[int] = []

        def hold(db: Session, who: int, which: int, key: str) -> None:
            claim = service.hold_place(
                db, adult=w.adult(db, who), occurrence=w.sessions[which], size=1, key=key,
                policy=POLICY, now=w.now,
            )  # fmt: skip
            held.append(claim.id)

        def confirm(db: Session, claim: int) -> None:
            if (mine := db.get_one(Claim, claim)).kind is ClaimKind.HOLD:
                service.confirm_place(db, mine, facts={}, born=None, policy=POLICY, now=w.now)

        for who, which in phones:
            w.do(partial(hold, who=who, which=which, key=w.key()))
        for claim in held:
            w.do(partial(confirm, claim=claim))

    @rule(who=PEOPLE, which=WHICH)
    def they_confirm(self, who: int, which: int) -> None:
        w = self.world

        def confirm(db: Session) -> None:
            claim = w.claim(db, who, which, ClaimKind.HOLD, ClaimKind.OFFER)
            if claim is not None and claim.ended_why is None:
                service.confirm_place(db, claim, facts={}, born=None, policy=POLICY, now=w.now)

        w.do(confirm)

    @rule(who=PEOPLE, which=WHICH, why=st.sampled_from([EndedWhy.CANCELLED, EndedWhy.CANT_COME]))
    def they_cancel(self, who: int, which: int, why: EndedWhy) -> None:
        w = self.world

        def cancel(db: Session) -> None:
            if claim := w.claim(db, who, which, ClaimKind.BOOKING):
                service.cancel(db, claim, why=why, policy=POLICY, now=w.now)

        w.do(cancel)

    @rule(who=PEOPLE, which=WHICH)
    def they_undo(self, who: int, which: int) -> None:
        w = self.world

        def undo(db: Session) -> None:
            if claim := w.claim(db, who, which, ClaimKind.HOLD):
                service.undo_cancel(db, claim, policy=POLICY, now=w.now)

        w.do(undo)

    @rule(who=PEOPLE, which=WHICH)
    def they_leave_the_form(self, who: int, which: int) -> None:
        w = self.world

        def leave(db: Session) -> None:
            if claim := w.claim(db, who, which, ClaimKind.HOLD):
                service.let_go(db, claim, now=w.now)

        w.do(leave)

    @rule(who=PEOPLE, which=WHICH)
    def they_change_to_another_session(self, who: int, which: int) -> None:
        w, key = self.world, self.world.key()

        def move(db: Session) -> None:
            if claim := w.claim(db, who, which, ClaimKind.BOOKING):
                service.move_place(
                    db, claim, w.sessions[which - 1], key=key, policy=POLICY, now=w.now
                )

        w.do(move)

    @rule(who=PEOPLE, which=WHICH, size=st.integers(1, 2), both=st.booleans())
    def they_join_the_waiting_list(self, who: int, which: int, size: int, both: bool) -> None:
        w, key = self.world, self.world.key()
        wish = {"subjects": w.sessions if both else [w.sessions[which]]}
        w.do(lambda db: waiting.join(
            db, adult=w.adult(db, who), slot=w.slot(db, which), wish=wish, size=size,
            facts={"name": "A"}, key=key, policy=POLICY, now=w.now,
        ))  # fmt: skip

    @rule(who=PEOPLE, which=WHICH)
    def they_say_yes(self, who: int, which: int) -> None:
        w, key = self.world, self.world.key()

        def accept(db: Session) -> None:
            if entry := w.entry(db, who):
                waiting.accept(db, entry, w.slot(db, which), key=key, policy=POLICY, now=w.now)

        w.do(accept)

    @rule(who=PEOPLE, which=WHICH, act=st.sampled_from(["decline", "leave", "still"]))
    def they_answer_otherwise(self, who: int, which: int, act: str) -> None:
        w = self.world

        def answer(db: Session) -> None:
            entry = w.entry(db, who)
            if entry is None:
                return
            if act == "decline":
                waiting.decline(db, entry, w.slot(db, which), policy=POLICY, now=w.now)
            elif act == "leave":
                waiting.leave(db, entry, policy=POLICY, now=w.now)
            else:
                waiting.still_wanted(db, entry, now=w.now)

        w.do(answer)

    @rule(which=WHICH, capacity=st.integers(0, 4))
    def staff_change_the_number_of_places(self, which: int, capacity: int) -> None:
        w = self.world
        w.do(lambda db: allotting.set_capacity(
            db, w.sessions[which], capacity, by="Esi", policy=POLICY, now=w.now
        ))  # fmt: skip

    @rule(which=WHICH, places=st.integers(0, 2), days=st.integers(0, 3))
    def staff_keep_places(self, which: int, places: int, days: int) -> None:
        w = self.world
        w.do(lambda db: allotting.keep_places(
            db, w.sessions[which], places, release_at=w.now + days * DAY, by="Esi",
            policy=POLICY, now=w.now,
        ))  # fmt: skip

    @rule(which=WHICH, state=st.sampled_from(list(ListState)))
    def staff_open_or_pause_the_list(self, which: int, state: ListState) -> None:
        w = self.world
        w.do(lambda db: allotting.set_list(
            db, w.sessions[which], state, most=None, by="Esi", policy=POLICY, now=w.now
        ))  # fmt: skip

    @rule(who=PEOPLE, which=WHICH, kept=st.booleans())
    def staff_give_a_place_out_of_turn(self, who: int, which: int, kept: bool) -> None:
        w = self.world

        def give(db: Session) -> None:
            if entry := w.entry(db, who):
                allotting.give_offer(
                    db, entry, w.sessions[which], kept=kept, reason="referred", by="Esi",
                    policy=POLICY, now=w.now,
                )  # fmt: skip

        w.do(give)

    @rule(which=WHICH)
    def staff_call_it_off(self, which: int) -> None:
        self._change(which)

    @rule(hours=st.sampled_from([1, 5, 30, 100, 200]))
    def staff_move_it(self, hours: int) -> None:
        """The second session: the first and the third stay at one time, so that they clash."""
        self._change(1, to=self.world.now + timedelta(hours=hours))

    def _change(self, which: int, *, to: datetime | None = None) -> None:
        w = self.world

        def change(db: Session) -> None:
            slot = w.slot(db, which)
            draft = Draft(slot.id, slot.version, ChangeKind.CANCEL, "boiler")
            w.called_off |= set() if to else {which}
            if to is not None:
                draft = Draft(
                    slot.id, slot.version, ChangeKind.MOVE, "", starts_at=to, ends_at=to + HOUR,
                    venue=slot.venue,
                )  # fmt: skip
            made = changing.make(db, draft, by="Esi", content=CONTENT, now=w.now, zone=LONDON)
            w.change = made.id

        w.do(change)

    @rule()
    def staff_undo_the_last_change(self) -> None:
        w = self.world
        w.do(lambda db: changing.undo(
            db, w.change, by="Esi", content=CONTENT, now=w.now, zone=LONDON
        ))  # fmt: skip

    @rule(seconds=st.sampled_from(STEPS))
    def time_passes(self, seconds: int) -> None:
        self.world.now += timedelta(seconds=seconds)

    @rule()
    def the_job_runs(self) -> None:
        """In order: nobody is offered a place while somebody before them could have had it."""
        w = self.world
        before = w.store.read_now(self._states)
        w.do(lambda db: tending.tend(db, "henry", policy=POLICY, now=w.now))
        w.store.read_now(self._in_order, before)

    def _states(self, db: Session) -> dict[int, EntryState]:
        return {e.id: e.state for e in db.exec(select(WaitingEntry))}

    def _in_order(self, db: Session, before: dict[int, EntryState]) -> None:
        w = self.world
        for which in SESSIONS:
            slot = w.slot(db, which)
            line = queue.line(db, slot, LIVE_STATES, zone=POLICY.zone)
            for at, entry in enumerate(line):
                held = queue.offer_of(db, entry)
                new = entry.state is EntryState.OFFERED and before[entry.id] is EntryState.WAITING
                if held is None or not new or held.occurrence_id != slot.id:
                    continue
                self._twins_had_their_time(db, slot, line[:at], entry)
                for earlier in line[:at]:
                    overtaken = earlier.size <= entry.size and (
                        earlier.state is EntryState.WAITING
                        or self._decides_later(db, slot, earlier)
                    )
                    assert not (
                        overtaken and queue.may_have(db, earlier, slot, zone=POLICY.zone, now=w.now)
                    )
        broken = promises.broken(db, policy=POLICY, now=w.now)
        assert not any(broken.values()), broken

    def _decides_later(self, db: Session, slot: Slot, entry: WaitingEntry) -> bool:
        """Whether they were offered later sessions, and none of them is as soon as this one."""
        now = self.world.now
        slots = [queries.first_slot(db, c) for c in queue.to_answer(db, entry, now=now)]
        later = all(s is not None and s.starts_at > slot.starts_at for s in slots)
        in_time = POLICY.answer_by(starts_at=slot.starts_at, now=now) is not None
        return bool(slots) and later and in_time

    def _twins_had_their_time(
        self, db: Session, slot: Slot, before: list[WaitingEntry], entry: WaitingEntry
    ) -> None:
        """Nobody is offered what is too few for the first in line until that was kept for them."""
        now = self.world.now
        larger = [
            e for e in before
            if e.state is EntryState.WAITING and queue.may_have(db, e, slot, zone=POLICY.zone, now=now)
            and entry.size < e.size <= (slot.capacity or 0)
        ]  # fmt: skip
        if larger and POLICY.gather_until(starts_at=slot.starts_at, now=now) is not None:
            kept = queue.gathered(db, slot, now=now)
            assert kept or any(queue.has_step(db, e, slot.subject, Step.GATHERED) for e in larger)

    @invariant()
    def every_promise_holds(self) -> None:
        w = self.world

        def look(db: Session) -> None:
            booked = []
            for which in SESSIONS:
                slot = w.slot(db, which)
                assert queries.live_size(db, slot, now=w.now) <= (slot.capacity or 0)
                booked.append(queries.booked_for(db, slot))
                families = [c.family_id for c in booked[-1]]
                assert len(families) == len(set(families))
            if not w.called_off & {0, 2}:
                assert not {c.adult_id for c in booked[0]} & {c.adult_id for c in booked[2]}
            found = promises.broken(db, policy=POLICY, now=w.now)
            idle = "No place stands free while somebody it suits waits for it"
            found.pop(idle)  # until the job has run, time alone may have freed one
            assert not any(found.values()), found

        w.store.read_now(look)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()


PHASES = [p for p in Phase if p is not Phase.explain]  # which takes longer than all the rest


def run(make_store: Callable[[], Store], *, examples: int, steps: int) -> None:
    machine = type("Machine", (LedgerMachine,), {"make_store": staticmethod(make_store)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_any_mix_of_acts_on_sqlite(sqlite_template: Path) -> None:
    folder = Path(tempfile.mkdtemp())

    def make_store() -> Store:
        shutil.copy(sqlite_template, folder / "bot.sqlite3")
        for part in ("-wal", "-shm"):
            (folder / f"bot.sqlite3{part}").unlink(missing_ok=True)
        return Store(f"sqlite:///{folder / 'bot.sqlite3'}", durable=False)

    run(make_store, examples=20, steps=20)
    shutil.rmtree(folder)


@pytest.mark.postgres
def test_any_mix_of_acts_on_postgres(postgres: Callable[..., str]) -> None:
    run(lambda: Store(postgres()), examples=6, steps=15)

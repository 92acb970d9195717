"""What staff do with places, as the pages do it: on SQLite and on PostgreSQL, twice, and at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime

import pytest
from sqlmodel import Session, select

from bot.bookings import ledger, queries, queue, rules, service
from bot.bookings.models import WaitingEntry
from bot.bookings.rules import EndedWhy, EntryState, Step
from bot.content import Content
from bot.outbox.models import Outbox
from bot.outbox.rules import Kind
from bot.outreach.changing import ChangedMeanwhileError
from bot.store.engine import Store
from bot.timetable.queries import Slot, find_slot, slots_between
from bot.timetable.service import cancel_occurrence
from handlers.http.forms import FormRefusedError
from handlers.http.look import Look
from handlers.staff import book_for, places
from handlers.staff import waiting as waiters
from handlers.staff.story import story_page, told_of
from handlers.staff.waiting import WaitsNoMoreError
from tests.conftest import DAY, LONDON, MINUTE, NOW
from tests.sessions import POLICY, make_session
from tests.staff.acting import RANG, adult_of, audited, books, look_at, shown, waits


@pytest.fixture
def row(db: Session) -> str:
    """A session of three places in ten days."""
    (made,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=3)
    return made.id


@pytest.fixture
def course(db: Session) -> Slot:
    """The first meeting of a course that begins next week."""
    found = slots_between(db, NOW + 5 * DAY, NOW + 60 * DAY)
    return next(s for s in found if s.course_id and s.bookable and s.original_on == s.course_on)


@pytest.fixture
def look(content: Content) -> Look:
    return look_at(content)


class TestPlaces:
    def test_a_form_that_comes_twice_acts_once(self, db, look, row):
        forms: Mapping[str, dict[str, str]] = {
            "capacity": {"capacity": "5"},
            "kept": {"kept": "2", "release": "2026-03-18"},
            "list": {"state": "paused", "most": "9"},
        }
        for act, typed in forms.items():
            form = {**typed, "shown": shown(db, look, row)[act]}
            for _tap in range(2):
                places.do(db, look, row, act, form, "Esi")
        assert shown(db, look, row) == {
            "capacity": "5", "kept": "2:2026-03-18", "list": "paused:9",
        }  # fmt: skip
        for act in ("capacity", "keep places", "waiting list"):
            assert len(audited(db, act)) == 1

    def test_a_colleague_with_an_older_page_is_told_to_look_again(self, db, look, row):
        before = shown(db, look, row)
        places.do(db, look, row, "capacity", {"capacity": "5", "shown": before["capacity"]}, "Esi")
        places.do(db, look, row, "kept", {"kept": "1", "shown": before["kept"]}, "Esi")
        with pytest.raises(ChangedMeanwhileError):
            places.do(db, look, row, "capacity", {"capacity": "4", "shown": "3"}, "Kofi")
        with pytest.raises(ChangedMeanwhileError):
            places.do(db, look, row, "kept", {"kept": "2", "shown": before["kept"]}, "Kofi")
        assert shown(db, look, row)["capacity"] == "5"

    def test_no_family_loses_its_place_by_a_number(self, db, look, row):
        for name in ("Amina", "Ben"):
            books(db, name, row)
        with pytest.raises(FormRefusedError) as refused:
            places.do(db, look, row, "capacity", {"capacity": "1", "shown": "3"}, "Esi")
        assert refused.value.faults == {
            "capacity": "2 places are taken. Cancel or move some of them first."
        }
        with pytest.raises(FormRefusedError) as refused:
            places.do(db, look, row, "kept", {"kept": "2", "shown": "0:"}, "Esi")
        assert refused.value.faults == {"kept": "You can keep 1 at most: the others are taken."}

    def test_kept_places_are_never_more_than_there_are(self, db, look, row):
        # Given one kept place of three, two booked, and a session that staff then make smaller
        places.do(db, look, row, "kept", {"kept": "1", "shown": "0:"}, "Esi")
        for name in ("Amina", "Ben"):
            books(db, name, row)
        places.do(db, look, row, "capacity", {"capacity": "2", "shown": "3"}, "Esi")
        # Then the kept one is not given on top
        with pytest.raises(FormRefusedError) as refused:
            book_for.make(db, look, row, {**RANG, "key": "a" * 12, "kept": "yes"}, "Esi")
        assert refused.value.faults == {"kept": "No kept place is left."}
        slot = find_slot(db, row)
        assert queries.live_size(db, slot, now=NOW) == 2

    def test_more_places_go_to_those_who_wait(self, db, look, row):
        for name in ("Amina", "Ben", "Carol"):
            books(db, name, row)
        gosia, hana = waits(db, "Gosia", row), waits(db, "Hana", row, minutes=1)
        places.do(db, look, row, "capacity", {"capacity": "4", "shown": "3"}, "Esi")
        assert (gosia.state, hana.state) == (EntryState.OFFERED, EntryState.WAITING)

    def test_the_release_is_the_first_minute_of_its_local_day(self, db, look):
        (row,) = make_session(db, starts_at=NOW + 40 * DAY, capacity=3)  # after the clocks change
        typed = {"kept": "3", "release": "2026-04-01", "shown": "0:"}
        places.do(db, look, row.id, "kept", typed, "Esi")
        slot = places.bookable_slot(db, row.id, now=NOW)
        midnight = datetime(2026, 4, 1, tzinfo=LONDON)
        assert queries.kept_back(db, [slot], now=midnight - MINUTE) == {row.id: 3}
        assert queries.kept_back(db, [slot], now=midnight) == {}

    @pytest.mark.parametrize("act", ["capacity", "kept", "list"])
    def test_nothing_is_changed_once_it_has_begun_or_is_cancelled(self, db, content, row, act):
        typed = {"capacity": "9", "kept": "1", "state": "closed", "shown": "3"}
        with pytest.raises(rules.TooLateError):
            places.do(db, look_at(content, NOW + 10 * DAY), row, act, typed, "Esi")
        cancel_occurrence(db, row, reason="x", by="Esi", now=NOW)
        with pytest.raises(rules.CalledOffError):
            places.do(db, look_at(content), row, act, typed, "Esi")

    @pytest.mark.parametrize(
        ("act", "typed", "field"),
        [
            ("capacity", {"capacity": ""}, "capacity"),
            ("capacity", {"capacity": "0"}, "capacity"),
            ("capacity", {"capacity": "-1"}, "capacity"),
            ("capacity", {"capacity": "²"}, "capacity"),
            ("capacity", {"capacity": "99999"}, "capacity"),
            ("kept", {"kept": "x"}, "kept"),
            ("kept", {"kept": "1", "release": "soon"}, "release"),
            ("kept", {"kept": "1", "release": "2026-03-10"}, "release"),
            ("kept", {"kept": "1", "release": "2026-03-21"}, "release"),
            ("list", {}, "state-open"),
            ("list", {"state": "gone"}, "state-open"),
            ("list", {"state": "open", "most": "many"}, "most"),
        ],
    )
    def test_wrong_input_names_its_field_and_changes_nothing(
        self, db, look, row, act, typed, field
    ):
        before = shown(db, look, row)
        with pytest.raises(FormRefusedError) as refused:
            places.do(db, look, row, act, {**typed, "shown": before[act]}, "Esi")
        assert list(refused.value.faults) == [field]
        assert shown(db, look, row) == before


class TestWaiters:
    @pytest.fixture
    def line(self, db, row) -> list[WaitingEntry]:
        """Three booked; Gosia, Hana and Iga wait in this order."""
        for name in ("Amina", "Ben", "Carol"):
            books(db, name, row)
        return [waits(db, name, row, minutes=n) for n, name in enumerate(("Gosia", "Hana", "Iga"))]

    def order(self, db, row):
        slot = find_slot(db, row)
        entries = queue.line(db, slot, rules.LIVE_STATES, zone=LONDON)
        return [e.private["name"] for e in entries]

    def test_a_move_with_a_reason_counts_once(self, db, look, row, line):
        typed = {"place": "1", "shown": "3", "reason": "sibling is on it"}
        for _tap in range(2):
            waiters.do(db, look, row, line[2].id, "move", typed, "Esi")
        assert self.order(db, row) == ["Iga", "Gosia", "Hana"]
        [noted] = audited(db, "reorder")
        assert noted.reason == "sibling is on it"
        # And a colleague who still saw Gosia first looks again
        late = {"place": "3", "shown": "1", "reason": "x"}
        with pytest.raises(ChangedMeanwhileError):
            waiters.do(db, look, row, line[0].id, "move", late, "Kofi")

    def test_an_act_without_a_reason_is_refused(self, db, look, row, line):
        for act in ("move", "offer", "off"):
            with pytest.raises(FormRefusedError) as refused:
                waiters.do(db, look, row, line[0].id, act, {"place": "2", "shown": "1"}, "Esi")
            assert list(refused.value.faults) == [f"{act}-reason"]
        for place in ("", "0", "4", "first"):
            typed = {"place": place, "shown": "1", "reason": "x"}
            with pytest.raises(FormRefusedError) as refused:
                waiters.do(db, look, row, line[0].id, "move", typed, "Esi")
            assert list(refused.value.faults) == ["place"]

    def test_whoever_is_taken_off_is_told_once_and_the_place_held_goes_on(
        self, db, look, row, line
    ):
        places.do(db, look, row, "capacity", {"capacity": "4", "shown": "3"}, "Esi")
        assert line[0].state is EntryState.OFFERED
        for _tap in range(2):
            waiters.do(db, look, row, line[0].id, "off", {"reason": "moved away"}, "Esi")
        assert (line[0].state, line[1].state) == (EntryState.CLOSED, EntryState.OFFERED)
        told = [r for r in db.exec(select(Outbox)) if r.kind is Kind.LIST_CLOSED]
        assert len(told) == len(audited(db, "take off")) == 1
        with pytest.raises(WaitsNoMoreError):
            waiters.do(db, look, row, line[0].id, "move", {"place": "1", "reason": "x"}, "Kofi")

    def test_a_place_is_offered_out_of_turn_once(self, db, look, row, line):
        with pytest.raises(FormRefusedError) as refused:
            waiters.do(db, look, row, line[2].id, "offer", {"reason": "referred"}, "Esi")
        assert "No place is free" in refused.value.faults["offer-kept"]
        service.cancel(
            db, queries.claims_of(db, find_slot(db, row))[0], why=EndedWhy.CANCELLED,
            policy=POLICY, now=NOW,
        )  # fmt: skip
        # Given a minute later a free place, which staff keep before the list is asked
        later = look_at(look.content, NOW + 2 * MINUTE)
        kept = {"kept": "1", "shown": "0:"}
        places.do(db, later, row, "kept", kept, "Esi")
        typed = {"reason": "referred", "kept": "yes"}
        for _tap in range(2):
            waiters.do(db, later, row, line[2].id, "offer", typed, "Esi")
        assert [e.state for e in line] == [
            EntryState.WAITING, EntryState.WAITING, EntryState.OFFERED,
        ]  # fmt: skip
        assert len(audited(db, "give a place")) == 1
        with pytest.raises(FormRefusedError) as refused:
            waiters.do(db, later, row, line[0].id, "offer", typed, "Kofi")
        assert refused.value.faults == {"offer-kept": "No kept place is left."}

    def test_an_entry_of_another_activity_is_not_found_here(self, db, look, row, line, course):
        with pytest.raises(waiters.NoSuchWaiterError):
            waiters.do(db, look, course.id, line[0].id, "off", {"reason": "x"}, "Esi")
        assert line[0].state is EntryState.WAITING

    def test_the_story_says_who_did_what_and_why(self, db, look, row, line):
        typed = {"place": "1", "shown": "3", "reason": "sibling is on it"}
        waiters.do(db, look, row, line[2].id, "move", typed, "Esi")
        jo = adult_of(db, "Jo")  # who asked, and left when it was full
        ledger.note(db, Step.FULL, adult=jo.id, subject=row, now=NOW)
        families = {f.name: f for f in story_page(db, look, row, "Esi").families}
        assert [(x.said, x.why) for x in families["Iga"].story] == [
            ("Joined the waiting list as number 3, for 1 place", ""),
            ("Made number 1 in the line by Esi", "sibling is on it"),
        ]
        assert families["Amina"].said == "has a place"
        assert families["No name given"].said == "has no place"
        assert [x.said for x in families["No name given"].story] == [
            "Asked for a place; every place was taken"
        ]

    def test_every_step_is_said_in_words(self, db, look, row, line):
        facts = {
            Step.JOINED: {"place": 1, "size": 1}, Step.OFFERED: {"until": NOW},
            Step.PASSED_OVER: {"left": 1, "size": 2}, Step.REORDERED: {"place": 1},
            Step.CLOSED: {"why": "started"}, Step.GATHERED: {"left": 1, "size": 2, "until": NOW},
        }  # fmt: skip
        who = adult_of(db, "Jo").id
        for step in Step:
            ledger.note(db, step, adult=who, subject=row, now=NOW, by="Esi", **facts.get(step, {}))
        said = told_of(db, look, who, find_slot(db, row), claims=[], entries=[])
        assert len(said) == len(Step)
        assert all(x.said and "%" not in x.said for x in said)


class TestBookFor:
    def test_a_double_tap_makes_one_booking(self, db, look, row):
        typed = {**RANG, "key": "k" * 12, "born": "2025-10-01"}
        ids = {book_for.make(db, look, row, typed, "Esi") for _tap in range(2)}
        [claim] = queries.claims_of(db, find_slot(db, row))
        assert ids == {claim.id}
        assert dict(claim.private) == {
            "name": "Femi", "phone": "+447700900982", "born": "2025-10-01",
        }  # fmt: skip
        assert not claim.kept
        page = book_for.booked_page(db, look, row, claim.id, "Esi")
        assert page.code.replace(" ", "") == claim.code
        assert (page.live, page.child) == (True, "5 months old")

    def test_the_code_of_a_family_that_booked_itself_is_not_shown(self, db, look, row, course):
        claim = books(db, "Amina", row)
        mine = book_for.make(db, look, row, {**RANG, "key": "k" * 12}, "Esi")
        for occurrence, claim_id in ((row, claim.id), (course.id, mine), (row, 999_999)):
            with pytest.raises(rules.NoSuchBookingError):
                book_for.booked_page(db, look, occurrence, claim_id, "Esi")

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "07700"}, "name"),
            ({"phone": ""}, "phone"),
            ({"phone": "12"}, "phone"),
            ({"size": "0"}, "size"),
            ({"size": "7"}, "size"),
            ({"born": "yesterday"}, "born"),
            ({"born": "2026-09-01"}, "born"),
            ({"reason": "  "}, "reason"),
            ({"reason": "x" * 201}, "reason"),
            ({"size": "4"}, "kept"),
            ({"kept": "yes"}, "kept"),
        ],
    )
    def test_wrong_input_names_its_field_and_books_nothing(self, db, look, row, typed, field):
        with pytest.raises(FormRefusedError) as refused:
            book_for.make(db, look, row, {**RANG, "key": "k" * 12, **typed}, "Esi")
        assert list(refused.value.faults) == [field]
        assert queries.claims_of(db, find_slot(db, row)) == []

    def test_two_staff_at_once_on_the_last_place(self, laid: Store, content: Content) -> None:
        def one_place(db: Session) -> str:
            return make_session(db, starts_at=NOW + 10 * DAY, capacity=1)[0].id

        row, got, refused = laid.write_now(one_place), [], []
        start = threading.Barrier(2)

        def staff(name: str) -> None:
            start.wait(10)
            try:
                typed = {**RANG, "key": name * 4}
                got.append(laid.write_now(book_for.make, look_at(content), row, typed, name))
            except FormRefusedError as full:
                refused.append(full.faults)

        both = [threading.Thread(target=staff, args=(name,)) for name in ("Esi", "Kofi")]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join(30)
        assert (len(got), len(refused)) == (1, 1)
        assert "kept" in refused[0]

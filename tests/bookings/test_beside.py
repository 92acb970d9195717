"""What doesn't go with a family's other bookings is refused at whichever act it would come about."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, select

from bot.bookings import allotting, promises, queries, rules, service, taking_over, waiting
from bot.bookings.models import StoryLine
from bot.bookings.rules import ClaimKind, EndedWhy, EntryState
from bot.timetable import service as timetable
from bot.timetable.models import Series
from bot.timetable.queries import find_slot
from tests.bookings.test_waiting import book, cancel_at_once, claim_of, wait
from tests.cast import Cast, make_cast
from tests.conftest import DAY, HOUR, MINUTE, NOW
from tests.sessions import POLICY, make_session

SOON = NOW + 10 * DAY


@pytest.fixture
def cast(db: Session) -> Cast:
    return make_cast(db)


@pytest.fixture
def at_once(db: Session) -> list[str]:
    """Two sessions at the same hour."""
    return [make_session(db, starts_at=SOON, capacity=2, key=key)[0].id for key in ("a", "b")]


def three_courses(db, adult):
    for n in range(POLICY.places.most_courses):
        weeks = make_session(db, starts_at=SOON + n * 2 * HOUR, weeks=2, key=f"c{n}")
        book(db, adult, weeks[0].id, key=f"c{n}")


def moved_to(db, occurrence, starts_at):
    timetable.move_occurrence(
        db, occurrence, starts_at=starts_at, ends_at=starts_at + HOUR, venue="west_street",
        reason="boiler", by="Esi", now=NOW,
    )  # fmt: skip


class TestAClash:
    def test_two_places_held_and_both_confirmed(self, db, cast, at_once):
        held = [
            service.hold_place(
                db, adult=cast.amina, occurrence=one, size=1, key=one, policy=POLICY, now=NOW
            )
            for one in at_once
        ]
        service.confirm_place(db, held[0], facts={}, born=None, policy=POLICY, now=NOW)
        with pytest.raises(rules.ClashError):
            service.confirm_place(db, held[1], facts={}, born=None, policy=POLICY, now=NOW)

    def test_a_cancelled_booking_is_not_taken_back_into_one(self, db, cast, at_once):
        first = book(db, cast.amina, at_once[0], key="a")
        service.cancel(db, first, why=EndedWhy.CANCELLED, policy=POLICY, now=NOW)
        second = book(db, cast.amina, at_once[1], key="b")
        with pytest.raises(rules.ClashError):
            service.undo_cancel(db, first, policy=POLICY, now=NOW)
        cancel_at_once(db, second, now=NOW)
        assert service.undo_cancel(db, first, policy=POLICY, now=NOW).kind is ClaimKind.BOOKING

    def test_an_offer_waits_while_they_cancel_the_other(self, db, cast, at_once):
        held = book(db, cast.carol, at_once[0], key="c", size=2)
        hers = wait(db, cast.amina, at_once[0])
        other = book(db, cast.amina, at_once[1], key="a")
        cancel_at_once(db, held, now=NOW)
        slot = find_slot(db, at_once[0])
        with pytest.raises(rules.ClashError):
            waiting.accept(db, hers, slot, key="y", policy=POLICY, now=NOW)
        assert (hers.state, claim_of(db, cast.amina, ClaimKind.OFFER).ended_at) == (
            EntryState.OFFERED, None,
        )  # fmt: skip
        cancel_at_once(db, other, now=NOW)
        made = waiting.accept(db, hers, slot, key="y", policy=POLICY, now=NOW)
        assert made.kind is ClaimKind.BOOKING

    def test_a_cancelled_week_is_none(self, db, cast):
        weeks = make_session(db, starts_at=SOON, weeks=3)
        (row,) = make_session(db, starts_at=SOON + 7 * DAY, key="b")
        timetable.cancel_occurrence(db, weeks[1].id, reason="boiler", by="Esi", now=NOW)
        assert book(db, cast.amina, row.id, key="b")
        assert book(db, cast.amina, weeks[0].id, key="a").kind is ClaimKind.BOOKING

    def test_two_adults_of_a_family_can_be_at_two_things(self, db, cast, at_once):
        cast.ben.family_id = cast.amina.family_id
        cast.amina.shares_since = cast.ben.shares_since = NOW
        assert book(db, cast.amina, at_once[0], key="a")
        assert book(db, cast.ben, at_once[1], key="b").adult_id == cast.ben.id


class TestOneCourseTooMany:
    def test_an_offer_of_it_is_not_accepted(self, db, cast):
        weeks = make_session(db, starts_at=NOW + 12 * DAY, weeks=2, key="z")
        held = book(db, cast.ben, weeks[0].id, key="b")
        hers = wait(db, cast.amina, weeks[0].id)
        three_courses(db, cast.amina)
        cancel_at_once(db, held, now=NOW)
        with pytest.raises(rules.TooManyCoursesError):
            waiting.accept(db, hers, find_slot(db, weeks[0].id), key="y", policy=POLICY, now=NOW)
        assert hers.state is EntryState.OFFERED

    def test_a_cancelled_one_is_not_taken_back(self, db, cast):
        weeks = make_session(db, starts_at=NOW + 12 * DAY, weeks=2, key="z")
        first = book(db, cast.amina, weeks[0].id, key="a")
        service.cancel(db, first, why=EndedWhy.CANCELLED, policy=POLICY, now=NOW)
        three_courses(db, cast.amina)
        with pytest.raises(rules.TooManyCoursesError):
            service.undo_cancel(db, first, policy=POLICY, now=NOW)

    def test_the_doctor_sees_it(self, db, cast):
        three_courses(db, cast.amina)
        book_a_fourth(db, cast.ben)
        assert not broken(db)
        forged = claim_of(db, cast.ben)
        forged.adult_id, forged.family_id = cast.amina.id, cast.amina.family_id
        for line in db.exec(select(StoryLine).where(StoryLine.adult_id == cast.ben.id)):
            line.adult_id = cast.amina.id
        db.flush()
        assert broken(db) == {
            "No family is on more courses at once than the council allows":
                f"family {cast.amina.family_id}",
        }  # fmt: skip

    def test_the_doctor_sees_it_of_two_who_share(self, db, cast):
        three_courses(db, cast.amina)
        book_a_fourth(db, cast.ben)
        cast.ben.family_id = cast.amina.family_id
        taking_over.follow_family(db, cast.ben)
        cast.amina.shares_since = cast.ben.shares_since = NOW + MINUTE
        db.flush()
        assert not broken(db), "what both had before they shared stays theirs"
        cast.amina.shares_since = cast.ben.shares_since = NOW - DAY
        db.flush()
        assert list(broken(db).values()) == [f"family {cast.amina.family_id}"]

    def test_what_another_chat_of_theirs_brought_along_is_none_too_many(self, db, cast):
        three_courses(db, cast.amina)
        book_a_fourth(db, cast.ben)
        taking_over.take_over(db, from_adult=cast.ben, to_adult=cast.amina, now=NOW)
        assert not broken(db)


def book_a_fourth(db, adult):
    weeks = make_session(db, starts_at=NOW + 12 * DAY, weeks=2, key="z")
    book(db, adult, weeks[0].id, key="z")


def broken(db):
    return {p: found for p, found in promises.broken(db, policy=POLICY, now=NOW).items() if found}


def test_a_course_is_taken_back_though_its_next_week_is_off(db, cast):
    weeks = make_session(db, starts_at=SOON, weeks=3)
    timetable.cancel_occurrence(db, weeks[0].id, reason="boiler", by="Esi", now=NOW)
    claim = book(db, cast.amina, weeks[1].id, key="a")
    service.cancel(db, claim, why=EndedWhy.CANCELLED, policy=POLICY, now=NOW)
    assert service.undo_cancel(db, claim, policy=POLICY, now=NOW).kind is ClaimKind.BOOKING


class TestAgeCountsOnTheDayItWasMovedTo:
    BORN = date(2025, 9, 25)  # five months old on the first day, six on the day it is moved to

    @pytest.fixture
    def moved(self, db):
        """A session for babies up to five months, moved ten days on."""
        (row,) = make_session(db, starts_at=SOON, capacity=2)
        db.get_one(Series, "test-one").age_to = 5
        moved_to(db, row.id, SOON + 10 * DAY)
        return row.id

    def test_when_booking(self, db, cast, moved):
        held = service.hold_place(
            db, adult=cast.amina, occurrence=moved, size=1, key="a", policy=POLICY, now=NOW
        )
        with pytest.raises(rules.AgeRefusedError):
            service.confirm_place(db, held, facts={}, born=self.BORN, policy=POLICY, now=NOW)

    def test_when_changing_the_date(self, db, cast, moved):
        (row,) = make_session(db, starts_at=SOON, key="two")
        claim = book(db, cast.amina, row.id, key="a")
        claim.seal({"born": self.BORN.isoformat()})
        with pytest.raises(rules.AgeRefusedError):
            service.move_place(db, claim, moved, key="m", policy=POLICY, now=NOW)

    def test_when_waiting(self, db, cast, moved):
        with pytest.raises(rules.AgeRefusedError):
            wait(db, cast.amina, moved, born=self.BORN.isoformat())

    def test_when_it_is_their_turn(self, db, cast):
        (row,) = make_session(db, starts_at=SOON)
        db.get_one(Series, "test-one").age_to = 5
        held = book(db, cast.ben, row.id, key="b")
        hers = wait(db, cast.amina, row.id, born=self.BORN.isoformat())
        moved_to(db, row.id, SOON + 10 * DAY)
        cancel_at_once(db, held, now=NOW)
        assert hers.state is EntryState.WAITING


def test_what_is_over_stays_on_its_register(db, cast):
    (old,) = make_session(db, starts_at=NOW + DAY)
    (new,) = make_session(db, starts_at=SOON, key="two")
    claim = book(db, cast.amina, old.id, key="a")
    with pytest.raises(rules.TooLateError):
        service.move_place(db, claim, new.id, key="m", policy=POLICY, now=NOW + DAY + HOUR)
    assert [c.id for c in queries.booked_for(db, find_slot(db, old.id))] == [claim.id]


def test_what_somebody_erased_had_booked_is_offered_at_once(db, cast):
    (row,) = make_session(db, starts_at=SOON)
    book(db, cast.amina, row.id, key="a")
    bens, carols = wait(db, cast.ben, row.id), wait(db, cast.carol, row.id)
    for who, entry in ((cast.amina, bens), (cast.ben, carols)):  # a booking, then an offer
        service.erase(db, who.id, policy=POLICY, now=NOW)
        assert entry.state is EntryState.OFFERED
        assert not any(promises.broken(db, policy=POLICY, now=NOW).values())


def test_staff_hear_whether_it_is_bookings_or_somebody_just_booking(db, cast):
    (row,) = make_session(db, starts_at=SOON, capacity=3)

    def refused(capacity):
        with pytest.raises(rules.BelowTakenError) as below:
            allotting.set_capacity(db, row.id, capacity, by="Esi", policy=POLICY, now=NOW)
        return below.value.sentence(str)

    book(db, cast.amina, row.id, key="a")
    service.hold_place(
        db, adult=cast.ben, occurrence=row.id, size=1, key="b", policy=POLICY, now=NOW
    )
    assert "just now" in refused(1)
    assert "Cancel or move" in refused(0)
    later = NOW + rules.HOLD + MINUTE
    allotting.set_capacity(db, row.id, 1, by="Esi", policy=POLICY, now=later)

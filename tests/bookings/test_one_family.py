"""Two adults who let each other see their bookings have one place; of others nobody learns a thing."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from bot.bookings import promises, queries, rules, service, taking_over, waiting
from bot.bookings.rules import ClaimKind, EndedWhy, EntryState
from bot.timetable.queries import find_slot
from tests.bookings.test_waiting import book, cancel_at_once, claim_of, notices, wait
from tests.cast import Cast, make_cast
from tests.conftest import DAY, MINUTE, NOW
from tests.sessions import POLICY, make_session


@pytest.fixture
def cast(db: Session) -> Cast:
    """Amina and Ben are of one family, and both let the other see what they book."""
    made = make_cast(db)
    made.ben.family_id = made.amina.family_id
    made.amina.shares_since = made.ben.shares_since = NOW - DAY
    db.flush()
    return made


def hold(db, adult, occurrence):
    return service.hold_place(
        db, adult=adult, occurrence=occurrence, size=1, key=f"hold-{adult.id}", policy=POLICY,
        now=NOW,
    )  # fmt: skip


def confirm(db, claim):
    return service.confirm_place(db, claim, facts={}, born=None, policy=POLICY, now=NOW)


def taken(db, occurrence):
    return queries.live_size(db, find_slot(db, occurrence), now=NOW)


def broken(db):
    found = promises.broken(db, policy=POLICY, now=NOW)
    return {promise for promise, what in found.items() if what}


def test_both_press_book_and_both_say_yes(db, cast):
    (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=3)
    hers, his = hold(db, cast.amina, row.id), hold(db, cast.ben, row.id)
    assert confirm(db, hers).id == hers.id
    assert confirm(db, his).id == hers.id
    assert (his.kind, his.ended_why) == (ClaimKind.HOLD, EndedWhy.GIVEN_UP)
    assert taken(db, row.id) == 1
    assert not broken(db)


def test_what_the_second_had_held_goes_on_at_once(db, cast):
    (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=2)
    hers, his = hold(db, cast.amina, row.id), hold(db, cast.ben, row.id)
    carols = wait(db, cast.carol, row.id)
    confirm(db, hers)
    confirm(db, his)
    assert carols.state is EntryState.OFFERED


def test_both_are_offered_a_place_and_both_say_yes(db, cast):
    (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=2)
    held = book(db, cast.carol, row.id, key="c", size=2)
    hers, his = wait(db, cast.amina, row.id), wait(db, cast.ben, row.id)
    cancel_at_once(db, held, now=NOW)
    assert {hers.state, his.state} == {EntryState.OFFERED}
    slot = find_slot(db, row.id)
    made = waiting.accept(db, hers, slot, key="one", policy=POLICY, now=NOW)
    again = waiting.accept(db, his, slot, key="two", policy=POLICY, now=NOW)
    assert (again.id, his.state) == (made.id, EntryState.BOOKED)
    assert taken(db, row.id) == 1
    assert not broken(db)


def test_nobody_is_offered_what_they_see_booked(db, cast):
    (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=2)
    book(db, cast.amina, row.id, key="a")
    held = book(db, cast.carol, row.id, key="c")
    his = wait(db, cast.ben, row.id)
    cancel_at_once(db, held, now=NOW)
    assert (his.state, notices(db, cast.ben)) == (EntryState.WAITING, [])
    assert not broken(db)


def test_a_cancelled_booking_is_not_taken_back_once_the_other_has_booked(db, cast):
    (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=3)
    hers = book(db, cast.amina, row.id, key="a")
    service.cancel(db, hers, why=EndedWhy.CANCELLED, policy=POLICY, now=NOW)
    book(db, cast.ben, row.id, key="b")
    with pytest.raises(rules.HasOneError):
        service.undo_cancel(db, hers, policy=POLICY, now=NOW)
    assert not broken(db)


def test_a_booking_is_not_changed_to_what_the_other_has(db, cast):
    (one,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=3)
    (two,) = make_session(db, starts_at=NOW + 11 * DAY, capacity=3, key="two")
    hers = book(db, cast.amina, one.id, key="a")
    book(db, cast.ben, two.id, key="b")
    with pytest.raises(rules.HasOneError):
        service.move_place(db, hers, two.id, key="m", policy=POLICY, now=NOW)
    assert hers.kind is ClaimKind.BOOKING


def test_whoever_keeps_theirs_to_themselves_counts_as_another_family(db, cast):
    """A refusal would tell Amina what Ben doesn't show. He sees hers, and is shown it."""
    (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=4)
    (two,) = make_session(db, starts_at=NOW + 11 * DAY, capacity=4, key="two")
    cast.ben.shares_since = None
    his = book(db, cast.ben, row.id, key="b")
    hers = book(db, cast.amina, row.id, key="a")
    assert (his.kind, hers.adult_id) == (ClaimKind.BOOKING, cast.amina.id)
    hers = book(db, cast.amina, two.id, key="a2")
    assert book(db, cast.ben, two.id, key="b2").id == hers.id
    assert not broken(db)


def test_what_both_had_before_they_shared_stays_theirs(db, cast):
    (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=4)
    cast.amina.shares_since = cast.ben.shares_since = None
    for who in (cast.amina, cast.ben):
        book(db, who, row.id, key=f"b{who.id}")
    cast.amina.shares_since = cast.ben.shares_since = NOW + MINUTE
    assert taken(db, row.id) == 2
    assert not broken(db)


def test_the_doctor_sees_a_second_place_of_one_family(db, cast):
    (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=4)
    for who in (cast.carol, cast.amina, cast.ben):
        book(db, who, row.id, key=f"b{who.id}")
    forged = claim_of(db, cast.carol)
    forged.adult_id, forged.family_id = cast.ben.id, cast.ben.family_id
    db.flush()
    assert broken(db) == {"Nor do two of one family who let each other see their bookings"}


def test_a_second_chat_brings_no_second_place_into_the_family(db, cast):
    (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=4)
    hers, carols = book(db, cast.amina, row.id, key="a"), book(db, cast.carol, row.id, key="c")
    taking_over.take_over(db, from_adult=cast.carol, to_adult=cast.ben, now=NOW)
    assert (hers.kind, carols.ended_why) == (ClaimKind.BOOKING, EndedWhy.MERGED)
    assert not broken(db)

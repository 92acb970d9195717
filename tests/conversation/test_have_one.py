"""What somebody has of a session already: its page says so, and offers what fits that."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from bot.bookings import allotting
from bot.bookings.rules import ListState
from bot.timetable.queries import Slot, activity_slots
from tests.conftest import HOUR, MINUTE, NOW
from tests.conversation.test_main_job import book
from tests.conversation.test_waiting import entries, join, narrow
from tests.sessions import POLICY
from tests.talker import Office

pytestmark = pytest.mark.long  # whole conversations


def coming(office: Office) -> list[Slot]:
    """The courses at West Street, soonest first."""
    found = office.store.read_now(activity_slots, "baby_massage", now=NOW)
    return [s for s in found if s.venue == "west_street"]


def places(office: Office, slot: str, capacity: int, state: ListState = ListState.OPEN) -> None:
    """More places than before, of a course with or without a paused list."""

    def work(db: Session) -> None:
        staff = {"by": "Esi", "policy": POLICY, "now": NOW}
        allotting.set_list(db, slot, state, most=None, **staff)
        allotting.set_capacity(db, slot, capacity, **staff)

    office.store.write_now(work)


def test_the_page_of_what_is_booked_leads_to_the_booking(office, amina):
    narrow(office, 1)
    book(amina)
    said = amina.says("how long is it")
    assert "You have a place." in said
    assert not {"Book a place", "Join the waiting list"} & set(amina.labels)
    assert "Code:" in amina.taps("Your booking")


def test_the_page_of_what_is_waited_for_leads_to_the_place_in_line(office, amina, ben):
    narrow(office, 1)
    book(amina)
    join(ben, "Ben")
    said = ben.says("can nan come too")
    assert "You are on the waiting list." in said
    assert not {"Book a place", "Join the waiting list"} & set(ben.labels)
    assert "Shall I take you off" in ben.taps("Leave the waiting list")
    assert "number 1 in line" in ben.taps("No, keep my place")


@pytest.mark.parametrize(
    "typed",
    ["how long will i wait", "where am i in the queue", "what's my place in the line",
     "am i still on the waiting list"],
)  # fmt: skip
def test_ones_place_in_line_can_be_asked_for(office, amina, ben, typed):
    narrow(office, 1)
    book(amina)
    join(ben, "Ben")
    assert "number 1 in line" in ben.says(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "do i have to answer now",
        "when does it run out",
        "how long have i got",
        "when do i have to say by",
    ],
)
def test_until_when_to_answer_can_be_asked(office, amina, ben, typed):
    narrow(office, 1)
    book(amina)
    join(ben, "Ben")
    amina.says("cancel my booking")
    amina.taps("Cancel this booking")
    ben.now = amina.now + 2 * MINUTE
    office.tend(ben.now)
    assert "kept for you until" in ben.says(typed)
    assert not [p for p in office.deliver(ben.now) if p.to == "102"]  # it was read here


def test_nobody_is_led_to_book_a_place_of_a_paused_list(office, amina, ben, visitor):
    narrow(office, 1)
    book(amina)
    join(ben, "Ben")
    first = coming(office)[0].id
    places(office, first, 2, ListState.PAUSED)
    visitor.says("baby massage at west street")
    said = visitor.taps("1.")
    assert "The centre has paused the list" in said
    assert "Book a place" not in visitor.labels
    assert "Join the waiting list" in visitor.labels


@pytest.mark.parametrize(
    ("dates", "where", "days"),
    [
        ("any date at west street", ["west_street"], []),
        ("weekday mornings", ["west_street"], [0, 1, 2, 3, 4]),
        ("weekday mornings, any place", [], [0, 1, 2, 3, 4]),
        ("any place", [], None),
    ],
)
def test_days_in_words_stay_at_the_place_unless_any_will_do(office, amina, ben, dates, where, days):
    narrow(office, 0)
    ben.says("baby massage at west street")
    ben.taps("1.")
    ben.taps("Join the waiting list")
    ben.says(dates)
    ben.says("Ben")
    ben.taps("6 to 12 months")
    [entry] = entries(office)
    assert (entry.wish.get("venues", []), entry.wish.get("days")) == (where, days)


def test_room_on_another_date_that_suits_is_offered_at_once(office, amina, ben):
    narrow(office, 0)
    later = coming(office)[2]
    places(office, later.id, 1)
    ben.says("baby massage at west street")
    ben.taps("1.")
    ben.taps("Join the waiting list")
    ben.taps("Any date at West Street")
    ben.says("Ben")
    said = ben.taps("6 to 12 months")
    assert "There is room already" in said
    assert f"{later.starts_at:%A} {later.starts_at.day} {later.starts_at:%B}" in said
    assert "Booked." in ben.says("yes please")


def test_a_place_that_has_gone_is_asked_for_and_the_story_told(office, amina, ben):
    narrow(office, 1)
    book(amina)
    join(ben, "Ben")
    amina.says("cancel my booking")
    amina.taps("Cancel this booking")
    amina.now += 2 * MINUTE
    office.tend(amina.now)
    said = amina.says("can i have my place back")
    assert "the place has gone" in said
    assert "Join the waiting list" in amina.labels
    assert "You cancelled." in amina.says("why can't i have it back")


def test_a_place_that_is_still_there_is_had_back_hours_later(office, amina):
    book(amina)
    amina.says("cancel my booking")
    amina.taps("Cancel this booking")
    amina.says("menu")
    amina.now += 6 * HOUR
    assert "Your place is yours again." in amina.says("i want my place back")

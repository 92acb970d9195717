"""Links that open something: what stands after /start."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from bot.timetable.models import Series
from bot.timetable.queries import activity_slots
from tests.conftest import NOW
from tests.conversation.test_main_job import book
from tests.talker import Office, Talker


def test_a_code_opens_the_booking_on_any_phone(amina: Talker, ben: Talker):
    code = book(amina)
    for written in (code, code.replace("-", ""), code.lower()):
        said = ben.command("start", written)
        assert "Baby Massage" in said
        assert f"Code: {code}" in said


def test_a_code_that_is_none_is_said_to_be_none(amina: Talker):
    assert "code" in amina.command("start", "2345-6789").lower()


@pytest.mark.parametrize(
    ("link", "first_line"),
    [
        ("search-friday", "Friday 13 March"),
        ("search-tuesday", "Today, Tuesday 10 March"),
        ("search-friday-erith-9m", "Friday 13 March, Erith, 9 months"),
        ("search-baby_massage-hook_lane", "Hook Lane Primary School, Baby Massage"),
        ("search-2y-free-morning", "Morning, 2 years, Free"),
        ("search-weekend-dropin", "Saturday and Sunday, Drop-in"),
    ],
)
def test_a_search_is_written_in_words(amina: Talker, link: str, first_line: str):
    assert amina.command("start", link).splitlines()[0] == first_line


@pytest.mark.parametrize("link", ["search", "search-", "search-nonsense-x"])
def test_a_search_for_nothing_asks_when(amina: Talker, link: str):
    assert "When would you like to go" in amina.command("start", link)


def test_a_session_and_registering_are_opened(amina: Talker, office: Office):
    slot = office.store.read_now(lambda db: activity_slots(db, "baby_massage", now=NOW)[0])
    assert "Book a place" in (amina.command("start", f"session-{slot.id}"), amina.labels)[1]
    assert "What is your first name" in amina.command("start", f"book-{slot.id}")
    amina.command("start", "register")
    assert "Register now" in amina.labels
    assert "can't find that session" in amina.command("start", "session-nonsense")


def test_what_the_programme_has_no_more_is_not_booked_by_its_link(
    amina: Talker, ben: Talker, office: Office
):
    slot = office.store.read_now(lambda db: activity_slots(db, "baby_massage", now=NOW)[0])
    amina.command("start", f"book-{slot.id}")
    amina.says("Amina")
    amina.taps("Under 3 months")
    amina.taps("Yes, book it")

    def drop(db: Session) -> None:
        db.get_one(Series, slot.series_id).active = False

    office.store.write_now(drop)
    assert "no longer in our programme" in ben.command("start", f"session-{slot.id}")
    assert "Book a place" not in ben.labels
    assert "Join the waiting list" not in ben.labels
    assert "no longer in our programme" in ben.command("start", f"book-{slot.id}")
    assert "You have a place." in amina.command("start", f"session-{slot.id}")


def test_any_other_word_is_a_first_hello(amina: Talker):
    assert "automatic" in amina.command("start", "facebook")

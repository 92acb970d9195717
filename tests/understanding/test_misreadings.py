"""What parents wrote and was once taken for something else, each in several wordings."""

from __future__ import annotations

import pytest

from bot.understanding.reading import TalkTurn
from tests.understanding.test_reader import NOW, READER

TODAY = NOW.date().isoformat()
SEARCH = TalkTurn(intent="whats_on", slots={"where": "area:erith"}, shown=())


@pytest.mark.parametrize("text", ["now", "and now?", "right now", "now please"])
def test_now_alone_asks_what_is_on(text):
    reading = READER.understand(text, now=NOW, talk=[SEARCH])
    assert reading.intent == "whats_on"
    assert reading.slots == {"where": "area:erith", "when": TODAY, "daypart": "now"}


@pytest.mark.parametrize("text", ["book now", "he's walking now", "i can't talk now"])
def test_a_now_that_is_no_time_of_day_is_none(text):
    assert "daypart" not in READER.read(text, now=NOW).slots


@pytest.mark.parametrize("text", ["mornings", "afternoons", "mornings please"])
def test_parts_of_days_in_general_are_a_search(text):
    assert READER.understand(text, now=NOW).intent == "whats_on"


@pytest.mark.parametrize(
    "text",
    ["next week but not thursday", "next week, not on thursday", "next week except thursday"],
)
@pytest.mark.parametrize("talk", [(), (SEARCH,)])
def test_a_day_ruled_out_of_a_week_is_no_booking_to_move(text, talk):
    reading = READER.understand(text, now=NOW, talk=talk)
    assert reading.intent == "whats_on"
    assert "wd:mon,tue,wed,fri,sat,sun" in reading.slots["when"]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("im 30 weeks", "expecting"),
        ("i'm 28 weeks", "expecting"),
        ("oh and i'm pregnant", "expecting"),
        ("he's autistic", "send"),
    ],
)
def test_who_they_are_narrows_the_search(text, who):
    reading = READER.understand(text, now=NOW, talk=[SEARCH])
    assert (reading.intent, reading.slots) == ("whats_on", {"where": "area:erith", "who": who})


@pytest.mark.parametrize(
    "text",
    ["i want to feedback", "i'd like to give you some feedback", "where can i leave feedback"],
)
def test_feedback_can_be_given_in_so_many_words(text):
    assert READER.read(text, now=NOW).intent == "feedback"


@pytest.mark.parametrize(
    "text",
    [
        "can you tell me when registration for henry opens",
        "could you tell me when bookings for henry start",
        "do you know when sign up for henry opens",
    ],
)
def test_when_booking_opens_is_a_question(text):
    reading = READER.read(text, now=NOW)
    assert (reading.intent, reading.slots["what"]) == ("session_detail", "henry")


@pytest.mark.parametrize(
    "text",
    [
        "can you tell me when a space opens up on henry",
        "tell me when a place comes up for henry",
        "let me know when booking for henry opens",
    ],
)
def test_being_told_of_a_place_is_the_waiting_list(text):
    assert READER.read(text, now=NOW).intent == "join_waiting_list"


@pytest.mark.parametrize(
    "text",
    [
        "book first aid for me and my hubby",
        "book first aid for me and the mrs",
        "book first aid for me and my mate",
        "book first aid for me and my partner",
        "book first aid for me and my other half",
        "book first aid for my nan and me",
    ],
)
def test_a_grown_up_who_comes_along_is_a_second_place(text):
    assert READER.read(text, now=NOW).slots["party"] == "2"


def test_a_baby_who_comes_along_is_none():
    assert "party" not in READER.read("book massage for me and my baby", now=NOW).slots


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("is messy play every week?", "term_dates"),
        ("does messy play run every week", "term_dates"),
        ("every week?", "term_dates"),
        ("do they need an apron for messy play", "bring"),
        ("overalls provided at messy play?", "bring"),
        ("should he wear old clothes", "bring"),
        ("is there a step at the door", "access"),
    ],
)
def test_the_fact_asked(text, ask):
    assert READER.read(text, now=NOW).slots["ask"] == ask


@pytest.mark.parametrize(
    "text", ["whats on every day", "groups every day please", "anything on each day"]
)
def test_every_day_of_what_is_on_is_seven_days(text):
    assert READER.read(text, now=NOW).slots["when"].startswith(f"{TODAY}/")


@pytest.mark.parametrize(
    "text", ["he cries every day", "is stay and play on every day", "i work every day"]
)
def test_every_day_of_something_else_is_none(text):
    assert "when" not in READER.read(text, now=NOW).slots

"""Two wishes in one message, two facts of one session, and what only looks like a second wish."""

from __future__ import annotations

import pytest

from tests.understanding.test_reader import NOW, READER


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("hi, cancel tomorrow for me and turn off the texts", {"cancel_booking", "reminders_settings"}),
        ("book me on first aid, cancel baby yoga", {"book", "cancel_booking"}),
        ("i want to sign up and find a group for my 3 month old", {"register", "whats_on"}),
        ("put me down for fussy eating workshop please and send me info on weaning", {"book", "topic"}),
        ("whats on in crayford tomorrow and is there parking", {"whats_on", "session_detail"}),
    ],
)  # fmt: skip
def test_both_wishes_are_found(text, intents):
    reading = READER.read(text, now=NOW)
    assert {reading.intent, *(w.intent for w in reading.also)} == intents


@pytest.mark.parametrize(
    "text",
    [
        "my boy's got chicken pox, all scabbed over now, can he still come tomorrow",
        "vitamin d for the baby, is it free",
        "childminder with three under 4, what can we come to",
        "please to cancel, my child is sick",
    ],
)
def test_what_explains_a_wish_is_no_second_one(text):
    assert READER.read(text, now=NOW).also == ()


def test_two_facts_of_one_session_are_both_answered():
    reading = READER.read("is there parking and how much is baby yoga", now=NOW)
    told = [reading.wish, *reading.also]
    assert [w.intent for w in told] == ["session_detail", "session_detail"]
    assert {w.slots["ask"] for w in told} == {"parking", "price"}
    assert all(w.slots["what"] == "baby_yoga" for w in told)


@pytest.mark.parametrize(
    ("text", "main", "slots", "other"),
    [
        ("book first aid for 2 then cancel henry", "book", {"what": "first_aid", "party": "2"}, "cancel_booking"),
        ("show bookings n turn off the emails", "my_bookings", {}, "reminders_settings"),
        ("new phone number + turn text reminders on for it", "update_details", {"field": "phone"}, "reminders_settings"),
    ],
)  # fmt: skip
def test_of_two_acts_the_first_is_the_main_one(text, main, slots, other):
    reading = READER.read(text, now=NOW)
    assert (reading.intent, reading.slots) == (main, slots)
    assert [w.intent for w in reading.also] == [other]


def test_an_act_has_only_the_day_of_its_own_clause():
    text = "cancel thursdays massage and tell me what else is on friday in crayford"
    assert READER.read(text, now=NOW).slots["when"] == "wd:thu"


def test_what_is_not_to_be_done_is_no_wish():
    reading = READER.read("don't cancel anything, move my yoga to friday", now=NOW)
    assert (reading.intent, reading.also) == ("change_booking", ())


def test_a_further_act_stands_beside_danger():
    text = "my ex found our address and is threatening me. i also need to change my address"
    reading = READER.read(text, now=NOW)
    assert (reading.intent, [w.intent for w in reading.also]) == ("crisis", ["update_details"])


@pytest.mark.parametrize(
    ("text", "asked", "booked"),
    [
        (
            "is baby yoga on tomorrow, if so can i book",
            {"what": "baby_yoga", "ask": "is_on"},
            {"what": "baby_yoga"},
        ),
        (
            "is henry free? if it is book me on",
            {"what": "henry", "ask": "price"},
            {"what": "henry"},
        ),
        (
            "is baby yoga free if so put me down",
            {"what": "baby_yoga", "ask": "price"},
            {"what": "baby_yoga"},
        ),
        (
            "how much is baby massage and can i book it",
            {"what": "baby_massage", "ask": "price"},
            {"what": "baby_massage"},
        ),
    ],
)
def test_what_is_booked_after_a_question_is_what_was_asked_about(text, asked, booked):
    reading = READER.read(text, now=NOW)
    told = {wish.intent: wish.slots for wish in (reading.wish, *reading.also)}
    assert asked.items() <= told["session_detail"].items()
    assert booked.items() <= told["book"].items()


@pytest.mark.parametrize(
    "text",
    [
        "cancel baby yoga on thursday. can i book first aid",
        "cancel baby yoga\ncan i book first aid",
        "cancel baby yoga / book first aid",
        "cancel baby yoga - book first aid instead",
    ],
)
def test_one_is_cancelled_and_another_booked(text):
    reading = READER.read(text, now=NOW)
    assert (reading.intent, reading.slots["what"]) == ("cancel_booking", "baby_yoga")
    assert [(w.intent, w.slots["what"]) for w in reading.also] == [("book", "first_aid")]


@pytest.mark.parametrize(
    "text", ["cancel friday\nwhats on saturday", "cancel friday for me, then whats on saturday"]
)
def test_each_line_keeps_its_own_day(text):
    reading = READER.read(text, now=NOW)
    assert reading.intent == "cancel_booking"
    assert isinstance(reading.slots["when"], str)
    assert [w.intent for w in reading.also] == ["whats_on"]


def test_a_fact_asked_beside_a_booking_is_of_what_is_booked():
    reading = READER.read("book me on baby massage oh and how much is it", now=NOW)
    assert reading.intent == "book"
    assert [w.slots for w in reading.also] == [{"what": "baby_massage", "ask": "price"}]


def test_lines_of_one_wish_are_one():
    assert READER.read("baby groups\nfriday\nerith", now=NOW).also == ()


def test_sing_and_sign_is_one_name():
    reading = READER.read("when is sing and sign and is there room", now=NOW)
    assert {w.slots["ask"] for w in (reading.wish, *reading.also)} == {"time", "spaces"}


def test_what_is_answered_is_not_offered_again():
    said = "what's on in welling tomorrow for a 2 year old, and how do i get a health visitor"
    reading = READER.read(said, now=NOW)
    answered = {reading.intent, *(w.intent for w in reading.also)}
    assert answered == {"whats_on", "topic"}
    assert answered.isdisjoint(w.intent for w in reading.offers)


def test_help_with_two_subjects_is_two_wishes():
    said = "how do i get healthy start vouchers and when are the first jabs"
    reading = READER.read(said, now=NOW)
    topics = [wish.slots.get("topic") for wish in (reading.wish, *reading.also)]
    assert topics == ["healthy_start", "immunisations"]


@pytest.mark.parametrize(
    ("text", "main", "also"),
    [
        ("cancel tomorrow's yoga, and is there anything on friday", "cancel_booking", "whats_on"),
        ("yes please, and what do i bring", "affirm", "session_detail"),
    ],
)
def test_what_is_done_comes_before_what_is_asked(text, main, also):
    reading = READER.read(text, now=NOW)
    assert (reading.intent, [w.intent for w in reading.also]) == (main, [also])

"""What a parent types next: about the list on the screen, about themselves, two things at once."""

from __future__ import annotations

import pytest

from bot.conversation.talk import open_talk
from bot.families import service as families
from bot.understanding.reading import SlotValue
from tests.conftest import NOW
from tests.talker import Office, Talker, types

pytestmark = pytest.mark.long  # whole conversations

_LIST = "whats on tomorrow in slade green"


def searched(office: Office, who: Talker) -> dict[str, SlotValue]:
    """The newest search of their talk."""

    def newest(db) -> dict[str, SlotValue]:
        adult = families.welcome(
            db, channel=who.sender.channel, key=who.sender.external, lang="en", now=NOW
        )
        _row, talk = open_talk(db, adult, now=who.now)
        return dict(talk.turns[-1].slots)

    return office.store.write_now(newest)


@pytest.mark.parametrize(
    "question",
    ["can my mum come", "can i bring a pram", "do i need to book", "which is nearest"],
)
def test_a_question_is_about_the_list_on_the_screen(office, amina, question):
    types(amina, _LIST, question)
    assert searched(office, amina).get("where") == "area:slade_green"


def test_after_such_a_question_the_next_is_still_about_the_list(office, amina):
    types(amina, _LIST, "can my mum come", "can i bring a pram")
    assert searched(office, amina) == {"when": "2026-03-11", "where": "area:slade_green"}


def test_what_every_line_says_is_said_to_be_there(amina):
    assert "It says so below" in types(amina, _LIST, "do i need to book")
    assert "It says so below" not in types(amina, _LIST, "can my mum come")


def test_to_book_is_to_book_one_of_the_list(office, amina):
    said = types(amina, "baby massage at west street", "can i book it pls")
    assert "Which one shall I book?" in said
    assert searched(office, amina) == {"what": "baby_massage", "where": "west_street"}


def test_the_waiting_list_is_that_of_what_was_searched(office, amina):
    types(amina, "is baby massage in crayford full", "put me on the waiting list")
    assert searched(office, amina)["what"] == "baby_massage"


def test_a_help_page_is_asked_for_its_groups(office, amina):
    types(amina, "my 2 year old isnt talking yet should i be worried", "is there a group for it")
    assert "sing_and_sign" in searched(office, amina)["what"]


def test_the_address_is_that_of_the_session_on_the_screen(amina):
    said = types(amina, "where is the baby bank", "whats the address")
    assert "Greenmead Community Centre" in said
    assert "Which centre do you mean?" not in said


def test_whether_it_is_open_is_asked_of_the_session_on_the_screen(amina):
    assert types(amina, "where is the baby bank", "is it open today").startswith("Baby Bank")


@pytest.mark.parametrize(
    ("told", "slots"),
    [
        ("we moved to bexleyheath", {"where": "area:bexleyheath"}),
        ("we have twins 5 months", {"age_m": "5", "who": "twins"}),
        ("just moved from lewisham to thamesmead dont no anyone got a 10month old",
         {"where": "area:thamesmead", "age_m": "10"}),
    ],
)  # fmt: skip
def test_what_is_told_of_them_is_what_they_look_for(office, amina, told, slots):
    types(amina, told)
    assert searched(office, amina) == slots


def test_an_age_told_of_the_session_on_the_screen(amina):
    types(amina, "whats on tomorrow in slade green", "1")
    assert "Yes, it is for that age." in types(amina, "shes 9 weeks old")


def test_new_details_are_still_taken(amina):
    assert "Please type the new one" in types(amina, "i have a new phone number")


def test_what_is_to_be_remembered_is_used_by_the_next_search(office, amina):
    types(amina, "remember i live in welling and my son is 14 months", "whats on")
    assert searched(office, amina) == {"where": "area:welling", "age_m": "14"}
    types(amina, "forget where i live", "whats on")
    assert searched(office, amina) == {}


def test_what_is_remembered_gives_way_to_what_is_said(office, amina):
    types(amina, "remember i live in welling and my son is 14 months", "baby massage in erith")
    assert searched(office, amina) == {"what": "baby_massage", "where": "area:erith"}


def test_a_question_beside_the_wish_to_book_keeps_the_place(amina):
    said = types(amina, "book baby yoga and how do i get there")
    assert "let go" not in said
    assert "Carry on" in amina.labels
    assert "How old is your child?" in types(amina, "Sam")


def test_both_halves_are_answered_in_the_middle_of_a_form(amina):
    said = types(amina, "book baby yoga", "cancel my booking and what's on friday")
    assert "You have no bookings here" in said
    assert "Friday 13 March" in said


def test_whoever_leaves_the_details_for_a_call_gets_its_form(amina):
    assert "What name" in types(amina, "change my details", "ok can someone call me")


@pytest.mark.parametrize(
    "sentence",
    ["their parents dont want there names down is that ok", "priya.k@gmail.com", "bottle is ok too?"],
)  # fmt: skip
def test_a_sentence_is_nobodys_name(amina, sentence):
    types(amina, "ring me", sentence)
    assert "What number" not in amina.text


def test_a_name_that_means_no_elsewhere(amina):
    assert "What number" in types(amina, "ring me", "is it free?", "Maya")


def test_a_name_before_the_child_is_told_of(amina):
    types(amina, "book baby yoga", "Im Priya and my son Arjun is 8 months")
    assert "How old is your child?" in amina.text


def test_whether_they_must_say_is_told_why(amina):
    said = types(amina, "register", "Sam", "do i have to give my number")
    assert "We ask only for what we need" in said


def test_a_postcode_given_early_is_not_asked_for(amina):
    said = types(amina, "register", "Sam", "da8 3hq", "07700 900555", "1 2 2025")
    assert "Do you agree?" in said


def test_who_lost_the_code_is_told_who_can_find_it(amina):
    said = types(amina, "Hi I booked last week on my old phone and lost my code")
    assert "Our team can find it" in said
    assert "Ask a person to ring me" in amina.labels


def test_a_code_that_nobody_has_is_said_to_be_wrong(amina):
    assert "Check the code" in types(amina, "my code is ABCD1234")


def test_a_code_of_letters_alone_is_read_in_a_sentence(amina):
    said = types(amina, "here you go: NTWS-MSFB thank you")
    assert "You're welcome" not in said


def test_the_calendar_is_asked_for_with_an_ok(amina):
    types(amina, "where is the baby bank", "ok add to calendar")
    assert ".ics" in amina.text


def test_an_address_to_write_to_is_kept(amina):
    assert "Changed." in types(amina, "email me at x@example.com")


@pytest.mark.parametrize("typed", ["?", "😭", "asdfghjkl"])
def test_what_is_no_word_is_not_turned_away(amina, typed):
    said = types(amina, typed)
    assert "not sure what you mean" in said
    assert "I can't help with that" not in said


def test_who_swears_is_offered_a_person(amina):
    types(amina, "ur rubbish")
    assert "another part of the council" not in amina.text
    assert "Ask a person to ring me" in amina.labels


@pytest.mark.parametrize("typed", ["hiya is this a real person?", "are you AI"])
def test_who_asks_is_told_that_it_is_automatic(amina, typed):
    assert "I'm an automatic service, not a person." in types(amina, typed)


@pytest.mark.parametrize("name", ["Lovely Jones", "Great Okoro", "Anna Wrong"])
def test_a_name_of_ordinary_words_is_a_name(amina, name):
    assert "What number" in types(amina, "ring me", name)


def test_who_does_not_want_to_is_not_called_so(amina):
    assert "Please type a first name" in types(amina, "register", "no dont want to")


def booked_course(who: Talker) -> None:
    types(who, "book baby yoga", "Aisha", "5 months", "yes")


@pytest.mark.parametrize("said", ["undo", "oh no i didnt mean that"])
def test_a_date_that_is_missed_is_taken_back(amina, said):
    booked_course(amina)
    types(amina, "we cant come on the 27th", "yes")
    assert "see you there" in types(amina, said)


def test_what_was_to_be_told_is_not(amina):
    types(amina, "where is the baby bank", "tell me if it changes")
    assert "won't tell you" in types(amina, "actually dont")


def test_another_day_of_what_is_on_the_screen(office, amina):
    types(amina, "whats on tomorrow in erith", "number 2", "can i do friday instead")
    assert searched(office, amina) == {"what": "sing_and_sign", "when": "2026-03-13"}


def test_after_a_look_at_one_the_search_goes_on(office, amina):
    types(amina, "whats on in welling for a 20 month old", "1", "in the afternoon")
    assert searched(office, amina) == {
        "where": "area:welling",
        "age_m": "20",
        "daypart": "afternoon",
    }


@pytest.mark.parametrize("not_run", ["any groups for dads", "any with a sensory room"])
def test_after_what_is_not_run_they_ask_for_what_is(amina, not_run):
    said = types(amina, not_run, "saturdays in erith?")
    assert "don't list" not in said
    assert "Erith" in said


def test_a_name_put_right_at_the_check(amina):
    types(amina, "book baby yoga", "Joan", "4 months", "wrong name its Joanne")
    assert "Name: Joanne" in amina.text


def test_a_question_about_a_list_of_one_series_is_answered(amina):
    types(amina, "stay and play in bexleyheath on thursdays")
    assert types(amina, "is there parking").startswith("School Stay and Play")

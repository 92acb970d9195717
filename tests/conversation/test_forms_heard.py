"""What is typed into a form: corrections, questions, and words that are no answer to what is asked."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind
from bot.enquiries.models import Enquiry
from bot.families.models import Adult, Child
from bot.families.rules import AdultState
from tests.conftest import NOW
from tests.conversation.test_from_anywhere import begin, held, to_the_check
from tests.talker import Office, Talker, types

pytestmark = pytest.mark.long  # whole conversations

NUMBER = "07700 900982"


def adult(office: Office) -> Adult:
    return office.store.read_now(lambda db: db.exec(select(Adult)).one())


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("actually shes 10 weeks", "Child: 2 months"),
        ("she's 4 months old", "Child: 4 months"),
        ("no, she's 9 weeks", "Child: 2 months"),
        ("he is 3 months sorry", "Child: 3 months"),
        ("he was born 3 january 2026", "Child: 2 months"),
        ("my name is Sunita Rao", "Name: Sunita Rao"),
        ("no my name's Jo", "Name: Jo"),
        ("call me Tom and he is 5 months", "Name: Tom\nChild: 5 months"),
    ],
)
def test_a_correction_at_the_check_is_taken_and_the_place_kept(
    amina: Talker, office: Office, words: str, shown: str
):
    to_the_check(amina)
    said = amina.says(words)
    assert "Please check" in said
    assert shown in said
    assert held(office) == [ClaimKind.HOLD]
    assert "Booked." in amina.says("yes")


def test_whoever_may_crawl_is_told_so_kindly_and_may_book_all_the_same(amina: Talker):
    to_the_check(amina)
    assert "crawl by then" not in amina.says("he is 6 months")
    assert "crawl by then" in amina.says("no, he is 8 months")
    assert "See what else there is" in amina.labels
    assert "Booked." in amina.says("yes")


@pytest.mark.parametrize("words", ["no", "nope", "that's wrong", "no that's not right"])
def test_no_at_the_check_asks_what_is_wrong(amina: Talker, office: Office, words: str):
    to_the_check(amina)
    assert "What is not right" in amina.says(words)
    assert held(office) == [ClaimKind.HOLD]
    assert "How old is your child" in amina.says("the age")
    assert "Child: 3 months" in amina.says("3 months")


def test_a_corrected_age_that_does_not_fit_is_not_booked(amina: Talker, office: Office):
    to_the_check(amina)
    said = amina.says("sorry he's 3 years old")
    assert "outside the age" in said
    assert "is for this age:" in said
    assert "Booked." not in amina.says("yes")
    assert held(office) == [ClaimKind.HOLD]


@pytest.mark.parametrize(
    "words", ["my other son is 4", "what about my 2 year old", "my name is not on the list"]
)
def test_what_is_no_correction_changes_nothing(amina: Talker, words: str):
    to_the_check(amina)
    amina.says(words)
    assert "Name: Amina\nChild: 9 months" in types(amina, "carry on")


def test_the_first_is_no_yes_to_a_check(amina: Talker, office: Office):
    to_the_check(amina)
    assert "Booked." not in amina.says("the first")
    assert held(office) == [ClaimKind.HOLD]


@pytest.mark.parametrize(
    "words", ["ok", "yes", "sure", "thanks", "no thanks", "hi", "3 months", "i'm not sure"]
)
def test_what_nobody_is_called_is_no_name(amina: Talker, words: str):
    begin(amina)
    assert amina.says(words).endswith("What is your first name?")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("my name is Tom", "Tom"),
        ("I'm Tom", "Tom"),
        ("Grace May", "Grace May"),
        ("Maya", "Maya"),
        ("A'isha", "A'isha"),
    ],
)
def test_a_name_is_read_out_of_a_sentence(amina: Talker, words: str, name: str):
    begin(amina)
    assert f"Name: {name}\n" in types(amina, words, "6 months")


def test_a_name_and_an_age_in_one_message_answer_both_questions(amina: Talker):
    begin(amina)
    said = amina.says("my name is Bea and my son is 5 months")
    assert "Name: Bea\nChild: 5 months" in said


def test_a_name_told_again_at_the_age_replaces_the_first(amina: Talker):
    begin(amina)
    assert "How old" in types(amina, "Sam", "my name is Tom")
    assert "Name: Tom\n" in amina.says("6 months")


@pytest.mark.parametrize(
    "words", ["is it on friday as well", "why is it tuesday", "friday", "the tuesday one"]
)
def test_a_day_of_a_session_is_no_due_date(amina: Talker, words: str):
    begin(amina)
    assert "due " not in types(amina, "Jess", words).replace("baby is due", "")


def test_twins_are_heard_at_the_age(amina: Talker):
    begin(amina)
    assert "whole family. How old are they?" in types(amina, "Ola", "its twins")
    assert "Please check" in amina.says("5 months")
    amina.taps("Yes, book it")
    assert amina.says("my children").count("• 5 months") == 2


def test_twins_told_with_the_wish_are_two_on_the_list(amina: Talker):
    amina.says("I have twins, 4 months old. Book baby massage on Thursday")
    amina.says("Amina")
    amina.taps("Yes, book it")
    assert amina.says("my children").count("• 4 months") == 2
    amina.says("book sing and sign")
    amina.says("yes")
    assert amina.says("my children").count("• 4 months") == 2


@pytest.mark.parametrize(
    "words",
    ["this is useless", "ur useless", "stupid bot", "this isnt working", "too many questions",
     "its taking too long", "i give up", "omg this is so annoying", "u dont listen"],
)  # fmt: skip
def test_who_has_had_enough_is_met_kindly_and_loses_nothing(amina: Talker, office: Office, words):
    begin(amina)
    for typed, asked in (("Jess", "first name"), ("3 months", "How old"), ("yes", "Please check")):
        assert "this should be easier" in amina.says(words)
        assert "Ask a person to ring me" in amina.labels
        assert asked in amina.text
        assert held(office) == [ClaimKind.HOLD]
        amina.says(typed)
    assert "Booked." in amina.text


def test_whoever_asked_to_be_rung_and_has_had_enough_is_still_rung(amina: Talker, office: Office):
    amina.says("ring me")
    assert "What name should we ask for" in amina.says("this is useless")
    types(amina, "Jess", NUMBER)
    assert "What number is safe" not in amina.text


@pytest.mark.parametrize("words", ["thats useless", "u dont help", "this isnt working", "ffs"])
def test_who_has_had_enough_without_a_form_is_not_thanked(amina: Talker, words: str):
    assert "a person can do more" in amina.says(words)
    assert "Ask a person to ring me" in amina.labels


def test_feedback_may_say_that_it_is_useless(amina: Talker, office: Office):
    amina.command("feedback")
    assert "this should be easier" not in amina.says("this is useless")
    (kept,) = office.store.read_now(lambda db: db.exec(select(Enquiry)).all())
    assert kept.private["text"] == "this is useless"


def test_a_yes_to_stopping_stops(amina: Talker, office: Office):
    begin(amina)
    assert "any messages at all" in amina.says("stop")
    assert "won't send you anything" in amina.says("yes")


@pytest.mark.parametrize(
    "words", ["can someone ring me", "ask a person to ring me", "i want to talk to a human"]
)
def test_who_asks_to_be_rung_is_asked_for_a_number_at_once(
    amina: Talker, office: Office, words: str
):
    assert "What name should we ask for" in amina.says(words)
    assert "Staff have your request" in types(amina, "Fatima", NUMBER, "after 6 pm", "yes")
    row = office.store.read_now(lambda db: dict(db.exec(select(Enquiry)).one().private))
    assert (row["name"], row["phone"], row["when"]) == ("Fatima", "+447700900982", "after 6 pm")


def test_who_asks_to_register_is_asked_at_once(amina: Talker):
    said = amina.says("register my family")
    assert said.index("You don't have to register") < said.index("What is your name?")


@pytest.mark.parametrize("words", ["yes", "ok", "go on"])
def test_a_yes_takes_the_one_thing_offered(amina: Talker, words: str):
    amina.taps_token("=register")
    assert "What is your name?" in amina.says(words)


def test_a_yes_below_a_thank_you_takes_the_call_it_offers_and_politeness_does_not(amina: Talker):
    complaint = ("the room was far too hot and nobody helped us, this is feedback",)
    amina.taps_token("=feedback")
    types(amina, *complaint)
    assert "What name" not in amina.says("ok")
    amina.taps_token("=feedback")
    types(amina, *complaint)
    assert "What name" in amina.says("yes please")


def test_a_call_asked_for_in_a_form_is_offered_and_the_place_kept(amina: Talker, office: Office):
    begin(amina)
    amina.says("can somebody call me back please")
    assert "Ask a person to ring me" in amina.labels
    assert held(office) == [ClaimKind.HOLD]


def test_a_number_that_is_no_number_is_refused_with_the_reason(amina: Talker, office: Office):
    said = types(amina, "ring me", "Jo", "07700 90011")
    assert "has 10 digits" in said
    assert "safe time" in amina.says("07700 900111")
    assert "safe time" in amina.says(NUMBER)  # a second thought, and no time
    assert "has 10 digits" in amina.says("07700 90011")
    assert "type a time" in types(amina, NUMBER, "7700900112")
    types(amina, "after 3", "no")
    row = office.store.read_now(lambda db: dict(db.exec(select(Enquiry)).one().private))
    assert (row["phone"], row["when"]) == ("+447700900982", "after 3")


@pytest.mark.parametrize(
    "words", ["what do you need it for", "is it private?", "who can see this", "why do you ask"]
)
@pytest.mark.parametrize("answered", [(), ("Jo",), ("Jo", NUMBER), ("Jo", NUMBER, "any time")])
def test_why_we_ask_is_said_and_the_question_put_again(
    amina: Talker, words: str, answered: tuple[str, ...]
):
    asked = types(amina, "ring me", *answered).splitlines()[-1]
    said = amina.says(words)
    assert "We ask only for what we need" in said
    assert said.endswith(asked)


@pytest.mark.parametrize("words", ["is it private?", "how much is baby yoga?"])
def test_a_no_after_a_question_answers_what_the_form_asks(amina: Talker, words: str):
    types(amina, "ring me", "Jo", NUMBER, "any time", words)
    assert "Staff have your request" in amina.says("no")


def test_why_is_answered_in_a_registration(amina: Talker):
    types(amina, "register now", "Jo", NUMBER)
    said = amina.says("what do you do with it?")
    assert said.index("We ask only") < said.index("When was your child born")


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (("change my phone number", "07700 900982"), {"phone": "+447700900982"}),
        (("my new number is 07700 900982",), {"phone": "+447700900982"}),
        (("change my details", "07700 900982"), {"phone": "+447700900982"}),
        (("change my details", "my name is Jo"), {"name": "Jo"}),
        (("my name is Sunita Rao",), {"name": "Sunita Rao"}),
        (("change my name", "yes", "Sarah"), {"name": "Sarah"}),
    ],
)
def test_details_are_changed_in_the_words_they_are_told_in(
    amina: Talker, office: Office, lines: tuple[str, ...], kept: dict[str, str]
):
    assert "Changed. Thank you." in types(amina, *lines)
    assert {k: adult(office).private.get(k) for k in kept} == kept


def test_a_form_that_does_not_understand_twice_lets_go(amina: Talker):
    amina.taps_token("=by_code")
    said = types(amina, "blah blah", "cancel booking")
    assert "You have no bookings" in said
    assert "carry on" in said


def test_a_question_about_us_puts_the_open_one_once(amina: Talker, office: Office):
    """Deleting, asked in the middle of a form, has the yes; no goes on with the form."""
    begin(amina)
    assert "carry on" not in amina.says("delete my stuff")
    assert "What is your first name" in amina.says("no")
    assert held(office) == [ClaimKind.HOLD]
    amina.says("delete my stuff")
    assert "is deleted" in amina.says("yes go ahead")


@pytest.mark.parametrize("words", ["remove sam", "delete Sam please", "delete sam from my list"])
def test_to_remove_somebody_we_don_t_know_deletes_nothing(
    amina: Talker, office: Office, words: str
):
    assert "nobody called Sam" in amina.says(words)
    amina.says("yes")
    assert adult(office).state is AdultState.ACTIVE


def test_a_child_is_removed_by_name_after_one_question(amina: Talker, office: Office):
    amina.taps_token("=child_add")
    amina.command("menu")
    types(amina, "add a child", "3 2 2025", "Sam")
    assert "Shall I take this off your list: Sam" in amina.says("remove sam")
    amina.says("yes")
    assert office.store.read_now(lambda db: list(db.exec(select(Child)))) == []
    assert adult(office).state is AdultState.ACTIVE


def test_only_codes_are_tried_as_codes(amina: Talker, office: Office):
    amina.says("link my phone")
    for _ in range(4):
        assert "A code has eight" in amina.says("hmm not here yet")
        amina.taps_token("=have_code")
    assert adult(office).wrong_codes == 0


def test_too_many_wrong_codes_end_the_form(amina: Talker):
    said = types(amina, "link my phone", *["BCDF-GHJK"] * 8)
    assert "Please type the code" not in said


def test_a_bookings_code_in_the_form_for_chats_shows_the_booking(amina: Talker, office: Office):
    to_the_check(amina)
    amina.says("yes")
    code = office.store.read_now(lambda db: db.exec(select(Claim.code)).one())
    said = types(amina, "link my phone", str(code))
    assert "Baby Massage" in said
    assert "code of a booking" in said


def test_an_order_is_no_feedback(amina: Talker, office: Office):
    amina.taps_token("=feedback")
    assert "You have no bookings" in amina.says("cancel my booking")
    rows = office.store.read_now(lambda db: list(db.exec(select(Enquiry))))
    assert rows == []


@pytest.mark.parametrize("words", ["sam@example.com", "you can email me on sam@example.com"])
def test_an_address_at_the_check_is_taken_also_where_nobody_asked(
    amina: Talker, office: Office, words: str
):
    to_the_check(amina)
    assert "Reach you by: sam@example.com" in amina.says(words)
    assert "Booked." in amina.says("yes")
    assert adult(office).private["email"] == "sam@example.com"


def test_a_number_is_taken_where_an_address_is_asked_for(office: Office):
    with_mail = Office(office.store, office.content, office.reader, smtp_url="smtp://127.0.0.1:25")
    visitor = with_mail.talker("b" * 64, channel="web", now=NOW)
    begin(visitor)
    visitor.says("Sam")
    assert "What e-mail address" in visitor.taps("6 to 12 months")
    assert "Reach you by: +447700900982" in visitor.says(NUMBER)

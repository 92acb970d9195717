"""The questions of a booking: every sensible answer is taken, and what can't be is said at once."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind
from tests.conversation.test_from_anywhere import to_the_check
from tests.talker import Office, Talker

pytestmark = pytest.mark.long  # whole conversations


def asked_the_age(who: Talker) -> Talker:
    who.command("start", "search-baby_massage-west_street")
    who.taps("1.")
    who.taps("Book a place")
    assert "How old is your child" in who.says("Amina")
    return who


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("due in may", "due May 2026"),
        ("due 3 may", "due Sunday 3 May"),
        ("due on 3 may 2026", "due Sunday 3 May"),
        ("expecting in june", "due June 2026"),
        ("8 months", "8 months"),
        ("she's 10 weeks", "2 months"),
        ("born 3 january", "2 months"),
        ("3 1 2026", "2 months"),
    ],
)
def test_an_age_a_birthday_or_a_due_date_is_taken(amina: Talker, typed: str, shown: str):
    assert f"Child: {shown}" in asked_the_age(amina).says(typed)
    assert "Booked." in amina.taps("Yes, book it")


def test_a_number_alone_is_asked_about(amina: Talker):
    assert "weeks, months or years" in asked_the_age(amina).says("2")
    assert amina.labels[:3] == ["2 weeks", "2 months", "2 years"]
    assert "Child: 2 months" in amina.taps("2 months")


def test_a_number_that_can_only_be_months_is_taken(amina: Talker):
    said = asked_the_age(amina).says("8")
    assert "weeks, months" in said
    assert amina.labels[:2] == ["8 weeks", "8 months"]
    assert "Child: 8 months" in amina.says("8 months")
    amina.taps("Change the age")
    assert "outside the age" in amina.says("14")
    assert "with its word" in amina.says("31")


def test_a_day_alone_may_be_either(amina: Talker):
    assert "birthday, or when the baby is due" in asked_the_age(amina).says("3 may")
    assert amina.labels[:2] == ["Born Saturday 3 May 2025", "Due Sunday 3 May 2026"]
    assert "due Sunday 3 May" in amina.taps("Due Sunday")


def test_a_rough_due_date_is_remembered_as_rough(amina: Talker):
    asked_the_age(amina).says("due in may")
    amina.taps("Yes, book it")
    assert "a baby due May 2026" in amina.command("mydata")


def test_registering_takes_a_due_date_too(amina: Talker):
    amina.taps_token("=register_now")
    for answer in ("Amina", "07700 900982", "due in may", "DA8 1LW"):
        said = amina.says(answer)
    assert "Do you agree" in said
    amina.taps("Yes, I agree")
    assert "a baby due May 2026" in amina.command("mydata")


def test_a_child_of_the_wrong_age_is_refused_before_more_is_asked(visitor: Talker, office: Office):
    said = asked_the_age(visitor).says("3 years old")
    assert "outside the age" in said
    assert "phone" not in said
    assert "What's on for 3 years" in visitor.labels
    visitor.taps("Change the age")
    assert "phone number" in visitor.says("9 months")
    kinds = office.store.read_now(lambda db: list(db.exec(select(Claim.kind))))
    assert kinds == [ClaimKind.HOLD]


def test_what_suits_the_child_is_shown_instead(amina: Talker, office: Office):
    asked_the_age(amina).says("3 years old")
    said = amina.taps("What's on for 3 years")
    assert "let go of the place" in said
    assert "Baby Massage" not in said


def test_another_child_is_asked_for_where_the_known_one_does_not_fit(amina: Talker):
    amina.says("what's on for a 3 year old in erith")
    amina.taps("Remember")
    asked_the_age(amina)


def test_who_has_no_phone_may_use_this_chat_alone(visitor: Talker):
    asked_the_age(visitor).says("9 months")
    assert "Just this chat" in visitor.labels
    assert "Reach you by: this chat" in visitor.says("i dont have a phone")
    assert "nobody can ring you" in visitor.taps("Yes, book it")


@pytest.mark.parametrize(
    "words",
    [
        "book baby massage please my name is Tash and shes 10 weeks",
        "book baby massage, my name is Tash and she's 10 weeks",
    ],
)
def test_which_one_shall_i_book_books_the_one_that_is_told(amina: Talker, words: str):
    assert "Which one shall I book?" in amina.says(words)
    said = amina.says("2")
    assert "I'm keeping a place" in said
    assert "Name: Tash\nChild: 2 months" in said


def test_a_number_that_is_on_no_list_is_nobodys_name(amina: Talker):
    amina.says("book henry")
    assert "What is your first name" in amina.says("the second")


@pytest.mark.parametrize("words", ["book", "book it please", "yes book it"])
def test_book_it_is_the_yes_of_the_check(amina: Talker, words: str):
    to_the_check(amina)
    assert "Booked." in amina.says(words)

"""Words that act wherever they are typed, and forms that wait while something else is asked."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind
from bot.enquiries.models import OpenQuestion
from bot.families.models import Adult
from bot.families.rules import AdultState
from bot.outreach.models import Follow
from tests.conftest import NOW
from tests.conversation.test_danger import WORDS
from tests.talker import Office, Talker

pytestmark = pytest.mark.long  # whole conversations

CARD = ["Ask a person to contact me", "Hide this"]


def begin(who: Talker) -> None:
    """As far as the first question of a booking."""
    who.says("baby massage at west street")
    who.taps("1.")
    assert "What is your first name" in who.taps("Book a place")


def to_the_check(who: Talker) -> None:
    begin(who)
    who.says("Amina")
    assert "Please check" in who.taps("6 to 12 months")


def held(office: Office) -> list[ClaimKind]:
    """The kinds of all claims that have not ended."""
    query = select(Claim.kind).where(Claim.ended_at == None)  # noqa: E711  SQL
    return office.store.read_now(lambda db: list(db.exec(query)))


@pytest.mark.parametrize(
    "words", ["urgent help", "Emergency!", "i need help now", "I need urgent help please", "999"]
)
@pytest.mark.parametrize("state", ["", "=by_code", "=register_now", "=feedback", "booking"])
def test_urgent_help_is_typed_from_anywhere(amina: Talker, words: str, state: str):
    if state == "booking":
        begin(amina)
    elif state:
        amina.taps_token(state)
    assert "999" in amina.says(words)
    assert amina.labels == CARD


def test_urgent_help_is_known_in_the_persons_language(office: Office):
    amal = office.talker("105", now=NOW, lang="ar")
    amal.says("مرحبا")
    assert "999" in amal.says(office.desk.words("ar")._("Urgent help"))
    assert len(amal.labels) == len(CARD)


def test_a_form_goes_on_after_the_card(amina: Talker):
    begin(amina)
    amina.says("urgent help")
    assert "What is your first name" in amina.says("ok")
    assert "How old is your child" in amina.says("Amina")


@pytest.mark.parametrize("state", ["", "booking", "=feedback", "=contact_me"])
def test_hide_this_is_typed_as_it_is_tapped(amina: Talker, office: Office, state: str):
    if state == "booking":
        begin(amina)
    elif state:
        amina.taps_token(state)
    amina.says(WORDS)
    assert "Hidden." in amina.says("Hide this")
    assert amina.result.hide == ("m1", "m1")
    assert ClaimKind.HOLD not in held(office)
    amina.says("what's on tomorrow")
    assert amina.replies[-1].message.rows[0][0].label != "Urgent help"


@pytest.mark.parametrize(
    "words",
    ["delete this", "get rid of this hes coming", "Remove that message!", "close", "إخفاء هذا", "ukryj to"],
)  # fmt: skip
def test_whoever_is_in_a_hurry_hides_it_in_any_words(amina: Talker, words: str):
    amina.says(WORDS)
    assert "Hidden." in amina.says(words)


def test_hide_this_says_nothing_of_danger_where_there_was_none(amina: Talker):
    assert "Hidden." not in amina.says("hide this")


@pytest.mark.parametrize(
    ("words", "shown"),
    [("menu", "What would you like to do"), ("My bookings", "You have no bookings"),
     ("what's on", "When would you like to go"), ("help", "What would you like to do")],
)  # fmt: skip
def test_the_menu_is_shown_and_the_form_waits(amina: Talker, words: str, shown: str):
    begin(amina)
    assert shown in amina.says(words)
    assert "What is your first name" in amina.says("yes")
    assert "How old is your child" in amina.says("Amina")


@pytest.mark.parametrize(
    "words",
    ["never mind", "actually never mind", "I changed my mind", "cancel", "stop this", "stop"],
)
def test_a_form_is_left_kindly_and_holds_nothing(amina: Talker, office: Office, words: str):
    begin(amina)
    assert "othing was kept" in amina.says(words)
    assert held(office) == []


def test_a_question_about_the_session_leaves_the_form_open(amina: Talker, office: Office):
    begin(amina)
    assert "Where:" in amina.says("where is it?")
    assert held(office) == [ClaimKind.HOLD]
    assert "Carry on" in amina.labels
    assert "How old is your child" in amina.says("Amina")


@pytest.mark.parametrize("words", ["yes", "carry on", "ok"])
def test_to_carry_on_at_the_check_shows_it_again(amina: Talker, office: Office, words: str):
    to_the_check(amina)
    amina.says("where is it?")
    assert "Please check" in amina.says(words)
    assert held(office) == [ClaimKind.HOLD]
    assert "Booked." in amina.says("yes")


def test_no_to_carrying_on_leaves(amina: Talker, office: Office):
    to_the_check(amina)
    amina.says("where is it?")
    assert "Nothing was kept" in amina.says("no thanks")
    assert held(office) == []


def test_a_button_that_leads_away_says_what_is_let_go_of(amina: Talker, office: Office):
    begin(amina)
    assert "let go of the place" in amina.taps_token("=menu")
    assert held(office) == []


def test_another_form_ends_the_first_and_says_so(amina: Talker, office: Office):
    begin(amina)
    said = amina.says("ask a person to ring me")
    assert said.index("left the questions") < said.index("What name should we ask for")
    assert held(office) == []


def test_names_after_a_question_are_no_questions_for_staff(amina: Talker, office: Office):
    begin(amina)
    amina.says("is there parking?")
    amina.says("Amina")
    amina.taps_token("=menu")
    for words in ("Amina", "Anne-Marie O'Neill", "Ng"):
        amina.says(words)
    kept = office.store.read_now(
        lambda db: [q.private["text"] for q in db.exec(select(OpenQuestion))]
    )
    assert kept == []


def test_every_answer_has_menu_and_urgent_help(amina: Talker):
    for words in ("bye for now", "thank you", "stop"):
        amina.says(words)
        assert {"Menu", "Urgent help"} <= set(amina.labels)


@pytest.mark.parametrize(
    "words", ["stop", "Unsubscribe", "stop sending me messages", "please don't message me any more"]
)
def test_stop_is_typed_as_it_is_commanded(amina: Talker, office: Office, words: str):
    assert "won't send you anything" in amina.says(words)
    states = office.store.read_now(lambda db: list(db.exec(select(Adult.state))))
    assert states == [AdultState.STOPPED]


def test_stop_in_a_form_asks_which_is_meant(amina: Talker, office: Office):
    begin(amina)
    assert "should not send you any messages at all" in amina.says("stop")
    assert "won't send you anything" in amina.taps("Stop messages")


def test_tell_me_if_this_changes_follows_what_is_on_the_screen(amina: Talker, office: Office):
    amina.says("baby massage at west street")
    assert "Which session" in amina.says("let me know if it changes")
    amina.taps("Baby Massage, Mon 16 Mar")
    amina.says("baby massage at west street")
    amina.taps("2.")
    assert "I'll tell you if Baby Massage on Wednesday 1 April" in amina.says(
        "tell me if this changes"
    )
    follows = office.store.read_now(lambda db: len(db.exec(select(Follow)).all()))
    assert follows == 2


@pytest.mark.parametrize("words", ["more", "show me more", "More please"])
def test_more_shows_the_rest_of_a_list(amina: Talker, words: str):
    assert "1. " in amina.says("what's on next week")
    said = amina.says(words)
    assert "6. " in said
    assert "Monday 16 March to Sunday 22 March" in said


def test_a_number_after_an_interruption_is_an_answer_and_no_button(amina: Talker, office: Office):
    begin(amina)
    amina.says("Amina")
    amina.says("is it free?")
    assert "weeks, months or years" in amina.says("2")
    assert held(office) == [ClaimKind.HOLD]

"""A call that is asked for: questions in between, danger in the midst of it, and what is put right
after."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.bookings.models import Claim
from bot.enquiries.models import Enquiry
from bot.enquiries.rules import EnquiryKind, EnquiryState
from bot.families.models import Adult
from tests.conversation.test_from_anywhere import to_the_check
from tests.talker import Office, Talker, types

pytestmark = pytest.mark.long  # whole conversations


def to_the_time(who: Talker) -> str:
    return types(who, "ring me please", "Sara", "07700 900 982")


def asked(office: Office) -> Enquiry:
    return office.store.read_now(lambda db: db.exec(select(Enquiry)).one())


def test_a_question_without_its_mark_is_no_safe_time(amina: Talker, office: Office):
    to_the_time(amina)
    assert "Shall we carry on" in amina.says("is it free")
    assert "safe time to ring" in amina.says("carry on")
    assert "Shall we carry on" in amina.says("is it free on friday?")
    amina.says("carry on")
    assert "leave a message" in amina.says("can they ring after 3")
    amina.says("no")
    assert asked(office).private["when"] == "can they ring after 3"


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("ring 9-3 when hes at work, he mustnt know i called", "9-3"),
        ("he hits me, only ring weekdays between 10 and 2", "weekdays between 10 and 2"),
    ],
)
def test_of_what_brings_the_card_the_time_alone_is_kept(
    amina: Talker, office: Office, words: str, kept: str
):
    to_the_time(amina)
    assert "nobody is reading this right now" in amina.says(words)
    on = amina.says("carry on")
    assert f"When: {kept}\n" in on
    assert "leave a message" in on
    amina.says("no")
    assert asked(office).private["when"] == kept


@pytest.mark.parametrize(
    "words",
    ["he hits me, never ring after 5", "he hits me and gets home at 3pm", "he hit me at 5pm today"],
)
def test_a_time_that_may_be_unsafe_is_asked_again(amina: Talker, words: str):
    to_the_time(amina)
    amina.says(words)
    assert "safe time to ring" in amina.says("carry on")


def test_from_the_card_nothing_that_was_answered_is_asked_again(amina: Talker, office: Office):
    to_the_time(amina)
    amina.says("ring 9-3 when hes at work, he mustnt know i called")
    assert "When: 9-3\n" in amina.taps("Ask a person to contact me")
    types(amina, "no", "the baby group")
    row = asked(office)
    assert row.kind is EnquiryKind.CONTACT_ME
    assert (row.private["name"], row.private["when"]) == ("Sara", "9-3")


def test_hidden_the_time_is_gone_with_the_rest(amina: Talker, office: Office):
    to_the_time(amina)
    amina.says("ring 9-3 when hes at work, he mustnt know i called")
    amina.says("hide this")
    assert "When:" not in amina.says("ring me please")


@pytest.mark.parametrize(
    ("words", "when"),
    [
        ("can they ring at 4 instead", "at 4"),
        ("only call me on weekdays between 10 and 2", "weekdays between 10 and 2"),
        ("change the time to 5pm", "5pm"),
        ("dont call after 6 please", "dont call after 6 please"),
    ],
)
def test_the_time_of_a_call_is_changed_by_saying_so(
    amina: Talker, office: Office, words: str, when: str
):
    to_the_time(amina)
    types(amina, "mornings", "no")
    assert f"When: {when}\n" in amina.says(words)
    assert asked(office).private["when"] == when


@pytest.mark.parametrize("typing", [True, False])
def test_the_time_of_a_call_is_changed_by_its_button(amina: Talker, office: Office, typing: bool):
    to_the_time(amina)
    types(amina, "mornings", "no")
    assert "safe time" in (amina.says if typing else amina.taps)("Change the time")
    assert "When: Around midday" in amina.taps("Around midday")
    assert asked(office).private["when"] == "lunch"


@pytest.mark.parametrize("words", ["take my number off", "please delete my phone number"])
def test_a_number_that_is_taken_off_takes_the_call_back(amina: Talker, office: Office, words: str):
    to_the_time(amina)
    types(amina, "mornings", "no")
    said = amina.says(words)
    assert "Your number is off" in said
    assert "don't need the call" in said
    assert asked(office).state is EnquiryState.CLOSED
    assert "I hold no number" in amina.says(words)


def test_a_number_is_taken_off_what_is_booked(amina: Talker, office: Office):
    to_the_check(amina)
    types(amina, "my number is 07700 900 982", "yes", "take my number off")
    adult = office.store.read_now(lambda db: db.exec(select(Adult)).one())
    claim = office.store.read_now(lambda db: db.exec(select(Claim)).one())
    assert "phone" not in {**adult.private, **claim.private}
    assert claim.private["name"] == "Amina"


def test_a_number_taken_off_in_the_middle_is_asked_again(amina: Talker):
    to_the_time(amina)
    assert "Your number is off" in amina.says("take my number off")
    assert "What number is safe" in amina.says("carry on")


def test_details_that_are_held_can_go_by_their_button(amina: Talker, office: Office):
    types(amina, "update my details", "e-mail", "sam@example.com")
    amina.says("update my details")
    amina.taps("E-mail")
    assert "Your e-mail address is off" in amina.taps("Take it off")
    assert "sam@example.com" not in amina.says("what do you know about me")

"""What follows on an answer: another day, another child, a fact, a second wish in one message."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from bot.timetable.queries import activity_slots
from bot.timetable.service import move_occurrence
from tests.conftest import NOW
from tests.talker import Office, Talker


@pytest.mark.parametrize(
    ("talk", "heard", "unheard"),
    [
        # After a help page: its sessions by day and place, another page by its name
        (["baby weighing", "on thursday", "DA16"], "DA16", "Weighing your baby"),
        (["breastfeeding help", "baby bank"], "The Baby Bank has", "Feeding your baby"),
        (["what's on friday morning", "any time"], "Friday 13 March\n\n1.", "morning"),
        (["what's on friday in welling", "anywhere is fine, the place doesn't matter"],
         "Friday 13 March", "Welling,"),
        # What had nothing on one day binds no other day
        (["tomorrow evening", "13 march"], "Friday 13 March\n\n1.", "evening"),
        (["what's on friday for a 3 year old", "and a 6 month old"], "3 years and 6 months", "?"),
        (["what's on in erith", "the nearest"], "Erith\n\n1.", "postcode"),
        (["what's on friday", "with no booking needed"], "Friday 13 March", "two weeks"),
        (["what's on friday", "nothing in the morning please"], "after midday", "Friday 13 March, morning"),
        (["what's on in erith", "any others"], "6. ", "\n1. "),
        # A place and a day, or another thing, begin a search of their own; for whom it is stays
        (["baby massage in erith", "anything in welling on thursday"],
         "Thursday 12 March, Welling\n\n1.", "Baby Massage, Thursday"),
        (["stay and play in sidcup on friday for a 2 year old", "messy play"],
         "Messy Play, 2 years\n\n1.", "Sidcup"),
        (["stay and play in sidcup on friday", "what about messy play"],
         "Friday 13 March, Sidcup, Messy Play", "two weeks"),
        (["what's on in sidcup on friday", "stay and play"],
         "Friday 13 March, Sidcup, Stay and Play", "two weeks"),
        (["stay and play in welling on thursday", "what about sidcup on friday"],
         "Friday 13 March, Sidcup, Stay and Play", "Welling"),
        (["yesterday"], "That day is over.", "The next two weeks"),
    ],
)  # fmt: skip
def test_a_follow_up_changes_what_it_says_and_no_more(
    amina: Talker, talk: list[str], heard: str, unheard: str
):
    for words in talk:
        amina.says(words)
    assert heard in amina.text
    assert unheard not in amina.text


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("can dads come", "Whoever looks after a child is welcome"),
        ("can dads come to baby massage", "Yes. Whoever looks after the child is welcome."),
        ("is baby massage suitable for a 2 year old", "No, it isn't for that age."),
        ("is my 3 year old too old for baby group", "No, it isn't for that age."),
        ("can i bring my dog", "I don't know whether you can bring an animal."),
        ("are you open on boxing day", "at every centre"),
    ],
)
def test_a_question_is_answered_before_anything_is_shown(amina: Talker, words: str, answer: str):
    said = amina.says(words)
    assert answer in said
    assert "Nothing fits all of that. Without “Dads”" not in said


def test_two_wishes_in_one_message_are_both_answered(amina: Talker):
    said = amina.says("what's on tomorrow and can i book baby massage on thursday")
    assert said.startswith("Tomorrow, Wednesday 11 March\n\n1.")
    assert "What is your first name?" in said


def test_a_baby_to_come_is_offered_to_be_remembered(amina: Talker):
    amina.says("ella born 3/4/2025 and sam due in may")
    assert "Add a child" in amina.labels


def test_a_session_that_was_moved_says_from_when(office: Office, amina: Talker):
    def move(db: Session) -> None:
        slot = activity_slots(db, "baby_yoga", now=NOW)[0]
        move_occurrence(
            db, slot.id, starts_at=slot.starts_at + timedelta(hours=3),
            ends_at=slot.ends_at + timedelta(hours=3), venue=slot.venue, reason="", by="esi", now=NOW,
        )  # fmt: skip

    for words in ("book baby yoga on 20 march", "Sam", "5 months", "yes"):
        amina.says(words)
    office.store.write_now(move)
    assert "Moved from Friday 20 March, 10am." in amina.says("my bookings")
    amina.says("baby yoga")
    amina.taps("1.")
    assert "Moved from Friday 20 March, 10am." in amina.text

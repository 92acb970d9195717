"""Days, ages and places as parents tell them in passing, and what is a guess too far."""

from __future__ import annotations

import pytest

from bot.understanding.reading import TalkTurn
from tests.understanding.test_reader import NOW, READER

_NOT_MONDAY = "wd:tue,wed,thu,fri,sat,sun"


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("looking for something on a saturday i work mon to fri", "wd:sat"),
        ("i work monday to thursday", "wd:fri,sat,sun"),
        ("i work mondays and tuesdays what else is on", "wd:wed,thu,fri,sat,sun"),
        ("i work mondays so what can i do", _NOT_MONDAY),
        ("anything in the mornings not mondays because i have the dentist monday", _NOT_MONDAY),
    ],
)
def test_days_that_are_told_in_passing(text, when):
    reading = READER.read(text, now=NOW)
    assert (reading.intent, reading.slots.get("when")) == ("whats_on", when)


def test_the_day_after_a_newborn_is_no_birthday():
    assert READER.read("anything for my newborn on friday", now=NOW).slots["when"] == "2026-03-13"


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("what about half term in may", "2026-05-23/2026-05-31"),
        ("what's on in the october half term", "2026-10-24/2026-11-01"),
        ("what's on at half term", "hol:half_term"),
    ],
)
def test_which_half_term(text, when):
    assert READER.read(text, now=NOW).seen["when"] == when


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("im a childminder with 3 kids 1 2 and 3 can i come", ("12", "24", "36")),
        ("anything for a 4 yr old and a baby", ("48", "0/12")),
        ("a newborn and a toddler", ("0", "12/36")),
        ("groups for my 2 year old and baby massage", "24"),
    ],
)
def test_several_children(text, ages):
    assert READER.read(text, now=NOW).slots["age_m"] == ages


def test_who_moved_lives_where_they_moved_to():
    seen = READER.read("moved from sidcup to welling what is on", now=NOW).seen
    assert seen["where"] == "area:welling"


@pytest.mark.parametrize(
    ("when", "said", "then"),
    [
        ("2026-03-14/2026-03-15", "and the weekend after", "2026-03-21/2026-03-22"),
        ("2026-05-25/2026-05-29", "what about the weekend after", "2026-05-30/2026-05-31"),
        ("2026-03-12", "the weekend before", "2026-03-07/2026-03-08"),
    ],
)
def test_the_weekend_beside_a_day(when, said, then):
    before = TalkTurn("whats_on", {"when": when})
    assert READER.understand(said, now=NOW, talk=[before]).slots == {"when": then}


def test_all_day_is_no_part_of_it():
    assert "daypart" not in READER.read("what is on friday, am or pm is fine", now=NOW).slots


def test_a_session_is_asked_about_on_other_days():
    before = TalkTurn("session_detail", {"what": "rhyme_time"})
    reading = READER.understand("in the holidays too?", now=NOW, talk=[before])
    assert (reading.slots["what"], reading.slots["when"]) == ("rhyme_time", "hol:any")


@pytest.mark.parametrize("text", ["twice a week?", "my daughter Maya"])
def test_a_help_page_that_no_word_asks_for_is_no_answer(text):
    assert READER.read(text, now=NOW).intent != "topic"


@pytest.mark.parametrize(
    ("text", "intent", "what"),
    [
        ("my health visitor told me about mindful mums", "session_detail", "mindful_mums"),
        ("Good morning, I would like to enquire about your toddler groups please",
         "session_detail", "toddler_group"),
        ("every day", "whats_on", None),
    ],
)  # fmt: skip
def test_what_is_asked_in_other_words(text, intent, what):
    reading = READER.read(text, now=NOW)
    assert (reading.intent, reading.slots.get("what")) == (intent, what)


@pytest.mark.parametrize(
    ("before", "said", "then"),
    [
        ({"when": "wd:mon,wed"}, "and fridays too", {"when": "wd:mon,wed,fri"}),
        ({"daypart": "now"}, "ok tomorrow then", {"when": "2026-03-11"}),
        ({"when": "2026-03-14"}, "somewhere quiet", {"when": "2026-03-14"}),
        ({"when": "2026-03-14"}, "for babies", {"when": "2026-03-14"}),
        (
            {"when": "2026-03-14"},
            "for a 4 year old and a 1 year old",
            {"when": "2026-03-14", "age_m": ("48", "12")},
        ),
    ],
)
def test_days_beside_the_search_before(before, said, then):
    talk = [TalkTurn("whats_on", before)]
    assert READER.understand(said, now=NOW, talk=talk).slots == then


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("groups for a 6 month old", {"age_m": "6"}),
        ("groups for kids in erith", {"where": "area:erith"}),
        ("wife back at work so its me and the baby mondays, anything on", {"when": "wd:mon"}),
        ("2nd april anything in crayford library", {"when": "2026-04-02", "where": "lib_crayford"}),
        ("coffee morning on fridays?", {"what": "coffee_morning", "when": "wd:fri"}),
        ("is there anything free at Greenmead", {"where": "greenmead", "price": "free"}),
        ("anything free tomorrow", {"when": "2026-03-11", "price": "free"}),
        ("any groups that are free", {"price": "free"}),
        ("i'm free on thursday, what's on", {"when": "2026-03-12"}),
        ("im 30 weeks and want to meet people, what's on in erith", {"where": "area:erith", "who": "expecting"}),
        ("afternoons after 2 in erith", {"where": "area:erith", "daypart": "after:14:00"}),
        ("the weekend after next, anything in erith", {"when": "2026-03-28/2026-03-29", "where": "area:erith"}),
    ],
)  # fmt: skip
def test_nothing_is_read_into_a_search(text, slots):
    reading = READER.read(text, now=NOW)
    assert (reading.intent, dict(reading.slots)) == ("whats_on", slots)


def test_a_name_says_whom_it_is_for():
    reading = READER.read("how much is dads group", now=NOW)
    assert dict(reading.slots) == {"what": "dads_group", "ask": "price"}


@pytest.mark.parametrize(
    ("text", "intent"), [("are there photos taken", "withdraw_consent"), ("in bexley", "bye")]
)
def test_an_act_needs_a_word_of_it(text, intent):
    assert READER.read(text, now=NOW).intent != intent


def test_my_next_booking_points_at_nothing():
    assert "ref" not in READER.read("when is my next booking", now=NOW).seen

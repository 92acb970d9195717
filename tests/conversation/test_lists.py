"""What parents say to a list of sessions: more, back, that number, another day."""

from __future__ import annotations

import pytest

from tests.talker import Office, Talker


def first_line(said: str) -> str:
    return said.splitlines()[0]


def test_more_at_the_end_says_so_and_keeps_every_wish(amina: Talker):
    asked = first_line(amina.says("rhyme time in sidcup on tuesday 17 march"))
    assert amina.says("more") == f"That's all for {asked}."
    assert "Wednesday 11 March, Sidcup, Rhyme Time" in amina.says("and wednesday?")


def test_more_after_a_session_goes_on_where_the_list_was(amina: Talker):
    head = first_line(amina.says("what's on in erith"))
    amina.taps("2.")
    went_on = amina.says("more")
    assert first_line(went_on) == head
    assert "6. " in went_on


def test_back_shows_the_list_again(amina: Talker):
    shown = amina.says("what's on in erith")
    amina.taps("More" if "More" in amina.labels else "Lots more")
    second = amina.text
    amina.taps("7.")
    assert amina.says("back to the list") == second
    assert first_line(shown) == first_line(second)


def test_a_number_means_what_was_numbered_so(amina: Talker):
    shown = amina.says("what's on in erith")
    third = next(x for x in shown.splitlines() if x.startswith("3. "))
    amina.says("more")
    assert first_line(amina.says("the third one")) == third.removeprefix("3. ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("what's on yesterday", "That day is over. The next ones:"),
        ("what was on last friday", "That day is over. The next ones:"),
        ("2/3", "Monday 2 March\nThat day is over. The next ones:"),
        ("2/3/2025", "Sunday 2 March 2025\nThat day is over. The next ones:"),
        ("30 feb", "There is no 30 February."),
        ("2 january", "Saturday 2 January 2027"),
    ],
)
def test_a_day_that_is_over_or_none_is_said_to_be(amina: Talker, words: str, said: str):
    assert said in amina.says(words)
    assert "not sure" not in amina.text


def test_the_place_of_a_session_looked_at_binds_no_other_search(amina: Talker):
    assert "West Street" in amina.says("when is baby yoga")
    assert first_line(amina.says("rhyme time on friday")) == "Friday 13 March, Rhyme Time"


def test_a_help_page_is_left_for_a_session(amina: Talker):
    amina.says("my son has autism")
    assert first_line(amina.says("rhyme time on thursday")) == "Thursday 12 March, Rhyme Time"


def test_not_there_and_not_then(amina: Talker):
    amina.says("what's on tomorrow")
    assert first_line(amina.says("not in erith")).endswith("11 March, not Erith")
    assert first_line(amina.says("not mornings")).endswith("after midday, not Erith")
    assert "✕ not Erith" in amina.labels


def test_little_english_is_asked_which_language(amina: Talker, office: Office):
    assert "Which language" in amina.says("i cant speak english well")
    ola = office.talker("105", now=amina.now)
    assert ola.says("mój angielski jest słaby") == "Czy mam pisać po polsku?"


def test_the_time_of_one_line_is_that_line(amina: Talker):
    assert "3. Toddler Group\nFriday 13 March, 10am" in amina.says(
        "what's on friday 13 march morning in erith"
    )
    assert first_line(amina.says("tell me about the 10am one")) == "Toddler Group"


def test_days_that_are_ruled_out_are_not_shown(amina: Talker):
    said = amina.says("anything in erith next week but not thursday")
    assert first_line(said) == "Monday 16 March to Sunday 22 March, not Thursday, Erith"
    while "More" in amina.labels or any("more" in label for label in amina.labels):
        said += amina.says("more")
    assert "Friday 20 March" in said
    assert "Thursday 19 March" not in said
    said = amina.says("and not mondays either")
    assert first_line(said).startswith(
        "Monday 16 March to Sunday 22 March, not Monday and Thursday"
    )
    assert "Monday 16 March," not in said.replace(first_line(said), "")

"""What is ruled out, puts right or widens a search: places, parts of days, days that are over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.understanding.dates import no_such_day
from bot.understanding.reading import Shown, TalkTurn
from bot.understanding.relative import asks_what_was
from tests.understanding.test_reader import LONDON, NOW, READER

SUNDAY = datetime(2026, 3, 15, 10, tzinfo=LONDON)
WISH = TalkTurn(
    "whats_on",
    {"when": "2026-03-13", "where": "area:welling", "age_m": "24"},
    (Shown("baby_group", "east_wickham", "2026-03-13"),),
)
NO_DAY = TalkTurn("whats_on", {"where": "area:erith"}, WISH.shown)
MASSAGE = TalkTurn("whats_on", {"what": "baby_massage", "when": "2026-03-13"}, WISH.shown)
WEEK = TalkTurn("whats_on", {"when": "2026-03-16/2026-03-22", "where": "area:erith"}, WISH.shown)
NO_THURSDAY = TalkTurn(
    "whats_on", {"when": ("2026-03-16/2026-03-22", "wd:mon,tue,wed,fri,sat,sun")}, WISH.shown
)
NOT_ERITH = TalkTurn("whats_on", {"where": "not:area:erith"})
PAGE = TalkTurn(
    "session_detail", {"what": "baby_yoga"}, (Shown("baby_yoga", "west_street", "2026-03-13"),)
)
HELP = TalkTurn("topic", {"topic": "send"})


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("what's on not in erith", {"where": "not:area:erith"}),
        ("groups in sidcup not welling", {"where": "area:sidcup"}),
        ("anything but not in sidcup or welling", {"where": ("not:area:sidcup", "not:area:welling")}),
        ("anything in sidcup not mornings", {"daypart": "after:12:00", "where": "area:sidcup"}),
        ("groups but not afternoons", {"daypart": ("morning", "evening")}),
        ("baby groups, evenings are no good", {"daypart": "before:17:00"}),
        ("he naps in the morning but any groups in the afternoon", {"daypart": ("morning", "afternoon")}),
        ("for both my kids, 18 months and 4", {"age_m": ("18", "48")}),
        ("what's on 2/3", {"when": "2026-03-02"}),
        ("what's on 2/1", {"when": "2027-01-02"}),
        ("mornings", {"daypart": "morning"}),
        ("not mornings", {"daypart": "after:12:00"}),
        ("which courses are there", {"booking": "bookable"}),
        ("anything next week but not thursday", {"when": ("2026-03-16/2026-03-22", "wd:mon,tue,wed,fri,sat,sun")}),
        ("groups in the easter holidays except fridays", {"when": ("hol:easter", "wd:mon,tue,wed,thu,sat,sun")}),
        ("any weekday but tuesday", {"when": "wd:mon,wed,thu,fri"}),
        ("what's on this week apart from tomorrow", {"when": ("2026-03-10", "2026-03-12/2026-03-15")}),
        ("anything from 20 march but not weekends", {"when": ("2026-03-20/", "wd:mon,tue,wed,thu,fri")}),
    ],
)  # fmt: skip
def test_a_search_without_something(text, slots):
    reading = READER.understand(text, now=NOW)
    assert reading.intent == "whats_on"
    assert {k: reading.slots.get(k) for k in slots} == slots


def test_morning_alone_is_still_a_greeting():
    assert READER.understand("morning", now=NOW).intent == "greeting"


@pytest.mark.parametrize("text", ["i cant speak english well", "my english is not good"])
def test_little_english_is_no_wish_for_english(text):
    reading = READER.read(text, now=NOW)
    assert (reading.intent, reading.slots.get("language")) == ("language_change", None)
    assert READER.read("in english please", now=NOW).slots["language"] == "en"


@pytest.mark.parametrize(
    ("last", "text", "intent", "slots"),
    [
        (HELP, "messy play sat", "whats_on", {"what": "messy_play", "when": "2026-03-14"}),
        (HELP, "half term", "whats_on", {"when": "hol:half_term"}),
        (HELP, "what about saturday", "whats_on", {"when": "2026-03-14"}),
        (HELP, "he's 4", "topic", {"topic": "send"}),
        (WISH, "not in welling", "whats_on", {"where": "not:area:welling", "age_m": "24"}),
        (WISH, "not erith", "whats_on", {"where": ("area:welling", "not:area:erith")}),
        (NOT_ERITH, "not bexleyheath", "whats_on", {"where": ("not:area:erith", "not:area:bexleyheath")}),
        (NOT_ERITH, "in erith", "whats_on", {"where": "area:erith"}),
        (WISH, "somewhere else", "whats_on", {"where": "not:area:welling", "age_m": "24", "when": "2026-03-13"}),
        (WISH, "actually make that saturday", "whats_on", {"when": "2026-03-14", "age_m": "24"}),
        (NO_DAY, "what about the week after", "whats_on", {"when": "2026-03-16/2026-03-22", "where": "area:erith"}),
        (WEEK, "but not thursday", "whats_on", {"when": ("2026-03-16/2026-03-22", "wd:mon,tue,wed,fri,sat,sun"), "where": "area:erith"}),
        (NO_THURSDAY, "and not mondays either", "whats_on", {"when": ("2026-03-16/2026-03-22", "wd:tue,wed,fri,sat,sun")}),
        (MASSAGE, "anything else tomorrow", "whats_on", {"what": None, "when": "2026-03-11"}),
        (MASSAGE, "sing and sign in sidcup", "whats_on", {"what": "sing_and_sign", "where": "area:sidcup", "when": None}),
        (MASSAGE, "where is it", "session_detail", {"what": "baby_massage", "ask": "place"}),
        (PAGE, "when is rhyme time", "session_detail", {"what": "rhyme_time", "where": None}),
        (PAGE, "when is rhyme time there", "session_detail", {"what": "rhyme_time", "where": "west_street"}),
        (PAGE, "how much is it", "session_detail", {"what": "baby_yoga", "where": "west_street", "ask": "price"}),
    ],
)  # fmt: skip
def test_a_follow_up_keeps_what_it_does_not_change(last, text, intent, slots):
    reading = READER.understand(text, now=NOW, talk=[last])
    assert reading.intent == intent
    assert {k: reading.slots.get(k) for k in slots} == slots


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("this week", "2026-03-15/2026-03-22"),
        ("what's on this weekend", ("wd:sat,sun", "2026-03-15/2026-03-22")),
        ("what's on next weekend", "2026-03-21/2026-03-22"),
    ],
)
def test_on_a_sunday_the_coming_one_may_be_meant_too(text, when):
    assert READER.read(text, now=SUNDAY).slots["when"] == when
    before = READER.read("what's on this weekend", now=SUNDAY - timedelta(days=1))
    assert before.slots["when"] == "2026-03-14/2026-03-15"


@pytest.mark.parametrize(
    ("text", "day"),
    [("30 february", "30 February"), ("on 31/6", "31/6"), ("29 february", ""), ("5/13", "")],
)
def test_a_day_that_no_year_has(text, day):
    assert no_such_day(text) == day


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("what's on yesterday", True),
        ("what was on last friday", True),
        ("yesterday", True),
        ("i came yesterday", False),
        ("what did i book last week", False),
        ("last one please", False),
    ],
)
def test_what_was_on_is_asked(text, asked):
    assert asks_what_was(text) is asked

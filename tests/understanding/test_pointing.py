"""What a message means beside the screen it answers: a line by its time, its day or a word of it, an
answer with more in it than was asked, a fact about the one session shown."""

from __future__ import annotations

import pytest

from bot.understanding.reading import Shown, TalkTurn
from tests.understanding.test_reader import NOW, READER


def shown(*lines: str) -> tuple[Shown, ...]:
    return tuple(Shown(label=line) for line in lines)


LISTED = TalkTurn(
    "whats_on",
    {"when": "2026-03-12", "where": "area:welling"},
    shown(
        "Messy play, East Wickham, Thu 12 Mar 09:15",
        "Story and songs, Welling Library, Thu 12 Mar 11:00",
        "Starting solids, Hook Lane, Thu 12 Mar 13:30",
    ),
)
DATES = TalkTurn(
    "session_detail",
    {"what": "henry", "ask": "next_date"},
    shown("HENRY, Danson, Wed 18 Mar 13:00", "HENRY, Danson, Wed 15 Apr 18:30"),
)
MINE = TalkTurn(
    "my_bookings",
    {},
    shown("Baby yoga, Hook Lane, Mon 16 Mar 10:00", "Peep, Howbury, Wed 18 Mar 09:30"),
)
WHICH = TalkTurn("cancel_booking", {}, MINE.shown, bot_asked="which_booking")
ONE = TalkTurn(
    "session_detail",
    {"what": "mindful_mums", "ask": "time"},
    shown("Mindful mums, Northend, Thu 12 Mar 10:00"),
)
PEEP = {"what": "peep", "when": "2026-03-18"}
BOOKING = TalkTurn("book", PEEP, MINE.shown[1:], bot_asked="confirm")
CANCELLING = TalkTurn("cancel_booking", {"what": "peep"}, MINE.shown[1:], bot_asked="confirm")
DADS = TalkTurn("whats_on", {"when": "2026-03-14", "who": "dads"})
AGE = TalkTurn("whats_on", {"when": "2026-03-12"}, bot_asked="age")
PLACE = TalkTurn("whats_on", {"what": "messy_play", "where": "me"}, bot_asked="postcode")


@pytest.mark.parametrize(
    ("last", "text", "intent", "ref"),
    [
        (LISTED, "stick us in the quarter past nine", "book", "1"),
        (LISTED, "put me down for the 11 o clock", "book", "2"),
        (LISTED, "can we do the half past one", "session_detail", "3"),
        (LISTED, "ill do the afternoon one", "book", "3"),
        (LISTED, "the food one", "session_detail", "3"),
        (LISTED, "is the arty one ok for a 1 year old", "session_detail", "1"),
        (LISTED, "tell me more re east wickham", "session_detail", "1"),
        (DATES, "book april pls", "book", "2"),
        (DATES, "april pls", "session_detail", "2"),
        (DATES, "put me on the 15th april", "book", "2"),
        (DATES, "book the 18th", "book", "1"),
        (MINE, "bin the second", "cancel_booking", "2"),
        (MINE, "ditch the yoga", "cancel_booking", "1"),
        (MINE, "take us off wednesdays list", "cancel_booking", "2"),
        (MINE, "what time is mondays", "session_detail", "1"),
        (WHICH, "the 10am", "cancel_booking", "1"),
        (WHICH, "wednesday", "cancel_booking", "2"),
        (WHICH, "lot of em", "cancel_booking", "all"),
        (WHICH, "every single one", "cancel_booking", "all"),
    ],
)
def test_a_line_is_told_by_what_stands_in_it(last, text, intent, ref):
    reading = READER.understand(text, now=NOW, talk=[last])
    assert (reading.intent, reading.slots.get("ref")) == (intent, ref)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("and friday?", {"when": "2026-03-13", "where": "area:welling"}),
        ("any in the morning", {"daypart": "morning", "when": "2026-03-12", "where": "area:welling"}),
    ],
)  # fmt: skip
def test_a_search_on_the_screen_is_still_narrowed(text, slots):
    reading = READER.understand(text, now=NOW, talk=[LISTED])
    assert (reading.intent, reading.slots) == ("whats_on", slots)


def test_a_line_names_a_venue_also_where_an_area_is_called_so():
    last = TalkTurn("whats_on", {}, shown("Baby group, North Cray, Fri 13 Mar 10:00"))
    reading = READER.understand("tell me about number 1", now=NOW, talk=[last])
    assert reading.slots["where"] == "north_cray"


def test_a_booking_is_moved_by_its_own_day_to_the_week_after():
    text = "dont cancel anything, move wednesdays to the week after"
    reading = READER.understand(text, now=NOW, talk=[WHICH])
    assert reading.intent == "change_booking"
    assert (reading.slots["when"], reading.slots["new_when"]) == ("2026-03-18", "2026-03-25")


@pytest.mark.parametrize(
    ("last", "text", "intent"),
    [
        (WHICH, "none of them, pressed the wrong thing", "deny"),
        (WHICH, "neither actually we can make it after all", "deny"),
        (WHICH, "nah leave them all", "deny"),
        (CANCELLING, "no wait i can come now", "deny"),
        (CANCELLING, "yes sorry shes poorly", "affirm"),
        (BOOKING, "yeah its just me", "affirm"),
    ],
)
def test_yes_and_no_with_a_reason(last, text, intent):
    assert READER.understand(text, now=NOW, talk=[last]).intent == intent


@pytest.mark.parametrize(
    ("text", "party"),
    [("yes but make it 2 kids", "2"), ("me and hubby yeah", "2"), ("yes for 3 people", "3")],
)
def test_how_many_come_is_told_with_the_yes(text, party):
    reading = READER.understand(text, now=NOW, talk=[BOOKING])
    assert (reading.intent, reading.slots) == ("book", {**PEEP, "party": party})


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("is there a creche while im in it", "siblings"),
        ("can baby be in the sling while i do it", "siblings"),
        ("i had a section 4 weeks ago am i ok kneeling on the floor", "access"),
        ("do you get a brew", "food"),
    ],
)
def test_a_fact_of_the_one_shown_in_words_of_another_subject(text, ask):
    reading = READER.understand(text, now=NOW, talk=[ONE])
    told = {k: reading.slots.get(k) for k in ("what", "ask")}
    assert (reading.intent, told) == ("session_detail", {"what": "mindful_mums", "ask": ask})


def test_the_age_of_a_brother_is_kept():
    text = "can his brother come to the library one hes 3"
    reading = READER.understand(text, now=NOW, talk=[LISTED])
    assert (reading.slots["ref"], reading.slots["age_m"]) == ("2", "36")


@pytest.mark.parametrize(
    ("last", "text", "slots"),
    [
        (DADS, "grandad instead of dad", {"when": "2026-03-14", "who": "grandparent"}),
        (DADS, "sunday instead of saturday", {"when": "2026-03-15", "who": "dads"}),
        (AGE, "twins, nearly three", {"when": "2026-03-12", "age_m": "36", "who": "twins"}),
        (AGE, "two of them, 3 and 5", {"when": "2026-03-12", "age_m": ("36", "60")}),
        (AGE, "not sure, im fostering him, about 2", {"when": "2026-03-12", "age_m": "24", "who": "foster"}),
        (AGE, "dont know yet shes not born till june", {"when": "2026-03-12", "who": "expecting"}),
        (PLACE, "Belvedere, dont know postcode we only moved sat", {"what": "messy_play", "where": "area:belvedere"}),
        (PLACE, "im just off the high street in da15 by the station", {"what": "messy_play", "where": "pc:DA15"}),
        (ONE, "thats miles away. near da17?", {"what": "mindful_mums", "where": "pc:DA17"}),
    ],
)  # fmt: skip
def test_one_part_of_a_search_told_anew(last, text, slots):
    reading = READER.understand(text, now=NOW, talk=[last])
    assert (reading.intent, reading.slots) == ("whats_on", slots)


@pytest.mark.parametrize("text", ["this bot is better than phoning tbh", "lol youre good at this"])
def test_praise_of_the_service_itself(text):
    reading = READER.understand(text, now=NOW, talk=[LISTED])
    assert (reading.intent, reading.slots) == ("feedback", {"kind": "praise"})

"""Every kind of fault is told with its file, its line, what is wrong and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content import ContentError, check, load
from tests.content.conftest import Spoil

# file, what stands there, what it becomes, what the problem says; the line is that of the text.
FAULTS = [
    # the YAML itself
    ("venues.yaml", "kind: library,", "kind: library, kind: school,", "“kind” is here twice"),
    ("venues.yaml", "kind: library,", "kind: library}", "not YAML"),
    ("venues.yaml", "kind: library,", "kind: &a library,", "anchor"),
    ("venues.yaml", "kind: library,", "kind: !x library,", "tag"),
    ("venues.yaml", "kind: library,", "kind: [[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]],", "too many levels"),
    ("venues.yaml", "  area: old_town", "  area: old_town\n---", "second document"),
    ("venues.yaml", "  address: 1 Weir Street", "  ? [a]\n  : b", "as a name"),
    # names and slugs
    ("venues.yaml", "  address: 1 Weir Street", "  adress: 1 Weir Street", "“adress”, which means nothing"),
    ("venues.yaml", "  area: old_town", "  area: old_twon", "unknown area"),
    ("venues.yaml", "kind: library,", "kind: libary,", "“libary”"),
    ("venues.yaml", "  contact: hub_line", "  contact: hub_lien", "unknown contact"),
    ("activities.yaml", "  topic: feelings", "  topic: feeling", "unknown topic"),
    ("activities.yaml", "nicknames: [massage]", "nicknames: [massage, forest school]", "is also one of"),
    ("topics.yaml", "  activities: [listening_room]", "  activities: [listening_rom]", "unknown activity"),
    ("topics.yaml", "  contacts: [listeners, emergency]", "  contacts: [listener]", "unknown contact"),
    ("topics.yaml", "  group: worries", "  group: worry", "“worry”"),
    ("topics.yaml", "nursery_places:", "nursery_place:", "no English page"),
    ("council.yaml", "line: hub_line", "line: nobody", "unknown contact"),
    ("areas.yaml", "area: mill_lane,", "area: mill,", "unknown area"),
    # values
    ("venues.yaml", "  postcode: NE1 1AA", "  postcode: NE1", "postcode “NE1”"),
    ("venues.yaml", "  point: [54.981, -1.621]", "  point: [-1.621, 54.981]", "not a place in Britain"),
    ("venues.yaml", "  sure: yes", "  sure: maybe", "“maybe”"),
    ("activities.yaml", "  age_from: 6 weeks", "  age_from: 6 moons", "“6 moons”"),
    ("activities.yaml", "instead: Ask at the leisure pool.,", "", "“instead”"),
    ("contacts.yaml", "phone: 01632 960001", "phone: 01632 9600", "“01632 9600”"),
    ("contacts.yaml", "phone: 01632 960001", "phone: call us", "“call us”"),
    ("contacts.yaml", "checked: 2026-01-15", "checked: 2026-02-30", "“2026-02-30”"),
    ("contacts.yaml", ", checked: 2026-01-15", "", "no “checked”"),
    ("council.yaml", 'ink: "#ffffff"', 'ink: "#2d6c4a"', "contrast"),
    ("council.yaml", 'colour: "#1d5c3a"', "colour: green", "a colour"),
    ("council.yaml", "  monday: [08:30, 16:30]", "  monday: [16:30, 08:30]", "hours of monday"),
    ("council.yaml", "reminder_hour: 17", "reminder_hour: 25", "“25”"),
    ("council.yaml", "timezone: Europe/London", "timezone: Europe/Bexley", "time zone"),
    ("council.yaml", "exit_url: https://www.bbc.co.uk/weather", "exit_url: http://x.example", "exit_url"),
    ("council.yaml", "  en: {name", "  cy: {name: Cymraeg}\n  en: {name", "not English"),
    ("calendar.yaml", "ends: 2026-03-27,", "ends: 2026-04-20,", "overlap"),
    ("calendar.yaml", "ends: 2026-07-17,", "ends: 2026-04-01,", "ends before it starts"),
    ("calendar.yaml", "[2026-05-25, 2026-05-29]", "[2026-08-25, 2026-08-29]", "half term"),
    ("calendar.yaml", "2026-04-06: Easter Monday", "2026-04-36: Easter Monday", "bank holiday"),
    ("council.yaml", "chats: 14 days", "chats: a while", "“a while”"),
    ("council.yaml", "keep: {", "keeps: {", "which means nothing"),
    ("wordings.yaml", "Chats: {chats}.", "Chats: {chat}.", "“{chat}” in privacy"),
    ("wordings.yaml", " Bookings: {bookings}.", "", "{bookings}"),
    ("wordings.yaml", "text: May we remind you the evening before?", 'text: "May we? {chats}"', "“{chats}” in reminders"),
    ("wordings.yaml", "register: {kind: agreement,", "register: {kind: promise,", "“promise”"),
    ("wordings.yaml", "reminders: {", "reminder: {", "no wording “reminders”"),
    ("wordings.yaml", "  version: 2026-02", "  version: new", "version “new”"),
    ("wordings.yaml", "{by: Ada Quill, on: 2026-02-03}", "{by: Ada Quill}", "half an approval"),
    ("safety.yaml", "phrases: ../../../content/safety/phrases", "phrases: nowhere", "no danger phrases"),
    ("safety.yaml", "  cy: ", "  welsh: ", "language “welsh”"),
    ("safety.yaml", "If a child is in danger, call 999.", "Keep calm.", "does not name 999"),
    # words
    ("activities.yaml", "summary: Mud and trees for walkers.", "summary: Mud <b>and</b> trees", "HTML"),
    ("activities.yaml", "summary: Mud and trees for walkers.", "summary: '[x](http://x.example)'", "a link"),
    ("activities.yaml", "summary: Mud and trees for walkers.", 'summary: "a\\u202eb"', "hidden"),
    ("activities.yaml", "summary: Mud and trees for walkers.", "summary: Ring 01632 960999", "not in contacts"),
    ("activities.yaml", "  name: Forest Tots", "  name: {ro: Forest Tots}", "no English"),
    ("activities.yaml", "  name: Forest Tots", "  name: {en: Forest, ra: Tots}", "is in “ra”"),
    ("help/feelings.en.md", "You can talk to us at the hub.", "<script>x</script>", "HTML"),
    ("help/feelings.en.md", "0808 157 0192", "0808 157 0193", "not in contacts"),
    ("help/feelings.en.md", "- In danger", "# In danger", "a heading"),
    # the programme
    ("programme.csv", "mill-play;stay_and_play", "mill-play;stay_and_pray", "unknown activity"),
    ("programme.csv", ";book_barn;", ";book_bran;", "unknown venue"),
    ("programme.csv", "mill-forest-may", "mill-forest", "is also on line"),
    ("programme.csv", "mill-forest-may", "Mill Forest", "“Mill Forest”"),
    ("programme.csv", "fortnightly", "now and then", "“now and then”"),
    ("programme.csv", "Tuesdays", "Toosday", "“Toosday”"),
    ("programme.csv", "Tuesdays", "Monday", "13/01/2026 is a Tuesday"),
    ("programme.csv", "2026-03-14", "2026-03-13", "13/03/2026 is a Friday"),
    ("programme.csv", "2026-03-14", "2026-02-30", "“2026-02-30”"),
    ("programme.csv", "2026-03-14", "", "“dates”: is empty"),
    ("programme.csv", "31/03/2026", "01/04/2026", "01/04/2026 is a Wednesday"),
    ("programme.csv", "21/07/2026", "06/01/2026", "before the first date"),
    ("programme.csv", "9.30;11:00am", "11.30;11:00am", "not after"),
    ("programme.csv", "9.30;11:00am", "half nine;11:00am", "“half nine”"),
    ("programme.csv", "0-3 years", "3-0 years", "36 to 0 months"),
    ("programme.csv", "0-3 years", "small ones", "“small ones”"),
    ("programme.csv", ";wed;;4;", ";wed;;;", "“weeks”: is empty"),
    ("programme.csv", ";book;6;", ";book;;", "“places”: is empty"),
    ("programme.csv", ";book;6;", ";drop in;6;", "a course is joined"),
    ("programme.csv", "04/03/2026", "", "“first date”: is empty"),
    ("programme.csv", "Monday;last", "Monday;", "“which”: is empty"),
    ("programme.csv", "Monday;last", "Monday;fifth", "“fifth”"),
    ("programme.csv", "Tea for grown-ups", "<b>Tea</b>", "HTML"),
    ("programme.csv", "Tea for grown-ups", "Tea;and;cake", "more cells"),
    ("programme.csv", "Ages;Cost", "Agges;Cost", "column “agges”"),
    ("programme.csv", "Day;Which", "Which;Which", "no column “day”"),
    ("programme.csv", "forest_tots;old_mill;Garden;;dates;;Sat", "swimming;old_mill;Garden;;dates;;Sat", "not offered"),
]  # fmt: skip


LISTENING = "Small room;;monthly;;Monday;last;;1pm;3pm;26/01/2026"

# Something that is missing is told where it should stand: so many lines from the change.
ELSEWHERE = {
    "no wording “reminders”": -8,
    "“{chat}” in privacy": -1,  # at the text, which begins a line up
    "{bookings}": -1,
    "second document": 1,
    "is also one of": 9,  # at the later of the two
    "overlap": 1,  # at the later term
    "not English": -1,
    "does not name 999": -2,  # at the text, which begins two lines up
}


@pytest.mark.parametrize(("file", "old", "new", "what"), FAULTS)
def test_a_fault_is_told_with_file_and_line(
    copy: Path, spoil: Spoil, file: str, old: str, new: str, what: str
) -> None:
    line = spoil(file, old, new) + ELSEWHERE.get(what, 0)
    found = [p for p in check(copy) if what in p.what or what in p.expected]
    assert (file, line) in {(p.file, p.line) for p in found}, [str(p) for p in check(copy)]
    assert all(p.expected for p in found)


def test_every_fault_is_told_at_once(copy: Path, spoil: Spoil) -> None:
    spoil("venues.yaml", "area: old_town", "area: nowhere")
    spoil("programme.csv", "Tuesdays", "Toosday")
    spoil("help/feelings.en.md", "Having a small child", "<i>Having a small child")
    with pytest.raises(ContentError) as caught:
        load(copy)
    assert [p.file for p in caught.value.problems] == [
        "help/feelings.en.md",
        "programme.csv",
        "venues.yaml",
    ]
    assert "venues.yaml:6:" in str(caught.value)
    assert caught.value.sentence(str).startswith("Some of the content")


def test_a_missing_file_and_a_strange_one_are_told(copy: Path) -> None:
    (copy / "calendar.yaml").unlink()
    assert [(p.file, p.what) for p in check(copy)] == [
        ("calendar.yaml", "the file is missing or can't be opened")
    ]
    (copy / "calendar.yaml").write_bytes(b"sample: no\nterms: \xff\n")
    assert [(p.file, p.line) for p in check(copy)] == [("calendar.yaml", 2)]


def test_a_page_of_an_unknown_topic_is_told(copy: Path) -> None:
    (copy / "help" / "fellings.en.md").write_text("Words.\n", encoding="utf-8")
    (copy / "help" / "feelings.xx.md").write_text("Words.\n", encoding="utf-8")
    assert {p.file for p in check(copy)} == {"help/feelings.xx.md", "help/fellings.en.md"}


def test_two_sessions_in_one_room_at_one_time_are_told(copy: Path, spoil: Spoil) -> None:
    line = spoil("programme.csv", LISTENING, "Big room;;weekly;;Tuesday;;;10:30;12:00;20/01/2026")
    (found,) = check(copy)
    assert (found.file, found.line) == ("programme.csv", line)
    assert "“mill-play”" in found.what
    assert "on Tuesday 20/01/2026 at 10:30" in found.what


def test_rooms_are_not_mixed_up_where_the_weeks_differ(copy: Path, spoil: Spoil) -> None:
    spoil("programme.csv", LISTENING, "Quiet room;;weekly;;Wednesday;;;10:30;12:00;01/04/2026")
    assert check(copy) == []  # the massage course has ended on 25 March


def test_a_block_of_text_is_told_by_the_line_within_it(copy: Path, spoil: Spoil) -> None:
    line = spoil("safety.yaml", "      Call 999 now.", "      Call 999 now.\n      <b>Run</b>")
    (found,) = [p for p in check(copy) if "HTML" in p.what]
    assert (found.file, found.line) == ("safety.yaml", line + 1)

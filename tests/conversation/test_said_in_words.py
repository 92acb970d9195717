"""What buttons and links do, asked for in words: codes, calendars, calls, details, other languages."""

from __future__ import annotations

import re

import pytest
from sqlmodel import select

from bot.bookings.rules import ClaimKind
from bot.enquiries.models import Enquiry
from bot.enquiries.rules import EnquiryKind, EnquiryState
from bot.families.models import Adult
from bot.outreach.models import Follow
from tests.conftest import NOW
from tests.conversation.test_danger import WORDS
from tests.conversation.test_forms_heard import NUMBER, adult
from tests.conversation.test_from_anywhere import begin, held, to_the_check
from tests.talker import Office, Talker, types

pytestmark = pytest.mark.long  # whole conversations


def booked(who: Talker) -> str:
    """Book baby massage; its code."""
    to_the_check(who)
    found = re.search(r"code is (\S+)\.", who.says("yes"))
    assert found is not None
    return found[1]


def links(who: Talker) -> list[str]:
    return [b.url for r in who.replies for row in r.message.rows for b in row if b.url]


@pytest.mark.parametrize(
    "words",
    ["what's my code", "whats the code", "can you send me the code again", "i lost my code"],
)
def test_the_code_of_a_booking_is_told(amina: Talker, ben: Talker, words: str):
    code = booked(amina)
    amina.says("what's on tomorrow")
    assert code in amina.says(words)
    assert code not in ben.says(words)


@pytest.mark.parametrize(
    ("words", "link"),
    [
        ("add to calendar", ".ics"),
        ("add it to my calendar", ".ics"),
        ("put it in my phone calendar please", ".ics"),
        ("map", "openstreetmap"),
        ("can you send me a map", "openstreetmap"),
    ],
)
@pytest.mark.parametrize("where", ["page", "list", "booked"])
def test_links_can_be_had_by_typing(amina: Talker, words: str, link: str, where: str):
    if where == "booked":
        booked(amina)
        amina.says("menu")
    else:
        amina.says("baby massage at west street")
        if where == "page":
            amina.taps("1.")
    said = amina.says(words)
    given = links(amina)
    assert given
    assert all(link in url for url in given)
    assert (len(given) == 1) is (where != "list")
    assert where == "list" or given[0] in said


def test_a_calendar_of_nothing_is_read_as_usual(amina: Talker):
    amina.says("add to calendar")
    assert not links(amina)


@pytest.mark.parametrize(
    "words",
    ["let me know if its cancelled", "tell me if it's called off", "tell me if it is moved"],
)
def test_a_session_is_followed_and_left_in_words(amina: Talker, office: Office, words: str):
    amina.says("baby massage at west street")
    amina.taps("1.")
    assert "is cancelled or moved" in amina.says(words)
    assert "I won't tell you" in amina.says("stop telling me")
    follows = office.store.read_now(lambda db: db.exec(select(Follow)).all())
    assert [f.ended_at is None for f in follows] == [False]


def test_what_was_searched_for_is_remembered_and_forgotten_in_words(amina: Talker):
    amina.says("what's on for a 2 year old in welling")
    assert "I'll remember that" in amina.says("remember that")
    assert "Forgotten" in amina.says("forget that")


@pytest.mark.parametrize("words", ["i cant afford it", "it's too expensive", "we can't pay for it"])
def test_a_charge_that_stops_somebody_is_said_at_the_check(amina: Talker, words: str):
    to_the_check(amina)
    said = amina.says(words)
    assert "find a way with you" in said
    assert "Please check" in said
    assert "Booked." in amina.says("yes")


CALL = ("ask a person to ring me", "Amina", NUMBER, "after 3pm", "yes")


def calls(office: Office) -> list[Enquiry]:
    return list(office.store.read_now(lambda db: db.exec(select(Enquiry)).all()))


@pytest.mark.parametrize(
    "words", ["did you get my request", "when will they call", "is anyone ringing me"]
)
def test_a_call_that_was_asked_for_can_be_seen(amina: Talker, ben: Talker, words: str):
    types(amina, *CALL)
    amina.says("what's on tomorrow")
    said = amina.says(words)
    assert "Number: +447700900982" in said
    assert "When: after 3pm" in said
    assert "Number:" not in ben.says(words)


@pytest.mark.parametrize(
    "lines",
    [
        ("actually the number is 07700 900983",),
        ("my number is 07700 900983",),
        ("wrong number", "07700 900983"),
        ("change the number", "07700 900983"),
    ],
)
def test_the_number_of_a_call_is_put_right(amina: Talker, office: Office, lines: tuple[str, ...]):
    types(amina, *CALL, *lines)
    assert [c.private["phone"] for c in calls(office)] == ["+447700900983"]


@pytest.mark.parametrize(
    "words",
    [
        "cancel the call back",
        "i dont want a call anymore",
        "cancel that",
        "don't ring me",
        "cancel my request",
    ],
)
def test_a_call_is_taken_back(amina: Talker, office: Office, words: str):
    types(amina, *CALL)
    assert "you don't need the call" in amina.says(words)
    assert [c.state for c in calls(office)] == [EnquiryState.CLOSED]


def test_a_call_from_the_card_is_neither_shown_nor_taken_back(amina: Talker, office: Office):
    amina.says(WORDS)
    amina.taps("Ask a person to contact me")
    types(amina, "Amina", NUMBER, "any time", "no", "About library books")
    amina.taps("Hide this")
    for words in ("did you get my request", "my number is 07700 900983", "cancel the call back"):
        assert "your request" not in amina.says(words)
    (row,) = calls(office)
    assert (row.kind, row.state) == (EnquiryKind.CONTACT_ME, EnquiryState.OPEN)
    assert row.private["phone"] == "+447700900982"


@pytest.mark.parametrize(
    ("lines", "asked", "shown"),
    [
        (("book baby massage at west street for my 5 month old",), "first name", ""),
        (("book baby massage at west street, my name is Bea and she's 5 months",), "", "Name: Bea"),
        (("sign me up for baby massage, my name is Bea and my son is 5 months old", "the first"),
         "", "Name: Bea"),
        (("book baby massage, my name is Bea and she's 5 months", "what about for 4 months", "the first", "book"),
         "How old", ""),
    ],
)  # fmt: skip
def test_what_is_told_with_the_wish_to_book_is_not_asked(
    amina: Talker, lines: tuple[str, ...], asked: str, shown: str
):
    said = types(amina, *lines)
    if "keeping a place" not in said:
        said = amina.taps("Book a place") if "Book a place" in amina.labels else amina.taps("1.")
    if "keeping a place" not in said:
        said = amina.taps("Book a place")
    if asked:
        assert asked in said
        said = amina.says("Bea") if asked == "first name" else said
    assert shown in said
    if asked != "How old":
        assert "Child: 5 months" in said


def test_what_is_told_in_the_middle_of_another_booking_is_kept_for_its_own(amina: Talker):
    begin(amina)
    said = types(
        amina, "sign me up for sing and sign, my name is Bea and my son is 14 months", "the first"
    )
    assert "Name: Bea" in said
    assert "Child: 14 months" in said


@pytest.mark.parametrize(
    ("lines", "name", "phone"),
    [
        (("change my name", "change my name", "Zedd"), "Zedd", None),
        (("change name to Zedd",), "Zedd", None),
        (("change my name", "my phone", "07700 900983"), None, "+447700900983"),
        (("change my details", "phone number", "07700 900983"), None, "+447700900983"),
        (("change my name", "my number is 07700 900983"), None, "+447700900983"),
        (("change my details", "my name is Zedd"), "Zedd", None),
        (("change my name", "what's on tomorrow"), None, None),
        (("change my name", "my child has a nut allergy"), None, None),
    ],
)
def test_details_are_changed_in_few_words(
    amina: Talker, office: Office, lines: tuple[str, ...], name: str | None, phone: str | None
):
    types(amina, *lines)
    found: Adult = adult(office)
    assert (found.private.get("name"), found.private.get("phone")) == (name, phone)


@pytest.mark.parametrize("words", ["what's on tomorrow", "thanks", "i cant afford the charge"])
def test_what_is_no_detail_leaves_the_form(amina: Talker, words: str):
    amina.says("change my details")
    assert "I can change these" not in amina.says(words)
    assert "Carry on" not in amina.labels
    assert "Never mind" not in amina.labels


def test_a_wrong_day_is_no_detail_of_a_person(amina: Talker):
    booked(amina)
    assert "Which date would you like instead" in amina.says("i made a mistake, wrong day")


def test_nothing_has_changed_where_nothing_was_kept(amina: Talker):
    amina.says("change my details")
    assert "Nothing has changed" in amina.says("cancel")


@pytest.mark.parametrize("words", ["my wife gave me a code {}", "here you go: {} thank you", "{}"])
def test_a_code_is_read_anywhere_in_a_sentence(amina: Talker, ben: Talker, words: str):
    code = booked(amina)
    said = ben.says(words.format(code))
    assert f"Code: {code}" in said


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("can he see my bookings", "Only you see your bookings"),
        ("can my husband see my bookings?", "Only you see your bookings"),
        ("remove him from my family", "My family"),
        ("my partner wants to see my bookings too", "Only you see"),
    ],
)
def test_who_sees_is_answered(amina: Talker, words: str, shown: str):
    assert shown in amina.says(words)


@pytest.mark.parametrize(
    "words", ["dont let him see", "don't let him see my bookings", "stop letting them see it"]
)
def test_sharing_is_stopped_in_words(amina: Talker, office: Office, words: str):
    amina.says("who can see my bookings")
    amina.taps("Let the other adults")
    assert adult(office).shares_since is not None
    assert "Only you see your bookings" in amina.says(words)
    assert adult(office).shares_since is None


@pytest.mark.parametrize("words", ["stop sharing", "dont share with my ex", "hide my bookings"])
def test_sharing_is_stopped_from_anywhere_and_where_nothing_is_shared(
    amina: Talker, office: Office, words: str
):
    assert "Only you see your bookings" in amina.says(words)
    amina.taps("Let the other adults")
    amina.says("menu")
    assert "Only you see your bookings" in amina.says(words)
    assert adult(office).shares_since is None


@pytest.mark.parametrize("words", ["book 1", "can u book 1 pls", "book me on the first one"])
def test_one_of_the_list_is_booked_by_its_number(amina: Talker, words: str):
    amina.says("baby massage at west street")
    assert "What is your first name?" in amina.says(words)


def test_a_number_of_places_is_no_line_of_the_list(amina: Talker):
    amina.says("baby massage at west street")
    assert "Which one shall I book?" in amina.says("book 1 place")


@pytest.mark.parametrize(
    "words", ["don't let him", "never let him see them", "stop letting him in"]
)
def test_words_that_may_mean_worse_are_heard_as_ever(amina: Talker, office: Office, words: str):
    amina.says("who can see my bookings")
    amina.taps("Let the other adults")
    assert "Only you see your bookings" not in amina.says(words)
    assert adult(office).shares_since is not None


POLISH = {
    "yes; yeah": "tak; no tak", "more; show more; the rest": "więcej; pokaż więcej",
    "second; the second; the second one": "drugi; drugie; druga",
    "book; book it; book a place": "zarezerwuj; rezerwuję",
    "back; go back": "wróć; cofnij",
}  # fmt: skip


@pytest.fixture
def ola(office: Office, monkeypatch: pytest.MonkeyPatch) -> Talker:
    """Somebody with Polish on the screen, whose few words the catalogue has."""
    words = office.desk.words("pl")
    known = words._
    monkeypatch.setattr(words, "_", lambda text: POLISH.get(text) or known(text))
    return office.talker("109", now=NOW, lang="pl")


@pytest.mark.parametrize("lang", ["pl", "en"])
def test_common_words_are_known_in_each_language(ola: Talker, lang: str):
    ola.command("language")
    ola.taps({"pl": "Polski", "en": "English"}[lang])
    ola.says("what's on tomorrow")
    first = ola.labels[:2]
    ola.says("więcej")
    assert ola.labels[0].startswith("6.")
    assert ola.labels[:2] != first
    ola.says("baby massage at west street")
    ola.says("drugie")
    ola.says("zarezerwuj")
    assert ola.button("Never mind" if lang == "en" else "Jednak nie")
    ola.says("Ola")
    ola.says("9 miesięcy" if lang == "pl" else "9 months")
    assert re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", ola.says("tak"))


def test_going_back_in_polish_leaves_a_form(ola: Talker, office: Office):
    types(ola, "baby massage at west street", "drugi")
    ola.taps("Zarezerwuj miejsce")
    assert held(office) == [ClaimKind.HOLD]
    ola.says("Wróć!")
    assert held(office) == []


@pytest.mark.parametrize("words", ["i cant do the first one", "cancel the second one"])
def test_a_number_that_no_list_on_the_screen_has_asks_which_booking(amina: Talker, words: str):
    for wanted, age in (
        ("henry workshop", "2 years old"),
        ("baby massage at west street", "6 to 12 months"),
    ):
        amina.says(wanted)
        amina.taps("1.")
        amina.taps("Book a place")
        if "first name" in amina.text:
            amina.says("Amina")
        amina.taps(age)
        amina.taps("Yes, book it")
    said = amina.says(words)
    assert "Which one do you mean?" in said
    assert ("HENRY" in said, "Baby Massage" in said) == (True, True)
    assert "Baby Massage" in amina.says("cancel the first one")


@pytest.mark.parametrize("words", ["cancel it", "cancel my booking"])
def test_a_course_is_cancelled_whole_where_no_date_was_named(amina: Talker, words: str):
    booked(amina)
    amina.says("my bookings")
    assert "cancel the whole course?" in amina.says(words)
    amina.says("no")
    assert "miss this one date" in amina.says("i cant come on 23 march")


def test_a_place_in_the_list_is_no_wish_to_be_taken_away(amina: Talker):
    listed = amina.says("whats on saturday in erith")
    assert "That's all" in amina.says("more")
    first = listed.split("1. ")[1].splitlines()[0]
    assert amina.says("first").startswith(f"{first}\n\nWhen: Saturday 14 March")


def test_messages_start_again_as_they_were_stopped(amina: Talker):
    amina.says("stop")
    assert "I'll write to you again" in amina.says("start again")


def test_the_address_and_the_cost_are_asked_of_the_session_on_the_screen(amina: Talker):
    amina.says("baby massage at west street")
    amina.taps("1.")
    assert "Where: West Street" in amina.says("whats the address").split("When:")[0]
    assert "Cost: Small charge" in amina.says("how much is it").split("When:")[0]


def test_details_are_changed_from_the_settings(amina: Talker, office: Office):
    amina.taps_token("=settings")
    assert "What would you like to change" in amina.taps("Change my details")
    amina.taps("Postcode")
    assert "Changed." in amina.says("da8 1lw")
    assert "Changed." in amina.says("my postcode is DA16 2AB now")
    assert adult(office).private["postcode"] == "DA16 2AB"
    assert "What is your postcode" in amina.says("weve moved change my address")


def test_nobody_is_told_to_give_an_address_that_is_not_used(visitor: Talker):
    assert "I can't remind you" in visitor.says("turn on reminders")
    assert "e-mail address" not in visitor.text

"""Everything that a button does, by typing alone, on both channels."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import select

from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.queries import first_slot
from bot.bookings.rules import ClaimKind, EntryState
from bot.conversation import sayings
from bot.conversation.turn import ACTS
from bot.families.models import Adult
from bot.outreach import service as outreach
from tests.conftest import DAY, LONDON, MINUTE, NOW
from tests.conversation.test_waiting import entries, narrow
from tests.talker import Office, Talker, types

pytestmark = pytest.mark.long  # whole conversations


@pytest.fixture(params=["telegram", "web"])
def dana(request: pytest.FixtureRequest, office: Office) -> Talker:
    """Somebody who never taps."""
    return office.talker("d" * 64, channel=request.param, now=NOW)


@pytest.fixture
def carol(office: Office) -> Talker:
    return office.talker("103", now=NOW)


def reach(who: Talker) -> list[str]:
    return ["07700 900982"] if who.sender.channel == "web" else []


def books(who: Talker, name: str = "Dana") -> str:
    found = ["baby massage at west street", "1", "book a place"]
    return types(who, *found, name, "7 months", *reach(who), "yes")


def waits(who: Talker, name: str = "Ben") -> str:
    found = ["baby massage at west street", "1", "join the waiting list", "only this one"]
    return types(who, *found, name, "7 months", *reach(who))


def booked(office: Office) -> list[Claim]:
    query = select(Claim).where(Claim.kind == ClaimKind.BOOKING)
    return office.store.read_now(lambda db: list(db.exec(query)))


def test_book_cancel_undo_and_cancel_for_good(office, dana):
    assert "Booked." in books(dana)
    assert "Shall I cancel" in types(dana, "i want to cancel my booking")
    assert len(booked(office)) == 1
    assert "is cancelled" in types(dana, "yes")
    assert "yours again" in types(dana, "undo that please")
    assert "is cancelled" in types(dana, "cancel this booking")
    assert "yours again" in types(dana, "what's on tomorrow", "undo")
    assert "Shall I cancel" in types(dana, "my bookings", "1", "i can't come")
    assert "Your code" not in types(dana, "no, keep it")
    assert len(booked(office)) == 1
    assert "is cancelled" in types(dana, "i can't come any more", "Cancel this booking")
    dana.now += 2 * MINUTE
    assert booked(office) == []
    assert "Booked." in types(
        dana, "baby massage at west street", "the first one", "book a place", "yes"
    )


def test_a_yes_to_no_question_cancels_nothing(office, dana):
    books(dana)
    types(dana, "my bookings", "1", "yes", "ok", "no", "2", "the last one")
    assert len(booked(office)) == 1


def test_an_offer_that_is_announced_is_answered_in_words(office, amina, ben, carol):
    narrow(office, 1)
    books(amina)
    assert "number 1" in waits(ben)
    waits(carol)
    types(amina, "cancel my booking", "yes please")
    ben.now = amina.now + 2 * MINUTE
    office.tend(ben.now)
    ben.hears(office.deliver(ben.now))
    assert "next family" in types(ben, "no thanks")
    carol.now = ben.now + MINUTE
    carol.hears(office.deliver(carol.now))
    assert "Booked." in types(carol, "what's on tomorrow", "I'd love the place")


def test_a_lapsed_turn_is_kept_or_left_in_words(office, amina, ben, carol):
    narrow(office, 1)
    books(amina)
    waits(ben)
    waits(carol)
    types(amina, "cancel my booking", "yes")
    for who, said in ((ben, "1"), (carol, "no thank you")):
        now = amina.now + 2 * DAY
        office.tend(amina.now + 2 * MINUTE)
        office.deliver(amina.now + 2 * MINUTE)
        office.tend(now)
        assert "still want to wait" in who.hears(office.deliver(now))
        who.now = amina.now = now
        who.says(said)
    assert [e.state for e in entries(office)][1] is EntryState.LEFT
    assert entries(office)[0].state is not EntryState.LEFT


@pytest.mark.parametrize(
    "said", ["yes", "keep my turn", "yes keep my turn please", "I still want to wait", "1"]
)
def test_ways_to_keep_a_turn(office, amina, ben, said):
    narrow(office, 1)
    books(amina)
    waits(ben)
    types(amina, "cancel my booking", "yes")
    office.tend(amina.now + 2 * MINUTE)
    office.deliver(amina.now + 2 * MINUTE)
    ben.now = amina.now + 2 * DAY
    office.store.write_now(_ask_again)
    ben.says("my bookings")
    ben.says("1")
    assert "still want to wait" in ben.text
    ben.says(said)
    assert [e.state for e in entries(office)] == [EntryState.WAITING]


def test_leaving_asks_unless_its_button_is_there(office, amina, ben):
    narrow(office, 1)
    books(amina)
    waits(ben)
    assert "Shall I take you off" in types(
        ben, "what's on tomorrow", "take me off the waiting list"
    )
    assert "number 1" in types(ben, "no")
    types(ben, "menu", "leave the waiting list")
    assert [e.state for e in entries(office)] == [EntryState.WAITING]
    assert "off the waiting list" in types(ben, "yes")
    assert [e.state for e in entries(office)] == [EntryState.LEFT]
    assert "aren't on any" in types(ben, "leave the waiting list")


def test_the_date_is_changed_by_number_and_by_name(office, dana):
    books(dana)
    assert "Which date" in types(dana, "can i change the date")
    assert "From:" in types(dana, "the first one")
    assert "Which date" in types(dana, "no", "change the date")
    wanted = dana.labels[0]
    assert "From:" in types(dana, wanted)
    assert "Your booking is changed" in types(dana, "yes")
    assert len(booked(office)) == 1


def test_a_reminder_is_answered_in_words(office, amina):
    books(amina)
    amina.now = _evening_before(office)
    assert "Are you coming?" in amina.hears(office.deliver(amina.now))
    assert "see you there" in types(amina, "I'm coming")
    assert "kept" in types(amina, "sorry we can't come after all")
    assert "see you there" in types(amina, "i'm coming after all")


def test_a_yes_that_two_messages_ask_for_is_asked_about(office, amina):
    books(amina)
    amina.now = _evening_before(office)
    types(amina, "cancel my booking")
    assert "Are you coming?" in amina.hears(office.deliver(amina.now))
    assert "Which one do you mean?" in types(amina, "yes")
    assert len(booked(office)) == 1
    assert "see you there" in types(amina, next(b for b in amina.labels if "coming" in b))


def test_why_tells_the_story_and_asks_which(office, amina, ben):
    assert "can't see that you asked" in types(ben, "why didn't I get a place?")
    narrow(office, 1)
    books(amina)
    waits(ben)
    assert "as number 1" in types(ben, "why didn't I get a place?")
    for said in ("why haven't i got a place", "what happened to my turn", "why am i not in"):
        assert "as number 1" in types(ben, "menu", said)
    types(ben, "baby massage at danson", "1", "join the waiting list", "any date, any place", "yes")
    if len(entries(office)) > 1:
        assert "Which one do you mean?" in types(ben, "why didn't i get a place")
        assert "What happened, and why" in types(ben, "the second one")


@pytest.mark.parametrize("lang", ["pl", "ar"])
def test_the_words_on_the_buttons_work_in_other_languages(office, amina, lang):
    books(amina)
    amina.taps_token("=language")
    amina.taps({"pl": "Polski", "ar": "العربية"}[lang])
    amina.taps_token("=my_bookings")
    types(amina, "1")
    words = office.desk.words(lang)
    amina.says(words._("Cancel this booking"))
    assert booked(office) == []
    amina.says(words._("Undo"))
    assert len(booked(office)) == 1


def test_a_number_answers_the_open_question_and_not_the_list_above(office, dana):
    types(dana, "baby massage at west street", "1", "book a place", "Dana")
    assert "carry on" in types(dana, "what do i need to bring?")
    assert "How old" in types(dana, "yes")
    assert "Please check" in types(dana, "7 months", *reach(dana))
    assert "first name" in types(dana, "change the name")
    assert "carry on" in types(dana, "Dana", "is there parking?")
    assert "Booked." in types(dana, "yes book it")


def test_undo_where_there_is_nothing_to_undo_cancels_nothing(office, amina):
    books(amina)
    assert "nothing I can undo" in types(amina, "what's on tomorrow", "undo")
    assert len(booked(office)) == 1


def test_a_number_never_loses_anything(office, dana):
    books(dana)
    types(dana, "my bookings", "1", "2", "3", "settings", "8", "9")
    assert len(booked(office)) == 1


def test_sharing_is_switched_in_words(office, amina):
    def shares() -> bool:
        return bool(office.store.read_now(lambda db: db.exec(select(Adult)).one().shares_since))

    types(amina, "who can see my bookings?", "share my bookings")
    assert shares()
    types(amina, "stop sharing")
    assert not shares()


def test_deleting_asks_and_a_no_keeps(office, amina):
    books(amina)
    assert "Shall I delete" in types(amina, "delete everything you know about me")
    types(amina, "no keep it")
    assert len(booked(office)) == 1
    assert "is deleted" in types(amina, "delete my data", "yes")


def test_every_act_that_has_words_is_an_act():
    named = {way.act for way in sayings.WAYS} | {way.instead for way in sayings.WAYS}
    named |= set(sayings.QUESTIONS) | {
        no for refused in sayings.QUESTIONS.values() for no in refused
    }
    assert named - {""} <= set(ACTS)


@pytest.mark.parametrize(
    ("said", "act"),
    [
        ("cancel it", "cancel"), ("cancel this booking please", "cancel"), ("undo", "undo_cancel"),
        ("i changed my mind", "undo_cancel"), ("we can't make it", "cant_come"),
        ("not able to come", "cant_come"), ("we're coming", "coming"), ("see you there", "coming"),
        ("i'll take it", "offer_yes"), ("please keep my turn", "still_wanted"),
        ("stop waiting", "leave_list"), ("change it to another day", "move"),
    ],
)  # fmt: skip
def test_ways_to_say_it(said, act):
    assert sayings.means(act, sayings.plain(said))


@pytest.mark.parametrize(
    "said",
    ["don't cancel it", "can i cancel if he is ill", "what happens if i cancel", "is it cancelled",
     "not coming to terms with it", "i can't come to terms with this", "keep calm"],
)  # fmt: skip
def test_what_only_sounds_like_it_is_no_way_to_say_it(said):
    plain = sayings.plain(said)
    for act in ("cancel", "cancel_now", "cant_come", "leave_list", "still_wanted", "coming"):
        assert not sayings.means(act, plain)


def _ask_again(db) -> None:
    for entry in db.exec(select(WaitingEntry)):
        entry.state = EntryState.ASKED


def _evening_before(office: Office) -> datetime:
    """When the evening's reminder of the only booking is due; it is planned."""
    (claim,) = booked(office)
    first = office.store.read_now(lambda db: first_slot(db, claim))
    hour = office.content.council.reminder_hour
    due = first.starts_at.astimezone(LONDON).replace(hour=hour, minute=1) - DAY
    office.store.write_now(
        outreach.plan_reminders, content=office.content, now=due - 2 * MINUTE, zone=LONDON
    )
    return due

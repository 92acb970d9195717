"""The conversations of the main job, by buttons and by typing, through `take_turn`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from markupsafe import Markup
from sqlmodel import select

from bot.bookings.models import Claim
from bot.bookings.queries import claim_slots
from bot.bookings.rules import ClaimKind
from bot.content import load
from bot.conversation.incoming import Kind
from bot.delivery.mail import plain
from bot.enquiries.models import Enquiry
from bot.families.models import Adult, Agreement, ChannelAddress
from bot.families.rules import AddressState, AdultState
from bot.outbox.message import Button, Message
from bot.outbox.service import with_tokens
from bot.outreach.models import Follow
from bot.timetable.models import Course
from bot.understanding.reader import Reader
from bot.understanding.reading import Wish
from tests.conftest import NOW
from tests.talker import Office, Talker, types

pytestmark = pytest.mark.long  # whole conversations


def count(office: Office, model) -> int:
    return office.store.read_now(lambda db: len(db.exec(select(model)).all()))


def book(who: Talker, *, name: str = "Amina") -> str:
    """Book Baby Massage at West Street; the code."""
    who.says("baby massage at west street")
    who.taps("1.")
    who.taps("Book a place")
    who.says(name)
    who.taps("6 to 12 months")
    if who.sender.channel == "web":
        who.says("07700 900982")
    said = who.taps("Yes, book it")
    return said.split("Your code is ")[1][:9]


def test_first_contact_says_what_it_is_and_where_urgent_help_is(amina):
    said = amina.command("start")
    assert "automatic" in said
    assert "999" in said
    assert "Urgent help" in amina.labels


def test_every_answer_keeps_urgent_help_in_reach(amina):
    for step in ("what's on tomorrow", "my bookings", "where do babies get the bcg", "asdf qwer"):
        amina.says(step)
        assert "Urgent help" in amina.labels
    for act in ("=topics", "=settings", "=ring_me", "=register", "=by_place", "=language"):
        amina.taps_token(act)
        assert "Urgent help" in amina.labels


def test_the_answer_names_the_date_and_says_it_is_a_sample(amina):
    said = amina.says("anything on this Friday near DA8 for a 10 month old?")
    assert "Friday 13 March" in said
    assert "Sample timetable" in said
    assert "mile" in said


def test_the_sample_note_stays_with_the_sessions_where_something_else_is_offered(
    office, amina, monkeypatch
):
    read, offers = office.reader.read, (Wish("topic", {"topic": "sleep"}),)
    unsure = SimpleNamespace(read=lambda *said, **at: replace(read(*said, **at), offers=offers))
    monkeypatch.setattr(office, "reader", unsure)
    amina.says("baby massage at west street")
    shown, asked = [plain(r.message.text) for r in amina.replies]
    assert "Sample timetable" in shown
    assert asked == "Or did you mean:"


def test_a_question_in_the_yes_is_answered_too(amina):
    amina.says("baby massage at west street")
    amina.taps("1.")
    amina.taps("Book a place")
    types(amina, "Amina", "6 months")
    said = amina.says("yes please, and what do i bring")
    assert "Booked." in said
    assert "Bring: A towel" in said


def test_the_sample_note_stays_with_the_sessions_beside_a_form(amina):
    amina.says("new here, how do i join and what's on for a 1 year old")
    noted = [plain(r.message.text) for r in amina.replies if "Sample" in plain(r.message.text)]
    assert len(noted) == 1
    assert "Rhyme Time" in noted[0]


def test_a_number_without_a_list_shows_one(amina):
    assert "The next two weeks" in amina.says("number 3")


def test_a_question_about_no_session_is_answered_for_the_one_that_is_tapped(amina):
    said = amina.says("do i need to bring a towel")
    assert "Which session do you mean?" in said
    label = amina.labels[0]
    assert amina.taps(label).splitlines()[2].startswith(("Bring:", "We don't have that fact"))


def test_what_all_sessions_of_an_activity_share_needs_no_choosing(amina):
    said = amina.says("what do i bring to stay and play")
    assert "Which session" not in said
    assert said.index("Bring:") < said.index("When:")


def test_booking_by_buttons_and_a_name(amina, office):
    code = book(amina)
    assert len(code) == 9
    amina.taps_token("=my_bookings")
    assert "Baby Massage" in amina.text


def test_a_double_tap_books_once_and_says_so(amina, office):
    book(amina)
    confirm = [t for t in amina.transcript if "Yes, book it" in t]
    assert confirm
    amina.taps_token("=courses")
    assert count(office, Claim) == 1


def test_the_same_update_again_gives_the_same_answer_and_no_second_turn(amina, office):
    amina.says("hello", key="tg:1")
    first = [r.outbox_id for r in amina.replies]
    amina.says("hello", key="tg:1")
    assert amina.result.repeated
    assert [r.outbox_id for r in amina.replies] == first


def test_a_visitor_on_the_web_is_asked_for_a_number_and_told_there_is_no_reminder(visitor):
    visitor.says("baby massage at west street")
    visitor.taps("1.")
    visitor.taps("Book a place")
    visitor.says("Amina")
    assert "phone" in visitor.taps("6 to 12 months").lower()
    assert "like 01632" in visitor.says("not a number")
    visitor.says("07700 900982")
    assert "can't remind you here" in visitor.taps("Yes, book it")


def test_a_code_opens_and_cancels_a_booking_from_another_phone(amina, ben):
    code = book(amina)
    assert "Baby Massage" in ben.says(code.lower())
    assert "is cancelled" in ben.taps("Cancel this booking")
    amina.taps_token("=my_bookings")
    assert "no bookings" in amina.text


def test_another_persons_button_does_nothing(amina, ben, office):
    book(amina)
    token = amina.button("Cancel this booking").token
    assert "isn't yours" in ben.taps_token(token)
    kinds = office.store.read_now(lambda db: list(db.exec(select(Claim.kind))))
    assert kinds == [ClaimKind.BOOKING]


def test_cancel_in_one_tap_and_undo(amina):
    book(amina)
    assert "one minute to undo" in amina.taps("Cancel this booking")
    assert "yours again" in amina.taps("Undo")


def test_a_question_in_the_middle_of_a_booking_is_answered_and_the_booking_waits(amina):
    amina.says("baby massage at west street")
    amina.taps("1.")
    amina.taps("Book a place")
    amina.says("Amina")
    said = amina.says("where do babies get the bcg?")
    assert "BCG" in said
    assert "How old is your child" in amina.taps("Carry on")


def test_leaving_a_form_lets_the_place_go(amina, office):
    amina.says("baby massage at west street")
    amina.taps("1.")
    amina.taps("Book a place")
    amina.taps("Never mind")
    ended = office.store.read_now(lambda db: db.exec(select(Claim.ended_at)).one())
    assert ended is not None


def test_follow_a_drop_in_and_take_it_back(amina, office):
    amina.says("rhyme time tomorrow")
    amina.taps("1.")
    amina.taps("Tell me if this changes")
    assert count(office, Follow) == 1
    amina.taps("Don't tell me")
    ended = office.store.read_now(lambda db: db.exec(select(Follow.ended_at)).one())
    assert ended is not None


def test_an_age_and_an_area_are_remembered_and_forgotten_with_one_tap(amina):
    amina.says("what's on tomorrow near DA8 for a 9 month old")
    amina.taps("Remember")
    assert "I remember: 9 months and DA8" in amina.taps_token("=whats_on")
    amina.taps("Forget that")
    assert "I remember" not in amina.taps_token("=whats_on")


def test_a_shared_location_shows_the_nearest_first(amina):
    said = amina.location(51.4858, 0.1740)
    assert "Near me" in said
    assert "West Street" in said


def test_registration_records_the_exact_words_agreed_to(amina, office, content):
    amina.taps_token("=register")
    amina.taps("Register now")
    for answer in ("Amina Khan", "07700 900982", "27 3 2025", "da8 1lw"):
        amina.says(answer)
    amina.taps("Yes, I agree")
    row = office.store.read_now(lambda db: db.exec(select(Agreement)).one())
    assert (row.value, row.wording, row.version) == (
        True, "register", content.wordings["register"].version,
    )  # fmt: skip
    assert len(row.digest) == 64


def test_saying_no_keeps_nothing_and_is_recorded(amina, office):
    amina.taps_token("=register")
    amina.taps("Register now")
    for answer in ("Amina Khan", "07700 900982", "27 3 2025", "da8 1lw"):
        amina.says(answer)
    amina.taps("No, don't register us")
    row = office.store.read_now(lambda db: db.exec(select(Agreement)).one())
    adult = office.store.read_now(lambda db: db.exec(select(Adult)).one())
    assert row.value is False
    assert not adult.private


def test_ask_a_person_to_ring_me_is_kept_for_staff(amina, office):
    amina.taps_token("=ring_me")
    amina.says("Amina")
    amina.says("07700 900982")
    amina.taps("In the morning")
    said = amina.taps("No")
    assert "Staff have your request" in said
    row = office.store.read_now(lambda db: db.exec(select(Enquiry)).one())
    assert dict(row.private)["message_ok"] == "no"


def test_delete_asks_once_then_does_it(amina, office):
    book(amina)
    assert "cancels your 1 booking" in amina.taps_token("=delete_me")
    assert "is deleted" in amina.taps("Yes, delete it all")
    adult = office.store.read_now(lambda db: db.exec(select(Adult)).one())
    assert (adult.state, adult.sealed) == (AdultState.ERASED, None)
    assert count(office, ChannelAddress) == 0
    amina.command("start")
    assert count(office, Adult) == 2


def test_stop_is_taken_back_by_writing_again(amina, office):
    amina.command("start")
    amina.taps_token("=stop")
    state = office.store.read_now(lambda db: db.exec(select(Adult.state)).one())
    assert state is AdultState.STOPPED
    amina.says("hello")
    state = office.store.read_now(lambda db: db.exec(select(Adult.state)).one())
    assert state is AdultState.ACTIVE


def test_blocking_the_bot_marks_the_address(amina, office):
    amina.command("start")
    amina._do(Kind.BLOCKED, "", "(blocks)")
    state = office.store.read_now(lambda db: db.exec(select(ChannelAddress.state)).one())
    assert state is AddressState.GONE


def test_a_photo_gets_a_kind_refusal(amina):
    assert "can't open photos" in amina.sends_file()


def test_an_album_is_answered_once_and_every_caption_of_it_is_heeded(amina):
    assert "can't open photos" in amina.sends_file(album="1")
    assert amina.sends_file(album="1") == ""
    assert "999" in amina.sends_file("my husband hits me", album="1")
    assert amina.sends_file(album="1") == ""  # nothing comes after the card
    assert "can't open photos" in amina.sends_file(album="2")
    assert "can't open photos" in amina.sends_file()
    assert "can't open photos" in amina.sends_file()


@pytest.mark.parametrize("link", ["session", "book", "follow"])
def test_deep_links_open_a_session(amina, link):
    amina.says("baby massage at west street")
    occurrence = amina.result.replies[0].message.rows[0][0].args["o"]
    said = amina.command("start", f"{link}-{occurrence.replace('-', '')}")
    assert "Baby Massage" in said


def test_a_broken_deep_link_is_a_kind_answer(amina):
    assert "can't find that session" in amina.command("start", "session-nonsense")
    assert "Hello" in amina.command("start", "../../etc")


def test_full_is_said_and_others_are_offered(office, amina, ben):
    def fill(db):
        for course in db.exec(select(Course)):
            course.capacity = 1

    office.store.write_now(fill)
    book(amina)
    ben.says("baby massage at west street")
    assert "Full" in ben.text
    occurrence = ben.result.replies[0].message.rows[0][0].args["o"]
    assert "every place is taken" in ben.command("start", f"book-{occurrence}")
    assert "Other dates" in ben.labels


def test_how_many_more_there_are_is_said_while_the_number_helps(amina):
    amina.says("what's on near erith")
    assert "Lots more" in amina.labels
    amina.taps("Lots more")
    assert "6. " in amina.text
    amina.says("what's on tomorrow")
    assert any(re.fullmatch(r"\d+ more", label) for label in amina.labels)


def test_nothing_found_lets_go_of_one_wish_and_says_which(amina):
    said = amina.says("baby yoga on a sunday in crayford")
    assert "Nothing fits all of that" in said or "Nothing found" in said
    assert any(label.startswith("✕") for label in amina.labels)


def test_arabic_is_right_to_left_with_its_own_dates(office):
    sara = office.talker("9", now=NOW, lang="ar")
    sara.command("start")
    sara.taps_token("=whats_on")
    assert any("\u0600" <= c <= "\u06ff" for c in sara.text)


def test_missing_one_week_of_a_course_keeps_the_place(amina, office):
    book(amina)
    claim = office.store.read_now(lambda db: db.exec(select(Claim)).one())
    week = office.store.read_now(lambda db: claim_slots(db, db.get_one(Claim, claim.id))[1].id)
    token = office.store.write_now(
        lambda db: (
            with_tokens(
                db,
                Message(
                    Markup("x"), rows=((Button("No", "cant_come", {"c": claim.id, "o": week}),),)
                ),
                owner=claim.adult_id,
                now=NOW,
            )
            .rows[0][0]
            .token
        )
    )
    assert "other weeks is kept" in amina.taps_token(token)
    kind = office.store.read_now(lambda db: db.get_one(Claim, claim.id).kind)
    assert kind is ClaimKind.BOOKING
    assert "see you there" in amina.taps("I'm coming after all")


def test_the_same_help_long_or_short_is_shown_side_by_side(office):
    activities = dict(office.content.activities)
    activities["baby_massage"] = replace(activities["baby_massage"], alike=("sing_and_sign",))
    content = replace(office.content, activities=activities)
    parent = Office(office.store, content, office.reader).talker("9", now=NOW)
    parent.says("baby massage at west street")
    said = parent.taps("1.")
    assert "The same help also comes as:" in said
    assert "Sing and Sign" in parent.taps("Sing and Sign")


def test_examples_are_places_of_this_council_whichever_it_is(office: Office):
    folder = Path(__file__).resolve().parents[1] / "councils" / "thornbury_vale"
    vale = load(folder)
    there = Office(office.store, vale, Reader.from_content(vale))
    visitor = there.talker("103", now=NOW)
    assert "near Old Town for" in visitor.command("whatson")
    assert "Friday in Old Town”" in visitor.says("asdfghjkl")
    for line in ("register", "Sam", "07700 900982", "1 1 2025"):
        visitor.says(line)
    assert "like NE1 1AA, or" in visitor.says("somewhere")

"""Waiting, being offered a place, changing dates: by buttons and by typing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bot.bookings import allotting
from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.rules import ClaimKind, EntryState
from bot.content.values import Counts
from bot.timetable.models import Occurrence, Series
from tests.conftest import DAY, HOUR, MINUTE, NOW
from tests.conversation.test_main_job import book
from tests.sessions import POLICY
from tests.talker import Office, Talker, types

pytestmark = pytest.mark.long  # whole conversations


@pytest.fixture
def carol(office: Office) -> Talker:
    return office.talker("103", now=NOW)


def narrow(office: Office, places: int, *, counts: Counts = Counts.FAMILIES) -> None:
    """Leave so many places on every Baby Massage course."""

    def work(db: Session) -> None:
        for series in db.exec(select(Series).where(Series.activity == "baby_massage")):
            series.counts = counts
            first: dict[str, Occurrence] = {}
            for row in db.exec(select(Occurrence).where(Occurrence.series_id == series.id)):
                first.setdefault(row.course_id or row.id, row)
            for row in first.values():
                allotting.set_capacity(db, row.id, places, by="Esi", policy=POLICY, now=NOW)

    office.store.write_now(work)


def opens(who: Talker) -> None:
    who.says("baby massage at west street")
    who.taps("1.")


def comes_to_the_check(who: Talker) -> None:
    """Of a booking for one child, where places are counted by child."""
    opens(who)
    who.taps("Book a place")
    who.taps("1")
    types(who, "Amina", "6 months")


def gives_up(who: Talker) -> None:
    who.says("cancel my booking")
    who.taps("Cancel this booking")


def join(who: Talker, name: str) -> str:
    opens(who)
    who.taps("Join the waiting list")
    who.taps("Only this one")
    who.says(name)
    return who.taps("6 to 12 months")


def same_time(db: Session) -> str:
    """Put a session at the hour of the only course that is booked."""
    claim = db.exec(select(Claim)).one()
    starts = db.exec(
        select(Occurrence.starts_at).where(Occurrence.course_id == claim.course_id)
    ).first()
    row = db.exec(
        select(Occurrence)
        .join(Series, Series.id == Occurrence.series_id)
        .where(Series.activity == "sing_and_sign", Occurrence.original_on > NOW.date())
        .order_by(Occurrence.starts_at)
    ).first()
    row.starts_at, row.ends_at = starts, starts + timedelta(hours=1)
    return row.id


def claims(office: Office) -> list[Claim]:
    return office.store.read_now(lambda db: list(db.exec(select(Claim))))


def entries(office: Office) -> list[WaitingEntry]:
    return office.store.read_now(lambda db: list(db.exec(select(WaitingEntry))))


def test_a_full_course_a_waiting_list_and_a_place_that_comes_free(office, amina, ben, carol):
    narrow(office, 1)
    book(amina)
    assert "number 1" in join(ben, "Ben")
    assert "number 2" in join(carol, "Carol")
    gives_up(amina)
    now = amina.now + 2 * MINUTE
    office.tend(now)
    parcels = office.deliver(now)
    assert "kept for you until" in ben.hears(parcels)
    assert carol.hears(parcels) == ""
    ben.now = now
    assert "Booked." in ben.taps("Yes please")
    ben.says("my bookings")
    assert "You are waiting" not in ben.text


def test_the_offer_can_be_answered_by_typing(office, amina, ben):
    narrow(office, 1)
    book(amina)
    join(ben, "Ben")
    gives_up(amina)
    ben.now = amina.now + 2 * MINUTE
    office.tend(ben.now)
    assert "kept for you" in ben.says("no")  # shown again: a no may mean something else
    assert "Booked." in ben.says("yes please")


def test_somebody_elses_offer_button_does_nothing(office, amina, ben, carol):
    narrow(office, 1)
    book(amina)
    join(ben, "Ben")
    gives_up(amina)
    office.tend(amina.now + 2 * MINUTE)
    ben.hears(office.deliver(amina.now + 2 * MINUTE))
    assert "isn't yours" in carol.taps_token(ben.button("Yes please").token)
    assert [e.state for e in entries(office)] == [EntryState.OFFERED]


def test_no_thanks_passes_it_on_and_why_tells_the_story(office, amina, ben, carol):
    narrow(office, 1)
    book(amina)
    join(ben, "Ben")
    join(carol, "Carol")
    gives_up(amina)
    now = amina.now + 2 * MINUTE
    office.tend(now)
    ben.hears(office.deliver(now))
    ben.now = now
    assert "next family" in ben.taps("No thanks")
    carol.hears(office.deliver(now + MINUTE))
    carol.now = now + 2 * DAY
    office.tend(carol.now)
    assert "still want to wait" in carol.hears(office.deliver(carol.now))
    carol.taps("Yes, keep my turn")
    story = carol.taps("Why haven't I got a place?")
    assert "You joined the waiting list, as number 2." in story
    assert "The time to answer ended" in story
    assert "Ben" not in story


def test_on_the_last_day_the_first_to_say_yes_has_it(office, amina, ben, carol):
    narrow(office, 1)
    book(amina)
    join(ben, "Ben")
    join(carol, "Carol")
    starts = office.store.read_now(
        lambda db: db.exec(
            select(Occurrence.starts_at)
            .join(Claim, Claim.course_id == Occurrence.course_id)
            .where(Claim.kind == ClaimKind.BOOKING)
            .order_by(Occurrence.starts_at)
        ).first()
    )
    amina.now = starts - 20 * HOUR
    gives_up(amina)
    now = amina.now + 2 * MINUTE
    office.tend(now)
    parcels = office.deliver(now)
    for who in (ben, carol):
        assert "first to say yes" in who.hears(parcels)
        who.now = now
    assert "Booked." in carol.taps("Yes, book it")
    assert "gone to another family" in ben.taps("Yes, book it")


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        ("where am I in the line?", "You are number 1 in line."),
        ("am I still on the waiting list?", "You are number 1 in line."),
        ("why haven't I got a place?", "You joined the waiting list, as number 1."),
        ("leave the waiting list", "Shall I take you off this waiting list?"),
    ],
)
def test_a_turn_is_asked_about_in_the_middle_of_another_form(office, amina, ben, ask, answer):
    narrow(office, 1)
    book(amina)
    join(ben, "Ben")
    ben.says("sing and sign")
    ben.taps("1.")
    assert "Please check" in ben.taps("Book a place")
    assert answer in ben.says(ask)
    assert "Please check" in ben.says("carry on")


def test_what_is_written_to_staff_about_a_turn_goes_to_staff(office, amina, ben):
    narrow(office, 1)
    book(amina)
    join(ben, "Ben")
    ben.says("feedback")
    assert "Staff will read" in ben.says("why haven't I got a place?")


def test_any_weekday_morning_can_be_typed(office, ben):
    narrow(office, 0)
    opens(ben)
    ben.taps("Join the waiting list")
    ben.says("any weekday morning")
    ben.says("Ben")
    assert "mornings" in ben.taps("6 to 12 months")
    (entry,) = entries(office)
    assert (entry.wish["days"], entry.wish["part"]) == ([0, 1, 2, 3, 4], "morning")


def test_twins_take_two_places_or_wait_for_two(office, amina, ben):
    narrow(office, 3, counts=Counts.CHILDREN)
    opens(amina)
    amina.taps("Book a place")
    assert "How many children" in amina.text
    amina.taps("2")
    amina.says("Amina")
    amina.taps("6 to 12 months")
    assert "2 children" in amina.text
    amina.taps("Yes, book it")
    opens(ben)
    ben.taps("Book a place")
    assert "only one place left" in ben.taps("2")
    ben.taps("Join the waiting list")
    ben.taps("Only this one")
    ben.says("Ben")  # how many was said
    assert "number 1" in ben.taps("6 to 12 months")
    assert [e.size for e in entries(office)] == [2]


@pytest.mark.parametrize(
    ("typed", "places"),
    [("book a place for my twins", 2), ("book a place for my triplets", 3), ("book 2 places", 2)],
)
def test_how_many_come_is_not_asked_where_it_was_said(office, amina, typed, places):
    narrow(office, 3, counts=Counts.CHILDREN)
    opens(amina)
    amina.says(typed)
    assert f"keeping {places} places for you" in amina.text
    amina.says("Amina")
    amina.taps("6 to 12 months")
    assert f"{places} children" in amina.taps("Yes, book it")


@pytest.mark.parametrize(
    ("typed", "places"),
    [("yes but make it 2 kids", 2), ("actually 3 children", 3), ("its for two kids", 2),
     ("we have 2 kids", 2), ("theres 2 coming", 2)],
)  # fmt: skip
def test_how_many_come_is_changed_at_the_check_and_asked_again(office, amina, typed, places):
    narrow(office, 3, counts=Counts.CHILDREN)
    comes_to_the_check(amina)
    assert f"Places: {places} children" in amina.says(typed)
    assert "Please check" in amina.text
    assert f"{places} children" in amina.says("yes")
    assert [c.size for c in claims(office)] == [places]


def test_more_than_are_free_at_the_check_is_refused_and_the_place_stays_kept(office, amina):
    narrow(office, 1, counts=Counts.CHILDREN)
    comes_to_the_check(amina)
    assert "only one place left" in amina.says("make it 2 kids")
    assert [c.size for c in claims(office)] == [1]


def test_how_many_come_is_changed_by_a_button(office, amina):
    narrow(office, 3, counts=Counts.CHILDREN)
    comes_to_the_check(amina)
    amina.taps("Change how many come")
    assert "Places: 2 children" in amina.taps("2")


def test_where_one_place_is_for_the_family_more_children_change_nothing(office, amina):
    opens(amina)
    amina.taps("Book a place")
    types(amina, "Amina", "6 months")
    said = amina.says("yes but make it 2 kids")
    assert "One place is for the whole family" in said
    assert "Please check" in said
    assert "Booked." in amina.says("yes")


def test_how_many_come_is_heard_in_words_at_the_question(office, amina):
    narrow(office, 3, counts=Counts.CHILDREN)
    opens(amina)
    amina.taps("Book a place")
    assert "first name" in amina.says("only 1 coming now")


def test_twins_told_before_the_date_is_chosen_are_two(office, amina):
    narrow(office, 3, counts=Counts.CHILDREN)
    amina.says("book baby massage at west street for my twins")
    assert "keeping 2 places for you" in amina.says("1")


def test_twins_are_offered_one_place_or_to_wait_for_two(office, amina, ben):
    narrow(office, 3, counts=Counts.CHILDREN)
    for who, typed in ((amina, "book 2 places"), (ben, "book a place for my twins")):
        opens(who)
        who.says(typed)
    assert "only one place left" in ben.text
    assert "keeping a place for you" in ben.taps("Only 1 place")


@pytest.mark.parametrize(
    ("come", "room"),
    [("2", "There is room for both children."), ("3", "There is room for all 3 children.")],
)
def test_an_offer_says_that_there_is_room_for_each_of_them(office, amina, ben, come, room):
    narrow(office, int(come), counts=Counts.CHILDREN)
    for who in (ben, amina):
        opens(who)
        who.taps("Book a place" if who is ben else "Join the waiting list")
        if who is amina:
            who.taps("Only this one")
        who.taps(come)
        types(who, "Sam", "6 months")
    ben.taps("Yes, book it")
    gives_up(ben)
    amina.now += 2 * MINUTE
    office.tend(amina.now)
    assert room in amina.hears(office.deliver(amina.now))


def test_an_offer_that_clashes_stays_while_the_other_booking_is_cancelled(office, amina, ben):
    narrow(office, 1)
    book(ben)
    join(amina, "Amina")
    amina.command("start", f"book-{office.store.write_now(same_time)}")
    assert "Booked." in amina.taps("Yes, book it")
    gives_up(ben)
    amina.now += 2 * MINUTE
    office.tend(amina.now)
    amina.hears(office.deliver(amina.now))
    said = amina.taps("Yes please")
    assert "You have booked something else at that time." in said
    assert "still kept for you" in said
    amina.says("my bookings")
    amina.taps("1. Mon")
    amina.taps("Cancel this booking")
    amina.says("my bookings")
    amina.taps("Answer the offer")
    assert "Booked." in amina.taps("Yes please")


@pytest.mark.parametrize("words", ["am i still on the list", "am i on the waiting list"])
def test_whoever_waits_for_nothing_is_told_so(amina, words):
    assert "aren't on any waiting list" in amina.says(words)


@pytest.mark.parametrize("words", ["undo", "no i want my old date back"])
def test_a_changed_date_can_be_changed_back(office, amina, words):
    book(amina)
    amina.says("can i change my booking to another date")
    amina.says("the second one")
    assert "Your booking is changed" in amina.says("yes")
    assert "you can change it back" in amina.says(words)
    assert "Which date would you like instead" in amina.taps("Change the date")
    assert "Mon 16 Mar, 10am" in amina.labels


def test_a_date_is_changed_without_ever_losing_the_place(office, amina):
    book(amina)
    amina.says("can i change my booking to another date")
    label = amina.labels[0]
    assert "until the new one is sure" in amina.text
    assert "Urgent help" not in label  # nothing in a name or an age is danger
    amina.taps(label)
    assert "From:" in amina.text
    said = amina.taps("Yes, change it")
    assert "Your booking is changed" in said
    assert "Booked." in said
    claims = office.store.read_now(lambda db: list(db.exec(select(Claim))))
    assert sorted((c.kind, str(c.ended_why)) for c in claims) == [
        (ClaimKind.BOOKING, "None"), (ClaimKind.HOLD, "moved"),
    ]  # fmt: skip


def test_a_clash_is_refused_with_two_other_dates(office, amina):
    book(amina)
    occurrence = office.store.write_now(same_time)
    amina.command("start", f"book-{occurrence}")
    assert "something else at that time" in amina.text
    assert any(label.startswith("Book ") for label in amina.labels)


def test_the_charge_is_asked_about_with_one_button_and_kept_for_staff(office, amina):
    opens(amina)
    amina.taps("Book a place")
    amina.says("Amina")
    amina.taps("6 to 12 months")
    assert "find a way with you" in amina.taps("The charge would stop me coming")
    amina.taps("Yes, book it")
    claim = office.store.read_now(lambda db: db.exec(select(Claim)).one())
    assert claim.private["charge"] == "yes"

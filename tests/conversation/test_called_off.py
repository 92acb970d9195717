"""A session that the centre cancelled is said to be cancelled to whoever asks for it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session

from bot.timetable.models import EmptySearch
from bot.timetable.queries import activity_slots
from bot.timetable.service import cancel_occurrence
from tests.conftest import NOW
from tests.conversation.test_main_job import count
from tests.talker import Office, Talker

pytestmark = pytest.mark.long  # whole conversations

GONE = (
    "Baby Massage at Hook Lane Primary School on Tuesday 17 March is cancelled. The heating is off."
)


@pytest.fixture(autouse=True)
def _cancelled(office: Office) -> None:
    def cancel(db: Session) -> None:
        found = activity_slots(db, "baby_massage", now=NOW)
        slot = next(
            s for s in found if (s.venue, s.original_on) == ("hook_lane", date(2026, 3, 17))
        )
        cancel_occurrence(db, slot.id, reason="The heating is off.", by="esi", now=NOW)

    office.store.write_now(cancel)


def test_who_asks_for_its_day_is_told_and_shown_the_next(amina: Talker, office: Office):
    said = amina.says("book baby massage at hook lane on 17 march")
    assert GONE in said
    assert said.index(GONE) < said.index("The next ones:") < said.index("1. Baby Massage")
    assert "Nothing fits" not in said
    assert count(office, EmptySearch) == 0


@pytest.mark.parametrize(
    "asked",
    ["is baby massage at hook lane on tuesday on?", "baby massage at hook lane", "baby massage next week"],
)  # fmt: skip
def test_also_without_the_day(amina: Talker, asked: str):
    assert GONE in amina.says(asked)


@pytest.mark.parametrize(
    "asked", ["baby massage", "what's on next week", "baby massage at west street"]
)
def test_who_asks_for_something_else_is_not(amina: Talker, asked: str):
    assert GONE not in amina.says(asked)


@pytest.mark.parametrize("words", ["which weeks r still on", "is it still on"])
def test_the_page_of_a_course_names_its_dates_and_the_week_that_is_off(amina: Talker, words: str):
    for typed in ("book baby massage at hook lane on 24 march", "1", "Amina", "6 months", "yes"):
        amina.says(typed)
    assert "Booked." in amina.text
    for said in (amina.says(words), amina.says("my bookings") + amina.taps("1.")):
        assert "Every date: Tue 24 Mar, Tue 31 Mar and Tue 7 Apr" in said
        assert "Cancelled by the centre: Tue 17 Mar, 10am" in said

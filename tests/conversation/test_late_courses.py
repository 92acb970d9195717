"""A course that has begun, or whose first week is off: it is found, booked and waited for."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from bot.timetable import service as timetable
from bot.timetable.models import Series
from tests.bookings.test_waiting import WEEK
from tests.conftest import DAY, HOUR, NOW
from tests.sessions import make_session
from tests.talker import Office, Talker

WEST_STREET = "baby massage at west street"


@pytest.fixture
def course(office: Office) -> list[str]:
    """The only course of Baby Massage at West Street: four weeks from Friday 20 March."""

    def lay(db: Session) -> list[str]:
        for other in db.exec(select(Series).where(Series.activity == "baby_massage")):
            other.active = False
        rows = make_session(db, starts_at=NOW + 10 * DAY, weeks=4, activity="baby_massage")
        series = db.get_one(Series, "test-one")
        series.active, series.join_late = True, 2
        return [row.id for row in rows]

    return office.store.write_now(lay)


def books(who: Talker) -> str:
    who.says(WEST_STREET)
    who.taps("1.")
    who.taps("Book a place")
    who.says("Amina")
    who.taps("6 to 12 months")
    return who.taps("Yes, book it")


def test_a_course_that_has_begun_is_found_and_says_that_it_can_be_joined(
    office: Office, amina: Talker, course: list[str]
) -> None:
    assert "has begun" not in amina.says(WEST_STREET)
    amina.now = NOW + 10 * DAY + 3 * HOUR
    said = amina.says(WEST_STREET)
    assert "Friday 27 March" in said
    assert "It has begun, and you can still join." in said
    assert "Every date: Fri 27 Mar, Fri 3 Apr and Fri 10 Apr" in books(amina)
    amina.now = NOW + 10 * DAY + 2 * WEEK + HOUR
    assert "10 April" not in amina.says(WEST_STREET)


def test_a_booking_names_the_weeks_that_are_on(
    office: Office, amina: Talker, course: list[str]
) -> None:
    office.store.write_now(
        timetable.cancel_occurrence, course[0], reason="boiler", by="Esi", now=NOW
    )
    said = books(amina)
    assert "Booked." in said
    assert "Friday 27 March" in said
    assert "Fri 20 Mar" not in said
    amina.says("my bookings")
    assert "Cancelled by the centre: Fri 20 Mar" in amina.taps("1.")
    amina.taps("Cancel this booking")
    assert "yours again" in amina.taps("Undo")

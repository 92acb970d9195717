"""A date of a course in words is that week: asked about alone, and yes misses it and nothing else."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.bookings import queries
from bot.bookings.models import Attendance, Claim
from bot.bookings.rules import ClaimKind
from tests.conftest import DAY
from tests.conversation.test_main_job import book

pytestmark = pytest.mark.long  # whole conversations


def missed(office) -> list[str]:
    """The days that somebody said they'll miss, newest last; "all" where the course is cancelled."""

    def look(db):
        claim = db.exec(select(Claim)).one()
        if claim.kind is not ClaimKind.BOOKING:
            return ["all"]
        on = {s.id: f"{s.starts_at:%d.%m}" for s in queries.claim_slots(db, claim)}
        return [on[a.occurrence_id] for a in db.exec(select(Attendance).order_by(Attendance.id))]

    return office.store.read_now(look)


@pytest.mark.parametrize(
    ("typed", "outcome"),
    [
        (["i can't make it on {1:%d %B}", "yes"], [1]),
        (["cant come on the {2:%d}th of {2:%B}", "yes please"], [2]),
        (["i cant make it the week of {1:%d %B}", "Keep it as it is"], []),
        (["cancel baby massage on {1:%d %B}", "ok"], [1]),
        (["i can't make it on {1:%d %B}", "the whole course", "yes"], "all"),
        (["i can't make it on {1:%d %B}", "my whole course", "yes"], "all"),
        (["i can't make it on {1:%d %B}", "no"], []),
        (["cancel baby massage", "only miss this one"], [0]),
        (["cancel baby massage", "just that one"], [0]),
        (["cancel baby massage", "all of it"], "all"),
        (["cancel baby massage", "i can't make it on {1:%d %B}", "yes"], [1]),
        (["cancel baby massage", "just the first week"], [0]),
        (["i cant come to the 2nd one", "yes"], [1]),
        (["we cant make the third week", "yes"], [2]),
        (["my bookings", "1", "i cant come to the 2nd one", "yes"], [1]),
        (["we r poorly cant come", "yes"], [0]),
        (["i cant come my baby has a fever", "the whole course", "yes"], "all"),
        (["i can't come on {next:%d %B}", "yes"], []),
    ],
)
def test_what_is_missed(office, amina, typed, outcome):
    book(amina)
    slots = office.store.read_now(lambda db: queries.claim_slots(db, db.exec(select(Claim)).one()))
    days = [s.starts_at for s in slots]
    for text in typed:
        amina.says(text.format(*days, next=days[0] + DAY))
    wanted = ["all"] if outcome == "all" else [f"{days[n]:%d.%m}" for n in outcome]
    assert missed(office) == wanted


def test_tomorrow_said_right_after_booking_is_one_week(office, amina):
    book(amina)
    first = office.store.read_now(
        lambda db: queries.claim_slots(db, db.exec(select(Claim)).one())[0].starts_at
    )
    amina.now = first - DAY
    assert "this one date" in amina.says("cant make it tomorrow")
    amina.says("yes")
    assert missed(office) == [f"{first:%d.%m}"]


def test_several_dates_that_were_said_are_asked_about(office, amina):
    book(amina)
    assert "Which date will you miss?" in amina.says("i can't make it for the next two weeks")
    assert "Cancel this booking" not in amina.labels

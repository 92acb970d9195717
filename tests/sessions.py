"""Sessions made for one test: small, bookable, at a known time."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlmodel import Session

from bot.bookings.policy import Policy
from bot.content.values import Counts, Mode, PlacesPolicy
from bot.timetable.models import Course, Occurrence, Series
from tests.conftest import LONDON

#: How the council that ships gives places.
POLICY = Policy(LONDON, time(21), time(8), PlacesPolicy())


def make_session(
    db: Session,
    *,
    starts_at: datetime,
    capacity: int | None = 1,
    key: str = "one",
    activity: str = "henry",
    mode: Mode = Mode.BOOK,
    weeks: int = 0,
) -> list[Occurrence]:
    """An hour of a series of its own, or a course of `weeks` hours a week apart. Flushed."""
    series = Series(
        id=f"test-{key}", activity=activity, venue="west_street", plan={}, anchor=starts_at.date(),
        mode=mode, counts=Counts.FAMILIES, capacity=capacity, sample=True,
    )  # fmt: skip
    db.add(series)
    db.flush()
    course = None
    if weeks:
        on = starts_at.astimezone(LONDON).date()
        course = Course(
            id=f"course-{key}", series_id=series.id, first_on=on, weeks=weeks, capacity=capacity
        )
        db.add(course)
        db.flush()
    made = []
    for n in range(weeks or 1):
        begins = starts_at + timedelta(weeks=n)
        row = Occurrence(
            id=f"occurrence-{key}-{n}", series_id=series.id,
            course_id=course.id if course else None,
            original_on=begins.astimezone(LONDON).date(), starts_at=begins,
            ends_at=begins + timedelta(hours=1), venue="west_street",
            capacity=None if course else capacity,
        )  # fmt: skip
        db.add(row)
        made.append(row)
    db.flush()
    return made

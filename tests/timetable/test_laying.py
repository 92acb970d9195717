"""A programme that changes while people have places: theirs stay, all others follow it."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, time

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from bot.bookings import allotting
from bot.bookings import service as bookings
from bot.bookings.rules import EndedWhy, EntryState
from bot.bookings.tending import tend
from bot.content import Content
from bot.content.gone import Kept, gone_activity
from bot.content.values import Mode, Programme, Repeat, SeriesPlan
from bot.opening import needed_by_people
from bot.outreach.service import follow, unfollow
from bot.store.engine import OperationalError, Store
from bot.timetable.finding import Wanted, find_slots
from bot.timetable.importing import apply_folder, apply_programme
from bot.timetable.laying import Laid
from bot.timetable.models import Course, Occurrence
from bot.timetable.queries import Slot, course_slots, series_slots
from bot.timetable.rules import OccurrenceState
from tests.conftest import LONDON, MINUTE, NOW
from tests.sessions import POLICY
from tests.staff.acting import adult_of, books, waits

pytestmark = pytest.mark.long  # lays out whole programmes

PLAN = SeriesPlan(
    id="tue", line=1, activity="henry", venue="west_street", name="", repeat=Repeat.WEEKLY,
    weekday=1, begins=time(13), ends=time(14), starts=date(2026, 3, 17), until=date(2026, 3, 31),
    mode=Mode.BOOK, capacity=3,
)  # fmt: skip
COURSE = dataclasses.replace(
    PLAN, id="massage", activity="baby_massage", repeat=Repeat.COURSE, weeks=3, every=0, until=None
)
FIRST, SECOND, THIRD = date(2026, 3, 17), date(2026, 3, 24), date(2026, 3, 31)


def lay(db: Session, content: Content, *plans: SeriesPlan, now: datetime = NOW) -> Laid:
    return apply_programme(
        db, Programme("spring", sample=False, series=plans), content=content, now=now,
        zone=LONDON, needed=needed_by_people(db, now=now),
    )  # fmt: skip


def days(db: Session, series: str = "tue", now: datetime = NOW) -> dict[date, Slot]:
    return {s.original_on: s for s in series_slots(db, series, now=now, limit=50)}


def left(db: Session, laid: Laid) -> set[date]:
    return {o.original_on for o in db.exec(select(Occurrence)) if o.id in laid.kept}


def test_a_later_time_reaches_every_date_that_nobody_has(db, content):
    lay(db, content, PLAN)
    books(db, "Amina", days(db)[FIRST].id)
    gone = books(db, "Ben", days(db)[SECOND].id)
    bookings.cancel(db, gone, why=EndedWhy.CANCELLED, policy=POLICY, now=NOW + MINUTE)
    later = NOW + 5 * MINUTE  # Ben can't undo any more
    laid = lay(db, content, dataclasses.replace(PLAN, begins=time(13, 30)), now=later)
    hours = {on: f"{s.starts_at.astimezone(LONDON):%H:%M}" for on, s in days(db).items()}
    assert hours == {FIRST: "13:00", SECOND: "13:30", THIRD: "13:30"}
    assert left(db, laid) == {FIRST}


def test_more_places_reach_sessions_and_courses_that_are_booked(db, content):
    lay(db, content, PLAN, COURSE)
    books(db, "Amina", days(db)[FIRST].id)
    books(db, "Ben", days(db, "massage")[FIRST].id)
    more = [dataclasses.replace(p, capacity=8) for p in (PLAN, COURSE)]
    laid = lay(db, content, *more)
    assert {s.capacity for s in days(db).values()} == {8}
    assert {s.capacity for s in days(db, "massage").values()} == {8}
    assert laid.kept == ()


def test_more_places_are_offered_to_whoever_waits(db, content):
    lay(db, content, dataclasses.replace(PLAN, capacity=1))
    books(db, "Amina", days(db)[FIRST].id)
    entry = waits(db, "Ben", days(db)[FIRST].id)
    lay(db, content, PLAN)
    assert tend(db, PLAN.activity, policy=POLICY, now=NOW + MINUTE) == 1
    assert entry.state is EntryState.OFFERED


def test_fewer_places_take_away_none_that_is_taken(db, content):
    lay(db, content, PLAN, COURSE)
    for name in ("Amina", "Ben"):
        books(db, name, days(db)[FIRST].id)
        books(db, name + "2", days(db, "massage")[FIRST].id)
    fewer = [dataclasses.replace(p, capacity=1) for p in (PLAN, COURSE)]
    lay(db, content, *fewer)
    assert {on: s.capacity for on, s in days(db).items()} == {FIRST: 2, SECOND: 1, THIRD: 1}
    assert {s.capacity for s in days(db, "massage").values()} == {2}


def test_the_number_of_places_that_staff_set_stands(db, content):
    lay(db, content, PLAN, COURSE)
    session, course = days(db)[FIRST], days(db, "massage")[FIRST]
    for slot in (session, course):
        allotting.set_capacity(db, slot.id, 1, by="Esi", policy=POLICY, now=NOW)
    more = [dataclasses.replace(p, capacity=8) for p in (PLAN, COURSE)]
    for plans in ((PLAN, COURSE), more):
        lay(db, content, *plans)
        assert days(db)[FIRST].capacity == 1
        assert {s.capacity for s in days(db, "massage").values()} == {1}
    assert days(db)[SECOND].capacity == 8


def test_a_dropped_date_goes_unless_somebody_has_it_and_comes_back_with_the_old_file(db, content):
    lay(db, content, PLAN)
    books(db, "Amina", days(db)[FIRST].id)
    gone = books(db, "Ben", days(db)[SECOND].id)
    bookings.cancel(db, gone, why=EndedWhy.CANCELLED, policy=POLICY, now=NOW + MINUTE)
    before, later = days(db), NOW + 5 * MINUTE
    # When only a Thursday series is left
    other = dataclasses.replace(PLAN, id="thu", weekday=3, starts=date(2026, 3, 19))
    laid = lay(db, content, other, now=later)
    # Then Amina's stays and is named; Ben's old one is off; nobody was ever on the third
    assert left(db, laid) == {FIRST}
    states = {on: s.state for on, s in days(db).items()}
    assert states == {FIRST: OccurrenceState.SCHEDULED, SECOND: OccurrenceState.CANCELLED}
    lay(db, content, PLAN, now=later)
    assert days(db) == before


def test_a_followed_date_is_left_and_named(db, content):
    lay(db, content, PLAN)
    for on in (FIRST, SECOND):
        follow(db, adult_of(db, "Amina"), days(db)[on].id, now=NOW)
    unfollow(db, adult_of(db, "Amina"), days(db)[SECOND].id, now=NOW)
    laid = lay(db, content, dataclasses.replace(PLAN, except_on=(FIRST, SECOND)))
    assert left(db, laid) == {FIRST}
    assert days(db)[SECOND].cancelled


@pytest.mark.parametrize("booked", [True, False])
def test_a_course_that_somebody_has_stays_whole(db, content, booked):
    lay(db, content, COURSE)
    first = days(db, "massage")[FIRST]
    if booked:
        books(db, "Amina", first.id)
    laid = lay(db, content, dataclasses.replace(COURSE, except_on=(SECOND,)))
    later = date(2026, 4, 7)
    assert set(days(db, "massage")) == {FIRST, SECOND if booked else later, THIRD}
    assert left(db, laid) == ({SECOND} if booked else set())
    # And when its first day is left out, no rest of a course appears beside it
    lay(db, content, dataclasses.replace(COURSE, except_on=(FIRST,)))
    whole = {s.course_id: len(course_slots(db, s.course_id)) for s in days(db, "massage").values()}
    assert set(whole.values()) == {3}


def test_a_course_that_goes_on_is_no_new_one(db, content):
    begun = dataclasses.replace(COURSE, starts=date(2026, 2, 24), weeks=4)
    assert lay(db, content, begun).new_dates == 4
    assert lay(db, content, begun).new_dates == 0
    slot = days(db, "massage")[FIRST]
    assert [s.original_on.day for s in course_slots(db, slot.course_id)] == [24, 3, 10, 17]
    found = find_slots(db, Wanted(NOW.date(), THIRD), now=NOW, zone=LONDON)
    assert [s for s in found if s.series_id == "massage"] == []


def test_a_longer_course_says_so(db, content):
    lay(db, content, COURSE)
    lay(db, content, dataclasses.replace(COURSE, weeks=5))
    (course,) = db.exec(select(Course).where(Course.series_id == "massage"))
    assert (course.weeks, len(course_slots(db, course.id))) == (5, 5)


def test_what_was_imported_stays_until_the_folder_s_own_programme_changes(db, content):
    def start(programme: Programme) -> set[str]:
        """What a start with this folder leaves of the two series."""
        council = dataclasses.replace(content, programme=programme)
        apply_folder(db, content=council, now=NOW, zone=LONDON)
        today = Wanted(NOW.date(), THIRD)
        return {s.series_id for s in find_slots(db, today, now=NOW, zone=LONDON)}

    own = Programme("own", sample=False, series=(PLAN,))
    assert start(own) == {"tue"}
    imported = dataclasses.replace(PLAN, id="imported")
    lay(db, content, imported)
    assert start(own) == {"imported"}
    newer = dataclasses.replace(own, series=(dataclasses.replace(PLAN, id="newer"),))
    assert start(newer) == {"newer"}
    lay(db, content, imported)
    assert start(dataclasses.replace(newer, sample=True)) == {"imported"}


def test_ages_that_a_row_left_open_are_the_activity_s_as_it_is_now(db, content):
    lay(db, content, PLAN)
    henry = dataclasses.replace(content.activities["henry"], age_to=30)
    known = Kept({**content.activities, "henry": henry}, gone_activity)
    apply_folder(db, content=dataclasses.replace(content, activities=known), now=NOW, zone=LONDON)
    assert {s.age_to for s in days(db).values()} == {30}


@pytest.mark.postgres
def test_nobody_takes_a_place_while_a_programme_is_laid_out(postgres):
    """On PostgreSQL; on SQLite there is one writer at a time."""
    store = Store(postgres(laid=True), durable=False)
    with Session(store.engine) as laying, Session(store.engine) as booking:
        needed_by_people(laying, now=NOW)
        with pytest.raises(OperationalError):  # what every lock of a row begins with
            booking.execute(sa.text("LOCK TABLE occurrence IN ROW SHARE MODE NOWAIT"))
        booking.rollback()
        laying.rollback()
        booking.execute(sa.text("LOCK TABLE occurrence IN ROW SHARE MODE NOWAIT"))
    store.close()


def test_the_clock_change_keeps_the_hour(db, content):
    night = dataclasses.replace(
        PLAN, weekday=6, starts=date(2026, 3, 22), until=date(2026, 4, 5), begins=time(1, 30),
        ends=time(2, 30),
    )  # fmt: skip
    lay(db, content, night)
    begin = [s.starts_at for s in days(db).values()]
    assert begin == [datetime(2026, 3, 22, 1, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
                     datetime(2026, 4, 5, 0, 30, tzinfo=UTC)]  # fmt: skip

"""Many processes on few places. With a control that shows each race once the guard is gone."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlmodel import Session

from bot.bookings import queries
from bot.bookings.rules import ClaimKind
from bot.store.engine import Store
from bot.timetable.models import Occurrence
from tests.conftest import DAY, NOW
from tests.races.acts import LATE, booking, family, slot_of
from tests.races.conftest import Crowd, mixed
from tests.sessions import POLICY, make_session

pytestmark = pytest.mark.long

CONTROL = "control"


def opened(store: Store, places: int, key: str = "one") -> str:
    """A session of so many places, in ten days."""

    def work(db: Session) -> str:
        (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=places, key=key)
        return row.id

    return store.write_now(work)


def taken(store: Store, occurrence: str) -> int:
    return store.read_now(lambda db: queries.live_size(db, slot_of(db, occurrence), now=LATE))


@pytest.mark.parametrize(
    ("clients", "size", "places"), [(200, 1, 1), (60, 1, 7), (60, 2, 3)],
    ids=["200-on-1", "60-on-7", "60-twins-on-3"],
)  # fmt: skip
def test_no_place_is_sold_twice(
    store: Store, database: str, crowd: Crowd, clients: int, size: int, places: int
) -> None:
    one, control = opened(store, places), opened(store, places, CONTROL)
    rush = [("Book", one, f"f{n}", str(size)) for n in range(clients)]
    ends = Counter(crowd.rushes(database, rush))
    booked = places // size
    assert ends == {"booked": booked, "OccurrenceFullError": clients - booked}
    assert taken(store, one) == booked * size
    rush = [("Book", control, f"c{n}", str(size)) for n in range(16)]
    assert "booked" in crowd.rushes(database, rush, careless=True)
    assert taken(store, control) > places


def test_a_family_that_presses_on_many_phones_has_one_place(
    store: Store, database: str, crowd: Crowd
) -> None:
    one = opened(store, 3)
    store.write_now(family, "f")
    ends = crowd.rushes(database, [("Book", one, "f")] * 32)
    assert ends == ["booked"] * 32
    assert taken(store, one) == 1


def test_adults_of_one_family_who_press_at_once_have_one_place(
    store: Store, database: str, crowd: Crowd
) -> None:
    """They let each other see their bookings: the others are shown the one that was made."""
    one, control = opened(store, 20), opened(store, 20, CONTROL)
    names = [f"adult-{n}" for n in range(8)]

    def live_together(db: Session) -> None:
        adults = [family(db, name) for name in names]
        for adult in adults:
            adult.family_id, adult.shares_since = adults[0].family_id, NOW

    store.write_now(live_together)
    ends = crowd.rushes(database, [("Book", one, name) for name in names * 4])
    assert ends == ["booked"] * 32
    assert taken(store, one) == 1
    crowd.rushes(database, [("Book", control, name) for name in names], careless=True)
    assert taken(store, control) > 1


def test_adults_of_one_family_who_book_courses_at_once_have_so_many_and_not_more(
    store: Store, database: str, crowd: Crowd
) -> None:
    """Four adults each, and a course for each of them that none of the others books."""
    most = POLICY.places.most_courses

    def work(db: Session) -> list[str]:
        return [
            make_session(db, starts_at=NOW + (9 + n) * DAY, capacity=50, key=f"c{n}", weeks=2)[0].id
            for n in range(most + 1)
        ]

    courses = store.write_now(work)

    def families(db: Session, key: str) -> list[list[str]]:
        made = [[f"{key}{n}-{adult}" for adult in range(most + 1)] for n in range(12)]
        for names in made:
            adults = [family(db, name) for name in names]
            for adult in adults:
                adult.family_id, adult.shares_since = adults[0].family_id, NOW
        return made

    def booked(db: Session, names: list[str]) -> int:
        adults = [family(db, name).id for name in names]
        return len(queries.courses_of(db, adults, now=LATE))

    def rush(made: list[list[str]]) -> list[tuple[str, ...]]:
        return [
            ("BookCourse", *each) for names in made for each in zip(courses, names, strict=True)
        ]

    made, control = (store.write_now(families, key) for key in ("f", CONTROL))
    ends = Counter(crowd.rushes(database, rush(made)))
    assert ends == {"booked": most * len(made), "TooManyCoursesError": len(made)}
    assert {store.write_now(booked, names) for names in made} == {most}
    crowd.rushes(database, rush(control), careless=True)
    assert max(store.write_now(booked, names) for names in control) > most


def test_a_session_made_smaller_while_people_book_never_holds_more_than_fit(
    store: Store, database: str, crowd: Crowd
) -> None:
    one, control = opened(store, 12), opened(store, 5, CONTROL)
    rush = mixed(
        [("Book", one, f"f{n}") for n in range(24)],
        [("Resize", one, str(places)) for places in range(11, 0, -1)],
    )
    ends = Counter(crowd.rushes(database, rush))
    assert set(ends) <= {"booked", "OccurrenceFullError", "resized", "BelowTakenError"}
    assert taken(store, one) == ends["booked"] <= capacity(store, one)
    rush = mixed([("Resize", control, "1")], [("Book", control, f"c{n}") for n in range(3)])
    crowd.rushes(database, rush, careless=True)
    assert taken(store, control) > capacity(store, control)


def test_families_that_change_dates_both_ways_lose_nothing_and_wait_for_nobody_forever(
    store: Store, database: str, crowd: Crowd
) -> None:
    """Two sessions, each with one place more than is booked, and everybody wants the other."""
    each = 4
    for key in ("one", CONTROL):
        a, b = opened(store, each + 1, key), opened(store, each + 1, f"{key}-too")
        names = [f"{key}{n}" for n in range(2 * each)]
        rush = [("Book", (a, b)[n % 2], name) for n, name in enumerate(names)]
        assert crowd.rushes(database, rush) == ["booked"] * 2 * each
        careless = key == CONTROL
        rush = [("Move", a, b, name, f"{name}-{n}") for n in range(2) for name in names]
        if careless:  # four from one to the other, where one place is free
            rush = [("Move", a, b, name, name) for name in names[:8:2]]
        ends = set(crowd.rushes(database, rush, careless=careless))
        # On two phones at once: the booking that the second would move has been moved.
        assert ends <= {"moved", "no", "OccurrenceFullError", "NoSuchBookingError"}
        assert "moved" in ends
        live = (taken(store, a), taken(store, b))
        assert sum(live) == 2 * each
        assert (max(live) > each + 1) is careless
        for name in names:
            assert store.write_now(booking, name).kind is ClaimKind.BOOKING


def capacity(store: Store, occurrence: str) -> int:
    return store.read_now(lambda db: db.get_one(Occurrence, occurrence).capacity or 0)

"""Who gets a place: the acts of the ledger, one at a time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from bot.bookings import queries, rules, service
from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind, EndedWhy
from bot.content.values import Mode
from bot.timetable import service as timetable
from bot.timetable.models import Series
from bot.timetable.queries import find_slot
from tests.cast import Cast, make_cast
from tests.conftest import DAY, HOUR, MINUTE, NOW
from tests.sessions import POLICY, make_session

BORN = date(2025, 6, 10)


@pytest.fixture
def cast(db: Session) -> Cast:
    return make_cast(db)


def book(db: Session, adult, occurrence: str, *, key: str, size: int = 1, now=NOW) -> Claim:
    held = service.hold_place(
        db, adult=adult, occurrence=occurrence, size=size, key=key, policy=POLICY, now=now
    )
    return service.confirm_place(db, held, facts={"name": "A"}, born=None, policy=POLICY, now=now)


def test_a_held_place_is_taken_and_a_second_family_is_told_it_is_full(db, cast):
    (session,) = make_session(db, starts_at=NOW + DAY)
    service.hold_place(
        db, adult=cast.amina, occurrence=session.id, size=1, key="a", policy=POLICY, now=NOW
    )
    with pytest.raises(rules.OccurrenceFullError):
        service.hold_place(
            db, adult=cast.ben, occurrence=session.id, size=1, key="b", policy=POLICY, now=NOW
        )


def test_a_booking_asks_the_database_few_things(db, cast):
    (session,) = make_session(db, starts_at=NOW + DAY)
    connection, asked = db.connection(), []
    if connection.dialect.name == "sqlite":  # where most don't go through SQLAlchemy
        driver = connection.connection.driver_connection
        driver.set_trace_callback(asked.append)
        book(db, cast.amina, session.id, key="a")
        driver.set_trace_callback(None)
    else:
        sa.event.listen(connection, "before_cursor_execute", lambda *told: asked.append(told[2]))
        book(db, cast.amina, session.id, key="a")
    assert 0 < len(asked) <= 16, asked


def test_a_hold_that_ran_out_frees_the_place_without_any_job(db, cast):
    (session,) = make_session(db, starts_at=NOW + DAY)
    service.hold_place(
        db, adult=cast.amina, occurrence=session.id, size=1, key="a", policy=POLICY, now=NOW
    )
    later = NOW + rules.HOLD
    assert book(db, cast.ben, session.id, key="b", now=later).kind is ClaimKind.BOOKING


def test_a_late_confirmation_still_works_while_there_is_room_and_not_after(db, cast):
    (session,) = make_session(db, starts_at=NOW + DAY)
    held = service.hold_place(
        db, adult=cast.amina, occurrence=session.id, size=1, key="a", policy=POLICY, now=NOW
    )
    late = NOW + rules.HOLD + MINUTE
    ben = service.hold_place(
        db, adult=cast.ben, occurrence=session.id, size=1, key="b", policy=POLICY, now=late
    )
    with pytest.raises(rules.OccurrenceFullError):
        service.confirm_place(db, held, facts={}, born=None, policy=POLICY, now=late)
    service.let_go(db, ben, now=late)
    assert (
        service.confirm_place(db, held, facts={}, born=None, policy=POLICY, now=late).kind
        is ClaimKind.BOOKING
    )


def test_the_same_key_gives_the_same_claim(db, cast):
    (session,) = make_session(db, starts_at=NOW + DAY, capacity=5)
    first = book(db, cast.amina, session.id, key="a")
    again = service.hold_place(
        db, adult=cast.amina, occurrence=session.id, size=1, key="a", policy=POLICY, now=NOW
    )
    other_key = service.hold_place(
        db, adult=cast.amina, occurrence=session.id, size=1, key="a2", policy=POLICY, now=NOW
    )
    assert first.id == again.id == other_key.id
    assert queries.live_size(db, find_slot(db, session.id), now=NOW) == 1


def test_the_database_itself_refuses_a_second_booking_of_a_family(db, cast):
    (session,) = make_session(db, starts_at=NOW + DAY, capacity=5)
    first = book(db, cast.amina, session.id, key="a")
    copy = Claim(
        code="ZZZZZZZZ", key="forged", kind=ClaimKind.BOOKING, family_id=first.family_id,
        adult_id=first.adult_id, occurrence_id=session.id, made_at=NOW,
    )  # fmt: skip
    db.add(copy)
    with pytest.raises(IntegrityError):
        db.flush()


def test_a_cancelled_place_is_kept_a_minute_for_undo_then_goes_on(db, cast):
    (session,) = make_session(db, starts_at=NOW + DAY)
    claim = book(db, cast.amina, session.id, key="a")
    service.cancel(db, claim, why=EndedWhy.CANCELLED, policy=POLICY, now=NOW)
    with pytest.raises(rules.OccurrenceFullError):
        book(db, cast.ben, session.id, key="b", now=NOW + MINUTE / 2)
    service.undo_cancel(db, claim, policy=POLICY, now=NOW + MINUTE / 2)
    assert claim.kind is ClaimKind.BOOKING
    service.cancel(db, claim, why=EndedWhy.CANCELLED, policy=POLICY, now=NOW + MINUTE)
    assert book(db, cast.ben, session.id, key="b2", now=NOW + 2 * MINUTE).kind is ClaimKind.BOOKING
    with pytest.raises(rules.TooLateToUndoError):
        service.undo_cancel(db, claim, policy=POLICY, now=NOW + 2 * MINUTE)


def test_cant_come_frees_the_place_at_once_and_undo_works_only_while_it_is_free(db, cast):
    (session,) = make_session(db, starts_at=NOW + DAY)
    claim = book(db, cast.amina, session.id, key="a")
    service.cancel(db, claim, why=EndedWhy.CANT_COME, policy=POLICY, now=NOW)
    service.undo_cancel(db, claim, policy=POLICY, now=NOW + HOUR)
    assert claim.kind is ClaimKind.BOOKING
    service.cancel(db, claim, why=EndedWhy.CANT_COME, policy=POLICY, now=NOW + HOUR)
    book(db, cast.ben, session.id, key="b", now=NOW + HOUR)
    with pytest.raises(rules.TooLateToUndoError):
        service.undo_cancel(db, claim, policy=POLICY, now=NOW + HOUR)


def test_in_the_last_two_hours_a_cancelled_place_goes_on_at_once(db, cast):
    (session,) = make_session(db, starts_at=NOW + HOUR)
    claim = book(db, cast.amina, session.id, key="a")
    service.cancel(db, claim, why=EndedWhy.CANCELLED, policy=POLICY, now=NOW)
    assert book(db, cast.ben, session.id, key="b").kind is ClaimKind.BOOKING


def test_a_course_is_booked_once_for_all_its_weeks(db, cast):
    weeks = make_session(db, starts_at=NOW + DAY, capacity=2, weeks=4)
    claim = book(db, cast.amina, weeks[0].id, key="a")
    assert claim.course_id
    assert claim.occurrence_id is None
    assert [s.id for s in queries.claim_slots(db, claim)] == [w.id for w in weeks]
    assert [b.claim.id for b in queries.bookings_of(db, cast.amina.id, now=NOW)] == [claim.id]
    booked = queries.booked_for(db, find_slot(db, weeks[2].id))
    assert [c.id for c in booked] == [claim.id]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"mode": Mode.DROP_IN}, rules.NotBookableError),
        ({"starts_at": NOW - MINUTE}, rules.TooLateError),
    ],
)
def test_what_cant_be_booked_is_refused(db, cast, change, error):
    (session,) = make_session(db, **{"starts_at": NOW + DAY, **change})
    with pytest.raises(error):
        service.hold_place(
            db, adult=cast.amina, occurrence=session.id, size=1, key="a", policy=POLICY, now=NOW
        )


def test_a_cancelled_session_can_neither_be_held_nor_confirmed(db, cast):
    (session,) = make_session(db, starts_at=NOW + DAY, capacity=5)
    held = service.hold_place(
        db, adult=cast.amina, occurrence=session.id, size=1, key="a", policy=POLICY, now=NOW
    )
    timetable.cancel_occurrence(db, session.id, reason="boiler", by="Esi", now=NOW)
    with pytest.raises(rules.CalledOffError):
        service.confirm_place(db, held, facts={}, born=None, policy=POLICY, now=NOW)
    with pytest.raises(rules.CalledOffError):
        service.hold_place(
            db, adult=cast.ben, occurrence=session.id, size=1, key="b", policy=POLICY, now=NOW
        )


def test_the_age_counts_on_the_day_of_the_session(db, cast):
    (session,) = make_session(db, starts_at=NOW + 10 * DAY)
    series = db.get_one(Series, "test-one")
    series.age_from, series.age_to = 6, 8
    db.flush()
    held = service.hold_place(
        db, adult=cast.amina, occurrence=session.id, size=1, key="a", policy=POLICY, now=NOW
    )
    nine_months_on_the_day = date(2025, 6, 15)  # eight months today
    with pytest.raises(rules.AgeRefusedError):
        service.confirm_place(
            db, held, facts={}, born=nine_months_on_the_day, policy=POLICY, now=NOW
        )
    assert service.confirm_place(db, held, facts={}, born=date(2025, 7, 21), policy=POLICY, now=NOW)


def test_a_later_week_of_a_running_course_can_not_be_held(db, cast):
    weeks = make_session(db, starts_at=NOW - DAY, capacity=2, weeks=4)
    with pytest.raises(rules.TooLateError):
        service.hold_place(
            db, adult=cast.amina, occurrence=weeks[1].id, size=1, key="a", policy=POLICY, now=NOW
        )


def test_a_cancelled_course_can_be_taken_back_after_its_first_week(db, cast):
    weeks = make_session(db, starts_at=NOW + DAY, capacity=2, weeks=4)
    claim = book(db, cast.amina, weeks[0].id, key="a")
    later = NOW + 3 * DAY
    service.cancel(db, claim, why=EndedWhy.CANCELLED, policy=POLICY, now=later)
    assert service.undo_cancel(db, claim, policy=POLICY, now=later).kind is ClaimKind.BOOKING


def test_a_code_is_found_however_it_is_typed(db, cast):
    (session,) = make_session(db, starts_at=NOW + DAY)
    claim = book(db, cast.amina, session.id, key="a")
    typed = f" {claim.code[:4].lower()} - {claim.code[4:]} "
    assert queries.find_claim_by_code(db, typed).id == claim.id
    assert queries.find_claim_by_code(db, "") is None


def test_erasing_ends_bookings_to_come_and_keeps_no_words(db, cast):
    (session,) = make_session(db, starts_at=NOW + DAY)
    claim = book(db, cast.amina, session.id, key="a")
    service.erase(db, cast.amina.id, policy=POLICY, now=NOW)
    assert (claim.sealed, claim.ended_why) == (None, EndedWhy.ERASED)
    assert queries.live_size(db, find_slot(db, session.id), now=NOW) == 0


def test_the_register_keeps_the_newest_mark_and_the_newest_count(db, cast):
    (session,) = make_session(db, starts_at=NOW + DAY)
    claim = book(db, cast.amina, session.id, key="a")
    for mark in (rules.RegisterMark.ABSENT, rules.RegisterMark.CAME):
        service.mark_register(db, session.id, mark=mark, by="Esi", now=NOW, claim_id=claim.id)
    for count in (3, 2):
        service.mark_register(
            db, session.id, mark=rules.RegisterMark.WALK_IN, by="Esi", now=NOW, count=count
        )
    assert queries.register_of(db, session.id) == ({claim.id: rules.RegisterMark.CAME}, 2)


def test_every_claim_has_its_own_code(db, cast):
    (session,) = make_session(db, starts_at=NOW + timedelta(days=3), capacity=9)
    for n, who in enumerate((cast.amina, cast.ben, cast.carol)):
        book(db, who, session.id, key=f"k{n}")
    codes = list(db.exec(select(Claim.code)))
    assert len(set(codes)) == len(codes) == 3

"""Searches read a copy of the timetable in memory, and never an old one."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from bot.content import Content
from bot.content.values import Mode
from bot.store.engine import Store
from bot.timetable import queries, service
from bot.timetable.finding import Wanted, find_slots
from bot.timetable.laying import lay_out
from bot.timetable.models import Series, find_mark, mark_changed
from bot.timetable.queries import Slot
from bot.timetable.searching import fitting
from tests.conftest import DAY, LONDON, NOW
from tests.sessions import make_session

pytestmark = pytest.mark.long  # searches the whole programme

SOON = Wanted(NOW.date(), (NOW + 14 * DAY).date())


def found(db: Session) -> list[Slot]:
    return find_slots(db, SOON, now=NOW, zone=LONDON)


def cancel_first(db: Session) -> str:
    first = next(s for s in found(db) if s.starts_at > NOW)
    service.cancel_occurrence(db, first.id, reason="ill", by="esi", now=NOW)
    return first.id


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one each time all the rows are read."""
    seen: list[int] = []
    real = queries.read_coming

    def counted(db: Session, since: object) -> list[Slot]:
        seen.append(1)
        return real(db, since)

    monkeypatch.setattr("bot.timetable.finding.read_coming", counted)
    return seen


def test_the_rows_are_read_once_for_many_searches(laid: Store, reads: list[int]) -> None:
    laid.write_now(mark_changed)  # other tests may have read this copy of the template
    first = laid.read_now(found)
    assert first
    assert laid.read_now(found) == laid.write_now(found) == first
    assert reads == [1]


def test_a_change_is_found_by_the_next_search(laid: Store) -> None:
    laid.read_now(found)
    gone = laid.write_now(cancel_first)
    assert gone not in {s.id for s in laid.read_now(found)}


def test_a_change_of_another_process_is_found_too(laid: Store) -> None:
    before = laid.read_now(found)
    other = Store(laid.url, durable=False)
    try:
        gone = other.write_now(cancel_first)
    finally:
        other.close()
    after = laid.read_now(found)
    assert {s.id for s in before} - {s.id for s in after} == {gone}


def test_a_change_counts_within_its_own_transaction(laid: Store) -> None:
    def change(db: Session) -> None:
        gone = cancel_first(db)
        assert gone not in {s.id for s in found(db)}

    laid.write_now(change)


def test_what_was_undone_is_never_found(laid: Store) -> None:
    before = laid.read_now(found)

    def undone(db: Session) -> None:
        gone = cancel_first(db)
        assert gone not in {s.id for s in found(db)}
        raise LookupError

    with pytest.raises(LookupError):
        laid.write_now(undone)
    assert laid.read_now(found) == before
    laid.write_now(cancel_first)
    assert len(laid.read_now(found)) == len(before) - 1


def test_laying_out_anew_is_a_change_only_where_it_changes(laid: Store, content: Content) -> None:
    def again(db: Session, days: int) -> None:
        at = NOW + timedelta(days=days)
        lay_out(db, content=content, now=at, zone=LONDON)

    mark = laid.read_now(find_mark)
    laid.write_now(again, 0)
    assert laid.read_now(find_mark) == mark
    laid.write_now(again, 7)
    assert laid.read_now(find_mark) != mark


def test_without_a_mark_every_search_reads(laid: Store, reads: list[int]) -> None:
    laid.write_now(lambda db: db.execute(sa.text("DELETE FROM fact WHERE name = 'timetable'")))
    assert laid.read_now(found) == laid.read_now(found)
    assert reads == [1, 1]


def test_the_past_of_a_day_is_not_found(laid: Store) -> None:
    late = NOW + timedelta(hours=8)
    slots = laid.read_now(find_slots, SOON, now=late, zone=LONDON)
    assert slots
    assert all(s.starts_at >= late for s in slots)


@pytest.fixture
def weeks(db: Session) -> list[str]:
    """A course of four weeks from in ten days."""
    rows = make_session(db, starts_at=NOW + 10 * DAY, weeks=4)
    series = db.get_one(Series, "test-one")
    series.active = True
    db.flush()
    return [row.id for row in rows]


def of_course(db: Session, ids: list[str], *, day: int, cancelled_too: bool = False) -> list[int]:
    """Which of its weeks are found on a day, of all to come."""
    now = NOW + day * DAY
    wanted = Wanted(now.date(), (now + 60 * DAY).date(), cancelled_too=cancelled_too)
    slots = find_slots(db, wanted, now=now, zone=LONDON)
    return [ids.index(s.id) + 1 for s in slots if s.id in ids]


def test_a_course_is_found_once_at_its_first_meeting_until_it_begins(
    db: Session, weeks: list[str]
) -> None:
    assert of_course(db, weeks, day=0) == [1]
    assert of_course(db, weeks, day=11) == []


def test_a_course_is_found_at_its_next_meeting_while_it_can_be_joined_late(
    db: Session, weeks: list[str]
) -> None:
    db.get_one(Series, "test-one").join_late = 2
    db.flush()
    assert [of_course(db, weeks, day=day) for day in (0, 11, 18, 25)] == [[1], [2], [3], []]


def test_a_course_whose_first_week_is_cancelled_is_found_at_its_second(
    db: Session, weeks: list[str]
) -> None:
    service.cancel_occurrence(db, weeks[0], reason="ill", by="esi", now=NOW)
    assert of_course(db, weeks, day=0) == [2]
    assert of_course(db, weeks, day=0, cancelled_too=True) == [1, 2]
    assert of_course(db, weeks, day=11) == [2]
    assert of_course(db, weeks, day=18) == []


def test_a_drop_in_that_goes_on_is_on_now(db: Session, content: Content) -> None:
    slot = next(s for s in found(db) if s.mode is Mode.DROP_IN and s.starts_at > NOW)
    now = slot.starts_at + timedelta(minutes=20)
    today = now.astimezone(LONDON).date().isoformat()

    def ids(**wish: str) -> set[str]:
        fit = fitting(db, {"when": today, **wish}, content=content, now=now, zone=LONDON)
        return {s.id for s in fit.slots}

    assert slot.id in ids(daypart="now")
    assert slot.id not in ids()
    on_now = fitting(db, {"daypart": "now"}, content=content, now=now, zone=LONDON)
    assert {s.starts_at.astimezone(LONDON).date().isoformat() for s in on_now.slots} == {today}
    booked = {s.id for s in found(db) if s.starts_at < now and s.mode is Mode.BOOK}
    assert not booked & ids(daypart="now")

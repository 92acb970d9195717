"""Staff cancel or move a session that somebody waits for, and courses that are joined late."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from bot.bookings import allotting, promises, queries, queue, rules, service, tending, waiting
from bot.bookings.models import StoryLine
from bot.bookings.rules import ClaimKind, ClosedWhy, EndedWhy, EntryState, Step
from bot.outbox.models import Outbox
from bot.outbox.rules import Kind
from bot.outreach import changing
from bot.outreach.changing import Draft
from bot.outreach.notices import Skip, Voice, render
from bot.timetable.models import Series
from bot.timetable.queries import find_slot
from bot.timetable.rules import ChangeKind
from bot.wording.words import Words
from tests.bookings.test_waiting import WEEK, book, cancel_at_once, claim_of, notices, wait
from tests.cast import Cast, make_cast
from tests.conftest import DAY, HOUR, LONDON, MINUTE, NOW
from tests.sessions import POLICY, make_session

ANY_DATE = {"activity": "henry"}


@pytest.fixture
def cast(db: Session) -> Cast:
    return make_cast(db)


@pytest.fixture
def change(db, content):
    """Staff change a session: cancelled, or moved to another time."""

    def change(occurrence, *, to=None, now=NOW):
        slot = find_slot(db, occurrence)
        draft = Draft(slot.id, slot.version, ChangeKind.CANCEL, "The boiler broke.")
        if to is not None:
            draft = Draft(
                slot.id, slot.version, ChangeKind.MOVE, "", starts_at=to, ends_at=to + HOUR,
                venue=slot.venue,
            )  # fmt: skip
        return changing.make(db, draft, by="Esi", content=content, now=now, zone=LONDON)

    return change


@pytest.fixture
def offered(db, cast):
    """A session in ten days whose only place is offered to Ben."""

    def offered(wish=None, **session):
        (row,) = make_session(db, **{"starts_at": NOW + 10 * DAY, **session})
        book(db, cast.amina, row.id, key="amina")
        bens = wait(db, cast.ben, row.id, wish=wish)
        cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
        assert bens.state is EntryState.OFFERED
        return row.id, bens

    return offered


@pytest.fixture
def said(db, content):
    """The words of a notice, or why it is not sent."""
    voice = Voice(content, lambda lang: Words(lang or "en", LONDON), "http://here")

    def said(adult, kind, *, now):
        rows = db.exec(select(Outbox).where(Outbox.adult_id == adult.id, Outbox.kind == kind))
        found = render(db, rows.all()[-1], voice, now=now)
        return found.reason if isinstance(found, Skip) else found.text

    return said


def tend(db, *, now):
    tending.tend(db, "henry", policy=POLICY, now=now)
    broken = promises.broken(db, policy=POLICY, now=now)
    assert not any(broken.values()), broken


def test_an_offer_of_a_cancelled_session_is_withdrawn_and_the_turn_kept(
    db, cast, offered, change, said
):
    (other,) = make_session(db, starts_at=NOW + 12 * DAY, capacity=0, key="two")
    session, bens = offered({"subjects": ["occurrence-one-0", other.id]})
    claim = claim_of(db, cast.ben, ClaimKind.OFFER)
    change(session, now=NOW + HOUR)
    assert (bens.state, claim.ended_why) == (EntryState.WAITING, EndedWhy.WITHDRAWN)
    later = NOW + HOUR + 2 * MINUTE
    tend(db, now=later)
    assert bens.state is EntryState.WAITING
    told = said(cast.ben, Kind.LAPSED, now=later)
    assert "Cancelled:" in told
    assert "lost your turn" in told
    # The next date with a free place is offered
    allotting.set_capacity(db, other.id, 1, by="Esi", policy=POLICY, now=later)
    assert queue.offer_of(db, bens).occurrence_id == other.id


def test_who_waited_for_a_cancelled_session_alone_hears_of_the_end_of_the_list_once(
    db, cast, offered, change, said
):
    session, bens = offered()
    change(session)
    tend(db, now=NOW + 2 * MINUTE)
    assert (bens.state, bens.ended_why) == (EntryState.CLOSED, ClosedWhy.CALLED_OFF)
    assert "was cancelled" in said(cast.ben, Kind.LIST_CLOSED, now=NOW + 2 * MINUTE)
    assert said(cast.ben, Kind.LAPSED, now=NOW + 2 * MINUTE) == "no longer waiting"


def test_a_cancellation_that_is_undone_brings_the_offer_back(
    db, cast, content, offered, change, said
):
    session, bens = offered()
    made = change(session)
    changing.undo(db, made.id, by="Esi", content=content, now=NOW + MINUTE / 2, zone=LONDON)
    assert bens.state is EntryState.OFFERED
    assert said(cast.ben, Kind.LAPSED, now=NOW + MINUTE) == "undone"
    tend(db, now=NOW + MINUTE)


def test_an_offer_ends_even_where_the_service_was_down_till_after_the_start(db, cast, offered):
    _session, bens = offered(starts_at=NOW + 4 * DAY)
    tend(db, now=NOW + 4 * DAY + HOUR)
    assert bens.state is EntryState.CLOSED
    assert Kind.LIST_CLOSED in notices(db, cast.ben)


def test_an_offer_of_a_session_moved_nearer_ends_before_its_start_and_says_so(
    db, cast, offered, change, said
):
    session, bens = offered()
    change(session, to=NOW + 5 * HOUR)
    assert claim_of(db, cast.ben, ClaimKind.OFFER).expires_at == NOW + 4 * HOUR
    tend(db, now=NOW + 2 * MINUTE)
    told = said(cast.ben, Kind.OFFERED, now=NOW + 2 * MINUTE)
    assert "has changed" in told
    assert "3pm" in told
    tend(db, now=NOW + 6 * HOUR)
    assert bens.state is EntryState.CLOSED


@pytest.mark.parametrize("to", [NOW + 30 * MINUTE, NOW + 10 * DAY + 4 * HOUR])
def test_an_offer_is_withdrawn_where_the_new_time_is_too_soon_or_not_what_they_wait_for(
    db, cast, offered, change, said, to
):
    session, bens = offered({**ANY_DATE, "part": "morning"})
    change(session, to=to)
    assert bens.state is EntryState.WAITING
    assert "Changed:" in said(cast.ben, Kind.LAPSED, now=NOW + 2 * MINUTE)
    tend(db, now=NOW + 2 * MINUTE)


def test_what_is_kept_for_twins_of_a_session_moved_nearer_goes_on(db, cast, change):
    (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=2)
    one = book(db, cast.amina, row.id, key="a")
    book(db, cast.dev, row.id, key="d")
    wait(db, cast.ben, row.id, size=2)
    cancel_at_once(db, one, now=NOW)
    assert queries.live_size(db, find_slot(db, row.id), now=NOW) == 2
    change(row.id, to=NOW + 12 * HOUR)
    assert queries.live_size(db, find_slot(db, row.id), now=NOW) == 1


@pytest.fixture
def course(db, cast):
    """Four weeks from in ten days, with one place, which Amina has; Ben waits."""

    def course(join_late=0):
        rows = make_session(db, starts_at=NOW + 10 * DAY, weeks=4)
        db.get_one(Series, "test-one").join_late = join_late
        db.flush()
        book(db, cast.amina, rows[0].id, key="amina")
        return [r.id for r in rows], wait(db, cast.ben, rows[0].id)

    return course


def test_the_list_of_a_course_ends_at_its_start(db, cast, course):
    _weeks, bens = course()
    tend(db, now=NOW + 10 * DAY - HOUR)
    assert (bens.state, bens.ended_why) == (EntryState.CLOSED, ClosedWhy.STARTED)


def test_the_list_of_a_course_that_can_be_joined_late_ends_when_it_no_longer_can(db, cast, course):
    weeks, bens = course(join_late=2)
    begun = NOW + 10 * DAY + 2 * HOUR
    tend(db, now=begun)
    assert bens.state is EntryState.WAITING
    # Who joins now waits as well, and what comes free goes by turns
    carols = wait(db, cast.carol, weeks[1], now=begun)
    cancel_at_once(db, claim_of(db, cast.amina), now=begun)
    assert (bens.state, carols.state) == (EntryState.OFFERED, EntryState.WAITING)
    with pytest.raises(rules.OccurrenceFullError):
        book(db, cast.dev, weeks[1], key="d", now=begun)
    slot = find_slot(db, weeks[1])
    assert waiting.accept(db, bens, slot, key="y", policy=POLICY, now=begun)
    tend(db, now=NOW + 10 * DAY + 2 * WEEK - HOUR)
    assert (carols.state, carols.ended_why) == (EntryState.CLOSED, ClosedWhy.STARTED)
    with pytest.raises(rules.TooLateError):
        wait(db, cast.dev, weeks[3], now=NOW + 10 * DAY + 2 * WEEK)


def test_a_course_whose_first_week_is_cancelled_is_offered_at_its_second(
    db, cast, course, change, said
):
    weeks, bens = course()
    change(weeks[0])
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
    assert "27 March" in said(cast.ben, Kind.OFFERED, now=NOW)
    # It is the second week now that the list ends at
    tend(db, now=NOW + 10 * DAY)
    assert bens.state is EntryState.ASKED
    tend(db, now=NOW + 17 * DAY - HOUR)
    assert bens.state is EntryState.CLOSED


def test_a_cancelled_booking_of_a_course_can_be_undone_though_its_first_week_is_off(
    db, cast, course, change
):
    weeks, _bens = course()
    change(weeks[0])
    mine = claim_of(db, cast.amina)
    service.cancel(db, mine, why=EndedWhy.CANCELLED, policy=POLICY, now=NOW)
    undone = service.undo_cancel(db, mine, policy=POLICY, now=NOW + MINUTE / 2)
    assert undone.kind is ClaimKind.BOOKING


def test_the_story_of_a_withdrawn_offer_is_not_one_of_an_unanswered_one(db, cast, offered, change):
    session, bens = offered(ANY_DATE)
    change(session)
    assert bens.lapses == 0
    line = db.exec(select(StoryLine).where(StoryLine.step == Step.LAPSED)).one()
    assert line.facts == {"withdrawn": True}

"""The waiting list: turns, windows to answer, sizes, and an end that is never silent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import Session, select

from bot.bookings import allotting, queries, queue, rules, service, tending, waiting
from bot.bookings.models import Claim, StoryLine, WaitingEntry
from bot.bookings.rules import ClaimKind, ClosedWhy, EndedWhy, EntryState, ListState, Step
from bot.families import service as families
from bot.outbox.models import Outbox
from bot.outbox.rules import Kind
from bot.timetable import service as timetable
from bot.timetable.models import Series
from bot.timetable.queries import find_slot
from tests.cast import Cast, make_cast
from tests.conftest import DAY, HOUR, MINUTE, NOW
from tests.sessions import POLICY, make_session

WEEK = 7 * DAY


@pytest.fixture
def cast(db: Session) -> Cast:
    return make_cast(db)


@pytest.fixture
def full(db: Session, cast: Cast) -> str:
    """A session in ten days with one place, which Amina has."""
    (row,) = make_session(db, starts_at=NOW + 10 * DAY)
    book(db, cast.amina, row.id, key="amina")
    return row.id


def book(db, adult, occurrence, *, key, size=1, now=NOW):
    held = service.hold_place(
        db, adult=adult, occurrence=occurrence, size=size, key=key, policy=POLICY, now=now
    )
    return service.confirm_place(db, held, facts={"name": "A"}, born=None, policy=POLICY, now=now)


def wait(db, adult, occurrence, *, key=None, size=1, now=NOW, wish=None, **facts):
    slot = find_slot(db, occurrence)
    return waiting.join(
        db, adult=adult, slot=slot, wish=wish or {"subjects": [slot.subject]}, size=size,
        facts={"name": "B", **facts}, key=key or f"wait-{adult.id}", policy=POLICY, now=now,
    )  # fmt: skip


def cancel_at_once(db, claim, *, now):
    service.cancel(db, claim, why=EndedWhy.CANT_COME, policy=POLICY, now=now)


def claim_of(db, adult, kind=ClaimKind.BOOKING):
    query = select(Claim).where(Claim.adult_id == adult.id, Claim.kind == kind)
    return db.exec(query).all()[-1]


def notices(db, adult):
    rows = db.exec(select(Outbox).where(Outbox.adult_id == adult.id).order_by(Outbox.id))
    return [r.kind for r in rows]


def test_a_freed_place_is_held_for_whoever_has_waited_longest(db, cast, full):
    bens = wait(db, cast.ben, full, now=NOW)
    carols = wait(db, cast.carol, full, now=NOW + MINUTE)
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW + HOUR)
    assert (bens.state, carols.state) == (EntryState.OFFERED, EntryState.WAITING)
    assert claim_of(db, cast.ben, ClaimKind.OFFER).expires_at == NOW + HOUR + DAY
    assert notices(db, cast.ben) == [Kind.OFFERED]
    with pytest.raises(rules.OccurrenceFullError):
        book(db, cast.dev, full, key="dev", now=NOW + HOUR)


def test_the_minute_to_undo_comes_before_the_waiting_list(db, cast, full):
    bens = wait(db, cast.ben, full)
    service.cancel(db, claim_of(db, cast.amina), why=EndedWhy.CANCELLED, policy=POLICY, now=NOW)
    tending.tend(db, "henry", policy=POLICY, now=NOW + MINUTE / 2)
    assert bens.state is EntryState.WAITING
    tending.tend(db, "henry", policy=POLICY, now=NOW + 2 * MINUTE)
    assert bens.state is EntryState.OFFERED


def test_a_newcomer_never_overtakes_whoever_waits(db, cast, full):
    bens = wait(db, cast.ben, full)
    service.cancel(db, claim_of(db, cast.amina), why=EndedWhy.CANCELLED, policy=POLICY, now=NOW)
    with pytest.raises(rules.OccurrenceFullError):
        book(db, cast.carol, full, key="carol", now=NOW + 2 * MINUTE)  # no job has run
    assert bens.state is EntryState.OFFERED


def test_who_is_first_and_presses_book_before_the_job_has_looked_has_the_offer(db, cast, full):
    bens = wait(db, cast.ben, full)
    service.cancel(db, claim_of(db, cast.amina), why=EndedWhy.CANCELLED, policy=POLICY, now=NOW)
    booked = book(db, cast.ben, full, key="ben", now=NOW + 2 * MINUTE)
    assert (booked.kind, booked.entry_id, bens.state) == (
        ClaimKind.BOOKING, bens.id, EntryState.BOOKED,
    )  # fmt: skip


def test_who_answered_too_long_and_is_first_in_line_has_the_place(db, cast, full):
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
    held = service.hold_place(
        db, adult=cast.ben, occurrence=full, size=1, key="h", policy=POLICY, now=NOW
    )
    bens = wait(db, cast.ben, full, now=NOW + MINUTE)
    made = service.confirm_place(
        db, held, facts={}, born=None, policy=POLICY, now=NOW + rules.HOLD + MINUTE
    )
    assert (made.kind, bens.state) == (ClaimKind.BOOKING, EntryState.BOOKED)
    assert queries.live_size(db, find_slot(db, full), now=NOW + HOUR) == 1


def test_yes_turns_the_offer_into_a_booking_in_place_and_twice_is_once(db, cast, full):
    bens = wait(db, cast.ben, full, phone="07700900982")
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
    offered = claim_of(db, cast.ben, ClaimKind.OFFER)
    slot = find_slot(db, full)
    first = waiting.accept(db, bens, slot, key="yes", policy=POLICY, now=NOW + HOUR)
    again = waiting.accept(db, bens, slot, key="yes2", policy=POLICY, now=NOW + HOUR)
    assert first.id == again.id == offered.id
    assert (first.kind, first.expires_at) == (ClaimKind.BOOKING, None)
    assert first.private["phone"] == "07700900982"
    assert bens.state is EntryState.BOOKED


def test_no_passes_the_place_on_at_once(db, cast, full):
    bens, carols = wait(db, cast.ben, full), wait(db, cast.carol, full)
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
    waiting.decline(db, bens, find_slot(db, full), policy=POLICY, now=NOW + HOUR)
    assert (bens.state, carols.state) == (EntryState.LEFT, EntryState.OFFERED)


def test_an_offer_that_lapses_keeps_its_turn_once_and_is_asked(db, cast, full):
    bens, carols = wait(db, cast.ben, full), wait(db, cast.carol, full)
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
    later = NOW + DAY + MINUTE
    tending.tend(db, "henry", policy=POLICY, now=later)
    assert (bens.state, carols.state) == (EntryState.ASKED, EntryState.OFFERED)
    assert notices(db, cast.ben) == [Kind.OFFERED, Kind.LAPSED]
    waiting.still_wanted(db, bens, now=later)
    waiting.decline(db, carols, find_slot(db, full), policy=POLICY, now=later)
    assert bens.state is EntryState.OFFERED
    tending.tend(db, "henry", policy=POLICY, now=later + DAY + HOUR)
    assert (bens.state, bens.ended_why) == (EntryState.CLOSED, ClosedWhy.LAPSED)
    assert notices(db, cast.ben)[-1] is Kind.LIST_CLOSED


def test_yes_after_the_time_is_over_still_works_while_nobody_else_waits(db, cast, full):
    bens = wait(db, cast.ben, full)
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
    late = NOW + DAY + HOUR
    tending.tend(db, "henry", policy=POLICY, now=late)
    assert bens.state is EntryState.ASKED
    claim = waiting.accept(db, bens, find_slot(db, full), key="y", policy=POLICY, now=late)
    assert claim.kind is ClaimKind.BOOKING


def test_yes_after_the_place_went_on_says_so_and_keeps_the_entry(db, cast, full):
    bens, carols = wait(db, cast.ben, full), wait(db, cast.carol, full)
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
    late = NOW + DAY + HOUR
    with pytest.raises(rules.OfferOverError):
        waiting.accept(db, bens, find_slot(db, full), key="y", policy=POLICY, now=late)
    assert (bens.state, carols.state) == (EntryState.ASKED, EntryState.OFFERED)


def test_yes_after_a_second_offer_ran_out_has_the_place_while_it_is_free(db, cast, full):
    bens = wait(db, cast.ben, full)
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
    bens.lapses = 1
    late = NOW + DAY + HOUR  # no job has run
    claim = waiting.accept(db, bens, find_slot(db, full), key="y", policy=POLICY, now=late)
    assert claim.kind is ClaimKind.BOOKING
    assert bens.state is EntryState.BOOKED
    assert Kind.LIST_CLOSED not in notices(db, cast.ben)
    steps = db.exec(select(StoryLine.step).where(StoryLine.entry_id == bens.id)).all()
    assert steps == [Step.JOINED, Step.OFFERED, Step.ACCEPTED]


def test_yes_after_a_second_offer_went_to_another_family_ends_the_waiting_and_says_so(
    db, cast, full
):
    bens = wait(db, cast.ben, full)
    wait(db, cast.carol, full)
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
    bens.lapses = 1
    late = NOW + DAY + HOUR
    with pytest.raises(rules.OfferOverError):
        waiting.accept(db, bens, find_slot(db, full), key="y", policy=POLICY, now=late)
    assert (bens.state, bens.ended_why) == (EntryState.CLOSED, ClosedWhy.LAPSED)
    assert Kind.LIST_CLOSED in notices(db, cast.ben)


@pytest.fixture
def twins_first(db, cast):
    """Two places, both taken; twins are first in line and one child is behind them."""
    (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=2)
    booked = [book(db, who, row.id, key=f"b-{who.id}") for who in (cast.amina, cast.dev)]
    return row.id, booked, wait(db, cast.ben, row.id, size=2), wait(db, cast.carol, row.id)


def test_single_places_are_kept_until_there_are_two_for_the_twins_who_are_first(
    db, cast, twins_first
):
    session, (one, two), twins, carols = twins_first
    cancel_at_once(db, one, now=NOW)
    assert (twins.state, carols.state) == (EntryState.WAITING, EntryState.WAITING)
    assert queries.places_left(db, [find_slot(db, session)], now=NOW) == {session: 0}
    newcomer = families.welcome(db, channel="telegram", key="new", lang="en", now=NOW)
    with pytest.raises(rules.OccurrenceFullError):
        book(db, newcomer, session, key="new")
    cancel_at_once(db, two, now=NOW + DAY)
    assert (twins.state, carols.state) == (EntryState.OFFERED, EntryState.WAITING)
    offered = claim_of(db, cast.ben, ClaimKind.OFFER)
    assert offered.size == queries.live_size(db, find_slot(db, session), now=NOW + DAY) == 2


def test_a_place_kept_for_twins_goes_on_after_two_days_and_they_keep_their_turn(
    db, cast, twins_first
):
    session, (one, two), twins, carols = twins_first
    cancel_at_once(db, one, now=NOW)
    late = NOW + 2 * DAY
    tending.tend(db, "henry", policy=POLICY, now=late - MINUTE)
    assert carols.state is EntryState.WAITING
    tending.tend(db, "henry", policy=POLICY, now=late)
    assert (twins.state, carols.state) == (EntryState.WAITING, EntryState.OFFERED)
    # Only once: what Carol doesn't want goes to whoever fits, until there are two
    waiting.decline(db, carols, find_slot(db, session), policy=POLICY, now=late)
    assert queries.live_size(db, find_slot(db, session), now=late) == 1
    cancel_at_once(db, two, now=late)
    assert twins.state is EntryState.OFFERED
    steps = db.exec(select(StoryLine.step).where(StoryLine.entry_id == twins.id)).all()
    assert steps == [Step.JOINED, Step.GATHERED, Step.PASSED_OVER, Step.OFFERED]


def test_a_place_kept_for_twins_is_theirs_alone_and_goes_on_as_they_leave(db, cast, twins_first):
    session, (one, _two), twins, carols = twins_first
    cancel_at_once(db, one, now=NOW)
    # They may take it for one of them
    assert book(db, cast.ben, session, key="one").size == 1
    assert twins.state is EntryState.BOOKED
    cancel_at_once(db, claim_of(db, cast.ben), now=NOW)
    assert carols.state is EntryState.OFFERED


def test_twins_who_leave_let_go_of_what_was_kept(db, cast, twins_first):
    _session, (one, _two), twins, carols = twins_first
    cancel_at_once(db, one, now=NOW)
    waiting.leave(db, twins, policy=POLICY, now=NOW)
    assert carols.state is EntryState.OFFERED


def test_twins_who_now_need_one_place_have_what_was_kept(db, cast, twins_first):
    session, (one, _two), twins, carols = twins_first
    cancel_at_once(db, one, now=NOW)
    wait(db, cast.ben, session, key="again")
    assert (twins.state, carols.state) == (EntryState.OFFERED, EntryState.WAITING)


def test_nothing_is_kept_for_twins_in_the_days_before_the_start(db, cast, twins_first):
    session, (one, _two), _twins, carols = twins_first
    cancel_at_once(db, one, now=NOW + 8 * DAY + 12 * HOUR)
    assert claim_of(db, cast.ben, ClaimKind.GATHERED).expires_at == NOW + 9 * DAY
    tending.tend(db, "henry", policy=POLICY, now=NOW + 9 * DAY)
    told = db.exec(select(StoryLine.adult_id).where(StoryLine.step == Step.TOLD)).all()
    assert (told, carols.state) == ([cast.carol.id], EntryState.WAITING)
    assert queries.live_size(db, find_slot(db, session), now=NOW + 9 * DAY) == 1


def test_on_the_last_day_several_are_told_and_the_first_to_say_yes_has_it(db, cast):
    (row,) = make_session(db, starts_at=NOW + 5 * HOUR)
    mine = book(db, cast.amina, row.id, key="a")
    bens, carols = wait(db, cast.ben, row.id), wait(db, cast.carol, row.id)
    cancel_at_once(db, mine, now=NOW)
    slot = find_slot(db, row.id)
    assert queries.live_size(db, slot, now=NOW) == 0  # an announcement holds nothing
    assert notices(db, cast.ben) == notices(db, cast.carol) == [Kind.FREE_PLACE]
    assert waiting.accept(db, carols, slot, key="c", policy=POLICY, now=NOW).adult_id
    with pytest.raises(rules.OfferOverError):
        waiting.accept(db, bens, slot, key="b", policy=POLICY, now=NOW)
    tending.tend(db, "henry", policy=POLICY, now=NOW + 4 * HOUR + MINUTE)
    assert (bens.state, bens.ended_why) == (EntryState.CLOSED, ClosedWhy.STARTED)


def test_nobody_is_told_of_the_same_free_place_every_minute(db, cast):
    (row,) = make_session(db, starts_at=NOW + 8 * HOUR)
    mine = book(db, cast.amina, row.id, key="a")
    wait(db, cast.ben, row.id)
    cancel_at_once(db, mine, now=NOW)
    for minutes in range(1, 100):
        tending.tend(db, "henry", policy=POLICY, now=NOW + minutes * MINUTE)
    assert notices(db, cast.ben) == [Kind.FREE_PLACE]


@pytest.mark.parametrize(
    ("made", "starts", "until"),
    [
        # More than three days: a day. NOW is Tuesday 10 March, ten o'clock in London.
        (NOW, NOW + 10 * DAY, NOW + DAY),
        # One to three days: four waking hours; 19:00 leaves two today, two from 08:00.
        (NOW + 9 * HOUR, NOW + 2 * DAY, datetime(2026, 3, 11, 10, tzinfo=UTC)),
        # At night the clock starts in the morning.
        (datetime(2026, 3, 11, 2, tzinfo=UTC), NOW + 3 * DAY, datetime(2026, 3, 11, 12, tzinfo=UTC)),
        # Over the change to summer time: four waking hours stay four waking hours.
        (datetime(2026, 3, 28, 19, tzinfo=UTC), datetime(2026, 3, 30, 15, tzinfo=UTC),
         datetime(2026, 3, 29, 9, tzinfo=UTC)),
        # The last day: nothing is held.
        (NOW, NOW + 20 * HOUR, None),
    ],
)  # fmt: skip
def test_the_time_to_answer_is_the_table_of_the_council(made, starts, until):
    assert POLICY.answer_by(starts_at=starts, now=made) == until


def test_joining_again_after_saying_no_is_the_same_waiting_and_no_offer_of_the_same(db, cast, full):
    wish = {"series": "test-one"}
    bens = wait(db, cast.ben, full, wish=wish)
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
    waiting.decline(db, bens, find_slot(db, full), policy=POLICY, now=NOW)
    assert wait(db, cast.ben, full, wish=wish, key="again").id == bens.id
    assert bens.state is EntryState.WAITING


def test_a_child_who_grew_too_old_is_not_offered_and_the_family_is_told(db, cast, full):
    series = db.get_one(Series, "test-one")
    series.age_to = 8
    db.flush()
    bens = wait(db, cast.ben, full, born="2025-07-15")
    series.age_to = 7  # the child is seven months on the day; then not any more
    bens.reseal(born="2025-06-15")
    db.flush()
    tending.tend(db, "henry", policy=POLICY, now=NOW)
    assert (bens.state, bens.ended_why) == (EntryState.CLOSED, ClosedWhy.OUTGROWN)
    assert notices(db, cast.ben) == [Kind.LIST_CLOSED]


def test_a_called_off_session_ends_its_list_once_the_undo_is_over(db, cast, full):
    bens = wait(db, cast.ben, full)
    timetable.cancel_occurrence(db, full, reason="boiler", by="Esi", now=NOW)
    tending.tend(db, "henry", policy=POLICY, now=NOW + MINUTE / 2)
    assert bens.state is EntryState.WAITING
    tending.tend(db, "henry", policy=POLICY, now=NOW + 2 * MINUTE)
    assert (bens.state, bens.ended_why) == (EntryState.CLOSED, ClosedWhy.CALLED_OFF)


def test_what_the_programme_has_no_more_ends_its_list_as_called_off(db, cast, full):
    bens = wait(db, cast.ben, full)
    db.get_one(Series, find_slot(db, full).series_id).active = False
    db.flush()
    tending.tend(db, "henry", policy=POLICY, now=NOW)
    assert (bens.state, bens.ended_why) == (EntryState.CLOSED, ClosedWhy.CALLED_OFF)


def test_what_the_programme_has_no_more_is_kept_by_whoever_has_it_and_booked_by_nobody(
    db, cast, full
):
    db.get_one(Series, find_slot(db, full).series_id).active = False
    db.flush()
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
    for act in (book, wait):
        with pytest.raises(rules.DroppedError):
            act(db, cast.ben, full, key="later")


def test_who_stopped_or_has_a_place_is_passed_over(db, cast, full):
    devs, bens = wait(db, cast.dev, full), wait(db, cast.ben, full)
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
    assert (devs.state, bens.state) == (EntryState.WAITING, EntryState.OFFERED)


def test_leaving_with_an_offer_passes_the_place_on(db, cast, full):
    bens, carols = wait(db, cast.ben, full), wait(db, cast.carol, full)
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
    waiting.leave(db, bens, policy=POLICY, now=NOW)
    assert (bens.state, carols.state) == (EntryState.LEFT, EntryState.OFFERED)


def test_erasing_ends_the_waiting_silently(db, cast, full):
    bens = wait(db, cast.ben, full, phone="07700900982")
    service.erase(db, cast.ben.id, policy=POLICY, now=NOW)
    assert (bens.sealed, bens.ended_why) == (None, ClosedWhy.ERASED)
    assert notices(db, cast.ben) == []


def test_joining_twice_is_waiting_once(db, cast, full):
    first = wait(db, cast.ben, full, key="one")
    assert wait(db, cast.ben, full, key="one").id == first.id
    assert wait(db, cast.ben, full, key="two", size=2).id == first.id
    assert first.size == 2
    assert len(db.exec(select(WaitingEntry)).all()) == 1


class TestStaff:
    def test_more_places_wake_the_list_and_fewer_than_taken_are_refused(self, db, cast, full):
        bens = wait(db, cast.ben, full)
        allotting.set_capacity(db, full, 2, by="Esi", policy=POLICY, now=NOW)
        assert bens.state is EntryState.OFFERED
        with pytest.raises(rules.BelowTakenError):
            allotting.set_capacity(db, full, 1, by="Esi", policy=POLICY, now=NOW)

    def test_kept_places_are_full_for_parents_until_they_are_released(self, db, cast):
        (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=2)
        allotting.keep_places(
            db, row.id, 1, release_at=NOW + 2 * DAY, by="Esi", policy=POLICY, now=NOW
        )
        book(db, cast.amina, row.id, key="a")
        slot = find_slot(db, row.id)
        assert queries.places_left(db, [slot], now=NOW) == {row.id: 0}
        with pytest.raises(rules.OccurrenceFullError) as full:
            book(db, cast.ben, row.id, key="b")
        assert full.value.left == 0
        bens = wait(db, cast.ben, row.id)
        assert bens.state is EntryState.WAITING
        tending.tend(db, "henry", policy=POLICY, now=NOW + 2 * DAY)
        assert bens.state is EntryState.OFFERED

    def test_a_kept_place_is_given_out_of_turn_as_an_offer_like_any_other(self, db, cast):
        (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=2)
        allotting.keep_places(db, row.id, 1, release_at=None, by="Esi", policy=POLICY, now=NOW)
        book(db, cast.amina, row.id, key="a")
        bens, carols = wait(db, cast.ben, row.id), wait(db, cast.carol, row.id)
        allotting.give_offer(
            db, carols, row.id, kept=True, reason="referred", by="Esi", policy=POLICY, now=NOW
        )
        assert (bens.state, carols.state) == (EntryState.WAITING, EntryState.OFFERED)
        claim = waiting.accept(db, carols, find_slot(db, row.id), key="y", policy=POLICY, now=NOW)
        assert claim.kept
        assert queries.live_size(db, find_slot(db, row.id), now=NOW) == 2
        with pytest.raises(rules.OccurrenceFullError):
            allotting.give_offer(
                db, bens, row.id, kept=True, reason="x", by="Esi", policy=POLICY, now=NOW
            )

    def test_staff_book_for_a_family_that_rang_but_never_beyond_the_room(self, db, cast, full):
        with pytest.raises(rules.OccurrenceFullError):
            allotting.book_for(
                db, full, name="Femi", phone="+447700900982", size=1, kept=False, reason="rang",
                key="f", by="Esi", now=NOW,
            )  # fmt: skip
        allotting.set_capacity(db, full, 2, by="Esi", policy=POLICY, now=NOW)
        for _twice in range(2):
            claim = allotting.book_for(
                db, full, name="Femi", phone="+447700900982", size=1, kept=False, reason="rang",
                key="f", by="Esi", now=NOW,
            )  # fmt: skip
        assert queries.find_claim_by_code(db, claim.code).private["name"] == "Femi"
        assert queries.live_size(db, find_slot(db, full), now=NOW) == 2

    def test_the_order_can_be_changed_with_a_reason(self, db, cast, full):
        entries = [
            wait(db, who, full, now=NOW + n * MINUTE)
            for n, who in enumerate((cast.ben, cast.carol, cast.dev))
        ]
        slot, zone = find_slot(db, full), POLICY.zone

        def order():
            return [e.id for e in queue.line(db, slot, rules.LIVE_STATES, zone=zone)]

        one, two, three = (e.id for e in entries)
        for entry, place, wanted in (
            (entries[2], 1, [three, one, two]),
            (entries[2], 9, [one, two, three]),
            (entries[0], 2, [two, one, three]),
        ):
            allotting.move_to(
                db, entry, full, place, reason="moved house", by="Esi", policy=POLICY, now=NOW
            )
            assert order() == wanted

    def test_a_paused_list_offers_nothing_and_nobody_overtakes_it(self, db, cast, full):
        bens = wait(db, cast.ben, full)
        allotting.set_list(db, full, ListState.PAUSED, most=None, by="Esi", policy=POLICY, now=NOW)
        cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
        assert bens.state is EntryState.WAITING
        with pytest.raises(rules.ListPausedError):
            book(db, cast.carol, full, key="c")
        allotting.set_list(db, full, ListState.OPEN, most=None, by="Esi", policy=POLICY, now=NOW)
        assert bens.state is EntryState.OFFERED

    def test_a_closed_or_capped_list_takes_nobody_more(self, db, cast, full):
        wait(db, cast.ben, full)
        for state, most in ((ListState.CLOSED, None), (ListState.OPEN, 1)):
            allotting.set_list(db, full, state, most=most, by="Esi", policy=POLICY, now=NOW)
            with pytest.raises(rules.ListClosedError):
                wait(db, cast.carol, full)


class TestMoving:
    def test_the_new_place_is_sure_before_the_old_is_let_go(self, db, cast, full):
        (other,) = make_session(db, starts_at=NOW + 12 * DAY, key="two")
        book(db, cast.ben, other.id, key="b")
        mine = claim_of(db, cast.amina)
        with pytest.raises(rules.OccurrenceFullError):
            service.move_place(db, mine, other.id, key="m", policy=POLICY, now=NOW)
        assert mine.kind is ClaimKind.BOOKING
        allotting.set_capacity(db, other.id, 2, by="Esi", policy=POLICY, now=NOW)
        carols = wait(db, cast.carol, full)
        for _twice in range(2):
            moved = service.move_place(db, mine, other.id, key="m", policy=POLICY, now=NOW)
        assert (moved.occurrence_id, moved.private["name"]) == (other.id, "A")
        assert mine.ended_why is EndedWhy.MOVED
        assert carols.state is EntryState.OFFERED

    def test_moving_to_a_session_at_the_same_time_is_no_clash_with_itself(self, db, cast, full):
        (other,) = make_session(db, starts_at=NOW + 10 * DAY, key="two")
        moved = service.move_place(
            db, claim_of(db, cast.amina), other.id, key="m", policy=POLICY, now=NOW
        )
        assert moved.kind is ClaimKind.BOOKING


class TestRules:
    def test_two_things_at_one_time_clash(self, db, cast, full):
        (other,) = make_session(db, starts_at=NOW + 10 * DAY + MINUTE, key="two")
        with pytest.raises(rules.ClashError):
            book(db, cast.amina, other.id, key="b")

    def test_a_family_has_so_many_courses_at_once_and_not_more(self, db, cast):
        for n in range(4):
            weeks = make_session(
                db, starts_at=NOW + DAY + n * HOUR, capacity=5, key=f"c{n}", weeks=2
            )
            if n < 3:
                book(db, cast.amina, weeks[0].id, key=f"k{n}")
        with pytest.raises(rules.TooManyCoursesError):
            book(db, cast.amina, weeks[0].id, key="k3")

    def test_booking_opens_and_closes_as_the_series_says(self, db, cast):
        (row,) = make_session(db, starts_at=NOW + 10 * DAY)
        series = db.get_one(Series, "test-one")
        series.opens_days, series.closes_hours = 7, 24
        db.flush()
        with pytest.raises(rules.NotOpenYetError):
            book(db, cast.amina, row.id, key="a")
        with pytest.raises(rules.ClosedAlreadyError):
            book(db, cast.amina, row.id, key="b", now=NOW + 9 * DAY + HOUR)
        assert book(db, cast.amina, row.id, key="c", now=NOW + 5 * DAY)

    def test_a_course_may_be_joined_late_as_the_series_allows(self, db, cast):
        weeks = make_session(db, starts_at=NOW - DAY, capacity=2, weeks=4)
        series = db.get_one(Series, "test-one")
        series.join_late = 1
        db.flush()
        assert book(db, cast.amina, weeks[1].id, key="a").kind is ClaimKind.BOOKING
        with pytest.raises(rules.TooLateError):
            book(db, cast.ben, weeks[2].id, key="b", now=NOW + WEEK)

    def test_another_adult_of_the_family_learns_nothing_unless_they_share(self, db, cast):
        (row,) = make_session(db, starts_at=NOW + 10 * DAY, capacity=2)
        cast.ben.family_id = cast.amina.family_id
        mine = book(db, cast.amina, row.id, key="a")
        cast.amina.shares_since = NOW
        db.flush()
        assert book(db, cast.ben, row.id, key="b").id == mine.id
        cast.amina.shares_since = None
        db.flush()
        assert book(db, cast.ben, row.id, key="b2").id != mine.id


def test_the_story_tells_each_decision_in_order(db, cast, full):
    bens = wait(db, cast.ben, full)
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
    tending.tend(db, "henry", policy=POLICY, now=NOW + DAY + MINUTE)
    lines = queue.story(db, cast.ben.id, subjects=[full], entries=[bens.id])
    assert [x.step for x in lines] == [Step.JOINED, Step.OFFERED, Step.LAPSED]
    assert lines[0].facts == {"place": 1, "size": 1}
    assert all(x.adult_id == cast.ben.id for x in lines)
    assert all(not x.by for x in db.exec(select(StoryLine)))


def test_a_family_that_staff_wrote_down_has_no_chat(db):
    adult = families.enter(db, name="Femi", phone="+447700900982", now=NOW)
    assert adult.private["name"] == "Femi"

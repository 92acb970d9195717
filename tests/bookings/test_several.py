"""One turn to wait for several sessions: the soonest that is free, and what is kept beside it."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from bot.bookings import allotting, promises, queries, queue, service, tending, waiting
from bot.bookings.models import WaitingEntry
from bot.bookings.rules import ClaimKind, EntryState
from bot.families import service as families
from bot.outbox.rules import Kind
from bot.outreach import changing
from bot.outreach.changing import Draft
from bot.timetable.models import Occurrence
from bot.timetable.queries import find_slot
from bot.timetable.rules import ChangeKind
from tests.bookings.test_waiting import WEEK, book, cancel_at_once, claim_of, notices, wait
from tests.cast import Cast, make_cast
from tests.conftest import DAY, HOUR, LONDON, MINUTE, NOW
from tests.sessions import POLICY, make_session

pytestmark = pytest.mark.long  # a waiting list in every turn


@pytest.fixture
def cast(db: Session) -> Cast:
    return make_cast(db)


def test_one_wish_waits_for_any_date_that_suits_and_one_yes_ends_it(db, cast):
    rows = [make_session(db, starts_at=NOW + n * WEEK, key=f"k{n}")[0] for n in (1, 2)]
    for n, row in enumerate(rows):
        book(db, (cast.amina, cast.dev)[n], row.id, key=f"b{n}")
    wish = {"activity": "henry", "venues": ["west_street"], "part": "morning"}
    bens = wait(db, cast.ben, rows[0].id, wish=wish)
    cancel_at_once(db, claim_of(db, cast.dev), now=NOW)
    offered = claim_of(db, cast.ben, ClaimKind.OFFER)
    assert offered.occurrence_id == rows[1].id
    waiting.accept(db, bens, find_slot(db, rows[1].id), key="y", policy=POLICY, now=NOW)
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW)
    assert bens.state is EntryState.BOOKED
    assert queries.live_size(db, find_slot(db, rows[0].id), now=NOW) == 0


def test_who_says_no_to_one_date_waits_on_for_the_others(db, cast):
    rows = [make_session(db, starts_at=NOW + n * WEEK, key=f"k{n}")[0] for n in (1, 2)]
    claims = [book(db, cast.amina, row.id, key=f"b{n}") for n, row in enumerate(rows)]
    bens = wait(db, cast.ben, rows[0].id, wish={"subjects": [r.id for r in rows]})
    cancel_at_once(db, claims[0], now=NOW)
    waiting.decline(db, bens, find_slot(db, rows[0].id), policy=POLICY, now=NOW)
    assert bens.state is EntryState.WAITING
    tending.tend(db, "henry", policy=POLICY, now=NOW + MINUTE)
    assert bens.state is EntryState.WAITING  # not the same one again
    cancel_at_once(db, claims[1], now=NOW + MINUTE)
    assert bens.state is EntryState.OFFERED


#: So many days ahead, all of one activity; the ids are in another order than the days.
FAR_AND_NEAR = {"a": 40, "m": 10, "z": 20}
ANY = {"activity": "alone"}


def alone(db, starts_at, key):
    return make_session(db, starts_at=starts_at, key=key, activity="alone")[0].id


@pytest.fixture
def several(db: Session, cast: Cast) -> dict[str, str]:
    """By key: sessions of one place. The soonest is full: Amina has it."""
    made = {key: alone(db, NOW + days * DAY, key) for key, days in FAR_AND_NEAR.items()}
    book(db, cast.amina, made["m"], key="amina")
    return made


def test_who_waits_for_any_date_is_offered_the_soonest_that_is_free_at_once(db, cast, several):
    bens = wait(db, cast.ben, several["m"], wish=ANY)
    assert queue.offer_of(db, bens).occurrence_id == several["z"]
    waiting.decline(db, bens, find_slot(db, several["z"]), policy=POLICY, now=NOW + MINUTE)
    assert queue.offer_of(db, bens).occurrence_id == several["a"]


def test_the_job_gives_the_soonest_first(db, cast, several):
    for key in ("a", "z"):
        allotting.set_capacity(db, several[key], 0, by="Esi", policy=POLICY, now=NOW)
    entries = [wait(db, who, several["m"], wish=ANY) for who in (cast.ben, cast.carol)]
    for key in ("a", "z"):  # more places, and nobody looked
        db.get(Occurrence, several[key]).capacity = 1
    tending.tend(db, "alone", policy=POLICY, now=NOW + MINUTE)
    offered = [queue.offer_of(db, e).occurrence_id for e in entries]
    assert offered == [several["z"], several["a"]]


def test_who_has_a_far_offer_out_hears_of_a_place_on_the_last_day_as_well(db, cast, several):
    soon = alone(db, NOW + 10 * HOUR, "soon")
    booked = book(db, cast.dev, soon, key="dev")
    bens = wait(db, cast.ben, soon, wish=ANY)
    assert bens.state is EntryState.OFFERED
    cancel_at_once(db, booked, now=NOW + MINUTE)
    assert notices(db, cast.ben) == [Kind.OFFERED, Kind.FREE_PLACE]
    yes = waiting.accept(db, bens, find_slot(db, soon), key="y", policy=POLICY, now=NOW + HOUR)
    assert yes.kind is ClaimKind.BOOKING
    assert queue.offer_of(db, bens) is None


@pytest.fixture
def deciding(db: Session, cast: Cast, several: dict[str, str]) -> WaitingEntry:
    """Ben decides about the second session, Carol waits, and then a place of the first is free."""
    bens = wait(db, cast.ben, several["m"], wish=ANY)
    wait(db, cast.carol, several["m"])
    cancel_at_once(db, claim_of(db, cast.amina), now=NOW + HOUR)
    return bens


def test_a_sooner_place_is_kept_for_who_is_first_while_they_decide_about_a_later_one(
    db, cast, several, deciding
):
    later, sooner = queue.offer_of(db, deciding), claim_of(db, cast.ben, ClaimKind.GATHERED)
    assert (later.occurrence_id, sooner.occurrence_id) == (several["z"], several["m"])
    assert (sooner.size, sooner.expires_at) == (1, later.expires_at)
    assert notices(db, cast.ben) == [Kind.OFFERED, Kind.OFFERED]
    assert notices(db, cast.carol) == []
    tending.tend(db, "alone", policy=POLICY, now=NOW + 2 * HOUR)
    assert len(notices(db, cast.ben)) == 2


@pytest.mark.parametrize("say", ["yes to the sooner", "yes to the later", "no to the sooner",
                                 "no to the later", "leave", "nothing"])  # fmt: skip
def test_what_becomes_of_a_sooner_place(db, cast, several, deciding, say):
    sooner, later = find_slot(db, several["m"]), find_slot(db, several["z"])
    slot = sooner if "sooner" in say else later
    act = {"policy": POLICY, "now": NOW + 2 * HOUR}
    if say.startswith("yes"):
        waiting.accept(db, deciding, slot, key="y", **act)
    elif say.startswith("no to"):
        waiting.decline(db, deciding, slot, **act)
    elif say == "leave":
        waiting.leave(db, deciding, **act)
    now = NOW + 2 * HOUR
    if say == "nothing":
        now = NOW + DAY + 2 * MINUTE
        tending.tend(db, "alone", policy=POLICY, now=now)
    held = queue.to_answer(db, deciding, now=now)
    ben, at = {
        "yes to the sooner": (EntryState.BOOKED, []), "yes to the later": (EntryState.BOOKED, []),
        "no to the sooner": (EntryState.OFFERED, [several["z"]]),
        "no to the later": (EntryState.OFFERED, [several["m"]]),
        "leave": (EntryState.LEFT, []), "nothing": (EntryState.ASKED, []),
    }[say]  # fmt: skip
    assert (deciding.state, [c.occurrence_id for c in held]) == (ben, at)
    (carols,) = queue.entries_of(db, cast.carol.id)
    gone_on = say not in ("yes to the sooner", "no to the later")
    assert carols.state is (EntryState.OFFERED if gone_on else EntryState.WAITING)
    assert not any(promises.broken(db, policy=POLICY, now=now).values())


def test_who_has_a_sooner_place_kept_is_told_when_that_is_called_off(
    db, content, cast, several, deciding
):
    slot = find_slot(db, several["m"])
    draft = Draft(slot.id, slot.version, ChangeKind.CANCEL, "The boiler broke.")
    changing.make(db, draft, by="Esi", content=content, now=NOW + 2 * HOUR, zone=LONDON)
    assert notices(db, cast.ben)[-1] is Kind.LAPSED
    assert queue.offer_of(db, deciding).occurrence_id == several["z"]


@pytest.fixture
def all_taken(db: Session, cast: Cast, several: dict[str, str]) -> dict[str, str]:
    """By key: the same sessions with a second place in the soonest, every place of them taken."""
    allotting.set_capacity(db, several["m"], 2, by="Esi", policy=POLICY, now=NOW)
    for key in ("m", "z", "a"):
        book(db, cast.dev, several[key], key=f"dev-{key}")
    return several


def freed(db, occurrence, *, after):
    """One place of it is given up."""
    claim = queries.booked_for(db, find_slot(db, occurrence))[0]
    cancel_at_once(db, claim, now=NOW + after)


def kept_for(db, entry):
    """What an entry may say yes to, soonest first."""
    held = queue.to_answer(db, entry, now=NOW + HOUR)
    return [
        s.id for s in sorted((queries.first_slot(db, c) for c in held), key=lambda s: s.starts_at)
    ]


def test_three_places_that_come_free_in_turn_are_one_family_s_to_choose_then_everybody_s(
    db, cast, all_taken
):
    bens, carols = (wait(db, who, all_taken["m"], wish=ANY) for who in (cast.ben, cast.carol))
    esis = wait(db, cast.amina, all_taken["a"])  # for the last of them alone
    for n, key in enumerate(("a", "z", "m"), 1):
        freed(db, all_taken[key], after=n * MINUTE)
    assert kept_for(db, bens) == [all_taken[key] for key in ("m", "z", "a")]
    assert notices(db, cast.ben) == [Kind.OFFERED] * 3
    assert kept_for(db, carols) == kept_for(db, esis) == []
    slot = find_slot(db, all_taken["z"])
    waiting.accept(db, bens, slot, key="y", policy=POLICY, now=NOW + HOUR)
    assert (kept_for(db, carols), kept_for(db, esis)) == ([all_taken["m"]], [all_taken["a"]])
    assert notices(db, cast.carol) == notices(db, cast.amina)[-1:] == [Kind.OFFERED]
    assert not any(promises.broken(db, policy=POLICY, now=NOW + HOUR).values())


def test_each_family_that_decides_about_a_later_place_has_a_sooner_one_kept(db, cast, all_taken):
    """Nobody after them in line is offered it meanwhile."""
    bens, carols = (wait(db, who, all_taken["z"], wish=ANY) for who in (cast.ben, cast.carol))
    freed(db, all_taken["z"], after=MINUTE)
    freed(db, all_taken["a"], after=2 * MINUTE)
    last = families.welcome(db, channel="telegram", key="last", lang="en", now=NOW)
    lasts = wait(db, last, all_taken["m"])
    for n in (3, 4):
        freed(db, all_taken["m"], after=n * MINUTE)
    assert kept_for(db, bens) == [all_taken["m"], all_taken["z"]]
    assert kept_for(db, carols) == [all_taken["m"], all_taken["a"]]
    assert lasts.state is EntryState.WAITING
    waiting.leave(db, bens, policy=POLICY, now=NOW + HOUR)
    # Carol would have the second sooner than what she decides about, but has a sooner one yet.
    assert kept_for(db, carols) == [all_taken["m"], all_taken["a"]]
    assert kept_for(db, lasts) == [all_taken["m"]]
    assert not any(promises.broken(db, policy=POLICY, now=NOW + HOUR).values())


def test_a_hold_that_is_confirmed_lets_go_at_once_of_what_was_kept(db, cast, all_taken):
    bens, carols = (wait(db, who, all_taken["m"], wish=ANY) for who in (cast.ben, cast.carol))
    freed(db, all_taken["a"], after=MINUTE)
    freed(db, all_taken["z"], after=2 * MINUTE)
    book(db, cast.ben, all_taken["z"], key="b", now=NOW + HOUR)
    assert (bens.state, kept_for(db, carols)) == (EntryState.BOOKED, [all_taken["a"]])


def test_changing_to_a_date_lets_go_at_once_of_what_was_kept(db, cast, all_taken):
    (other,) = make_session(db, starts_at=NOW + 50 * DAY, key="other", activity="other")
    claim = book(db, cast.ben, other.id, key="b")
    bens, carols = (wait(db, who, all_taken["m"], wish=ANY) for who in (cast.ben, cast.carol))
    freed(db, all_taken["a"], after=MINUTE)
    allotting.set_capacity(db, all_taken["z"], 2, by="Esi", policy=POLICY, now=NOW + MINUTE)
    service.move_place(db, claim, all_taken["z"], key="m", policy=POLICY, now=NOW + HOUR)
    assert (bens.state, kept_for(db, carols)) == (EntryState.BOOKED, [all_taken["a"]])


def test_a_sooner_place_is_never_kept_for_less_than_its_time_to_answer(db, cast, all_taken):
    """It comes free in the evening, a day and a half before it begins: four waking hours."""
    evening = NOW.replace(hour=22)
    soon = alone(db, NOW + 2 * DAY, "soon")
    booked = book(db, cast.dev, soon, key="dev-soon")
    bens = wait(db, cast.ben, soon, wish=ANY)
    freed(db, all_taken["z"], after=11 * HOUR)
    cancel_at_once(db, booked, now=evening)
    sooner, _later = queue.to_answer(db, bens, now=evening)
    assert (sooner.occurrence_id, sooner.expires_at) == (soon, (NOW + DAY).replace(hour=12))
    tending.tend(db, "alone", policy=POLICY, now=NOW + DAY + HOUR)
    assert len(queue.to_answer(db, bens, now=NOW + DAY + HOUR)) == 2
    assert not any(promises.broken(db, policy=POLICY, now=NOW + DAY + HOUR).values())

"""Everything ends when the privacy notice says, not before, and what is alive is never touched."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, select

from bot.bookings import queries as bookings
from bot.bookings.models import Claim
from bot.bookings.register import on_register
from bot.bookings.rules import ClaimKind, RegisterMark
from bot.bookings.service import mark_register
from bot.enquiries.models import Enquiry
from bot.families import queries as families
from bot.families import service as family_service
from bot.families.models import Adult, ChannelAddress, Child, Family
from bot.families.rules import AdultState
from bot.inbox.rules import InboxState
from bot.opening import TABLES
from bot.outbox.models import Outbox
from bot.outbox.rules import Kind, OutboxState
from bot.retention import GRACE, keep_no_longer, kept_too_long, lifetimes
from bot.store import lifetimes as walking
from bot.store.engine import Store
from bot.timetable.queries import find_slot
from tests.conftest import DAY, LONDON, NOW
from tests.retention import rows
from tests.retention.rows import KEEP

pytestmark = pytest.mark.long  # years go by

CHATS, BOOKED = KEEP.chats.before(NOW), KEEP.bookings.before(NOW)
UNSEEN, GROWN = KEEP.unregistered.before(NOW), KEEP.registered.before(NOW)


@pytest.fixture
def db(store: Store) -> Iterator[Session]:
    """One transaction on an empty timetable; the newest update and message are always there."""
    with Session(store.engine, expire_on_commit=False) as session:
        yield session
        session.rollback()


def newest(db: Session) -> None:
    """The rows that stay because their numbers must not be given again."""
    rows.update(db, NOW)
    rows.message(db, rows.person(db), NOW)


Make = Callable[[Session, datetime], SQLModel]

#: What ends, made so that its time begins at a moment, and whether it is still as it was.
KINDS: dict[str, tuple[datetime, Make]] = {
    "update": (CHATS, rows.update),
    "parked update": (CHATS, lambda db, at: rows.update(db, at, state=InboxState.PARKED)),
    "reply": (CHATS, lambda db, at: rows.message(db, rows.person(db), at)),
    "words of a notice": (
        CHATS, lambda db, at: rows.message(db, rows.person(db), at, kind=Kind.MOVED)),
    "notice": (BOOKED, lambda db, at: bare(rows.message(db, rows.person(db), at, kind=Kind.MOVED))),
    "button": (CHATS, lambda db, at: rows.button(db, rows.person(db), at, slots={"what": "henry"})),
    "talk": (CHATS, lambda db, at: rows.talk(db, rows.person(db), at)),
    "closed request": (CHATS, lambda db, at: rows.request(db, rows.person(db), at, closed=at)),
    "question": (CHATS, rows.question),
    "follow": (CHATS, lambda db, at: rows.follow(db, rows.person(db), rows.session_at(db, at))),
    "booking": (BOOKED, lambda db, at: rows.claim(
        db, rows.person(db), rows.session_at(db, at), made=at - 9 * DAY)),
    "booked course": (BOOKED, lambda db, at: rows.claim(
        db, rows.person(db), rows.session_at(db, at - 14 * DAY, weeks=3), made=at - 20 * DAY)),
    "hold": (BOOKED, lambda db, at: rows.claim(
        db, rows.person(db), rows.session_at(db, at), made=at - DAY, kind=ClaimKind.HOLD)),
    "waiting entry": (BOOKED, lambda db, at: rows.entry(
        db, rows.person(db), joined=at - DAY, ended=at)),
    "line of a story": (BOOKED, lambda db, at: rows.story(db, rows.person(db), at)),
    "registration": (GROWN, lambda db, at: registered(db, born=at)),
    "family": (UNSEEN, lambda db, at: db.get_one(Family, rows.person(db, seen=at).family_id)),
}  # fmt: skip


def bare(row: Outbox) -> Outbox:
    row.sealed, row.external_id = None, ""
    return row


def registered(db: Session, *, born: datetime) -> Family:
    adult = rows.person(db, registered=True)
    on = born.astimezone(LONDON).date()
    family_service.remember_child(db, adult, born=on, now=NOW)
    return db.get_one(Family, adult.family_id)


def image(db: Session, row: SQLModel) -> dict[str, object] | None:
    """The row as it stands in the database."""
    db.flush()
    table = row.__table__
    key = next(iter(table.primary_key.columns))
    found = db.execute(sa.select(table).where(key == getattr(row, key.name))).mappings().first()
    return dict(found) if found is not None else None


@pytest.mark.parametrize("kind", KINDS)
def test_it_ends_when_its_time_is_over_and_not_before(db: Session, kind: str) -> None:
    limit, make = KINDS[kind]
    young, old = make(db, limit + 2 * DAY), make(db, limit - 2 * DAY)
    newest(db)
    before = image(db, young), image(db, old)
    run_one = rows.run(db)
    assert image(db, young) == before[0]
    assert image(db, old) != before[1]
    assert run_one >= 1
    assert rows.run(db) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_doctor_names_what_the_job_left_behind(db: Session, kind: str) -> None:
    limit, make = KINDS[kind]
    make(db, limit - timedelta(hours=25))  # the job may be late once
    newest(db)
    assert kept_too_long(db, KEEP, now=NOW, zone=LONDON) == ""
    make(db, limit - GRACE - 2 * DAY)
    newest(db)
    assert kept_too_long(db, KEEP, now=NOW, zone=LONDON)
    rows.run(db)
    assert kept_too_long(db, KEEP, now=NOW, zone=LONDON) == ""


def with_booking(db: Session, at: datetime) -> Family:
    adult = rows.person(db, seen=at)
    rows.claim(db, adult, rows.session_at(db, NOW + DAY), made=at)
    return db.get_one(Family, adult.family_id)


def waiting(db: Session, at: datetime) -> Family:
    adult = rows.person(db, seen=at)
    rows.entry(db, adult, joined=at)
    return db.get_one(Family, adult.family_id)


def asking(db: Session, at: datetime) -> Family:
    adult = rows.person(db, seen=at)
    rows.request(db, adult, at)
    return db.get_one(Family, adult.family_id)


def unseen_but_registered(db: Session, at: datetime) -> Family:
    adult = rows.person(db, seen=at, registered=True)
    family_service.remember_child(db, adult, born=(NOW - 400 * DAY).date(), now=at)
    return db.get_one(Family, adult.family_id)


#: What must never end by its age. Each is made as if in the deepest past that it could have.
ALIVE: dict[str, Make] = {
    "update not taken": lambda db, at: rows.update(db, at, state=InboxState.NEW),
    "reply that waits": lambda db, at: rows.message(
        db, rows.person(db), at, state=OutboxState.QUEUED),
    "notice that waits": lambda db, at: rows.message(
        db, rows.person(db), at, state=OutboxState.QUEUED, kind=Kind.MOVED),
    "message on its way": lambda db, at: rows.message(
        db, rows.person(db), at, state=OutboxState.SENDING),
    "open request": lambda db, at: rows.request(db, rows.person(db), at),
    "booking of a session to come": lambda db, at: rows.claim(
        db, rows.person(db), rows.session_at(db, NOW + DAY), made=at),
    "booking of a course that goes on": lambda db, at: rows.claim(
        db, rows.person(db), rows.session_at(db, NOW - 10 * DAY, weeks=3), made=at),
    "offer": lambda db, at: rows.claim(
        db, rows.person(db), rows.session_at(db, NOW + DAY), made=at, kind=ClaimKind.OFFER,
        expires=NOW + DAY),
    "entry that waits": lambda db, at: rows.entry(db, rows.person(db), joined=at),
    "follow of a session to come": lambda db, at: rows.follow(
        db, rows.person(db), rows.session_at(db, NOW + DAY)),
    "family with a booking": with_booking,
    "family that waits": waiting,
    "family with an open request": asking,
    "registered family": unseen_but_registered,
    "session to come": lambda db, at: rows.session_at(db, NOW + DAY),
    "past session": rows.session_at,
}  # fmt: skip


@pytest.mark.parametrize("kind", ALIVE)
def test_what_is_alive_is_never_touched(db: Session, kind: str) -> None:
    kept = ALIVE[kind](db, NOW - 3000 * DAY)
    before = image(db, kept)
    newest(db)
    rows.run(db)
    assert image(db, kept) == before


EXAMPLES = settings(
    max_examples=int(os.environ.get("EXAMPLES", "25")), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


@EXAMPLES
@given(
    st.lists(
        st.tuples(st.sampled_from([*KINDS, *ALIVE]), st.integers(0, 3000)), min_size=1, max_size=12
    )
)
def test_of_any_mix_only_what_is_over_ends(store: Store, mix: list[tuple[str, int]]) -> None:
    """Young ones and living ones stay to the last byte beside old ones of every kind."""
    with Session(store.engine, expire_on_commit=False) as db:
        stay = []
        for kind, days in mix:
            at = NOW - days * DAY
            if kind in ALIVE:
                stay.append(ALIVE[kind](db, at))
                continue
            limit, make = KINDS[kind]
            row = make(db, at)
            if at > limit + DAY:
                stay.append(row)
        newest(db)
        before = [image(db, row) for row in stay]
        sessions = db.execute(sa.text("SELECT count(*) FROM occurrence")).scalar_one()
        rows.run(db)
        assert [image(db, row) for row in stay] == before
        assert db.execute(sa.text("SELECT count(*) FROM occurrence")).scalar_one() == sessions
        assert kept_too_long(db, KEEP, now=NOW, zone=LONDON) == ""
        assert rows.run(db) == 0
        db.rollback()


def test_an_old_booking_is_nobodys_and_still_counts(db: Session) -> None:
    adult = rows.person(db, registered=True)
    slot = rows.session_at(db, BOOKED - 10 * DAY)
    for one in (adult, rows.person(db, registered=True)):
        booked = rows.claim(db, one, slot, made=slot.starts_at - DAY)
        mark_register(
            db, slot.id, mark=RegisterMark.CAME, by="Esi", now=slot.starts_at, claim_id=booked.id
        )
    newest(db)
    rows.run(db)
    found = find_slot(db, slot.id)
    assert found is not None
    assert bookings.counts_by_occurrence(db, [found]) == {slot.id: 2}
    assert set(bookings.register_of(db, slot.id)[0].values()) == {RegisterMark.CAME}
    assert on_register(db, found) == []  # nothing to say who it was
    for claim in db.exec(select(Claim)):
        assert (claim.family_id, claim.adult_id, claim.sealed) == (None, None, None)
    assert bookings.bookings_of(db, adult.id, now=NOW) == []


def test_a_family_that_is_not_seen_again_is_forgotten_everywhere(db: Session) -> None:
    adult = rows.person(db, seen=UNSEEN - DAY)
    family_service.remember_child(db, adult, born=NOW.date(), now=UNSEEN)
    rows.claim(db, adult, rows.session_at(db, NOW - 400 * DAY), made=NOW - 401 * DAY)
    rows.request(db, adult, NOW - 3 * DAY, closed=NOW - DAY)
    rows.message(db, adult, NOW - DAY, kind=Kind.MOVED)
    rows.button(db, adult, NOW - DAY)
    rows.talk(db, adult, NOW - DAY)
    other = rows.person(db, seen=UNSEEN + DAY)
    newest(db)
    rows.run(db)
    assert db.get_one(Adult, adult.id).state is AdultState.ERASED
    assert db.get_one(Adult, other.id).state is AdultState.ACTIVE
    assert families.find_adult(db, channel="telegram", key="none") is None
    assert db.exec(select(Child)).all() == []
    assert db.exec(select(ChannelAddress).where(ChannelAddress.adult_id == adult.id)).all() == []
    for table in TABLES:
        columns = table.__table__.columns
        if "sealed" in columns and "adult_id" in columns:
            query = sa.select(columns["sealed"]).where(columns["adult_id"] == adult.id)
            assert not any(db.execute(query).scalars()), table


def test_one_carer_who_was_here_keeps_the_family(db: Session) -> None:
    adult, partner = rows.person(db, seen=UNSEEN - DAY), rows.person(db, seen=NOW)
    partner.family_id = adult.family_id
    newest(db)
    rows.run(db)
    assert db.get_one(Adult, adult.id).state is AdultState.ACTIVE


def test_a_registration_ends_with_the_youngest_child(db: Session) -> None:
    family = registered(db, born=GROWN - 2 * DAY)
    adult = db.exec(select(Adult).where(Adult.family_id == family.id)).one()
    family_service.remember_child(db, adult, due=(NOW + 90 * DAY).date(), now=NOW)
    newest(db)
    rows.run(db)
    assert db.get_one(Family, family.id).registered_at is not None  # another is expected
    later = NOW + 7 * 366 * DAY
    rows.run(db, now=later)
    assert db.get_one(Family, family.id).registered_at is None
    assert not db.get_one(Adult, adult.id).private
    assert db.exec(select(Child)).all() == []


def test_the_buttons_of_a_booking_work_until_it_is_over(db: Session) -> None:
    adult = rows.person(db)
    coming = rows.claim(db, adult, rows.session_at(db, NOW + DAY), made=CHATS - 9 * DAY)
    gone = rows.claim(db, adult, rows.session_at(db, NOW - DAY), made=CHATS - 9 * DAY)
    kept = rows.button(db, adult, CHATS - DAY, c=coming.id).token
    old = [
        rows.button(db, adult, CHATS - DAY, c=gone.id),
        rows.button(db, adult, CHATS - DAY, o="x"),
    ]
    newest(db)
    assert rows.run(db) >= len(old)
    assert [b[0] for b in db.execute(sa.text("SELECT token FROM button"))] == [kept]


def test_the_newest_rows_stay_so_that_no_number_is_given_twice(db: Session) -> None:
    adult = rows.person(db)
    for days in (90, 80, 70):
        rows.update(db, NOW - days * DAY)
        rows.message(db, adult, NOW - days * DAY)
    rows.run(db)
    kept = [db.execute(sa.text(f"SELECT id FROM {t}")).scalars().all() for t in ("inbox", "outbox")]
    assert [len(ids) for ids in kept] == [1, 1]
    assert rows.update(db, NOW).id > kept[0][0]
    assert rows.message(db, adult, NOW).id > kept[1][0]


async def test_the_job_goes_in_lots_and_others_write_in_between(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "_LOOK", 50)

    def fill(db: Session) -> None:
        adult = rows.person(db)
        for _ in range(130):
            rows.message(db, adult, NOW - 40 * DAY)
            rows.question(db, NOW - 40 * DAY)
        newest(db)

    store.write_now(fill)
    sizes: list[int] = []
    end_lot = walking.Lifetime.end_lot

    def counted(self: walking.Lifetime, db: Session, keys: walking.Keys) -> int:
        sizes.append(len(keys))
        return end_lot(self, db, keys)

    monkeypatch.setattr(walking.Lifetime, "end_lot", counted)
    assert await keep_no_longer(store, KEEP, clock=lambda: NOW, zone=LONDON) == 260
    assert max(sizes) <= 50
    assert await keep_no_longer(store, KEEP, clock=lambda: NOW, zone=LONDON) == 0


def test_who_comes_back_at_that_very_moment_stays(store: Store) -> None:
    """The rows were found; before they are ended, somebody writes again."""

    def fill(db: Session) -> tuple[int, int]:
        adult = rows.person(db, seen=UNSEEN - DAY)
        return adult.id, rows.request(db, adult, CHATS - 9 * DAY, closed=CHATS - DAY).id

    adult_id, request_id = store.write_now(fill)
    rules = {x.what: x for x in lifetimes(KEEP, now=NOW, zone=LONDON)}
    found = {what: store.read_now(rules[what].find) for what in ("families", "requests")}
    assert all(found.values())

    def come_back(db: Session) -> None:
        db.get_one(Adult, adult_id).seen_at = NOW
        db.get_one(Enquiry, request_id).closed_at = NOW

    store.write_now(come_back)
    for what, keys in found.items():
        assert store.write_now(rules[what].end_lot, keys) == 0
    assert store.read_now(lambda db: db.get_one(Adult, adult_id).state) is AdultState.ACTIVE
    assert store.read_now(lambda db: db.get_one(Enquiry, request_id).adult_id) == adult_id


def test_every_table_with_something_personal_has_a_rule(store: Store) -> None:
    """A new sealed table has to say when its rows end."""
    ended = {x.key.class_.__tablename__ for x in lifetimes(KEEP, now=NOW, zone=LONDON)}
    with_family = {"adult", "child", "channel_address"}  # they go with their family
    sealed = {str(t.__tablename__) for t in TABLES if "sealed" in t.__table__.columns}
    assert sealed - with_family - {"key_check"} <= ended

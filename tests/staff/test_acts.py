"""What staff do, as the services do it: on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from bot.bookings import register
from bot.bookings.queries import register_of
from bot.bookings.register import RegisterForm
from bot.bookings.rules import RegisterMark
from bot.bookings.service import confirm_place, hold_place
from bot.content import Content
from bot.enquiries.rules import EnquiryKind, EnquiryState
from bot.enquiries.service import NotYoursError, ask, give_back, take, take_over
from bot.families.service import welcome
from bot.outbox import service as outbox
from bot.outbox.models import Outbox
from bot.outbox.queries import troubled
from bot.outbox.rules import Kind, OutboxState
from bot.outreach import changing
from bot.outreach.changing import ChangedMeanwhileError, Draft
from bot.timetable.queries import Slot, find_slot, moved, slots_between
from bot.timetable.rules import ChangeKind, ChangeState
from bot.timetable.service import NothingToChangeError
from tests.conftest import DAY, HOUR, LONDON, MINUTE, NOW
from tests.sessions import POLICY


@pytest.fixture
def slot(db: Session) -> Slot:
    """A meeting of a course, far enough away."""
    found = slots_between(db, NOW + DAY, NOW + 60 * DAY)
    return next(s for s in found if s.course_id and s.capacity and s.original_on == s.course_on)


@pytest.fixture
def claim(db: Session, slot: Slot) -> int:
    adult = welcome(db, channel="telegram", key="7", lang="", now=NOW)
    held = hold_place(db, adult=adult, occurrence=slot.id, size=1, key="k", policy=POLICY, now=NOW)
    return confirm_place(db, held, facts={"name": "Amina"}, born=None, policy=POLICY, now=NOW).id


def notices(db: Session) -> list[Outbox]:
    kinds = (Kind.CANCELLED, Kind.MOVED)
    return [r for r in db.exec(select(Outbox)) if r.kind in kinds]


def test_cancel_twice_undo_and_cancel_again(
    db: Session, content: Content, slot: Slot, claim: int
) -> None:
    # Given somebody who booked the course of a session
    draft = Draft(slot.id, slot.version, ChangeKind.CANCEL, "Flood")
    effect = changing.effect_of(db, draft, now=NOW)
    # When staff cancel one of its dates, and the form comes twice
    made = changing.make(db, draft, by="Esi", content=content, now=NOW, zone=LONDON)
    again = changing.make(db, draft, by="Esi", content=content, now=NOW + 5 * MINUTE, zone=LONDON)
    # Then there is one change and one notice
    assert made.id == again.id
    assert len(notices(db)) == len(effect.concerned) == 1
    # And a colleague with the same page is told to look again
    with pytest.raises(ChangedMeanwhileError):
        changing.make(db, draft, by="Kofi", content=content, now=NOW, zone=LONDON)
    # When it is undone, then the session is on again and nobody is told
    undone = changing.undo(db, made.id, by="Esi", content=content, now=NOW, zone=LONDON)
    assert undone.state is ChangeState.UNDONE
    assert [n.state for n in notices(db)] == [OutboxState.SKIPPED]
    now_is = find_slot(db, slot.id)
    assert now_is is not None
    assert not now_is.cancelled
    assert now_is.version == slot.version + 2


def test_a_move_is_marked_and_an_idle_one_refused(
    db: Session, content: Content, slot: Slot, claim: int
) -> None:
    times = {"starts_at": slot.starts_at, "ends_at": slot.ends_at, "venue": slot.venue}
    idle = Draft(slot.id, slot.version, ChangeKind.MOVE, "x", **times)
    with pytest.raises(NothingToChangeError):
        changing.effect_of(db, idle, now=NOW)
    later = {**times, "starts_at": slot.starts_at + HOUR, "ends_at": slot.ends_at + HOUR}
    draft = Draft(slot.id, slot.version, ChangeKind.MOVE, "x", **later)
    changing.make(db, draft, by="Esi", content=content, now=NOW, zone=LONDON)
    assert moved(db, [slot.id]) == {slot.id}


def test_the_register_counts_once(db: Session, slot: Slot, claim: int) -> None:
    form = RegisterForm(frozenset({claim}), {claim: None}, False, 2, 0)
    for _tap in range(2):
        register.save(db, slot, form, by="Esi", now=slot.starts_at, zone=LONDON)
    assert register_of(db, slot.id) == ({claim: RegisterMark.CAME}, 2)
    with pytest.raises(register.RegisterClosedError):
        register.save(db, slot, form, by="Esi", now=slot.starts_at - DAY, zone=LONDON)


def test_one_owner_at_any_moment(db: Session) -> None:
    row = ask(db, kind=EnquiryKind.RING_ME, key="k", facts={}, adult_id=None, now=NOW)
    take(db, row.id, by="Esi", now=NOW)
    with pytest.raises(NotYoursError):
        take(db, row.id, by="Kofi", now=NOW)
    assert take_over(db, row.id, held_by="Esi", by="Kofi", now=NOW).owner == "Kofi"
    with pytest.raises(NotYoursError):
        take_over(db, row.id, held_by="Esi", by="Ada", now=NOW)
    with pytest.raises(NotYoursError):
        give_back(db, row.id, by="Esi")
    assert give_back(db, row.id, by="Kofi").state is EnquiryState.OPEN


def test_settled_by_hand_is_no_trouble_any_more(
    db: Session, content: Content, slot: Slot, claim: int
) -> None:
    draft = Draft(slot.id, slot.version, ChangeKind.CANCEL, "Flood")
    made = changing.make(db, draft, by="Esi", content=content, now=NOW, zone=LONDON)
    [row] = notices(db)
    outbox.failed(db, row.id, reason="no working channel", now=NOW)
    about = f"change:{made.id}"
    assert troubled(db, since=NOW) == {about: 1}
    assert troubled(db, since=NOW + MINUTE) == {}
    db.refresh(row)
    outbox.settle_by_hand(db, row, outbox.BY_PHONE, by="Esi", now=NOW)
    assert troubled(db, since=NOW) == {}
    db.refresh(row)
    outbox.unsettle_by_hand(db, row, now=NOW)
    assert troubled(db, since=NOW) == {about: 1}

"""Rows of every kind, made at any time, and the rules that end them, in one transaction."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.bookings.models import Claim, StoryLine, WaitingEntry
from bot.bookings.rules import ClaimKind, EntryState, Step
from bot.content.keeping import Keep, Period
from bot.conversation.models import Conversation
from bot.enquiries import service as enquiries
from bot.enquiries.models import Enquiry, OpenQuestion
from bot.enquiries.rules import EnquiryKind, EnquiryState
from bot.families import service as families
from bot.families.models import Adult, Family
from bot.inbox.models import Inbox
from bot.inbox.rules import InboxState
from bot.outbox.models import ButtonPress, Outbox
from bot.outbox.rules import Kind, OutboxState
from bot.outreach.models import Follow
from bot.retention import lifetimes
from bot.timetable.models import Occurrence
from tests.conftest import LONDON, NOW
from tests.sessions import make_session

KEEP = Keep(Period(30, "day"), Period(2, "year"), Period(12, "month"), Period(6, "year"))
HOUR = timedelta(hours=1)
_numbers = itertools.count(1)


def run(db: Session, *, now: datetime = NOW) -> int:
    """Carry out every rule, as the job does; how many rows ended."""
    ended = 0
    for lifetime in lifetimes(KEEP, now=now, zone=LONDON):
        keys = lifetime.find(db)
        while keys:
            ended += lifetime.end_lot(db, keys)
            keys = lifetime.find(db, keys[-1])
    db.expire_all()
    return ended


def person(db: Session, *, seen: datetime = NOW, registered: bool = False) -> Adult:
    adult = families.welcome(db, channel="telegram", key=str(next(_numbers)), lang="en", now=seen)
    adult.reseal(name="Amina", phone="+447700900123")
    if registered:
        family = db.get_one(Family, adult.family_id)
        family.registered_at = seen
        family.reseal(postcode="DA8 1LW")
    db.flush()
    return adult


def session_at(db: Session, at: datetime, *, weeks: int = 0) -> Occurrence:
    """An hour that begins then; of a course of `weeks`, the first one."""
    return make_session(
        db, starts_at=at, key=f"s{next(_numbers)}", capacity=50, weeks=weeks
    )[0]  # fmt: skip


def claim(
    db: Session, adult: Adult, slot: Occurrence, *, made: datetime,
    kind: ClaimKind = ClaimKind.BOOKING, expires: datetime | None = None,
    ended: datetime | None = None, entry: int | None = None,
) -> Claim:  # fmt: skip
    n = next(_numbers)
    row = Claim(
        code=f"C{n}", key=f"claim {n}", kind=kind, family_id=adult.family_id, adult_id=adult.id,
        occurrence_id=None if slot.course_id else slot.id, course_id=slot.course_id,
        made_at=made, expires_at=expires, ended_at=ended, entry_id=entry,
    )  # fmt: skip
    row.seal({"name": "Amina"})
    return added(db, row)


def entry(
    db: Session, adult: Adult, *, joined: datetime, ended: datetime | None = None
) -> WaitingEntry:
    row = WaitingEntry(
        code=f"W{next(_numbers)}",
        key=f"entry {next(_numbers)}", family_id=adult.family_id, adult_id=adult.id,
        activity="henry", wish={}, joined_at=joined, ranked_at=joined, ended_at=ended,
        state=EntryState.LEFT if ended else EntryState.WAITING,
    )  # fmt: skip
    row.seal({"name": "Amina"})
    return added(db, row)


def story(db: Session, adult: Adult, at: datetime, *, entry: int | None = None) -> StoryLine:
    return added(
        db,
        StoryLine(at=at, adult_id=adult.id, subject="", entry_id=entry, step=Step.HELD, facts={}),
    )


def update(db: Session, at: datetime, *, state: InboxState = InboxState.PROCESSED) -> Inbox:
    row = Inbox(
        channel="telegram", external_id=str(next(_numbers)), person="7", state=state,
        received_at=at, processed_at=None if state is InboxState.NEW else at,
    )  # fmt: skip
    if state is InboxState.NEW:
        row.seal({"body": "hello"})
    return added(db, row)


def message(
    db: Session, adult: Adult, at: datetime, *, kind: Kind = Kind.REPLY,
    state: OutboxState = OutboxState.SENT,
) -> Outbox:  # fmt: skip
    waits = state in (OutboxState.QUEUED, OutboxState.SENDING)
    row = Outbox(
        adult_id=adult.id, kind=kind, about="1/x", dedupe=f"d{next(_numbers)}", priority=0,
        send_after=at, state=state, settled_at=None if waits else at, external_id="77",
    )  # fmt: skip
    row.seal({"text": "hello"})
    return added(db, row)


def button(db: Session, adult: Adult, at: datetime, **args: object) -> ButtonPress:
    token = f"t{next(_numbers)}"
    return added(
        db, ButtonPress(token=token, adult_id=adult.id, act="cancel", args=args, made_at=at)
    )


def talk(db: Session, adult: Adult, at: datetime) -> Conversation:
    row = Conversation(adult_id=adult.id, at=at)
    row.seal({"listed": ["x"]})
    return added(db, row)


def request(
    db: Session, adult: Adult, made: datetime, *, closed: datetime | None = None
) -> Enquiry:
    row = enquiries.ask(
        db, kind=EnquiryKind.RING_ME, key=f"e{next(_numbers)}", facts={"name": "Amina"},
        adult_id=adult.id, now=made,
    )  # fmt: skip
    if closed is not None:
        row.state, row.closed_at, row.outcome = EnquiryState.CLOSED, closed, "rang her mother"
    db.flush()
    return row


def question(db: Session, at: datetime) -> OpenQuestion:
    row = OpenQuestion(on=at.astimezone(LONDON).date())
    row.seal({"text": "may I bring Adam?"})
    return added(db, row)


def follow(db: Session, adult: Adult, slot: Occurrence) -> Follow:
    return added(db, Follow(adult_id=adult.id, occurrence_id=slot.id, made_at=slot.starts_at))


def added(db: Session, row):
    db.add(row)
    db.flush()
    return row

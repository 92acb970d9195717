"""Reads the waiting list: who waits for what, in which order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.bookings import ledger, may_book
from bot.bookings.models import Claim, StoryLine, WaitingEntry
from bot.bookings.policy import Policy
from bot.bookings.queries import first_slot, is_live, of_one, of_slot, places_left, setting_of
from bot.bookings.rules import (
    LIVE_STATES,
    ClaimKind,
    EntryState,
    ListState,
    Step,
    months_on_the_day,
    suits,
)
from bot.core.codes import read_code
from bot.families.models import Adult
from bot.families.rules import AdultState
from bot.store.columns import table_of
from bot.store.prepared import Prepared, loaded
from bot.timetable import queries as timetable
from bot.timetable.queries import Slot
from bot.timetable.rules import fits_age

#: Whose turn it may be: who was offered a later place, too.
IN_TURN = (EntryState.WAITING, EntryState.OFFERED)
_ORDER = (col(WaitingEntry.ranked_at), col(WaitingEntry.id))
_ENTRY, _CLAIM = table_of(WaitingEntry), table_of(Claim)
_IS_LIVE = sa.or_(*(_ENTRY.c.state == state for state in LIVE_STATES))
_WAITS = Prepared(
    sa.select(
        sa.or_(
            sa.exists().where(_ENTRY.c.activity == sa.bindparam("activity"), _IS_LIVE),
            sa.exists().where(
                of_one, _CLAIM.c.kind == ClaimKind.OFFER, _CLAIM.c.ended_at.is_(None)
            ),
        )
    )
)
_ENTRIES_OF = Prepared(
    sa.select(_ENTRY)
    .where(_ENTRY.c.adult_id == sa.bindparam("adult"), _IS_LIVE)
    .order_by(_ENTRY.c.id)
)


def find_entry(db: Session, entry_id: int) -> WaitingEntry | None:
    return db.get(WaitingEntry, entry_id)


def find_entry_by_key(db: Session, key: str) -> WaitingEntry | None:
    return db.exec(select(WaitingEntry).where(WaitingEntry.key == key)).first()


def find_entry_by_code(db: Session, code: str) -> WaitingEntry | None:
    """By its code, in any writing."""
    return db.exec(select(WaitingEntry).where(WaitingEntry.code == read_code(code))).first()


def entries_of(db: Session, adult_id: int) -> Sequence[WaitingEntry]:
    """What an adult waits for, oldest first."""
    db.flush()  # a prepared statement sees only what is flushed
    return [loaded(db, WaitingEntry, row) for row in _ENTRIES_OF.rows(db, {"adult": adult_id})]


def somebody_waits(db: Session, slot: Slot) -> bool:
    """Whether anybody waits for its activity, or was offered this session and has not answered."""
    db.flush()
    values = {"activity": slot.activity, "subject": slot.subject}
    return bool(_WAITS.rows(db, values)[0][0])


def entries_for(db: Session, activity: str) -> Sequence[WaitingEntry]:
    """Everybody who waits for any session of an activity, in order."""
    query = select(WaitingEntry).where(WaitingEntry.activity == activity, _IS_LIVE)
    return db.exec(query.order_by(*_ORDER)).all()


def waited_activities(db: Session) -> list[str]:
    """Activities that somebody waits for."""
    query = sa.select(col(WaitingEntry.activity)).where(_IS_LIVE).distinct()
    return sorted(str(row[0]) for row in db.execute(query))


def line(
    db: Session, slot: Slot, states: Collection[EntryState], *, zone: ZoneInfo
) -> list[WaitingEntry]:
    """Who waits for a session, in these states, in the order in which places are given."""
    db.flush()
    query = (
        select(WaitingEntry)
        .where(WaitingEntry.activity == slot.activity, col(WaitingEntry.state).in_(states))
        .order_by(*_ORDER)
    )
    return [e for e in db.exec(query) if suits(e.wish, slot, zone)]


def waiting_counts(db: Session, slots: Collection[Slot], *, zone: ZoneInfo) -> dict[str, int]:
    """How many families wait for each of these sessions, by its id, for the staff list."""
    query = select(WaitingEntry).where(
        _IS_LIVE, col(WaitingEntry.activity).in_({s.activity for s in slots})
    )
    entries = db.exec(query).all()
    return {s.id: sum(suits(e.wish, s, zone) for e in entries) for s in slots}


def position(db: Session, entry: WaitingEntry, slot: Slot, *, zone: ZoneInfo) -> int:
    """The place of an entry in the line for a session: 1 is next."""
    ahead = [e.id for e in line(db, slot, LIVE_STATES, zone=zone)]
    return ahead.index(entry.id) + 1 if entry.id in ahead else 0


def coming(db: Session, activity: str, *, now: datetime) -> list[Slot]:
    """What can still be booked of an activity, in the order of ids: the order in which it is locked.

    A course is its next meeting that is on.
    """
    found = timetable.activity_slots(db, activity, now=now)
    still = [s for s in found if s.course_id is None or ledger.opening(db, s).starts_at > now]
    return sorted(still, key=lambda s: s.subject)


def waited_slots(db: Session, entry: WaitingEntry, *, policy: Policy, now: datetime) -> list[Slot]:
    """The coming sessions that an entry waits for, soonest first."""
    found = coming(db, entry.activity, now=now)
    fitting = [s for s in found if suits(entry.wish, s, policy.zone)]
    return sorted(fitting, key=lambda s: s.starts_at)


def paused(db: Session, slot: Slot, *, zone: ZoneInfo) -> bool:
    """Whether somebody waits and staff have paused the list: then nobody is let in."""
    setting = setting_of(db, slot.subject)
    return setting.waiting is ListState.PAUSED and bool(
        line(db, slot, (EntryState.WAITING,), zone=zone)
    )


def free_now(db: Session, entry: WaitingEntry, *, policy: Policy, now: datetime) -> Slot | None:
    """The soonest session that an entry waits for and has room that is kept for nobody: on the
    last day, when the first to say yes has it."""
    slots = waited_slots(db, entry, policy=policy, now=now)
    left = places_left(db, slots, now=now)
    for slot in (s for s in slots if left.get(s.subject, 0) >= entry.size):
        starts_at = ledger.opening(db, slot).starts_at
        told = policy.window(starts_at=starts_at, now=now).tell_first
        shut = now >= policy.last_call(starts_at) or paused(db, slot, zone=policy.zone)
        if told and not shut and may_have(db, entry, slot, zone=policy.zone, now=now):
            return slot
    return None


def may_have(
    db: Session, entry: WaitingEntry, slot: Slot, *, zone: ZoneInfo, now: datetime
) -> bool:
    """Whether this family can be offered this session: it wants messages, has no claim of it, and
    the child's age fits on the day."""
    adult = db.get_one(Adult, entry.adult_id)
    if adult.state is not AdultState.ACTIVE:
        return False
    mine = may_book.has_one(db, slot, adult, now=now)
    if mine is not None and (mine.kind, mine.entry_id) != (ClaimKind.GATHERED, entry.id):
        return False
    months = months_of(db, entry.private, slot, zone=zone)
    return months is None or fits_age(slot.age_from, slot.age_to, months)


def months_of(db: Session, facts: Mapping[str, str], slot: Slot, *, zone: ZoneInfo) -> int | None:
    """The child's age on the day of a session, of a course on its first; None where not told."""
    born = facts.get("born")
    if not born:
        return None
    first = timetable.course_slots(db, slot.course_id)[0] if slot.course_id else slot
    return months_on_the_day(date.fromisoformat(born), first, zone)


def offer_of(db: Session, entry: WaitingEntry) -> Claim | None:
    """The offer that an entry has not answered yet."""
    query = select(Claim).where(
        Claim.entry_id == entry.id, Claim.kind == ClaimKind.OFFER, col(Claim.ended_at).is_(None)
    )
    return db.exec(query).first()


def held_for(db: Session, entry: WaitingEntry) -> Sequence[Claim]:
    """What is kept for an entry: an offer that it has not answered, or places too few for it."""
    query = select(Claim).where(
        Claim.entry_id == entry.id, col(Claim.ended_at).is_(None),
        col(Claim.kind).in_([ClaimKind.OFFER, ClaimKind.GATHERED]),
    ).order_by(col(Claim.id).desc())  # fmt: skip
    return db.exec(query).all()


def held_slots(db: Session, entries: Iterable[WaitingEntry]) -> list[Slot]:
    """Sessions of which something is kept for these entries."""
    held = [c for entry in entries for c in held_for(db, entry)]
    return [slot for c in held if (slot := first_slot(db, c)) is not None]


def may_say_yes(entry: WaitingEntry, claim: Claim) -> bool:
    """Whether a live claim is an offer to this entry, or a sooner place that is kept beside one."""
    beside = claim.kind is ClaimKind.GATHERED and claim.size >= entry.size
    return claim.entry_id == entry.id and (claim.kind is ClaimKind.OFFER or beside)


def to_answer(db: Session, entry: WaitingEntry, *, now: datetime) -> list[Claim]:
    """What an entry may say yes to now: its offer, and before it a sooner place kept beside it."""
    return [c for c in held_for(db, entry)
            if c.expires_at is not None and c.expires_at > now and may_say_yes(entry, c)]  # fmt: skip


def gathered(db: Session, slot: Slot, *, now: datetime) -> dict[int | None, Claim]:
    """By entry: what is kept of a session for who can't be offered it yet (`gathering`)."""
    query = select(Claim).where(of_slot(slot), Claim.kind == ClaimKind.GATHERED, is_live(now))
    return {claim.entry_id: claim for claim in db.exec(query)}


def offers_out(db: Session, slot: Slot) -> Sequence[Claim]:
    """Offers of a session that nobody has answered or ended, those whose time is over too."""
    query = select(Claim).where(
        of_slot(slot), Claim.kind == ClaimKind.OFFER, col(Claim.ended_at).is_(None)
    )
    return db.exec(query.order_by(col(Claim.id))).all()


def offered(db: Session, activity: str) -> Sequence[Claim]:
    """Offers of an activity that nobody has answered or ended, whatever became of the session."""
    query = (
        select(Claim)
        .join(WaitingEntry, col(WaitingEntry.id) == col(Claim.entry_id))
        .where(
            WaitingEntry.activity == activity, Claim.kind == ClaimKind.OFFER,
            col(Claim.ended_at).is_(None),
        )
    )  # fmt: skip
    return db.exec(query).all()


def told_of(db: Session, subject: str) -> dict[int, datetime]:
    """By entry: when it last heard of a free place of this session, first to say yes. Whoever said
    yes too late is left out: they want the next one."""
    query = (
        select(StoryLine)
        .where(
            StoryLine.subject == subject, col(StoryLine.step).in_([Step.TOLD, Step.TOO_LATE]),
            col(StoryLine.entry_id).is_not(None),
        )
        .order_by(col(StoryLine.id))
    )  # fmt: skip
    told: dict[int, datetime] = {}
    for line in db.exec(query):
        if line.step is Step.TOLD:
            told[line.entry_id or 0] = line.at
        else:
            told.pop(line.entry_id or 0, None)
    return told


def adults_in(db: Session, subject: str) -> list[int]:
    """Families about whom something was decided for a session or course, the first one first."""
    query = (
        sa.select(col(StoryLine.adult_id))
        .where(col(StoryLine.subject) == subject)
        .group_by(col(StoryLine.adult_id))
        .order_by(sa.func.min(col(StoryLine.id)))
    )
    return [int(row[0]) for row in db.execute(query)]


def has_step(db: Session, entry: WaitingEntry, subject: str, step: Step) -> bool:
    query = select(StoryLine.id).where(
        StoryLine.entry_id == entry.id, StoryLine.subject == subject, StoryLine.step == step
    )
    return db.exec(query).first() is not None


def story(
    db: Session, adult_id: int, *, subjects: Collection[str], entries: Collection[int]
) -> Sequence[StoryLine]:
    """What was decided about an adult and these sessions or waiting entries, in order."""
    about = sa.or_(
        col(StoryLine.subject).in_(list(subjects)), col(StoryLine.entry_id).in_(list(entries))
    )
    query = select(StoryLine).where(StoryLine.adult_id == adult_id, about)
    return db.exec(query.order_by(col(StoryLine.id))).all()

"""What always holds of the ledger and the waiting list, recomputed from the rows.

Each check gives "" where its promise holds, else what was found. `doctor` prints them for staff;
tests call them after crashes, races and simulated months.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.bookings import ledger, queries, queue
from bot.bookings.models import Claim, PlaceSetting, StoryLine, WaitingEntry
from bot.bookings.policy import Policy
from bot.bookings.rules import (
    LIVE_STATES,
    ClaimKind,
    ClosedWhy,
    EntryState,
    ListState,
    Step,
)
from bot.families.models import Adult
from bot.outbox import queries as outbox
from bot.outbox.rules import Kind
from bot.store.columns import table_of
from bot.timetable.models import Course, Occurrence

Check = Callable[[Session, Policy, datetime], str]
_TENDED = timedelta(minutes=3)  # by then the job has seen what only time changed


def broken(db: Session, *, policy: Policy, now: datetime) -> dict[str, str]:
    """Every promise with what was found against it, "" where it holds."""
    return {promise: check(db, policy, now) for promise, check in CHECKS}


def _oversold(db: Session, _policy: Policy, now: datetime) -> str:
    found = []
    for model, column in ((Course, Claim.course_id), (Occurrence, Claim.occurrence_id)):
        query = (
            sa.select(col(model.id))
            .join(Claim, col(column) == col(model.id))
            .where(queries.is_live(now), col(model.capacity).is_not(None))
            .group_by(col(model.id), col(model.capacity))
            .having(sa.func.sum(col(Claim.size)) > col(model.capacity))
        )
        found += [str(row[0]) for row in db.execute(query)]
    return ", ".join(found)


def _double(db: Session, _policy: Policy, now: datetime) -> str:
    subject = sa.func.coalesce(Claim.course_id, Claim.occurrence_id)
    query = (
        sa.select(subject, sa.func.count())
        .where(
            queries.is_live(now), col(Claim.kind) == ClaimKind.BOOKING,
            col(Claim.adult_id).is_not(None),
        )
        .group_by(subject, col(Claim.adult_id))
        .having(sa.func.count() > 1)
    )  # fmt: skip
    return ", ".join(str(row[0]) for row in db.execute(query))


def _double_shown(db: Session, _policy: Policy, _now: datetime) -> str:
    """The same for two who let each other see their bookings; what they had before they did stays."""
    one, other = table_of(Claim).alias("one"), table_of(Claim).alias("other")
    mine, theirs = table_of(Adult).alias("mine"), table_of(Adult).alias("theirs")
    query = (
        sa.select(sa.func.coalesce(other.c.course_id, other.c.occurrence_id))
        .join(one, sa.and_(one.c.family_id == other.c.family_id, one.c.id < other.c.id))
        .join(mine, mine.c.id == one.c.adult_id)
        .join(theirs, theirs.c.id == other.c.adult_id)
        .where(
            mine.c.id != theirs.c.id,
            other.c.made_at > mine.c.shares_since, other.c.made_at > theirs.c.shares_since,
            sa.or_(
                one.c.course_id == other.c.course_id, one.c.occurrence_id == other.c.occurrence_id
            ),
            *(c.c.kind == ClaimKind.BOOKING for c in (one, other)),
            *(c.c.ended_at.is_(None) for c in (one, other)),
        )
    )  # fmt: skip
    return ", ".join(str(row[0]) for row in db.execute(query))


def _too_many_courses(db: Session, policy: Policy, now: datetime) -> str:
    """Counted as when each was booked. What another chat of the same person brought along is left
    out, and so is what an adult didn't show then: no rule was asked about either."""
    at_once: dict[int, list[tuple[Claim, datetime | None]]] = defaultdict(list)
    by_themselves = sa.exists().where(
        col(StoryLine.adult_id) == col(Claim.adult_id),
        col(StoryLine.subject) == col(Claim.course_id),
        col(StoryLine.step).in_([Step.BOOKED, Step.ACCEPTED]),
    )
    goes_on = sa.exists().where(
        col(Occurrence.course_id) == col(Claim.course_id), col(Occurrence.ends_at) > now
    )
    query = (
        sa.select(Claim, col(Adult.shares_since))
        .join(Adult, col(Adult.id) == col(Claim.adult_id))
        .where(
            col(Claim.kind) == ClaimKind.BOOKING, queries.is_live(now), by_themselves, goes_on,
        )
    )  # fmt: skip
    for claim, shares_since in db.execute(query):
        at_once[claim.family_id].append((claim, shares_since))
    most = policy.places.most_courses
    return ", ".join(
        f"family {family}"
        for family, booked in sorted(at_once.items())
        if any(_courses_with(*one, booked) > most for one in booked)
    )


def _courses_with(
    claim: Claim, shares_since: datetime | None, booked: list[tuple[Claim, datetime | None]]
) -> int:
    """How many of a family's courses were this adult's or shown to each other when it was booked."""

    def shown(since: datetime | None) -> bool:
        return since is not None and since < claim.made_at

    both = {
        other.course_id
        for other, theirs in booked
        if other.made_at <= claim.made_at
        and (other.adult_id == claim.adult_id or (shown(shares_since) and shown(theirs)))
    }
    return len(both)


def _offers(db: Session, _policy: Policy, _now: datetime) -> str:
    """An entry is offered if and only if one unended offer stands for it."""
    unended = select(Claim).where(Claim.kind == ClaimKind.OFFER, col(Claim.ended_at).is_(None))
    offers = db.exec(unended).all()
    held = {c.entry_id for c in offers}
    query = select(WaitingEntry.id).where(WaitingEntry.state == EntryState.OFFERED)
    wrong = set(db.exec(query)) ^ set(held)
    if len(held) != len(offers):
        return "an entry has two offers"
    return ", ".join(f"entry {e}" for e in sorted(wrong, key=str))


def _gathered(db: Session, policy: Policy, now: datetime) -> str:
    """Places are kept for the first in line only while it waits or has another offer to answer,
    never more than it needs, and not for long: a sooner place as long as any offer."""
    longest = timedelta(hours=policy.places.gather_hours)
    kept = select(Claim).where(Claim.kind == ClaimKind.GATHERED, queries.is_live(now))
    wrong = []
    for claim in db.exec(kept):
        entry = db.get(WaitingEntry, claim.entry_id)
        waits = entry is not None and entry.state in queue.IN_TURN and claim.size <= entry.size
        long = claim.expires_at is None or claim.expires_at - claim.made_at > longest
        if not waits or (long and entry is not None and not queue.may_say_yes(entry, claim)):
            wrong.append(f"claim {claim.id}")
    return ", ".join(wrong)


def _late_offers(db: Session, policy: Policy, _now: datetime) -> str:
    """No offer runs past the last call before its session starts, or of a cancelled one."""
    found = []
    for claim in db.exec(
        select(Claim).where(Claim.kind == ClaimKind.OFFER, col(Claim.ended_at).is_(None))
    ):
        slot = queries.first_slot(db, claim)
        opening = ledger.opening(db, slot) if slot is not None else None
        if (
            opening is None
            or claim.expires_at is None
            or opening.cancelled
            or claim.expires_at > policy.last_call(opening.starts_at)
        ):
            found.append(f"claim {claim.id}")
    return ", ".join(found)


def _silent_ends(db: Session, _policy: Policy, _now: datetime) -> str:
    """Whoever we took off a list was told, unless they erased themselves."""
    ended = db.exec(
        select(WaitingEntry).where(
            WaitingEntry.state == EntryState.CLOSED, WaitingEntry.ended_why != ClosedWhy.ERASED
        )
    ).all()
    told = {n.about for n in outbox.about(db, [f"entry:{e.id}" for e in ended], [Kind.LIST_CLOSED])}
    silent = [f"entry {e.id}" for e in ended if f"entry:{e.id}" not in told]
    untold = db.exec(
        select(WaitingEntry.id).where(
            col(WaitingEntry.state).not_in(LIVE_STATES), col(WaitingEntry.ended_at).is_(None)
        )
    )
    return ", ".join([*silent, *(f"entry {e}" for e in untold)])


def _idle_places(db: Session, policy: Policy, now: datetime) -> str:
    """Nobody waits for a place that is free and was free when the job last looked."""
    found = []
    for activity in queue.waited_activities(db):
        for slot in queue.coming(db, activity, now=now):
            starts_at = ledger.opening(db, slot).starts_at
            window = policy.window(starts_at=starts_at, now=now)
            setting = queries.setting_of(db, slot.subject)
            shut = setting.waiting is ListState.PAUSED or now >= policy.last_call(starts_at)
            if window.tell_first or shut or _just_changed(db, slot.subject, now):
                continue
            left = queries.places_left(db, [slot], now=now).get(slot.subject, 0)
            line = queue.line(db, slot, (EntryState.WAITING,), zone=policy.zone) if left else []
            if any(
                e.size <= left and queue.may_have(db, e, slot, zone=policy.zone, now=now)
                for e in line
            ):
                found.append(slot.subject)
    return ", ".join(found)


def _just_changed(db: Session, subject: str, now: datetime) -> bool:
    """Whether a claim ran out, or kept places were released, since the job can have looked."""
    mine = sa.or_(col(Claim.course_id) == subject, col(Claim.occurrence_id) == subject)
    ran_out = select(Claim.id).where(
        mine, col(Claim.expires_at) <= now, col(Claim.expires_at) > now - _TENDED
    )
    setting = db.get(PlaceSetting, subject)
    released = setting.release_at if setting is not None else None
    return db.exec(ran_out).first() is not None or (
        released is not None and now - _TENDED < released <= now
    )


CHECKS: tuple[tuple[str, Check], ...] = (
    ("No session or course has more claims than places", _oversold),
    ("Nobody holds two bookings of the same thing", _double),
    ("Nor do two of one family who let each other see their bookings", _double_shown),
    ("No family is on more courses at once than the council allows", _too_many_courses),
    ("Every offer holds places for one waiting entry, and each offered entry has its offer", _offers),
    ("Places kept for who is first in line are no more than it needs, and kept for a time", _gathered),
    ("No offer runs on after the last call before the session", _late_offers),
    ("Nobody's waiting ends in silence", _silent_ends),
    ("No place stands free while somebody it suits waits for it", _idle_places),
)  # fmt: skip

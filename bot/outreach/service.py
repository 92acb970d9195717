"""Who is told of what: follows, reminders, and everybody concerned by a change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.bookings import queries as bookings
from bot.bookings.models import Claim
from bot.content.values import Content
from bot.families import queries as families
from bot.families.models import Adult
from bot.families.rules import AdultState
from bot.families.service import WEB
from bot.outbox import service as outbox
from bot.outbox.models import Outbox
from bot.outbox.rules import Kind, OutboxState
from bot.outreach.models import Follow
from bot.outreach.rules import AHEAD, reminder_key, reminder_times
from bot.timetable.models import Change
from bot.timetable.queries import Slot, find_slot, slots_by_id
from bot.timetable.rules import ChangeKind, undo_until


@dataclass(frozen=True, slots=True)
class Concerned:
    """One adult whom a change concerns, and whether we have a way to tell them."""

    adult_id: int
    claim: Claim | None  # None for somebody who only follows
    reachable: bool


def follow(db: Session, adult: Adult, occurrence: str, *, now: datetime) -> None:
    """Tell this adult if the session changes. Once, however often it is asked."""
    row = _find_follow(db, adult.id, occurrence)
    if row is None:
        db.add(Follow(adult_id=adult.id, occurrence_id=occurrence, made_at=now))
    else:
        row.ended_at = None
    db.flush()


def unfollow(db: Session, adult: Adult, occurrence: str, *, now: datetime) -> None:
    row = _find_follow(db, adult.id, occurrence)
    if row is not None and row.ended_at is None:
        row.ended_at = now
    db.flush()


def followed_sessions(db: Session) -> dict[str, bool]:
    """The sessions that anybody ever followed, by id: whether somebody still does."""
    still = sa.func.max(sa.case((col(Follow.ended_at).is_(None), 1), else_=0))
    query = sa.select(col(Follow.occurrence_id), still).group_by(col(Follow.occurrence_id))
    return {str(row[0]): bool(row[1]) for row in db.execute(query)}


def can_reach(db: Session, adult_id: int) -> bool:
    """Whether a notice can leave for this adult: a web page alone reaches nobody."""
    return any(a.channel != WEB for a in families.addresses(db, adult_id))


def plan_reminders(db: Session, *, content: Content, now: datetime, zone: ZoneInfo) -> int:
    """Write the reminders of the coming day and a half that are not written yet; how many.

    Run every minute and after each booking. A reminder whose time was past when the place was
    booked, or the session moved, is not made. A moved session has new reminders.
    """
    pairs = bookings.bookings_between(db, now, now + AHEAD)
    if not pairs:
        return 0
    slots = {s.id: s for s in slots_by_id(db, list({o for _, o in pairs}))}
    willing = set(
        db.exec(
            select(Adult.id).where(
                col(Adult.id).in_({c.adult_id for c, _ in pairs}),
                Adult.reminders,
                Adult.state == AdultState.ACTIVE,
            )
        )
    )
    wanted: dict[str, tuple[Claim, Slot, Kind, datetime]] = {}
    for claim, occurrence in pairs:
        slot = slots[occurrence]
        if slot.cancelled or claim.adult_id not in willing:
            continue
        times = reminder_times(
            slot.starts_at, zone=zone, evening_hour=content.council.reminder_hour
        )
        for kind, due in times.items():
            # Who was just told of a move is not reminded of it in the same minute.
            if due > claim.made_at and (due > now or slot.version == 0):
                wanted[reminder_key(claim.id, slot.id, slot.version, kind)] = (
                    claim,
                    slot,
                    kind,
                    due,
                )
    known = set(db.exec(select(Outbox.dedupe).where(col(Outbox.dedupe).in_(wanted))))
    made = 0
    for dedupe, (claim, slot, kind, due) in wanted.items():
        if dedupe not in known:
            made += outbox.post(
                db, to=claim.adult_id, kind=kind, about=f"{claim.id}/{slot.id}", dedupe=dedupe,
                send_after=due,
            )  # fmt: skip
    return made


def concerned_by(db: Session, slot: Slot) -> list[Concerned]:
    """Everybody who booked or follows a session, each once."""
    found: dict[int, Concerned] = {}
    for claim in bookings.booked_for(db, slot):
        found.setdefault(
            claim.adult_id, Concerned(claim.adult_id, claim, can_reach(db, claim.adult_id))
        )
    query = select(Follow).where(Follow.occurrence_id == slot.id, col(Follow.ended_at).is_(None))
    for row in db.exec(query):
        found.setdefault(row.adult_id, Concerned(row.adult_id, None, can_reach(db, row.adult_id)))
    return list(found.values())


def tell_of_change(db: Session, change: Change) -> int:
    """Promise everybody concerned a notice, once the minute to undo is over; how many."""
    slot = find_slot(db, change.occurrence_id)
    if slot is None:
        return 0
    kind = Kind.CANCELLED if change.kind is ChangeKind.CANCEL else Kind.MOVED
    return sum(
        outbox.post(
            db, to=person.adult_id, kind=kind, about=change_key(change.id),
            dedupe=f"{change_key(change.id)}:{person.adult_id}",
            send_after=undo_until(change.made_at),
        )
        for person in concerned_by(db, slot)
    )  # fmt: skip


def take_back(db: Session, change: Change, *, now: datetime) -> int:
    """An undone change: nobody is told. How many notices were taken back."""
    return outbox.skip_notices(db, [change_key(change.id)], reason="undone", now=now)


def pass_on(
    db: Session, *, from_adult: int, to_adult: int, only: Collection[int] | None = None
) -> list[int]:
    """Give one adult's follows to another, who is the same person; ids of those that moved.

    `only` some of them, where that is taken back. One that both had is kept once.
    """
    moved = []
    for row in db.exec(select(Follow).where(Follow.adult_id == from_adult)).all():
        if only is not None and row.id not in only:
            continue
        known = db.exec(
            select(Follow).where(
                Follow.adult_id == to_adult, Follow.occurrence_id == row.occurrence_id
            )
        ).first()
        if known is None:
            row.adult_id = to_adult
            moved.append(row.id)
        else:
            known.ended_at = None if row.ended_at is None else known.ended_at
            db.delete(row)
    db.flush()
    return moved


def withdraw(db: Session, adult_id: int, *, now: datetime) -> None:
    """Stop or erasure: end every follow, and skip every notice that has not left."""
    db.execute(
        sa.update(Follow)
        .where(col(Follow.adult_id) == adult_id, col(Follow.ended_at).is_(None))
        .values(ended_at=now)
    )
    db.execute(
        sa.update(Outbox)
        .where(
            col(Outbox.adult_id) == adult_id,
            col(Outbox.state) == OutboxState.QUEUED,
            col(Outbox.kind) != Kind.REPLY,
        )
        .values(state=OutboxState.SKIPPED, reason="stopped", settled_at=now)
    )


def change_key(change: int) -> str:
    """What notices of a change are about."""
    return f"change:{change}"


def week_key(occurrence: str) -> str:
    """What notices of a week that was added to a course are about."""
    return f"week:{occurrence}"


def _find_follow(db: Session, adult_id: int, occurrence: str) -> Follow | None:
    return db.exec(
        select(Follow).where(Follow.adult_id == adult_id, Follow.occurrence_id == occurrence)
    ).first()

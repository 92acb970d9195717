"""Staff change one date: first the effect, then the change with its telling, then perhaps undo.

Each act is one transaction: the timetable, the notices, new reminders and the audit together.
A form that is sent twice makes one change: it names the version of the session that staff saw.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.bookings import ledger, queue, waiting
from bot.bookings.policy import Policy
from bot.content.values import Content
from bot.core.errors import Kind, PlannedError, Translate
from bot.outbox import queries as outbox_queries
from bot.outbox import service as outbox
from bot.outbox.models import Outbox
from bot.outbox.rules import Kind as Notice
from bot.outbox.rules import OutboxState
from bot.outreach.notices import OVERTAKEN
from bot.outreach.service import (
    Concerned,
    change_key,
    concerned_by,
    plan_reminders,
    take_back,
    tell_of_change,
)  # fmt: skip
from bot.staff import service as staff
from bot.timetable import queries as timetable
from bot.timetable import service as changes
from bot.timetable.models import Change, Course
from bot.timetable.queries import Slot
from bot.timetable.rules import ChangeKind, ChangeState, undo_until
from bot.timetable.service import NoSuchSessionError, NothingToChangeError, UndoTooLateError

#: States of a notice that somebody may have read.
LEFT = (OutboxState.SENDING, OutboxState.SENT, OutboxState.UNKNOWN)


class ChangedMeanwhileError(PlannedError):
    """The session is no longer as it was when staff looked at it."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _("Somebody else changed this session while you were looking. Please look again.")


@dataclass(frozen=True, slots=True)
class Draft:
    """A change that staff have in mind. Times are aware UTC; None and "" for a cancellation.

    `version` is the session's when they looked.
    """

    occurrence: str
    version: int
    kind: ChangeKind
    reason: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    venue: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a draft would do. `change` is not in the database; `after` is the session then."""

    change: Change
    before: Slot
    after: Slot
    concerned: tuple[Concerned, ...]


def effect_of(db: Session, draft: Draft, *, now: datetime) -> Effect:
    """Who would be told of what. Writes nothing.

    Raises NoSuchSessionError, NothingToChangeError, ChangedMeanwhileError.
    """
    slot = timetable.find_slot(db, draft.occurrence)
    if slot is None:
        raise NoSuchSessionError
    if slot.version != draft.version:
        raise ChangedMeanwhileError
    after = slot
    if draft.kind is ChangeKind.MOVE:
        after = _moved(slot, draft)
    if (
        slot.cancelled
        or slot.starts_at <= now
        or after.starts_at <= now
        or _same(slot, after, draft)
    ):
        raise NothingToChangeError
    change = Change(
        occurrence_id=slot.id, kind=draft.kind, reason=draft.reason, by="", made_at=now,
        before={"starts_at": slot.starts_at.isoformat()}, after={},
    )  # fmt: skip
    return Effect(change, slot, after, tuple(concerned_by(db, slot)))


def make(
    db: Session, draft: Draft, *, by: str, content: Content, now: datetime, zone: ZoneInfo
) -> Change:
    """Change the date and promise everybody concerned a notice; the earlier change if it is made.

    Raises NoSuchSessionError, NothingToChangeError, ChangedMeanwhileError.
    """
    row = changes.lock_occurrence(db, draft.occurrence)
    if row.version != draft.version:
        made = _made_already(db, draft, by)
        if made is None:
            raise ChangedMeanwhileError
        return made
    if row.course_id is not None:  # whoever books the course now is told, or books after us
        db.execute(
            sa.select(col(Course.id)).where(col(Course.id) == row.course_id).with_for_update()
        )
    if draft.kind is ChangeKind.CANCEL:
        change = changes.cancel_occurrence(db, row.id, reason=draft.reason, by=by, now=now)
    else:
        starts_at, ends_at = _times(draft)
        change = changes.move_occurrence(
            db, row.id, starts_at=starts_at, ends_at=ends_at, venue=draft.venue,
            reason=draft.reason, by=by, now=now,
        )  # fmt: skip
    told = tell_of_change(db, change)
    _settle_offers(db, change, content=content, now=now, zone=zone)
    plan_reminders(db, content=content, now=now, zone=zone)
    staff.note(
        db, by=by, act=change.kind.value, about=f"session:{row.id}",
        reason=f"{change_key(change.id)}, {told} to tell", now=now,
    )  # fmt: skip
    return change


def undo(
    db: Session, change: int, *, by: str, content: Content, now: datetime, zone: ZoneInfo
) -> Change:
    """Bring back what was, before anybody was told. Once undone it stays so.

    Raises NoSuchSessionError, UndoTooLateError.
    """
    earlier = timetable.find_change(db, change)
    if earlier is not None and earlier.state is ChangeState.UNDONE:
        return earlier
    undone = changes.undo_change(db, change, now=now)
    if any(row.state in LEFT for row in notices_of(db, undone)):
        raise UndoTooLateError  # a worker with a faster clock was there first
    take_back(db, undone, now=now)
    _settle_offers(db, undone, content=content, now=now, zone=zone)
    standing = timetable.latest_change(db, undone.occurrence_id)
    if standing is not None:  # its own notices may have been skipped for the one undone now
        outbox.put_back(db, [change_key(standing.id)], reason=OVERTAKEN)
    plan_reminders(db, content=content, now=now, zone=zone)
    staff.note(
        db, by=by, act="undo", about=f"session:{undone.occurrence_id}",
        reason=change_key(undone.id), now=now,
    )  # fmt: skip
    return undone


def notices_of(db: Session, change: Change) -> list[Outbox]:
    """The notice of everybody concerned by a change, in the order they were written."""
    return outbox_queries.about(db, [change_key(change.id)], [Notice.CANCELLED, Notice.MOVED])


def _settle_offers(
    db: Session, change: Change, *, content: Content, now: datetime, zone: ZoneInfo
) -> None:
    """Offers that can't stand after a change are withdrawn; whoever keeps theirs is told of a move."""
    slot = ledger.lock_slot(db, change.occurrence_id)
    waiting.wake(db, slot, policy=Policy.of(content.council, zone), now=now)
    if change.kind is ChangeKind.MOVE and change.state is ChangeState.MADE:
        for claim in queue.offers_out(db, slot):
            outbox.post(
                db, to=claim.adult_id, kind=Notice.OFFERED, about=f"claim:{claim.id}",
                dedupe=f"{change_key(change.id)}:offer:{claim.id}",
                send_after=undo_until(change.made_at),
            )  # fmt: skip


def _made_already(db: Session, draft: Draft, by: str) -> Change | None:
    """The change that this very draft has made, by the same person."""
    for change in timetable.changes_of(db, draft.occurrence):
        if change.before["version"] != draft.version:
            continue
        same = (change.kind, change.reason, change.by) == (draft.kind, draft.reason, by)
        if same and draft.kind is ChangeKind.MOVE:
            starts_at, ends_at = _times(draft)
            wanted = (starts_at.isoformat(), ends_at.isoformat(), draft.venue)
            same = wanted == tuple(change.after[k] for k in ("starts_at", "ends_at", "venue"))
        return change if same else None
    return None


def _moved(slot: Slot, draft: Draft) -> Slot:
    starts_at, ends_at = _times(draft)
    if ends_at <= starts_at:
        raise NothingToChangeError
    return dataclasses.replace(slot, starts_at=starts_at, ends_at=ends_at, venue=draft.venue)


def _times(draft: Draft) -> tuple[datetime, datetime]:
    if draft.starts_at is None or draft.ends_at is None:
        raise ValueError("a move needs its times")
    return draft.starts_at, draft.ends_at


def _same(slot: Slot, after: Slot, draft: Draft) -> bool:
    return draft.kind is ChangeKind.MOVE and slot == after

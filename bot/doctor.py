"""Reads the database and says which of our promises hold. For staff, and for tests after chaos."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.bookings import promises
from bot.bookings import queries as bookings
from bot.bookings.missing import missing_names
from bot.content.values import Content
from bot.inbox.models import Inbox
from bot.inbox.rules import InboxState
from bot.opening import Opened
from bot.outbox.models import Outbox
from bot.outbox.rules import Kind, OutboxState
from bot.retention import kept_too_long
from bot.store.engine import sqlite_is_safe
from bot.store.migrate import pending
from bot.timetable.importing import is_sample
from bot.timetable.queries import find_slot
from bot.timetable.rules import OccurrenceState

BACKLOG = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """One promise: does it hold, and if not, what was found. `advice` alone never fails."""

    promise: str
    holds: bool
    found: str = ""
    advice: bool = False


def examine(opened: Opened, *, now: datetime) -> list[Finding]:
    """Every check, in order. Reads only."""

    def all_rows(db: Session) -> list[Finding]:
        places = promises.broken(db, policy=opened.desk.policy, now=now)
        others = {promise: check(db, now) for promise, check in _CHECKS}
        return [Finding(p, not found, found) for p, found in {**places, **others}.items()] + [
            Finding(
                "The timetable is a real one", not is_sample(db), "it is the sample", advice=True
            )
        ]

    behind = pending(opened.store.engine)
    missing = opened.store.read_now(missing_names, opened.content, now=now)
    kept = opened.store.read_now(
        kept_too_long, opened.content.council.keep, now=now, zone=opened.settings.zone
    )
    return [
        Finding("The tables are those of this program", not behind, "a migration is pending"),
        *opened.store.read_now(all_rows),
        Finding("Nothing is kept longer than the privacy notice says", not kept, kept),
        Finding("The content names every venue and activity that rows need", not missing, " ".join(missing)),
        *_content(opened.content, now),
        Finding(
            "SQLite is free of a known fault", 
            not opened.store.sqlite or sqlite_is_safe(),
            f"version {sqlite3.sqlite_version} has a rare fault; PostgreSQL is better for a council", advice=True,
        ),
    ]  # fmt: skip


def failed(findings: list[Finding]) -> bool:
    return any(not f.holds and not f.advice for f in findings)


def _parked(db: Session, _now: datetime) -> str:
    query = sa.select(sa.func.count()).select_from(Inbox)
    count = db.execute(query.where(col(Inbox.state) == InboxState.PARKED)).scalar_one()
    return f"{count} parked" if count else ""


def _waiting(db: Session, now: datetime) -> str:
    late = (
        sa.select(sa.func.count())
        .select_from(Inbox)
        .where(col(Inbox.state) == InboxState.NEW, col(Inbox.received_at) < now - BACKLOG)
    )
    count = db.execute(late).scalar_one()
    return f"{count} not taken" if count else ""


def _unblanked(db: Session, _now: datetime) -> str:
    query = sa.select(sa.func.count()).select_from(Inbox)
    done = query.where(col(Inbox.state) != InboxState.NEW, col(Inbox.sealed).is_not(None))
    count = db.execute(done).scalar_one()
    return f"{count} still hold what was written" if count else ""


def _unanswered(db: Session, now: datetime) -> str:
    query = (
        sa.select(sa.func.count())
        .select_from(Outbox)
        .where(col(Outbox.state) == OutboxState.QUEUED, col(Outbox.send_after) < now - BACKLOG)
    )
    count = db.execute(query).scalar_one()
    return f"{count} overdue" if count else ""


def _unsettled(db: Session, _now: datetime) -> str:
    done = [OutboxState.SENT, OutboxState.FAILED, OutboxState.SKIPPED, OutboxState.UNKNOWN]
    query = (
        sa.select(sa.func.count())
        .select_from(Outbox)
        .where(col(Outbox.state).in_(done), col(Outbox.settled_at).is_(None))
    )
    count = db.execute(query).scalar_one()
    return f"{count} ended without a time" if count else ""


def _wrongly_reminded(db: Session, _now: datetime) -> str:
    """Reminders that went out after their booking or session was cancelled."""
    found = []
    kinds = [Kind.REMINDER_EVE, Kind.REMINDER_SOON]
    for row in db.exec(
        select(Outbox).where(col(Outbox.kind).in_(kinds), Outbox.state == OutboxState.SENT)
    ):
        claim_id, _sep, occurrence = row.about.partition("/")
        claim, slot = bookings.find_claim(db, int(claim_id)), find_slot(db, occurrence)
        if (
            claim is None
            or slot is None
            or row.settled_at is None
            or (slot.starts_at <= row.settled_at and slot.state is OccurrenceState.SCHEDULED)
        ):
            found.append(str(row.id))
    return ", ".join(found)


_CHECKS: tuple[tuple[str, Callable[[Session, datetime], str]], ...] = (
    ("Every update was taken or set aside, none is stuck", _waiting),
    ("No update failed for good", _parked),
    ("Updates are blanked once taken", _unblanked),
    ("Nothing that is due waits to be sent", _unanswered),
    ("Every message that ended says when", _unsettled),
    ("No reminder went out after the start", _wrongly_reminded),
)


def _content(content: Content, now: datetime) -> list[Finding]:
    today = now.date()
    stale = [c.id for c in content.contacts.values() if c.stale(today)]
    unapproved = [
        x.risk
        for x in content.safety.cards.values()
        if "en" not in x.approved or not all(a.given for a in x.approved.values())
    ]
    return [
        Finding("Every number was checked in the last six months", not stale, ", ".join(stale), advice=True),
        Finding("Every safety card is approved", not unapproved, ", ".join(unapproved), advice=True),
    ]  # fmt: skip

"""Staff access: a one-time link made on the console opens a session by name; every act is noted."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.errors import Kind, PlannedError, Translate
from bot.staff.models import Audit, StaffLink, StaffSession

LINK_LIFE = timedelta(minutes=10)
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=8)


class LinkSpentError(PlannedError):
    """The link was used, is too old, or never was one."""

    kind = Kind.FORBIDDEN

    def sentence(self, _: Translate) -> str:
        return _(
            "This link has been used or is too old. Ask for a new one: python -m bot staff link"
        )


class NamesakeError(PlannedError):
    """Somebody who goes by that name is signed in already: perhaps the same person."""

    kind = Kind.CONFLICT

    def sentence(self, _: Translate) -> str:
        return _(
            "Somebody by that name is signed in now. If that is you on another device, say so "
            "below. If not, add your surname, so that colleagues can tell you apart."
        )


def make_link(db: Session, *, now: datetime) -> str:
    """A secret that opens the staff page once, within ten minutes."""
    secret = secrets.token_urlsafe(32)
    db.add(StaffLink(digest=_digest(secret), made_at=now, expires_at=now + LINK_LIFE))
    db.flush()
    return secret


def open_session(
    db: Session, secret: str, *, name: str, now: datetime, old: str = "", same: bool = False
) -> str:
    """Spend a link; the secret of the new session's cookie. Raises LinkSpentError.

    `old` is the cookie of this browser's own session, which ends. Raises NamesakeError, and spends
    nothing, where somebody else is signed in by that name, unless they say to be the `same` person.
    """
    link = db.exec(
        select(StaffLink).where(StaffLink.digest == _digest(secret)).with_for_update()
    ).one_or_none()
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise LinkSpentError
    if old:
        close_session(db, old, now=now)
    if not same and _namesake(db, name, now=now):
        raise NamesakeError
    link.used_at = now
    cookie = secrets.token_urlsafe(32)
    db.add(StaffSession(digest=_digest(cookie), name=name, made_at=now, seen_at=now))
    note(db, by=name, act="signed in", now=now)
    return cookie


def find_session(db: Session, cookie: str, *, now: datetime) -> StaffSession | None:
    """The live session of a cookie: used in the last 30 minutes, at most 8 hours old."""
    row = db.get(StaffSession, _digest(cookie))
    return row if row is not None and _is_live(row, now) else None


def touch(db: Session, cookie: str, *, now: datetime) -> None:
    """Note that the session is in use."""
    row = find_session(db, cookie, now=now)
    if row is not None:
        row.seen_at = now


def close_session(db: Session, cookie: str, *, now: datetime) -> None:
    row = db.get(StaffSession, _digest(cookie))
    if row is not None:
        row.ended_at = now


def note(
    db: Session, *, by: str, act: str, now: datetime, about: str = "", reason: str = ""
) -> None:
    """Add a line to the audit, in the transaction of the act."""
    db.add(Audit(at=now, by=by, act=act, about=about[:64], reason=reason[:200]))
    db.flush()


def reasons(db: Session, about: Collection[str]) -> list[Audit]:
    """What was noted about these things with a reason, oldest first."""
    query = select(Audit).where(col(Audit.about).in_(about), Audit.reason != "")
    return list(db.exec(query.order_by(col(Audit.id))))


def subjects(db: Session, act: str) -> frozenset[str]:
    """What this act was ever done to."""
    return frozenset(db.exec(select(Audit.about).where(Audit.act == act)))


def _namesake(db: Session, name: str, *, now: datetime) -> bool:
    """Whether somebody is signed in by this name, in capitals or not."""
    rows = db.exec(select(StaffSession).where(col(StaffSession.seen_at) > now - IDLE))
    return any(_is_live(r, now) and r.name.casefold() == name.casefold() for r in rows)


def _is_live(row: StaffSession, now: datetime) -> bool:
    fresh = now - row.seen_at < IDLE and now - row.made_at < LONGEST
    return row.ended_at is None and fresh


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

"""Staff access: a one-time link made on the console opens a session by name; every act is noted."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, select

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


def make_link(db: Session, *, now: datetime) -> str:
    """A secret that opens the staff page once, within ten minutes."""
    secret = secrets.token_urlsafe(32)
    db.add(StaffLink(digest=_digest(secret), made_at=now, expires_at=now + LINK_LIFE))
    db.flush()
    return secret


def open_session(db: Session, secret: str, *, name: str, now: datetime) -> str:
    """Spend a link; the secret of the new session's cookie. Raises LinkSpentError."""
    link = db.exec(
        select(StaffLink).where(StaffLink.digest == _digest(secret)).with_for_update()
    ).one_or_none()
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise LinkSpentError
    link.used_at = now
    cookie = secrets.token_urlsafe(32)
    db.add(StaffSession(digest=_digest(cookie), name=name, made_at=now, seen_at=now))
    note(db, by=name, act="signed in", now=now)
    return cookie


def find_session(db: Session, cookie: str, *, now: datetime) -> StaffSession | None:
    """The live session of a cookie: used in the last 30 minutes, at most 8 hours old."""
    row = db.get(StaffSession, _digest(cookie))
    if row is None or row.ended_at is not None:
        return None
    return row if now - row.seen_at < IDLE and now - row.made_at < LONGEST else None


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


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

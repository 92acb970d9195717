"""Staff access: one-time links, sessions, and who did what."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel


class StaffLink(SQLModel, table=True):
    """A one-time way in. Only its hash is kept."""

    __tablename__ = "staff_link"

    digest: str = Field(primary_key=True, max_length=64)
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class StaffSession(SQLModel, table=True):
    """Somebody signed in on one browser. Only the hash of the cookie is kept."""

    __tablename__ = "staff_session"

    digest: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=80)
    made_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None


class Audit(SQLModel, table=True):
    """One act on the timetable or on personal data."""

    id: int = Field(default=None, primary_key=True)
    at: datetime
    by: str = Field(max_length=80)
    act: str = Field(max_length=40)
    about: str = Field(default="", max_length=64)
    reason: str = Field(default="", max_length=200)

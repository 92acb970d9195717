"""The claims ledger: rows that take places. Places left are counted, never stored."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.bookings.rules import ClaimKind, EndedWhy, RegisterMark
from bot.store.columns import SealedRow, choice

_LIVE_ONE = "ended_at IS NULL AND kind = 'booking'"


class Claim(SealedRow, table=True):
    """Takes `size` places of one occurrence or of one whole course.

    Live where not ended and, for holds and offers, not past `expires_at`: judged when read.
    Sealed: `name`, `email` or `phone`, `born`, `due` and `needs` as told when booking.
    """

    __table_args__ = (
        sa.CheckConstraint("(occurrence_id IS NULL) <> (course_id IS NULL)", name="claim_subject"),
        sa.CheckConstraint("size >= 1", name="claim_size"),
        sa.Index(
            "ux_claim_family_occurrence", "family_id", "occurrence_id", unique=True,
            sqlite_where=sa.text(_LIVE_ONE), postgresql_where=sa.text(_LIVE_ONE),
        ),
        sa.Index(
            "ux_claim_family_course", "family_id", "course_id", unique=True,
            sqlite_where=sa.text(_LIVE_ONE), postgresql_where=sa.text(_LIVE_ONE),
        ),
        sa.Index("ix_claim_occurrence", "occurrence_id", "ended_at"),
        sa.Index("ix_claim_course", "course_id", "ended_at"),
    )  # fmt: skip

    id: int = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=12)  # opens and cancels it from any device
    key: str = Field(unique=True, max_length=64)  # doing the same thing twice makes one claim
    kind: ClaimKind = Field(sa_column=choice(ClaimKind, "claim_kind"))
    family_id: int = Field(foreign_key="family.id", index=True)
    adult_id: int = Field(foreign_key="adult.id", index=True)
    occurrence_id: str | None = Field(default=None, foreign_key="occurrence.id")
    course_id: str | None = Field(default=None, foreign_key="course.id")
    size: int = 1
    made_at: datetime
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    ended_why: EndedWhy | None = Field(
        default=None,
        sa_column=sa.Column(
            sa.Enum(
                EndedWhy, name="claim_ended_why", native_enum=False, create_constraint=True,
                length=20, values_callable=lambda m: [e.value for e in m],
            ),
            nullable=True,
        ),
    )  # fmt: skip
    coming_at: datetime | None = None  # when they last tapped "I'm coming"


class Attendance(SQLModel, table=True):
    """The register of one occurrence, as events; the newest for a claim counts."""

    id: int = Field(default=None, primary_key=True)
    occurrence_id: str = Field(foreign_key="occurrence.id", index=True)
    claim_id: int | None = Field(default=None, foreign_key="claim.id")
    mark: RegisterMark = Field(sa_column=choice(RegisterMark, "register_mark"))
    count: int = 1  # of walk-ins: the whole number so far, so that a repeated form counts once
    at: datetime
    by: str = Field(max_length=80)

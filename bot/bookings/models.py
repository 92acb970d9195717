"""The claims ledger: rows that take places. Places left are counted, never stored.

Beside it the waiting list, and the story: why each family got a place or did not.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.bookings.rules import (
    ClaimKind,
    ClosedWhy,
    EndedWhy,
    EntryState,
    ListState,
    RegisterMark,
    Step,
)  # fmt: skip
from bot.store.columns import SealedRow, choice

_LIVE_ONE = "ended_at IS NULL AND kind = 'booking'"
_LIVE_OFFER = "ended_at IS NULL AND kind = 'offer'"


def _maybe(kind: type[StrEnum], name: str) -> Any:
    """A nullable column of one of these words."""
    return sa.Column(
        sa.Enum(
            kind, name=name, native_enum=False, create_constraint=True, length=20,
            values_callable=lambda m: [e.value for e in m],
        ),
        nullable=True,
    )  # fmt: skip


class WaitingEntry(SealedRow, table=True):
    """Somebody waits, with a size, for sessions that suit a wish (`rules.suits`: ids and slugs).

    The order is `ranked_at`, then `id`: when they joined, unless staff moved them. Sealed: what a
    booking would keep (`name`, `email` or `phone`, `born`, `due`), so that one tap accepts.
    """

    __tablename__ = "waiting_entry"
    __table_args__ = (sa.Index("ix_waiting_entry_queue", "activity", "state", "ranked_at"),)

    id: int = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=12)  # opens it from any device
    key: str = Field(unique=True, max_length=64)
    family_id: int = Field(foreign_key="family.id", index=True)
    adult_id: int = Field(foreign_key="adult.id", index=True)
    activity: str = Field(max_length=60)
    wish: dict[str, Any] = Field(sa_column=sa.Column(sa.JSON, nullable=False))
    size: int = 1
    joined_at: datetime
    ranked_at: datetime
    state: EntryState = Field(
        default=EntryState.WAITING, sa_column=choice(EntryState, "waiting_entry_state")
    )
    lapses: int = 0
    ended_at: datetime | None = None
    ended_why: ClosedWhy | None = Field(
        default=None, sa_column=_maybe(ClosedWhy, "waiting_entry_ended_why")
    )


class Claim(SealedRow, table=True):
    """Takes `size` places of one occurrence or of one whole course.

    Live where not ended and, for holds and offers, not past `expires_at`: judged when read.
    Sealed: `name`, `email` or `phone`, `born`, `due` and `needs` as told when booking. Years after
    the last session (`retention.claims`) only numbers are left: then it is nobody's.
    """

    __table_args__ = (
        sa.CheckConstraint("(occurrence_id IS NULL) <> (course_id IS NULL)", name="claim_subject"),
        sa.CheckConstraint("size >= 1", name="claim_size"),
        sa.Index(
            "ux_claim_adult_occurrence", "adult_id", "occurrence_id", unique=True,
            sqlite_where=sa.text(_LIVE_ONE), postgresql_where=sa.text(_LIVE_ONE),
        ),
        sa.Index(
            "ux_claim_adult_course", "adult_id", "course_id", unique=True,
            sqlite_where=sa.text(_LIVE_ONE), postgresql_where=sa.text(_LIVE_ONE),
        ),
        sa.Index(
            "ux_claim_offer", "entry_id", unique=True,
            sqlite_where=sa.text(_LIVE_OFFER), postgresql_where=sa.text(_LIVE_OFFER),
        ),
        sa.Index("ix_claim_occurrence", "occurrence_id", "ended_at"),
        sa.Index("ix_claim_course", "course_id", "ended_at"),
    )  # fmt: skip

    id: int = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=12)  # opens and cancels it from any device
    key: str = Field(unique=True, max_length=64)  # doing the same thing twice makes one claim
    kind: ClaimKind = Field(sa_column=choice(ClaimKind, "claim_kind"))
    family_id: int = Field(foreign_key="family.id", index=True, nullable=True)
    adult_id: int = Field(foreign_key="adult.id", index=True, nullable=True)
    occurrence_id: str | None = Field(default=None, foreign_key="occurrence.id")
    course_id: str | None = Field(default=None, foreign_key="course.id")
    size: int = 1
    made_at: datetime
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    ended_why: EndedWhy | None = Field(default=None, sa_column=_maybe(EndedWhy, "claim_ended_why"))
    coming_at: datetime | None = None  # when they last tapped "I'm coming"
    entry_id: int | None = Field(default=None, foreign_key="waiting_entry.id")
    kept: bool = False  # of the places that only staff can give


class PlaceSetting(SQLModel, table=True):
    """What staff decided about the places of one session or course."""

    __tablename__ = "place_setting"

    subject: str = Field(primary_key=True, max_length=36)
    kept: int | None = None  # None: as the series says
    release_at: datetime | None = None
    waiting: ListState = Field(
        default=ListState.OPEN, sa_column=choice(ListState, "place_setting_waiting")
    )
    most_waiting: int | None = None


class StoryLine(SQLModel, table=True):
    """One decision about one adult and one session or course. Only ever added to.

    `facts` are numbers, moments (ISO) and ids, never words of a person; `by` is a member of
    staff, or "" for the family itself and for what follows from the rules.
    """

    __tablename__ = "story_line"
    __table_args__ = (sa.Index("ix_story_line_who", "adult_id", "subject"),)

    id: int = Field(default=None, primary_key=True)
    at: datetime
    adult_id: int = Field(foreign_key="adult.id")
    subject: str = Field(max_length=36, index=True)  # "" for an entry that waits for several
    entry_id: int | None = Field(default=None, foreign_key="waiting_entry.id", index=True)
    step: Step = Field(sa_column=choice(Step, "story_line_step"))
    facts: dict[str, Any] = Field(sa_column=sa.Column(sa.JSON, nullable=False))
    by: str = Field(default="", max_length=80)


class Attendance(SQLModel, table=True):
    """The register of one occurrence, as events; the newest for a claim counts."""

    id: int = Field(default=None, primary_key=True)
    occurrence_id: str = Field(foreign_key="occurrence.id", index=True)
    claim_id: int | None = Field(default=None, foreign_key="claim.id")
    mark: RegisterMark = Field(sa_column=choice(RegisterMark, "register_mark"))
    count: int = 1  # of walk-ins: the whole number so far, so that a repeated form counts once
    at: datetime
    by: str = Field(max_length=80)

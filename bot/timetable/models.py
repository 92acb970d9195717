"""Series, their dated occurrences, courses, and staff changes to them.

Venues and activities are council content; rows name them by slug. Times are aware UTC.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.content.values import Counts, Mode
from bot.store.columns import choice
from bot.timetable.rules import ChangeKind, ChangeState, OccurrenceState


class Series(SQLModel, table=True):
    """An activity at a venue by a rule. What the programme left open is filled in from the activity."""

    id: str = Field(primary_key=True, max_length=60)
    activity: str = Field(max_length=60, index=True)
    venue: str = Field(max_length=60)
    name: str = Field(default="", max_length=120)
    plan: dict[str, Any] = Field(sa_column=sa.Column(sa.JSON, nullable=False))
    anchor: date  # the Monday a rule without its own start counts from
    mode: Mode = Field(sa_column=choice(Mode, "series_mode"))
    counts: Counts = Field(sa_column=choice(Counts, "series_counts"))
    capacity: int | None = None
    age_from: int | None = None
    age_to: int | None = None
    cost: str = Field(default="", max_length=120)
    free: bool = True
    run_by: str = Field(default="", max_length=120)
    contact: str = Field(default="", max_length=60)
    notes: str = Field(default="", max_length=500)
    sample: bool = True
    active: bool = True
    join_late: int = 0  # meetings of a course that may be over when somebody joins
    opens_days: int = 0  # booking opens so many days before; 0: at once
    closes_hours: int = 0  # and closes so many hours before the start
    kept: int = 0  # places only staff can give, until `kept_days` before the start
    kept_days: int = 0


class Course(SQLModel, table=True):
    """A run of occurrences of one series, booked once."""

    id: str = Field(primary_key=True, max_length=36)
    series_id: str = Field(foreign_key="series.id", index=True)
    first_on: date
    weeks: int
    capacity: int | None = None


class Occurrence(SQLModel, table=True):
    """One dated session. `original_on` never changes; `version` grows with every change."""

    __table_args__ = (sa.Index("ix_occurrence_when", "starts_at", "state"),)

    id: str = Field(primary_key=True, max_length=36)
    series_id: str = Field(foreign_key="series.id", index=True)
    course_id: str | None = Field(default=None, foreign_key="course.id", index=True)
    original_on: date
    starts_at: datetime
    ends_at: datetime
    venue: str = Field(max_length=60)
    capacity: int | None = None
    state: OccurrenceState = Field(
        default=OccurrenceState.SCHEDULED, sa_column=choice(OccurrenceState, "occurrence_state")
    )
    reason: str = Field(default="", max_length=200)  # told to families
    version: int = 0


class Change(SQLModel, table=True):
    """What staff did to one occurrence, with what it was before, so that it can be undone."""

    id: int = Field(default=None, primary_key=True)
    occurrence_id: str = Field(foreign_key="occurrence.id", index=True)
    kind: ChangeKind = Field(sa_column=choice(ChangeKind, "change_kind"))
    state: ChangeState = Field(
        default=ChangeState.MADE, sa_column=choice(ChangeState, "change_state")
    )
    reason: str = Field(max_length=200)
    by: str = Field(max_length=80)
    made_at: datetime
    before: dict[str, Any] = Field(sa_column=sa.Column(sa.JSON, nullable=False))
    after: dict[str, Any] = Field(sa_column=sa.Column(sa.JSON, nullable=False))


class EmptySearch(SQLModel, table=True):
    """A search that found nothing, counted without the person."""

    __tablename__ = "empty_search"

    id: int = Field(default=None, primary_key=True)
    on: date
    wish: str = Field(max_length=200)
    times: int = 1

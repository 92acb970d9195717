"""Series, their dated occurrences, courses, and staff changes to them.

Venues and activities are council content; rows name them by slug. Times are aware UTC.
The timetable has a mark, another one after every change, so that it need not be read again as long
as the mark is the same.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlmodel import Field, Session, SQLModel

from bot.content.values import Counts, Mode
from bot.store.columns import choice, new_uid, table_of
from bot.store.models import Fact
from bot.store.prepared import Prepared
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
    added_at: datetime | None = None  # when staff added it to its course


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


_MARK = "timetable"  # the Fact with the timetable's mark
_FACT = table_of(Fact)
_FIND_MARK = Prepared(sa.select(_FACT.c.value).where(_FACT.c.name == _MARK))
_NEW_MARK = sa.update(_FACT).where(_FACT.c.name == _MARK).values(value=sa.bindparam("mark"))


def find_mark(db: Session) -> str | None:
    """What the timetable's rows are marked with; None where nothing was laid out yet."""
    row = _FIND_MARK.one(db, {})
    return row[0] if row is not None else None


def mark_changed(db: Session) -> None:
    """Give the timetable a new mark, in the transaction of its change.

    A flush does it by itself; statements that write many rows at once must say it. Marks are random:
    a transaction that is rolled back leaves none behind that another could have.
    """
    mark = new_uid()
    if not db.connection().execute(_NEW_MARK, {"mark": mark}).rowcount:
        db.connection().execute(sa.insert(_FACT), {"name": _MARK, "value": mark})


@sa.event.listens_for(orm.Session, "before_flush")
def _mark_what_is_flushed(db: Session, _context: object, _rows: object) -> None:
    if any(isinstance(x, Series | Course | Occurrence) for x in (*db.new, *db.dirty, *db.deleted)):
        mark_changed(db)

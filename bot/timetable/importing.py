"""Turns a programme into rows: its series, and every occurrence of the coming weeks.

Run at each start and once a day; running it again changes nothing. A row that somebody has
claimed, follows or that staff changed is never touched: `kept` names the dates it left alone.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, select

from bot.content.values import Content, Mode, Programme, Repeat, SeriesPlan
from bot.core.clock import to_utc
from bot.store.columns import table_of
from bot.store.models import Fact
from bot.store.prepared import Prepared
from bot.timetable.models import Course, Occurrence, Series, mark_changed
from bot.timetable.recurrence import course_id, meetings, monday_of, occurrence_id
from bot.timetable.rules import HORIZON, OccurrenceState

PROGRAMME = "programme"  # the Fact that says what is laid out
_FACT = table_of(Fact)
_LAID = Prepared(sa.select(_FACT.c.value).where(_FACT.c.name == PROGRAMME))


@dataclass(frozen=True, slots=True)
class Laid:
    """What applying a programme did, or would do."""

    added: tuple[str, ...] = ()  # ids of series
    changed: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    new_dates: int = 0
    dropped_dates: int = 0
    kept: tuple[str, ...] = ()  # ids of occurrences that differ but have claims


def is_sample(db: Session) -> bool:
    """Whether what is laid out is the sample."""
    row = _LAID.one(db, {})
    return row is None or str(row[0]).startswith("sample:")


def apply_programme(
    db: Session,
    programme: Programme,
    *,
    content: Content,
    claimed: Collection[str],
    now: datetime,
    zone: ZoneInfo,
) -> Laid:
    """Make the timetable say what the programme says, from today to 26 weeks ahead.

    `claimed` are ids of occurrences that must stay as they are. A programme that differs from the
    one laid out ends the series it doesn't name. Writes series, courses, occurrences.
    """
    today = now.astimezone(zone).date()
    kind = "sample" if programme.sample else "real"
    mark = f"{kind}:{programme.name}:{_digest(programme)}"
    fact = db.get(Fact, PROGRAMME) or Fact(name=PROGRAMME, value="")
    known = {s.id: s for s in db.exec(select(Series))}
    added, changed, ended = [], [], []
    for plan in programme.series:
        row = known.get(plan.id)
        fields = _series_fields(plan, content, sample=programme.sample)
        if row is None:
            known[plan.id] = row = Series(id=plan.id, anchor=monday_of(today), **fields)
            db.add(row)
            added.append(plan.id)
        elif not row.active or any(getattr(row, k) != v for k, v in fields.items()):
            if row.sample != programme.sample:
                row.anchor = monday_of(today)
            for name, value in fields.items():
                setattr(row, name, value)
            row.active = True
            changed.append(plan.id)
    wanted = {p.id for p in programme.series}
    for row in known.values():
        if row.active and row.id not in wanted:
            row.active = False
            ended.append(row.id)
    fact.value = mark
    db.add(fact)
    db.flush()
    laid = lay_out(db, content=content, claimed=claimed, now=now, zone=zone)
    return dataclasses.replace(laid, added=tuple(added), changed=tuple(changed), ended=tuple(ended))


def lay_out(
    db: Session, *, content: Content, claimed: Collection[str], now: datetime, zone: ZoneInfo
) -> Laid:
    """Lay out every active series to the horizon; drop unclaimed dates that no rule makes."""
    today = now.astimezone(zone).date()
    last = today + HORIZON
    have = {o.id: o for o in db.exec(select(Occurrence).where(Occurrence.starts_at >= now))}
    runs = dict.fromkeys(db.exec(select(Course.id)))
    new, kept, live = [], [], set()
    for series in db.exec(select(Series).where(Series.active)):
        plan = plan_from_json(series.plan)
        for meeting in meetings(
            plan, anchor=series.anchor, first=today, last=last, calendar=content.calendar
        ):
            run = None
            if plan.repeat is Repeat.COURSE and meeting.course_on:
                run = course_id(series.id, meeting.course_on)
                if run not in runs:
                    runs[run] = None
                    db.add(
                        Course(
                            id=run, series_id=series.id, first_on=meeting.course_on,
                            weeks=plan.weeks, capacity=series.capacity,
                        )
                    )  # fmt: skip
            key = occurrence_id(series.id, meeting.on)
            begins = to_utc(meeting.on, plan.begins, zone)
            fresh = {
                "starts_at": begins,
                "ends_at": to_utc(meeting.on, plan.ends, zone),
                "venue": series.venue,
                "capacity": None if run else series.capacity,
                "course_id": run,
            }
            live.add(key)
            row = have.get(key)
            if row is None:
                if begins >= now:
                    new.append({"id": key, "series_id": series.id, "original_on": meeting.on,
                                "state": OccurrenceState.SCHEDULED, "reason": "", "version": 0,
                                **fresh})  # fmt: skip
            elif any(getattr(row, k) != v for k, v in fresh.items()):
                if key in claimed or row.version:
                    kept.append(key)
                else:
                    for name, value in fresh.items():
                        setattr(row, name, value)
    db.flush()
    if new:
        # A row may exist for earlier today: the insert leaves it as it is.
        db.execute(_insert_missing(db), new)
        mark_changed(db)
    stale = [k for k, o in have.items() if k not in live and not o.version and k not in claimed]
    for some in _lots(stale):
        db.execute(sa.delete(Occurrence).where(sa.column("id").in_(some)))
        mark_changed(db)
    kept += [k for k in have if k not in live and k in claimed]
    return Laid(new_dates=len(new), dropped_dates=len(stale), kept=tuple(kept))


def plan_to_json(plan: SeriesPlan) -> dict[str, Any]:
    """A plan as JSON, dates and times in ISO form. Where it came from in the file is left out."""

    def plain(value: object) -> object:
        if isinstance(value, date | time):
            return value.isoformat()
        return [plain(v) for v in value] if isinstance(value, tuple) else value

    return {k: plain(v) for k, v in dataclasses.asdict(plan).items() if k != "line"}


def plan_from_json(kept: Mapping[str, Any]) -> SeriesPlan:
    def day(value: str | None) -> date | None:
        return date.fromisoformat(value) if value else None

    return SeriesPlan(
        **{
            **kept,
            "line": 0,
            "repeat": Repeat(kept["repeat"]),
            "mode": Mode(kept["mode"]),
            "begins": time.fromisoformat(kept["begins"]),
            "ends": time.fromisoformat(kept["ends"]),
            "starts": day(kept["starts"]),
            "until": day(kept["until"]),
            "dates": tuple(date.fromisoformat(d) for d in kept["dates"]),
            "offsets": tuple(kept["offsets"]),
            "except_on": tuple(date.fromisoformat(d) for d in kept["except_on"]),
        }
    )


def _series_fields(plan: SeriesPlan, content: Content, *, sample: bool) -> dict[str, Any]:
    activity = content.activities[plan.activity]
    return {
        "activity": plan.activity,
        "venue": plan.venue,
        "name": plan.name,
        "plan": plan_to_json(plan),
        "mode": plan.mode,
        "counts": plan.counts,
        "capacity": plan.capacity,
        "age_from": activity.age_from if plan.age_from is None else plan.age_from,
        "age_to": activity.age_to if plan.age_to is None else plan.age_to,
        "cost": plan.cost,
        "free": activity.free if plan.free is None else plan.free,
        "run_by": plan.run_by or activity.run_by,
        "contact": plan.contact,
        "notes": plan.notes,
        "sample": sample,
        "join_late": plan.join_late,
        "opens_days": plan.opens_days,
        "closes_hours": plan.closes_hours,
        "kept": plan.kept,
        "kept_days": plan.kept_days,
    }


def _digest(programme: Programme) -> str:
    text = json.dumps([plan_to_json(p) for p in programme.series], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _insert_missing(db: Session) -> Any:
    if db.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415  # one of the two
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]  # noqa: PLC0415
    return insert(Occurrence).on_conflict_do_nothing()


def _lots(ids: list[str], size: int = 500) -> list[list[str]]:
    return [ids[n : n + size] for n in range(0, len(ids), size)]

"""Turns a programme into series, and those into the sessions of the coming weeks."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, select

from bot.content.recurrence import monday_of
from bot.content.values import Content, Programme, SeriesPlan
from bot.store.columns import table_of
from bot.store.models import Fact
from bot.store.prepared import Prepared
from bot.timetable.laying import NOTHING, Laid, Needed, give, lay_out
from bot.timetable.models import Series
from bot.timetable.plans import plan_from_json, plan_to_json

PROGRAMME = "programme"  # the Fact that says what is laid out
FOLDER = "programme of the folder"  # and what of the council's folder was, last
_FACT = table_of(Fact)
_LAID = Prepared(sa.select(_FACT.c.value).where(_FACT.c.name == PROGRAMME))


def is_sample(db: Session) -> bool:
    """Whether what is laid out is the sample."""
    row = _LAID.one(db, {})
    return row is None or str(row[0]).startswith("sample:")


def apply_folder(
    db: Session,
    *,
    content: Content,
    now: datetime,
    zone: ZoneInfo,
    needed: Needed = NOTHING,
) -> Laid:
    """Lay out the folder's own programme, unless another was imported since it was last changed.

    A sample never takes the place of a real one.
    """
    mark = _mark(content.programme)
    known = {fact.name: fact.value for fact in db.exec(select(Fact))}
    news = mark == known.get(PROGRAMME) or mark != known.get(FOLDER)
    if not (is_sample(db) or (news and not content.programme.sample)):
        _renew(db, content)
        return lay_out(db, content=content, now=now, zone=zone, needed=needed)
    _note(db, FOLDER, mark)
    return apply_programme(
        db, content.programme, content=content, now=now, zone=zone, needed=needed
    )


def apply_programme(
    db: Session,
    programme: Programme,
    *,
    content: Content,
    now: datetime,
    zone: ZoneInfo,
    needed: Needed = NOTHING,
) -> Laid:
    """Make the timetable say what the programme says, from today to 26 weeks ahead.

    `needed` is what people have of it. A programme that differs from the one laid out ends the
    series it doesn't name. Writes series, courses, occurrences.
    """
    today = now.astimezone(zone).date()
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
            give(row, {**fields, "active": True})
            changed.append(plan.id)
    wanted = {p.id for p in programme.series}
    for row in known.values():
        if row.active and row.id not in wanted:
            row.active = False
            ended.append(row.id)
    _note(db, PROGRAMME, _mark(programme))
    db.flush()
    laid = lay_out(db, content=content, now=now, zone=zone, needed=needed)
    return dataclasses.replace(laid, added=tuple(added), changed=tuple(changed), ended=tuple(ended))


def _renew(db: Session, content: Content) -> None:
    """What a row of an imported programme left open is the activity's, also when that is edited."""
    for row in db.exec(select(Series).where(Series.active)):
        if row.activity in content.activities:
            give(row, _series_fields(plan_from_json(row.plan), content, sample=row.sample))


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


def _mark(programme: Programme) -> str:
    text = json.dumps([plan_to_json(p) for p in programme.series], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"{'sample' if programme.sample else 'real'}:{programme.name}:{digest}"


def _note(db: Session, name: str, value: str) -> None:
    fact = db.get(Fact, name) or Fact(name=name, value="")
    fact.value = value
    db.add(fact)

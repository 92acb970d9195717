"""Laying out a programme: whole, again without a change, and never over what people booked."""

from __future__ import annotations

import dataclasses
from datetime import time, timedelta

from sqlmodel import select

from bot.bookings import service as booking
from bot.families import service as families
from bot.opening import needed_by_people
from bot.timetable.finding import Wanted, find_slots
from bot.timetable.importing import apply_programme, is_sample
from bot.timetable.models import Occurrence, Series
from bot.timetable.plans import plan_from_json, plan_to_json
from bot.timetable.rules import HORIZON
from tests.conftest import DAY, LONDON, NOW
from tests.sessions import POLICY


def lay(db, programme, content, now=NOW):
    needed = needed_by_people(db, now=now)
    return apply_programme(db, programme, content=content, now=now, zone=LONDON, needed=needed)


def test_the_sample_fills_26_weeks_and_uses_every_series(db, content):
    found = list(db.exec(select(Occurrence)))
    assert {o.series_id for o in found} == {p.id for p in content.programme.series}
    last = max(o.original_on for o in found)
    assert last > (NOW + HORIZON - timedelta(days=7)).date()


def test_laying_out_again_changes_nothing(db, content):
    before = {o.id: o.starts_at for o in db.exec(select(Occurrence))}
    laid = lay(db, content.programme, content)
    assert (laid.added, laid.changed, laid.ended, laid.new_dates, laid.dropped_dates) == (
        (), (), (), 0, 0,
    )  # fmt: skip
    assert {o.id: o.starts_at for o in db.exec(select(Occurrence))} == before


def test_a_day_later_only_the_horizon_moves(db, content):
    laid = lay(db, content.programme, content, now=NOW + DAY)
    assert laid.new_dates > 0
    assert laid.dropped_dates == 0


def test_a_changed_time_moves_free_dates_and_leaves_booked_ones(db, content):
    adult = families.welcome(db, channel="telegram", key="1", lang="en", now=NOW)
    first = NOW.date()
    slot = next(
        s
        for s in find_slots(db, Wanted(first, first + timedelta(days=60)), now=NOW, zone=LONDON)
        if s.bookable and not s.course_id
    )
    held = booking.hold_place(
        db, adult=adult, occurrence=slot.id, size=1, key="k", policy=POLICY, now=NOW
    )
    booking.confirm_place(db, held, facts={}, born=None, policy=POLICY, now=NOW)
    series = tuple(
        dataclasses.replace(p, begins=time(7, 5), ends=time(7, 55)) if p.id == slot.series_id else p
        for p in content.programme.series
    )
    laid = lay(db, dataclasses.replace(content.programme, series=series), content)
    assert laid.changed == (slot.series_id,)
    assert slot.id in laid.kept
    rows = list(db.exec(select(Occurrence).where(Occurrence.series_id == slot.series_id)))
    local = {o.id: o.starts_at.astimezone(LONDON).time() for o in rows}
    assert local.pop(slot.id) != time(7, 5)
    assert set(local.values()) == {time(7, 5)}


def test_a_real_programme_ends_the_sample(db, content):
    assert is_sample(db)
    real = dataclasses.replace(
        content.programme, name="autumn", sample=False, series=content.programme.series[:3]
    )
    laid = lay(db, real, content)
    assert len(laid.ended) == len(content.programme.series) - 3
    assert not is_sample(db)
    active = set(db.exec(select(Series.id).where(Series.active)))
    assert active == {p.id for p in real.series}
    today = NOW.date()
    found = find_slots(db, Wanted(today, today + timedelta(days=90)), now=NOW, zone=LONDON)
    assert {s.series_id for s in found} <= active


def test_plans_survive_being_kept(content):
    for plan in content.programme.series:
        assert plan_from_json(plan_to_json(plan)) == dataclasses.replace(plan, line=0)

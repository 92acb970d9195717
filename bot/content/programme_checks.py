"""What has to hold of a series, and of all series together.

A council's own documents carry dates under the wrong weekday, so a date and its day must
agree; nothing is put right quietly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from bot.content.problems import Problems
from bot.content.recurrence import meetings, monday_of
from bot.content.scalars import DAY_NAMES
from bot.content.values import Activity, Calendar, Mode, Repeat, SeriesPlan, Venue

Note = Callable[[str, str, str], None]
_LOOK_AHEAD = timedelta(weeks=53)
_NOMINAL_MONDAY = date(2026, 1, 5)


@dataclass(frozen=True, slots=True)
class _Dated:
    """A series with the days on which it meets."""

    plan: SeriesPlan
    days: frozenset[date]


def check_series(
    plan: SeriesPlan,
    note: Note,
    *,
    sample: bool,
    activity: Activity | None,
    venue: Venue | None,
    any_day: bool,
) -> None:
    """Note what is wrong with one row, by column. `any_day`: the column "day" is empty."""
    if plan.ends <= plan.begins:
        note(
            "to time",
            f"{plan.ends:%H:%M} is not after {plan.begins:%H:%M}",
            "an end after the beginning",
        )
    if plan.age_from is not None and plan.age_to is not None and plan.age_to < plan.age_from:
        note("ages", f"{plan.age_from} to {plan.age_to} months", "the younger age first")
    if plan.mode is Mode.BOOK and plan.capacity is None:
        note("places", "is empty, but a place is booked", "how many places there are")
    if plan.kept and plan.kept > (plan.capacity or 0):
        note("kept places", f"{plan.kept} of {plan.capacity or 0}", "no more than there are places")
    if activity is not None and not activity.offered:
        note("activity", f"“{activity.id}” is marked as not offered", "an activity that is offered")
    if venue is not None and venue.former:
        note("venue", f"“{venue.id}” is marked as former", "a venue that is in use")
    has_way_in = plan.contact or (activity is not None and activity.how)
    if plan.mode in (Mode.PARTNER, Mode.REFERRAL) and not has_way_in:
        note("contact", "is empty", "whom to ask: a contact here, or “how” of the activity")
    _check_rule(plan, note, sample=sample)
    _check_steps(plan, note)
    if not any_day and plan.weekday >= 0:  # -1: the day itself was wrong and is noted
        _check_days(plan, note)
    if plan.dates and plan.except_on:
        note("not on", "is filled in beside listed dates", "an empty cell: leave the date out")
    if plan.starts and plan.until and plan.until < plan.starts:
        note("until", f"{plan.until} is before the first date {plan.starts}", "a later date")


def check_programme(
    series: Sequence[SeriesPlan], file: str, problems: Problems, *, calendar: Calendar
) -> None:
    """Note a series that never meets, and two that would stand in one room at one time."""
    groups: dict[tuple[str, str], list[_Dated]] = defaultdict(list)
    for plan in series:
        dated = _Dated(plan, _days(plan, calendar))
        if not dated.days:
            problems.note(
                file,
                plan.line,
                "column “first date”: no session comes of this row",
                "a day that is not left out, not after “until”, and in a term of calendar.yaml "
                "where “term time only” says yes; for a course as many as it has weeks",
            )
        if plan.room:
            groups[plan.venue, plan.room.lower()].append(dated)
        groups[plan.venue, f"activity {plan.activity}"].append(dated)
    for found in groups.values():
        for one, other in combinations(found, 2):
            a, b = one.plan, other.plan
            both = b.begins < a.ends and a.begins < b.ends
            if both and (not a.room or not b.room or a.room.lower() == b.room.lower()):
                _check_pair(one, other, file, problems)


def _check_rule(plan: SeriesPlan, note: Note, *, sample: bool) -> None:
    if plan.offsets and not sample:
        note("sample days", "is filled in", "real dates; sample days are for the sample only")
    if plan.repeat is Repeat.DATES:
        if not (plan.dates or plan.offsets):
            note("dates", "is empty", "the dates, parted by ;")
    elif plan.dates:
        note(
            "dates",
            f"is filled in for a {plan.repeat} series",
            "an empty cell, or “dates” under “repeats”",
        )
    elif not sample and plan.starts is None:
        note("first date", "is empty", "the day of the first session")
    if len(plan.offsets) > 1 and plan.repeat is not Repeat.DATES:
        note("sample days", "has several numbers", "one number: the day of the first session")
    if plan.repeat is Repeat.MONTHLY and plan.nth == 0:
        note("which", "is empty", "1st, 2nd, 3rd, 4th or last")
    if plan.repeat is Repeat.COURSE:
        if plan.weeks == 0:
            note("weeks", "is empty", "how many meetings the course has")
        if plan.mode is Mode.DROP_IN:
            note("booking", "a course is joined from its beginning", "book, referral or partner")
        if 0 < plan.every < plan.weeks:
            note(
                "every weeks",
                f"{plan.every}, but the course has {plan.weeks} weeks",
                f"at least {plan.weeks}",
            )
    elif plan.weeks:
        note("weeks", "is filled in", "an empty cell: only a course has weeks")


def _check_steps(plan: SeriesPlan, note: Note) -> None:
    if plan.nth and plan.repeat is not Repeat.MONTHLY:
        note("which", "is filled in", "an empty cell, or “monthly” under “repeats”")
    if plan.every > 1 and plan.repeat in (Repeat.MONTHLY, Repeat.DATES):
        note("every weeks", "is filled in", "an empty cell, or “weekly” under “repeats”")


def _check_days(plan: SeriesPlan, note: Note) -> None:
    day = DAY_NAMES[plan.weekday]
    for column, days in (
        ("first date", (plan.starts,) if plan.starts else ()),
        ("dates", plan.dates),
        ("not on", plan.except_on),
    ):
        for each in days:
            if each.weekday() != plan.weekday:
                theirs = DAY_NAMES[each.weekday()]
                note(column, f"{each:%d/%m/%Y} is a {theirs}", f"a {day}, as the column “day” says")
    for offset in plan.offsets:
        if offset % 7 != plan.weekday:
            note(
                "sample days",
                f"{offset} days after a Monday is a {DAY_NAMES[offset % 7]}",
                f"a {day}",
            )


def _check_pair(one: _Dated, other: _Dated, file: str, problems: Problems) -> None:
    first, second = sorted((one, other), key=lambda dated: dated.plan.line)
    clash = min(one.days & other.days, default=None)
    if clash is None:
        return
    a, b = first.plan, second.plan
    where = f"room “{b.room}”" if a.room and b.room else f"“{b.activity}”"
    problems.note(
        file,
        b.line,
        f"column “room”: “{b.id}” and “{a.id}” (line {a.line}) are both in {where} of {b.venue} "
        f"on {DAY_NAMES[clash.weekday()]} {clash:%d/%m/%Y} at {max(a.begins, b.begins):%H:%M}",
        "another time, day or room",
    )


def _days(plan: SeriesPlan, calendar: Calendar) -> frozenset[date]:
    """The days of the first year of a plan. A sample is thought to begin with the first term."""
    anchor = monday_of(min((term.starts for term in calendar.terms), default=_NOMINAL_MONDAY))
    last = max(plan.dates, default=(plan.starts or anchor) + _LOOK_AHEAD)
    found = meetings(plan, anchor=anchor, first=date.min, last=last, calendar=calendar)
    return frozenset(meeting.on for meeting in found)

"""What has to hold of a series, and of all series together.

A council's own documents carry dates under the wrong weekday, so a date and its day must
agree; nothing is put right quietly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations

from bot.content.problems import Problems
from bot.content.scalars import DAY_NAMES
from bot.content.values import Activity, Mode, Repeat, SeriesPlan

Note = Callable[[str, str, str], None]
_WEEK = timedelta(weeks=1)
_LOOK_AHEAD = timedelta(weeks=30)
_NOMINAL_MONDAY = date(2026, 1, 5)


def check_series(
    plan: SeriesPlan, note: Note, *, sample: bool, activity: Activity | None, any_day: bool
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
    has_way_in = plan.contact or (activity is not None and activity.how)
    if plan.mode in (Mode.PARTNER, Mode.REFERRAL) and not has_way_in:
        note("contact", "is empty", "whom to ask: a contact here, or “how” of the activity")
    _check_rule(plan, note, sample=sample)
    if not any_day and plan.weekday >= 0:  # -1: the day itself was wrong and is noted
        _check_days(plan, note)
    if plan.dates and plan.except_on:
        note("not on", "is filled in beside listed dates", "an empty cell: leave the date out")
    if plan.starts and plan.until and plan.until < plan.starts:
        note("until", f"{plan.until} is before the first date {plan.starts}", "a later date")


def check_programme(series: Sequence[SeriesPlan], file: str, problems: Problems) -> None:
    """Note two series that would stand in one room at one time."""
    groups: dict[tuple[str, str], list[SeriesPlan]] = defaultdict(list)
    for plan in series:
        if plan.room:
            groups[plan.venue, plan.room.lower()].append(plan)
        groups[plan.venue, f"activity {plan.activity}"].append(plan)
    for plans in groups.values():
        for one, other in combinations(plans, 2):
            both = other.begins < one.ends and one.begins < other.ends
            days = one.weekday == other.weekday or Repeat.DATES in (one.repeat, other.repeat)
            if both and days and (one.room == other.room or not one.room or not other.room):
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


def _check_pair(one: SeriesPlan, other: SeriesPlan, file: str, problems: Problems) -> None:
    start = min((p.starts for p in (one, other) if p.starts), default=_NOMINAL_MONDAY)
    clash = next(iter(sorted(set(_days(one, start)) & set(_days(other, start)))), None)
    if clash is None:
        return
    where = f"room “{one.room}”" if one.room and other.room else f"“{one.activity}”"
    problems.note(
        file,
        max(one.line, other.line),
        f"“{other.id}” and “{one.id}” (line {min(one.line, other.line)}) are both in {where} of "
        f"{one.venue} on {DAY_NAMES[clash.weekday()]}s at {max(one.begins, other.begins):%H:%M}",
        "another time, day or room",
    )


def _days(plan: SeriesPlan, start: date) -> Iterator[date]:
    """The days of a plan for some months, close enough to see a clash; terms are left aside."""
    monday = start - timedelta(days=start.weekday())
    if plan.repeat is Repeat.DATES:
        yield from plan.dates or (monday + timedelta(days=n) for n in plan.offsets)
        return
    first = plan.starts or monday + timedelta(
        days=plan.offsets[0] if plan.offsets else plan.weekday
    )
    last = min(plan.until or date.max, start + _LOOK_AHEAD)
    yield from (day for day in _by_rule(plan, first, last) if day not in plan.except_on)


def _by_rule(plan: SeriesPlan, first: date, last: date) -> Iterable[date]:
    weeks = range((last - first).days // 7 + 1)
    if plan.repeat is Repeat.WEEKLY:
        return (first + n * _WEEK for n in weeks if n % plan.every == 0)
    if plan.repeat is Repeat.COURSE:
        again = plan.every or len(weeks) + plan.weeks
        return (first + n * _WEEK for n in weeks if n % again < plan.weeks)
    days = (first + n * _WEEK for n in weeks)
    if plan.nth < 0:
        return (day for day in days if (day + _WEEK).month != day.month)
    return (day for day in days if (day.day - 1) // 7 + 1 == plan.nth)

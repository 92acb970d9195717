"""The programme file: one line a series, as a council keeps it in a spreadsheet.

The columns are explained in docs/content.md. Two kinds of file: the sample that ships, whose
rules run from the week it is laid out, and a real programme, which names its dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from pathlib import Path

from bot.content import scalars
from bot.content.cells import Cells
from bot.content.fields import Context
from bot.content.markup import digits_of
from bot.content.problems import Problems
from bot.content.programme_checks import check_programme, check_series
from bot.content.table import read_table
from bot.content.values import (
    Activity,
    Calendar,
    Content,
    Counts,
    Mode,
    Programme,
    Repeat,
    SeriesPlan,
    Venue,
)

COLUMNS = (
    "id", "activity", "venue", "room", "name", "repeats", "every weeks", "day", "which", "weeks",
    "from time", "to time", "first date", "until", "dates", "not on", "sample days",
    "term time only", "booking", "places", "counted in", "ages", "age from", "age to", "cost",
    "run by", "contact", "notes", "join late", "opens days before", "closes hours before",
    "kept places", "kept until days before",
)  # fmt: skip
_NEEDED = ("id", "activity", "venue", "repeats", "day", "from time", "to time", "booking")
#: With how many weeks from one to the next, where the row doesn't say.
_REPEATS = {
    **dict.fromkeys(("weekly", "every week"), (Repeat.WEEKLY, 1)),
    **dict.fromkeys(
        ("fortnightly", "every other week", "every two weeks", "every 2 weeks"), (Repeat.WEEKLY, 2)
    ),
    **dict.fromkeys(("monthly", "every month"), (Repeat.MONTHLY, 1)),
    **dict.fromkeys(("dates", "once"), (Repeat.DATES, 1)),
    "course": (Repeat.COURSE, 0),
}
_MODES = {
    "drop in": Mode.DROP_IN, "book": Mode.BOOK, "referral": Mode.REFERRAL, "partner": Mode.PARTNER,
}  # fmt: skip
_COUNTS = {"families": Counts.FAMILIES, "children": Counts.CHILDREN, "": Counts.FAMILIES}
_WHICH = {
    "1st": 1,
    "first": 1,
    "2nd": 2,
    "second": 2,
    "3rd": 3,
    "third": 3,
    "4th": 4,
    "fourth": 4,
    "last": -1,
}
_ANY_AGE: tuple[int | None, int | None] = (None, None)
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


def read_programme(path: Path, content: Content) -> Programme:
    """A council's real programme, read against its content.

    Raises ContentError with every problem, where a row names something unknown, a date that
    is not on its day, a rule without a first date, or two sessions in one room.
    """
    problems = Problems()
    context = Context(
        problems,
        languages=tuple(language.tag for language in content.council.languages),
        numbers=frozenset(
            digits_of(number)
            for contact in content.contacts.values()
            for number in (contact.phone, contact.text)
        ),
        ids={
            "activity": frozenset(content.activities),
            "venue": frozenset(content.venues),
            "contact": frozenset(content.contacts),
        },
    )
    programme = read_rows(
        path,
        path.name,
        context,
        name=path.stem,
        sample=False,
        activities=content.activities,
        venues=content.venues,
        calendar=content.calendar,
    )
    problems.raise_any()
    return programme


def read_rows(
    path: Path,
    shown: str,
    context: Context,
    *,
    name: str,
    sample: bool,
    activities: Mapping[str, Activity],
    venues: Mapping[str, Venue],
    calendar: Calendar,
) -> Programme:
    """Every row as a series; what is wrong is noted in the context, with its line and column."""
    before = len(context.problems)
    rows = read_table(path, shown, context.problems, columns=COLUMNS, needed=_NEEDED)
    seen: dict[str, int] = {}
    series = []
    for row in rows:
        noted = len(context.problems)
        cells = Cells(row, shown, context)
        plan = _series(cells, seen)
        if "repeats" in cells.wrong:
            continue  # what else has to be filled in hangs on it
        check_series(
            plan,
            cells.doubt,
            sample=sample,
            activity=activities.get(plan.activity),
            venue=venues.get(plan.venue),
            any_day=not row.cells["day"],
        )
        if len(context.problems) == noted:
            series.append(plan)
    if not rows and len(context.problems) == before:
        context.problems.note(shown, 1, "the programme has no rows", "at least one series")
    check_programme(series, shown, context.problems, calendar=calendar)
    return Programme(name=name, sample=sample, series=tuple(series))


def _series(cells: Cells, seen: dict[str, int]) -> SeriesPlan:
    typed = cells.row.cells
    ident = typed["id"]
    if not _ID.fullmatch(ident):
        cells.note(
            "id",
            f"“{ident[:60]}”" if ident else "is empty",
            "small letters, digits, - and _, such as baby-group-erith",
        )
    elif ident in seen:
        cells.note("id", f"“{ident}” is also on line {seen[ident]}", "another id for each row")
    seen.setdefault(ident, cells.row.line)
    repeat, every = cells.word("repeats", _REPEATS, (Repeat.WEEKLY, 1))
    if every == 2 and typed["every weeks"] not in ("", "2"):
        cells.note("every weeks", f"“{typed['every weeks'][:60]}”", "an empty cell: fortnightly")
    dates = tuple(sorted(cells.several("dates", scalars.parse_date)))
    offsets = tuple(sorted(cells.several("sample days", _number(0, 181))))
    if repeat is Repeat.DATES and not typed["day"]:
        weekday = dates[0].weekday() if dates else offsets[0] % 7 if offsets else 0
    else:
        weekday = cells.need("day", scalars.parse_day, -1)
    mode = cells.word("booking", _MODES, Mode.DROP_IN)
    ages = cells.take("ages", scalars.parse_ages, _ANY_AGE)
    cost = cells.text("cost")
    return SeriesPlan(
        id=ident,
        line=cells.row.line,
        activity=cells.known("activity", "activity"),
        venue=cells.known("venue", "venue"),
        room=cells.text("room"),
        name=cells.text("name"),
        repeat=repeat,
        weekday=weekday,
        begins=cells.need("from time", scalars.parse_time, time.min),
        ends=cells.need("to time", scalars.parse_time, time.max),
        every=cells.take("every weeks", _number(1, 26), every),
        nth=cells.take("which", _which, 0),
        weeks=cells.take("weeks", _number(2, 26), 0),
        starts=cells.take("first date", _maybe_date, None),
        until=cells.take("until", _maybe_date, None),
        dates=dates,
        offsets=offsets,
        except_on=tuple(sorted(cells.several("not on", scalars.parse_date))),
        term_time_only=cells.take("term time only", scalars.parse_yes, False),
        mode=mode,
        capacity=cells.take("places", _maybe_number(1, 500), None),
        counts=cells.word("counted in", _COUNTS, Counts.FAMILIES),
        age_from=cells.take("age from", _maybe_months, ages[0]),
        age_to=cells.take("age to", _maybe_months, ages[1]),
        cost="" if cost.lower() == "free" else cost,
        free=None if not cost else cost.lower() == "free",
        run_by=cells.text("run by"),
        contact=cells.known("contact", "contact", needed=False),
        notes=cells.text("notes", most=500),
        join_late=cells.take("join late", _number(0, 26), 0),
        opens_days=cells.take("opens days before", _number(0, 365), 0),
        closes_hours=cells.take("closes hours before", _number(0, 336), 0),
        kept=cells.take("kept places", _number(0, 500), 0),
        kept_days=cells.take("kept until days before", _number(0, 60), 0),
    )


def _number(low: int, high: int) -> Callable[[str], int]:
    return lambda typed: scalars.parse_number(typed, low, high)


def _maybe_number(low: int, high: int) -> Callable[[str], int | None]:
    return lambda typed: scalars.parse_number(typed, low, high)


def _maybe_date(typed: str) -> date | None:
    return scalars.parse_date(typed)


def _maybe_months(typed: str) -> int | None:
    return scalars.parse_months(typed)


def _which(typed: str) -> int:
    try:
        return _WHICH[typed.lower()]
    except KeyError:
        raise ValueError("1st, 2nd, 3rd, 4th or last") from None

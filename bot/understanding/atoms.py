"""Single expressions of time in plain English words: "thursday", "next week", "20th march", "easter".

`times.py` joins them by what stands around them. Today is the local date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.content.values import Calendar
from bot.understanding.dates import LATELY, MONTH, MONTHS, date_of, end_of_month, written_forms
from bot.understanding.holidays import term_on, term_spans
from bot.understanding.relative import SUNDAY, find_relative, named_day, weekday_date
from bot.understanding.when import WEEKDAYS

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = "(?:" + "|".join(DAYS) + ")"
_DAYPART_AFTER = r"(?= (?:mornings|afternoons|evenings|ams|pms|nights)\b)"
_WEEKDAY = re.compile(
    rf"(?<!\w)(?P<lead>(?:this coming|this|next|(?<!not )(?<!'re )(?<!'m )coming|last|every other|every single|every|each|any|on an?|an?|most|all|past|first|second|third|last) )?(?P<day>{DAY})(?P<plural>s|'s(?= (?:mornings|afternoons))|{_DAYPART_AFTER})?(?P<week> week| coming| after next| next week| fortnight| after that| this week)?(?!\w)"
)
_EVERY_WEEK = re.compile(
    r"(?<!\w)(?:(?P<week>(?:on |during |in )?(?:the )?(?:a )?(?:weekdays?|midweek|mid week|during the week|in the week|week days?))|(?:(?:on|at|for) )?(?:the |most |every |any |on a )?(?:weekends|(?<=every )weekend|(?<=any )weekend|(?<=a )weekend))(?!\w)"
)
_HOLIDAY = re.compile(
    r"(?<!\w)(?:(?:the )?(?:school )?(?P<easter>easter)(?! (?:egg|monday|sunday|saturday))|(?P<half>(?:(?:october|may|february|spring|summer|autumn|winter|whitsun) )?half ?-?terms?|mid ?term break)|(?P<summer>(?:the )?(?:summer|six weeks?|6 weeks?)(?:'s)? (?:school )?(?:holidays?|break|vacation|off)|six weeks holidays?|over (?:the )?summer|(?:during|in|this|for|all) (?:the )?summer(?! term| half)|school summer holidays?|july and august)|(?P<christmas>between christmas and (?:the )?new year|(?:the )?(?:christmas|new year|winter)(?! (?:eve|day|party|fair|half)))|(?P<bank>bank ?holidays?(?: (?:monday|friday))?)|(?P<any>(?:the |school |in the |over the )*(?:school )?holidays(?! (?:in |to |abroad|activity))|school break|out of term(?: time)?|when (?:the )?schools? (?:is|are) (?:off|closed|shut|out)|school holiday|non term))(?:(?: (?:school )?(?:holidays?|break|hols|time|vacation|period|weekend))*)(?!\w)"
)
_TERM = re.compile(
    r"(?<!\w)(?:(?P<kind>spring|summer|autumn|winter) term|(?P<rel>this|next|current|coming) term)(?! ?-?time)(?!\w)"
)
_MONTH = re.compile(
    rf"(?<!\w)(?P<part>(?:the )?(?:early|late|mid|end of|beginning of|start of|middle of|first week (?:of|in)|last week (?:of|in)|first half of) |mid-)?(?P<lead>(?:in|during|for|of|until|till|by|from|since|next|this|throughout|all of|over|before|after|start|starting|any|on|every|and|to|or|-|for the month of|through) )?(?P<m>{MONTH})(?P<y> 20\d\d)?(?! half)(?!\w)"
)
_NTH = re.compile(
    rf"(?<!\w)(?:the )?(?P<nth>first|1st|second|2nd|third|3rd|fourth|4th|last) (?P<day>{DAY}) (?:of|in) (?P<m>{MONTH}|next month|this month|the month)(?!\w)"
)
_ALONE = re.compile(
    r"(?<!\w)(?:on |for |from |until |till |by |before |after |to |- ?)?the (?P<d>\d{1,2})(?:st|nd|rd|th)(?! (?:birthday|one|session|group|child|time|week|baby|floor|place|month|year|class|option|in|on the (?:list|screen|page)|trimester|week))(?!\w)|(?<!\w)(?:on )(?P<d2>\d{1,2})(?:st|nd|rd|th)(?!\w)|(?<![\w/])(?P<d3>[4-9]|[12]\d|3[01])(?:st|nd|rd|th)(?! (?:birthday|one|session|group|child|time|week|baby|floor|place|month|year|class|option|trimester))(?!\w)"
)
_DATE_RANGE = re.compile(
    rf"(?<!\w)(?:between |from )?(?:the )?(?P<a>\d{{1,2}})(?:st|nd|rd|th)? ?(?:-|to|and|until|till) ?(?:the )?(?P<b>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m>{MONTH})(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Atom:
    """One expression of time: `first`..`last` where it is dates, else `text` (wd:, hol:, term:).

    With both, those weekdays of those dates.
    """

    start: int
    end: int
    text: str = ""
    first: date | None = None
    last: date | None = None
    bare: bool = False  # a weekday with nothing around it that fixes which


def pick(atoms: Iterable[Atom]) -> list[Atom]:
    """Atoms that don't overlap: the longer wins, then the earlier kind."""
    chosen: list[Atom] = []
    for atom in sorted(atoms, key=lambda a: a.start - a.end):
        if all(atom.end <= c.start or c.end <= atom.start for c in chosen):
            chosen.append(atom)
    return sorted(chosen, key=lambda a: a.start)


def every_atom(  # noqa: PLR0912  one branch a way of saying a day
    text: str, today: date, calendar: Calendar
) -> Iterator[Atom]:
    """Every expression found, also overlapping ones: `pick` chooses."""
    for m in _DATE_RANGE.finditer(text):
        last = _month_day(int(m["b"]), MONTHS[m["m"]], today)
        if last and int(m["a"]) <= last.day:
            yield Atom(m.start(), m.end(), first=last.replace(day=int(m["a"])), last=last)
    for form in written_forms():
        for m in form.finditer(text):
            if (
                not re.search(r"[\w/.-]$", text[: m.start()])
                and (on := date_of(m, today, lately=LATELY)) is not None
            ):
                yield Atom(m.start(), m.end(), first=on, last=on)
    for start, end, on in named_day(text, today):
        yield Atom(start, end, first=on, last=on)
    for m in _NTH.finditer(text):
        if (on := _nth(m, today)) is not None:
            yield Atom(m.start(), m.end(), first=on, last=on)
    for start, end, first, last in find_relative(text, today):
        weekends = first.weekday() == SUNDAY and "weekend" in text[start:end]
        yield Atom(start, end, "wd:sat,sun" if weekends else "", first, last)
    for m in _HOLIDAY.finditer(text):
        kinds = {
            "easter": "easter",
            "half": "half_term",
            "summer": "summer",
            "christmas": "christmas",
            "bank": "bank_holiday",
            "any": "any",
        }
        kind = next(kinds[k] for k, v in m.groupdict().items() if v)
        yield Atom(m.start(), m.end(), text=f"hol:{kind}")
    for m in _TERM.finditer(text):
        yield Atom(m.start(), m.end(), text=f"term:{_term(m, today, calendar)}")
    for m in _EVERY_WEEK.finditer(text):
        yield Atom(m.start(), m.end(), text="wd:weekday" if m["week"] else "wd:sat,sun")
    for m in _WEEKDAY.finditer(text):
        if (atom := _weekday(m, today)) is not None:
            yield atom
    for m in _ALONE.finditer(text):
        if (on := _day_alone(int(m["d"] or m["d2"] or m["d3"]), today)) is not None:
            start = m.start("d") - 4 if m["d"] else m.start("d2" if m["d2"] else "d3")
            yield Atom(max(m.start(), start), m.end(), first=on, last=on)
    for m in _MONTH.finditer(text):
        if (atom := _month(m, text, today)) is not None:
            yield atom


def _weekday(m: re.Match[str], today: date) -> Atom | None:
    lead, plural, week = (m["lead"] or "").strip(), m["plural"], (m["week"] or "").strip()
    n = DAYS.index(m["day"])
    if lead in {"last", "past"} and not plural:
        return None
    if plural is not None or lead in {
        "every",
        "each",
        "any",
        "on a",
        "a",
        "most",
        "all",
        "every other",
        "every single",
    }:
        return Atom(m.start(), m.end(), text=f"wd:{WEEKDAYS[n]}")
    on = weekday_date(n, today, lead=lead, week=week)
    start = m.start() if lead or not m["lead"] else m.start("day")
    return Atom(start, m.end(), first=on, last=on, bare=not lead and not week)


def _month(m: re.Match[str], text: str, today: date) -> Atom | None:
    lead, part = (m["lead"] or "").strip(), re.sub(r"^the ", "", (m["part"] or "").strip())
    year = int(m["y"]) if m["y"] else None
    doubtful = m["m"] in {"may", "march"} and not lead and not part
    alone = not text[: m.start()].strip() or not text[m.end() :].strip()
    if (
        doubtful
        and not alone
        and not re.search(
            r"\b(?:sessions?|groups?|classes|dates|timetable|programme) $", text[: m.start("m")]
        )
    ):
        return None
    month = MONTHS[m["m"]]
    year = year or today.year + (month < today.month)
    first = date(year, month, 1)
    last = end_of_month(first)
    if part in {"early", "start of", "beginning of", "first half of"}:
        last = first.replace(day=10 if part != "first half of" else 15)
    elif part in {"first week of", "first week in"}:
        last = first.replace(day=7)
    elif part in {"mid", "mid-", "middle of"}:
        first, last = first.replace(day=11), first.replace(day=20)
    elif part in {"late", "end of"}:
        first = first.replace(day=21)
    elif part.startswith("last week"):
        first = last - timedelta(days=6)
    if month == today.month and year == today.year:
        first = max(first, today)
    start = m.start("m") if not part else m.start()
    return Atom(start, m.end(), first=first, last=max(first, last))


def _nth(m: re.Match[str], today: date) -> date | None:
    month = {
        "this month": today.month,
        "the month": today.month,
        "next month": today.month % 12 + 1,
    }.get(m["m"]) or MONTHS[m["m"]]
    year = today.year + (month < today.month)
    first = date(year, month, 1)
    offset = (DAYS.index(m["day"]) - first.weekday()) % 7
    nth = {
        "first": 1,
        "1st": 1,
        "second": 2,
        "2nd": 2,
        "third": 3,
        "3rd": 3,
        "fourth": 4,
        "4th": 4,
    }.get(m["nth"])
    if nth is None:
        last = end_of_month(first)
        return last - timedelta(days=(last.weekday() - DAYS.index(m["day"])) % 7)
    return first + timedelta(days=offset + 7 * (nth - 1))


def _term(m: re.Match[str], today: date, calendar: Calendar) -> str:
    if m["kind"]:
        return "spring" if m["kind"] == "winter" else m["kind"]
    present = term_on(today, calendar)
    if m["rel"] in {"next", "coming"}:
        after = term_spans(present, today, calendar)[0]
        if after[0] <= today:
            return term_on(after[1] + timedelta(days=1), calendar)
    return present


def _month_day(day: int, month: int, today: date) -> date | None:
    for year in range(today.year, today.year + 5):
        try:
            on = date(year, month, day)
        except ValueError:
            continue
        if on >= today:
            return on
    return None


def _day_alone(day: int, today: date) -> date | None:
    """ "the 20th": in this month if still to come, else the next month that has one."""
    if not 1 <= day <= 31:
        return None
    month = today.replace(day=1)
    for _ in range(12):
        if day <= end_of_month(month).day and (on := month.replace(day=day)) >= today:
            return on
        month = end_of_month(month) + timedelta(days=1)
    return None

"""Days and parts of the day in plain English words, by a grammar of the field's own.

Two passes: atoms ("thursday", "next week", "20th march", "easter") are found first, then joined
by what stands around them ("from .. to", "after ..", "not .."). Today is the local date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.content.values import Calendar
from bot.understanding.dates import MONTH, MONTHS, date_of, end_of_month, written_forms
from bot.understanding.found import NUM, Found, number, overlaps
from bot.understanding.holidays import half_terms, holiday_gaps, term_on, term_spans
from bot.understanding.relative import find_relative, named_day, weekday_date
from bot.understanding.when import WEEKDAYS

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = "(?:" + "|".join(DAYS) + ")"
_DAYPART_AFTER = r"(?= (?:mornings|afternoons|evenings|ams|pms|nights)\b)"
_WEEKDAY = re.compile(
    rf"(?<!\w)(?P<lead>(?:this coming|this|next|coming|last|every other|every single|every|each|any|on an?|an?|most|all|past|first|second|third|last) )?(?P<day>{DAY})(?P<plural>s|'s(?= (?:mornings|afternoons))|{_DAYPART_AFTER})?(?P<week> week| coming| after next| next week| fortnight| after that| this week)?(?!\w)"
)
_EVERY_WEEK = re.compile(
    r"(?<!\w)(?:(?P<week>(?:on |during |in )?(?:the )?(?:a )?(?:weekdays?|midweek|mid week|during the week|in the week|week days?))|(?:(?:on|at|for) )?(?:the |most |every |any |on a )?(?:weekends|(?<=every )weekend|(?<=any )weekend|(?<=a )weekend))(?!\w)"
)
_HOLIDAY = re.compile(
    r"(?<!\w)(?:(?:the )?(?:school )?(?P<easter>easter)(?! (?:egg|monday|sunday|saturday))|(?P<half>(?:(?:october|may|february|spring|summer|autumn|winter|whitsun) )?half ?-?terms?|mid ?term break)|(?P<summer>(?:the )?(?:summer|six weeks?|6 weeks?)(?:'s)? (?:school )?(?:holidays?|break|vacation|off)|six weeks holidays?|over (?:the )?summer|(?:during|in|this|for|all) (?:the )?summer(?! term| half)|school summer holidays?|july and august)|(?P<christmas>(?:the )?(?:christmas|new year|winter)(?! (?:eve|day|party|fair|half)))|(?P<bank>bank ?holidays?(?: (?:monday|friday))?)|(?P<any>(?:the |school |in the |over the )*(?:school )?holidays(?! (?:in |to |abroad|activity))|school break|out of term(?: time)?|when (?:the )?schools? (?:is|are) (?:off|closed|shut|out)|school holiday|non term))(?:(?: (?:school )?(?:holidays?|break|hols|time|vacation|period))*)(?!\w)"
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
    r"(?<!\w)(?:on |for |from |until |till |by |before |after |to |- ?)?the (?P<d>\d{1,2})(?:st|nd|rd|th)(?! (?:birthday|one|session|group|child|time|week|baby|floor|place|month|year|class|option|in|on the|trimester|week))(?!\w)|(?<!\w)(?:on )(?P<d2>\d{1,2})(?:st|nd|rd|th)(?!\w)"
)
_DATE_RANGE = re.compile(
    rf"(?<!\w)(?:between |from )?(?:the )?(?P<a>\d{{1,2}})(?:st|nd|rd|th)? ?(?:-|to|and|until|till) ?(?:the )?(?P<b>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m>{MONTH})(?!\w)"
)
_W_C = re.compile(
    r"(?:week commencing|week beginning|week of|week starting|the week from)(?: the| on)?(?: monday)? $"
)
_TO = re.compile(r"^ ?(?:to|until|till|til|-|through|thru|up to|and)(?: the)? ?$")
_AFTER = re.compile(r"(?<!\w)(?:after|once|when)(?: the)? $")
_FROM = re.compile(
    r"(?<!\w)(?:from|starting(?: from)?|as of|any ?time from)(?: the)? $|(?<!\w)since(?: the)? $"
)
_ONWARDS = re.compile(r"^ (?:onwards?|on|and after|and beyond|or later|or after)(?!\w)")
_BEFORE = re.compile(r"(?<!\w)(?:before|until|till|til|by|up to|up until)(?: the)? $")
_NOT = re.compile(
    r"(?:(?<!\w)(?:not|except|apart from|excluding|other than|but|bar|avoid|besides|anything but|never)(?: for| on| an?| any| including)*|can't (?:do|make|come|manage|come on)(?: on)?|(?:i )?work(?:ing)?(?: on)?|busy(?: on)?|don't (?:do|want|include|have)|no) $"
)
_NOT_AFTER = re.compile(
    r"^ (?:is|are|'s)? ?(?:no good|no use|is bad|not good|don't work|doesn't work|are out|not possible|i work|i'm (?:at work|working|busy))"
)
_EXPLAINS = re.compile(
    r"(?:since|(?:moved|arrived|came|joined|started|registered|lost|had (?:him|her|it|them|my|the|our|a) ?\w*|gave birth|born|birthday is|paid|pays|split up|separated|signed up|due|due date is|due date|due to give birth|baby is due|expecting|arriving|died|passed away|was|were|went|tried|rang|called|emailed|visited|came by|ended|finished|attended|mat leave ends|back to work|back at work|going back(?: to work)?|work|payday is|last (?:came|went))(?: \w+){0,3}?) ?(?:in|on|at|by|around|back in|early|late|again|this|,)* ?$"
)


_WEEK_AFTER = re.compile(
    r"(?<!\w)(?:the|a) week (?:after|later)(?! next| that)(?!\w)|the following week"
)
_LIST = re.compile(r" ?(?:,|and|or|&|/|-|to)? ?(?:on )?")


@dataclass(frozen=True, slots=True)
class Atom:
    """One expression of time: `first`..`last` where it is dates, else `text` (wd:, hol:, term:)."""

    start: int
    end: int
    text: str = ""
    first: date | None = None
    last: date | None = None
    bare: bool = False  # a weekday with nothing around it that fixes which


def find_days(text: str, today: date, calendar: Calendar, taken: list[Found]) -> list[Found]:
    """`when` values in plain words; spans that other grammars took are left alone."""
    atoms = _pick([a for a in _atoms(text, today, calendar) if not overlaps(a.start, a.end, taken)])
    kept = [a for a in atoms if not _EXPLAINS.search(text[max(0, a.start - 60) : a.start])]
    found = _joined(_same_kind(kept, text), text, today, calendar)
    return found + _week_after(text, kept)


def _week_after(text: str, atoms: list[Atom]) -> list[Found]:
    """ "the week after instead of this friday": a week from the other day that is named."""
    m = _WEEK_AFTER.search(text)
    day = next((a.first for a in atoms if a.first and a.first == a.last), None)
    if not m or day is None:
        return []
    return [Found("new_when", str(day + timedelta(days=7)), m.start(), m.end())]


def _same_kind(atoms: list[Atom], text: str) -> list[Atom]:
    """ "tuesday or thursday mornings": where the last of a list recurs, all of it does."""
    out = list(atoms)
    for at in range(len(out) - 2, -1, -1):
        this, following = out[at], out[at + 1]
        if (
            this.bare
            and following.text.startswith("wd:")
            and _LIST.fullmatch(text[this.end : following.start])
            and this.first
        ):
            out[at] = replace(
                this, text=f"wd:{WEEKDAYS[this.first.weekday()]}", first=None, last=None, bare=False
            )
    return out


def _atoms(  # noqa: PLR0912  one branch a way of saying a day
    text: str, today: date, calendar: Calendar
) -> Iterator[Atom]:
    for m in _DATE_RANGE.finditer(text):
        last = _month_day(int(m["b"]), MONTHS[m["m"]], today)
        if last and int(m["a"]) <= last.day:
            yield Atom(m.start(), m.end(), first=last.replace(day=int(m["a"])), last=last)
    for form in written_forms():
        for m in form.finditer(text):
            if (
                not re.search(r"[\w/.-]$", text[: m.start()])
                and (on := date_of(m, today)) is not None
            ):
                yield Atom(m.start(), m.end(), first=on, last=on)
    for start, end, on in named_day(text, today):
        yield Atom(start, end, first=on, last=on)
    for m in _NTH.finditer(text):
        if (on := _nth(m, today)) is not None:
            yield Atom(m.start(), m.end(), first=on, last=on)
    for start, end, first, last in find_relative(text, today):
        yield Atom(start, end, first=first, last=last)
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
        if (on := _day_alone(int(m["d"] or m["d2"]), today)) is not None:
            start = m.start("d") - 4 if m["d"] else m.start("d2")
            yield Atom(max(m.start(), start), m.end(), first=on, last=on)
    for m in _MONTH.finditer(text):
        if (atom := _month(m, text, today)) is not None:
            yield atom


def _pick(atoms: list[Atom]) -> list[Atom]:
    """Atoms that don't overlap: the longer wins, then the earlier kind."""
    chosen: list[Atom] = []
    for atom in sorted(atoms, key=lambda a: a.start - a.end):
        if all(atom.end <= c.start or c.end <= atom.start for c in chosen):
            chosen.append(atom)
    return sorted(chosen, key=lambda a: a.start)


def _joined(atoms: list[Atom], text: str, today: date, calendar: Calendar) -> list[Found]:
    out: list[Found] = []
    barred: set[int] = set()
    at = 0
    while at < len(atoms):
        atom = atoms[at]
        before, after = text[: atom.start], text[atom.end :]
        following = atoms[at + 1] if at + 1 < len(atoms) else None
        if _NOT.search(before) or _NOT_AFTER.match(after):
            run = [atom]
            while following and re.fullmatch(
                r" ?(?:,|and|or|&|nor)? ?(?:on )?", text[run[-1].end : following.start]
            ):
                run.append(following)
                at += 1
                following = atoms[at + 1] if at + 1 < len(atoms) else None
            for one in run:
                barred |= _days_of(one)
                out.append(Found("not_when", one.text, one.start, one.end))
        elif (
            following
            and atom.text.startswith("wd:")
            and following.text.startswith("wd:")
            and _TO.match(text[atom.end : following.start])
            and " and" not in text[atom.end : following.start]
        ):
            out.append(
                Found("when", _wd_span(atom.text, following.text), atom.start, following.end)
            )
            at += 1
        elif following and _range_between(text, atom, following):
            out.append(_span(atom, following, text, calendar, today))
            at += 1
        else:
            out.append(_placed(atom, before, after, today, calendar))
        at += 1
    return _without(out, barred)


def _range_between(text: str, a: Atom, b: Atom) -> bool:
    joint = _TO.match(text[a.end : b.start])
    if not joint:
        return False
    return "and" not in joint[0] or bool(re.search(r"\bbetween(?: the)? $", text[: a.start]))


def _span(a: Atom, b: Atom, text: str, calendar: Calendar, today: date) -> Found:
    if a.bare and b.bare and a.first and b.first:
        first, last = a.first.weekday(), b.first.weekday()
        if (first, last) == (0, 4):
            return Found("when", "wd:weekday", a.start, b.end)
        if first < last:
            end = a.first + timedelta(days=last - first)
            return Found("when", f"{a.first}/{end}", a.start, b.end)
    start, until = _first(a, calendar, today), _last(b, calendar, today)
    if start and until:
        if b.bare and until < start:
            until = start + timedelta(days=(until.weekday() - start.weekday()) % 7)
        if start <= until:
            return Found("when", f"{start}/{until}", a.start, b.end)
    return Found("when", a.text or str(a.first), a.start, b.end)


def _wd_span(a: str, b: str) -> str:
    first, last = WEEKDAYS.index(a[3:6]), WEEKDAYS.index(b[3:6])
    if (first, last) == (0, 4):
        return "wd:weekday"
    return "wd:" + ",".join(WEEKDAYS[d % 7] for d in range(first, last + 1 + 7 * (last < first)))


def _placed(atom: Atom, before: str, after: str, today: date, calendar: Calendar) -> Found:
    """One atom with what stands around it: after, from, before, the week of."""
    if _W_C.search(before) and atom.first:
        monday = atom.first - timedelta(days=atom.first.weekday())
        return Found("when", f"{monday}/{monday + timedelta(days=6)}", atom.start, atom.end)
    recurring = atom.text.startswith("wd:")
    if not recurring and _AFTER.search(before) and (last := _last(atom, calendar, today)):
        return Found("when", f"{last + timedelta(days=1)}/", atom.start, atom.end)
    if not recurring and (onwards := _ONWARDS.match(after) or _FROM.search(before)):
        first = _first(atom, calendar, today)
        if first:
            extra = onwards.end() if onwards.re is _ONWARDS else 0
            return Found("when", f"{first}/", atom.start, atom.end + extra)
    if not recurring and (word := _BEFORE.search(before)):
        first, last = _first(atom, calendar, today), _last(atom, calendar, today)
        until = first - timedelta(days=1) if "before" in word[0] and first else last
        if until and until >= today:
            return Found("when", f"{today}/{until}", atom.start, atom.end)
    if atom.text:
        return Found("when", atom.text, atom.start, atom.end)
    value = str(atom.first) if atom.first == atom.last else f"{atom.first}/{atom.last}"
    return Found("when", value, atom.start, atom.end)


def _without(found: list[Found], barred: set[int]) -> list[Found]:
    """Days that were ruled out: taken from weekdays, or the complement where nothing else is."""
    if not barred:
        return found
    wanted = [f for f in found if f.slot == "when"]
    if not wanted:
        marks = [f for f in found if f.slot == "not_when"]
        left = ",".join(WEEKDAYS[d] for d in range(7) if d not in barred)
        return [replace(marks[0], slot="when", value=f"wd:{left}"), *marks[1:]]
    return [_narrowed(f, barred) if f.slot == "when" else f for f in found]


def _narrowed(found: Found, barred: set[int]) -> Found:
    if found.value == "wd:weekday":
        return replace(
            found, value="wd:" + ",".join(WEEKDAYS[d] for d in range(5) if d not in barred)
        )
    if (
        isinstance(found.value, str)
        and found.value.startswith(("hol:", "2"))
        and "/" in found.value
    ):
        return found
    return found


def _days_of(atom: Atom) -> set[int]:
    if atom.text.startswith("wd:"):
        return {WEEKDAYS.index(d) for d in atom.text[3:].split(",") if d in WEEKDAYS}
    if atom.first and atom.first == atom.last:
        return {atom.first.weekday()}
    return {5, 6} if atom.first and atom.first.weekday() == 5 else set()


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


def _first(atom: Atom, calendar: Calendar, today: date) -> date | None:
    if atom.first:
        return atom.first
    spans = _spans(atom, calendar, today)
    return spans[0][0] if spans else None


def _last(atom: Atom, calendar: Calendar, today: date) -> date | None:
    if atom.last:
        return atom.last
    spans = _spans(atom, calendar, today)
    return spans[0][1] if spans else None


def _spans(atom: Atom, calendar: Calendar, today: date) -> tuple[tuple[date, date], ...]:
    kind, _, name = atom.text.partition(":")
    if kind == "term":
        return term_spans(name, today, calendar)
    if kind == "hol" and name == "half_term":
        return half_terms(today, calendar)
    if kind == "hol" and name in {"easter", "summer", "christmas"}:
        return holiday_gaps(name, today, calendar)
    if kind == "hol" and name == "any":
        every = [
            half_terms(today, calendar)[:1],
            *(holiday_gaps(k, today, calendar)[:1] for k in ("easter", "summer", "christmas")),
        ]
        return tuple(sorted(s for spans in every for s in spans))
    return ()


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


__all__ = ["NUM", "find_days", "number"]

"""Days in plain English words, by a grammar of the field's own.

Two passes: atoms ("thursday", "next week", "20th march", "easter") are found first (atoms.py),
then joined here by what stands around them ("from .. to", "after ..", "not .."). Today is the
local date.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.content.values import Calendar
from bot.understanding.atoms import DAY, Atom, every_atom, pick
from bot.understanding.dates import end_of_month
from bot.understanding.found import Found, overlaps
from bot.understanding.holidays import half_terms, holiday_gaps, term_spans
from bot.understanding.reading import SlotValue
from bot.understanding.when import WEEKDAYS

_W_C = re.compile(
    r"(?:week commencing|week beginning|week of|week starting|the week from)(?: the| on)?(?: monday)? $"
)
_TO = re.compile(r"^ ?(?:to|until|till|til|-|through|thru|up to|and)(?: the)? ?$")
_AFTER = re.compile(r"(?<!\w)(?:after|once|when)(?: the)? $")
_FROM = re.compile(
    r"(?<!\w)(?<!withdraw )(?<!out )(?<!off )(?<!me )(?<!us )(?<!it )(?<!booking )(?<!place )(?:from|starting(?: from)?|as of|any ?time from)(?: the)? $|(?<!\w)since(?: the)? $"
)
_ONWARDS = re.compile(r"^ (?:onwards?|on|and after|and beyond|or later|or after)(?!\w)")
_BEFORE = re.compile(
    r"(?<!\w)(?:before|until|till|til|by|(?<!turn )(?<!show )(?<!rock )up to|up until)(?: the)? $"
)
_NOT = re.compile(
    r"(?:(?<!\w)(?:not|isn't|except|apart from|excluding|other than|but|bar|avoid|besides|anything but|never)(?: for| on| an?| any| including)*|can't (?:do|make|come|manage|come on)(?: on)?|(?:i )?work(?:ing)?(?: on)?|busy(?: on)?|don't (?:do|want|include|have)|no) $"
)
#: "move me from thursday to friday" names two days and no stretch between them.
_MOVES = re.compile(r"\b(?:mov|chang|swap|switch|transfer|shift|re-?book|re-?schedul)\w*\b[^.?!]*$")
#: What stands after a day, or a part of it, that is ruled out. In "saturday, i work monday to friday"
#: it is the other days.
RULED_OUT_AFTER = re.compile(
    r"^ (?:is|are|'s)? ?(?:no good|no use|is bad|not good|don't work|doesn't work|are out|not possible"
    rf"|(?:i work|i'm (?:at work|working|busy))(?!(?: from| on| every)* {DAY}))"
)
#: "i work mondays", "i work monday to thursday": days that somebody has none of.
_AT_WORK = re.compile(
    rf"(?<!\w)(?:i|we)(?:'m|'re| am| are)? (?:(?:only|also) )?work(?:ing)?(?: from| on| every| all| full time| part time)* (?:{DAY}s?(?: ?(?:,|and|or|&|to|till|until|-|through) ?))*$"
)
_EXPLAINS = re.compile(
    r"(?<!\w)(?:since|(?:moved|arrived|came|joined|started|registered|lost|had (?:him|her|it|them|my|the|our|a) ?\w*|gave birth|born|birthday is|paid|pays|split up|separated|signed up|due|due date is|due date|due to give birth|baby is due|expecting|arriving|died|passed away|was|were|went|tried|rang|called|emailed|visited|came by|ended|finished|attended|mat leave ends|back to work|back at work|going back(?: to work)?|work|payday is|last (?:came|went))(?: \w+){0,3}?) ?(?:in|on|at|by|around|back in|early|late|again|this|,)* ?$"
)


_WEEK_AFTER = re.compile(
    r"(?<!\w)(?:the|a) week (?:after|later)(?! next| that)(?!\w)|the following week"
)
#: The months in which the half term of that name begins.
_HALF_TERM_IN = {
    "october": (10, 11), "autumn": (10, 11), "february": (2,), "spring": (2,), "winter": (2,),
    "may": (5, 6), "summer": (5, 6), "whitsun": (5, 6),
}  # fmt: skip
_BESIDE = re.compile(r",? (?:the |on |on the )?")
_LIST = re.compile(r" ?(?:,|and|or|&|/|-|to)? ?(?:on )?")


def find_days(text: str, today: date, calendar: Calendar, taken: list[Found]) -> list[Found]:
    """`when` values in plain words; spans that other grammars took are left alone."""
    every = every_atom(text, today, calendar)
    atoms = pick(a for a in every if not overlaps(a.start, a.end, taken))
    kept = [
        a
        for a in atoms
        if not _EXPLAINS.search(text[max(0, a.start - 60) : a.start]) or _at_work(a, text)
    ]
    kept = [_half_term_of(a, text, today, calendar) for a in kept]
    kept = _held_in(kept, text, today, calendar)
    found = _joined(_same_kind(_dated(kept, text), text), text, today, calendar)
    return found + _week_after(text, kept)


def _dated(atoms: list[Atom], text: str) -> list[Atom]:
    """ "tuesday 26th may": a weekday beside its own date says nothing more."""
    return [
        a
        for n, a in enumerate(atoms)
        if not (
            a.bare
            and n + 1 < len(atoms)
            and _BESIDE.fullmatch(text[a.end : atoms[n + 1].start])
            and any(c.isdigit() for c in text[atoms[n + 1].start : atoms[n + 1].end])
            and atoms[n + 1].first == atoms[n + 1].last is not None
        )
    ]


def _at_work(atom: Atom, text: str) -> bool:
    """Whether it is a weekday on which they work."""
    weekday = atom.bare or atom.text.startswith("wd:")
    return weekday and _AT_WORK.search(text[: atom.start]) is not None


def _half_term_of(atom: Atom, text: str, today: date, calendar: Calendar) -> Atom:
    """ "october half term": that one, where it isn't the next."""
    named = re.match(r"\w+", text[atom.start : atom.end])
    months = _HALF_TERM_IN.get(named[0], ()) if named and atom.text == "hol:half_term" else ()
    spans = _spans(atom, calendar, today)
    wanted = next((s for s in spans if s[0].month in months), None)
    if wanted is None or wanted == spans[0]:
        return atom
    return replace(atom, text="", first=wanted[0], last=wanted[1])


def _held_in(atoms: Sequence[Atom], text: str, today: date, calendar: Calendar) -> list[Atom]:
    """ "half term in may": the one of that month, and not the month as well."""
    out: list[Atom] = []
    for atom in atoms:
        holiday = out[-1] if out and out[-1].text.startswith("hol:") else None
        first, last = atom.first, atom.last
        if (
            holiday is not None and first and last
            and first.day == 1 and last == end_of_month(first)
            and text[holiday.end : atom.start].strip(" ,") in {"", "in"}
        ):  # fmt: skip
            inside = [s for s in _spans(holiday, calendar, today) if s[0] <= last and s[1] >= first]
            if inside:
                out[-1] = replace(
                    holiday, end=atom.end, text="", first=inside[0][0], last=inside[0][1]
                )
                continue
        out.append(atom)
    return out


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


def _joined(atoms: list[Atom], text: str, today: date, calendar: Calendar) -> list[Found]:
    out: list[Found] = []
    barred: set[int] = set()
    gone: set[date] = set()
    at = 0
    while at < len(atoms):
        atom = atoms[at]
        before, after = text[: atom.start], text[atom.end :]
        following = atoms[at + 1] if at + 1 < len(atoms) else None
        ruled_out = _NOT.search(before)
        if ruled_out and ruled_out[0] == "no " and not atom.text:
            ruled_out = None  # "no the 24th" puts right
        if ruled_out or RULED_OUT_AFTER.match(after):
            run = [atom]
            at_work = _at_work(atom, text)
            while following and (
                re.fullmatch(
                    r" ?(?:,|and|or|&|nor)? ?(?:on )?", text[run[-1].end : following.start]
                )
                or (at_work and _TO.match(text[run[-1].end : following.start]))
            ):
                run.append(following)
                at += 1
                following = atoms[at + 1] if at + 1 < len(atoms) else None
            for before_it, one in zip([None, *run], run, strict=False):
                barred |= _days_of(one)
                if one.first and one.first == one.last and not one.bare:
                    gone.add(one.first)
                joint = text[before_it.end : one.start] if before_it else ""
                if before_it and _TO.match(joint) and "and" not in joint:
                    barred |= _days_between(before_it, one)
                out.append(Found("not_when", one.text or str(one.first), one.start, one.end))
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
    return _without(out, barred, gone)


def _range_between(text: str, a: Atom, b: Atom) -> bool:
    joint = _TO.match(text[a.end : b.start])
    if not joint or _MOVES.search(text[: a.start]):
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
            value = f"{today}/{until}" if until > today else str(today)
            return Found("when", value, atom.start, atom.end)
    if atom.text:
        both = (atom.text, f"{atom.first}/{atom.last}") if atom.first else atom.text
        return Found("when", both, atom.start, atom.end)
    value = str(atom.first) if atom.first == atom.last else f"{atom.first}/{atom.last}"
    return Found("when", value, atom.start, atom.end)


def _without(found: list[Found], barred: set[int], gone: set[date]) -> list[Found]:
    """Days that were ruled out, as weekdays or dates (`gone`): taken from what is wanted, or their
    complement where nothing else is."""
    if not barred:
        return found
    never = {d for f in found if f.slot == "not_when" for d in _days_meant(f.value)}
    # "not mondays, i have the clinic on monday" asks for no Monday.
    found = [f for f in found if f.slot != "when" or not _is_on(f.value, never)]
    wanted = [f for f in found if f.slot == "when"]
    if not wanted:
        marks = [f for f in found if f.slot == "not_when"]
        return [replace(marks[0], slot="when", value=_all_but(barred)), *marks]
    return [_narrowed(f, barred, gone) if f.slot == "when" else f for f in found]


def _days_meant(value: SlotValue) -> set[int]:
    """The weekdays of "wd:mon,tue"."""
    if value == "wd:weekday":
        return set(range(5))
    named = value[3:].split(",") if isinstance(value, str) and value.startswith("wd:") else []
    return {WEEKDAYS.index(d) for d in named if d in WEEKDAYS}


def _is_on(value: SlotValue, weekdays: set[int]) -> bool:
    """Whether it is one date, on one of those days."""
    single = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)
    return bool(single) and date.fromisoformat(str(value)).weekday() in weekdays


def _narrowed(found: Found, barred: set[int], gone: set[date]) -> Found:
    """ "Next week but not thursday", "in april but not the 10th", "weekdays except monday"."""
    value = found.value
    if not isinstance(value, str) or value.startswith("wd:"):
        left = sorted(_days_meant(value) - barred)
        return replace(found, value="wd:" + ",".join(WEEKDAYS[d] for d in left)) if left else found
    start, stretch, end = value.partition("/")
    if not (stretch or value.startswith("hol:")):
        return found
    if not gone:
        return replace(found, value=(value, _all_but(barred)))
    if not stretch:
        return found
    parts: list[str] = []
    first = date.fromisoformat(start)
    for day in sorted(d for d in gone if start <= str(d) <= (end or str(d))):
        parts += [_stretch(first, day - timedelta(days=1))] if first < day else []
        first = day + timedelta(days=1)
    if not end or str(first) <= end:
        parts.append(_stretch(first, date.fromisoformat(end)) if end else f"{first}/")
    return replace(found, value=tuple(parts)) if parts else found


def _stretch(first: date, last: date) -> str:
    return str(first) if first == last else f"{first}/{last}"


def _all_but(weekdays: set[int]) -> str:
    return "wd:" + ",".join(WEEKDAYS[d] for d in range(7) if d not in weekdays)


def _days_between(a: Atom, b: Atom) -> set[int]:
    """Monday to Thursday: Tuesday and Wednesday too."""
    first, last = min(_days_of(a), default=0), max(_days_of(b), default=0)
    return set(range(first, last + 1))


def _days_of(atom: Atom) -> set[int]:
    if atom.text.startswith("wd:"):
        return _days_meant(atom.text)
    if atom.first and atom.first == atom.last:
        return {atom.first.weekday()}
    return {5, 6} if atom.first and atom.first.weekday() == 5 else set()


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

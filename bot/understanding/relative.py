"""Days that are told from today: "tomorrow", "in 3 days", "next week", "a week on Tuesday"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from dateutil.easter import easter

from bot.understanding.dates import end_of_month
from bot.understanding.found import NUM, number

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = "(?:" + "|".join(_DAYS) + ")"
SUNDAY = 6
Spans = tuple[date, date]

_COUNT = rf"(?P<n>{NUM}|a couple of|a few|a|couple of|few)"


def find_relative(text: str, today: date) -> Iterator[tuple[int, int, date, date]]:
    """Start, end, first and last day of each expression told from `today`."""
    for pattern, meaning in _RULES:
        for m in pattern.finditer(text):
            if (span := meaning(m, today)) is not None:
                yield m.start(), m.end(), span[0], span[1]


def asks_what_was(text: str) -> bool:
    """Whether a whole message asks for sessions of a day, or days, that are over."""
    return _OVER.fullmatch(text) is not None


def named_day(text: str, today: date) -> Iterator[tuple[int, int, date]]:
    """Days with a name of their own: Good Friday, Boxing Day."""
    for pattern, when in _NAMED:
        for m in pattern.finditer(text):
            on = when(today.year)
            yield m.start(), m.end(), on if on >= today else when(today.year + 1)


def weekday_date(n: int, today: date, *, lead: str = "", week: str = "") -> date:
    """The date of weekday `n`: alone or "this" the coming one, "next" the one in next week."""
    coming = today + timedelta(days=(n - today.weekday()) % 7)
    next_weeks = today - timedelta(days=today.weekday()) + timedelta(days=7 + n)
    if lead == "next" or week == "next week":
        return next_weeks + timedelta(days=7) if week == "after next" else next_weeks
    if week == "week":
        return coming + timedelta(days=7)
    if week in {"after next", "fortnight"}:
        return coming + timedelta(days=14)
    return coming


def _whole_week(m: re.Match[str], today: date) -> Spans:
    monday = today - timedelta(days=today.weekday())
    ahead = 14 if "after next" in m[0] or "following" in m[0] else 7
    return monday + timedelta(days=ahead), monday + timedelta(days=ahead + 6)


def _weekend(m: re.Match[str], today: date) -> Spans:
    """On a Sunday it is nearly over: that day and the coming one."""
    next_one = (m["lead"] or "").strip() == "next"
    saturday = today + timedelta(days=(5 - today.weekday()) % 7)
    if today.weekday() == SUNDAY:
        return (saturday if next_one else today), saturday + timedelta(days=1)
    if next_one:
        saturday += timedelta(days=7)
    elif m.string.startswith(" after next", m.end()):
        saturday += timedelta(days=14)
    return saturday, saturday + timedelta(days=1)


def _to_sunday(_m: re.Match[str], today: date) -> Spans:
    """On a Sunday the week to come may be meant as well."""
    return today, today + timedelta(days=SUNDAY - today.weekday() or 7)


def _this_month(_m: re.Match[str], today: date) -> Spans:
    return today, end_of_month(today)


def _next_month(_m: re.Match[str], today: date) -> Spans:
    first = end_of_month(today) + timedelta(days=1)
    return first, end_of_month(first)


def _counted(m: re.Match[str], today: date) -> Spans | None:
    days = _amount(m["n"]) * {"d": 1, "n": 1, "w": 7, "f": 14, "m": 30}[m["unit"][0]]
    if days > 400:
        return None
    on = today + timedelta(days=int(days))
    return on, on


def _coming_stretch(m: re.Match[str], today: date) -> Spans | None:
    n = _amount(m["n"] or "a")
    days = n * {"d": 1, "w": 7, "f": 14, "m": 30}[m["unit"][0]]
    return (today, today + timedelta(days=int(days))) if days <= 400 else None


def _week_on(m: re.Match[str], today: date) -> Spans:
    weeks = 2 if "fortnight" in m[0] else int(_amount(m["n"] or "a"))
    base = today if (m["day"] or "today") == "today" else (
        today + timedelta(days=1) if m["day"] == "tomorrow" else weekday_date(_DAYS.index(m["day"]), today)
    )  # fmt: skip
    on = base + timedelta(days=7 * weeks)
    return on, on


def _in_the_week(_m: re.Match[str], today: date) -> Spans:
    monday = today - timedelta(days=today.weekday())
    return today, max(today, monday + timedelta(days=6))


def _amount(text: str) -> float:
    return number(re.sub(r" of$", "", text))


def _plus(days: int) -> Callable[[re.Match[str], date], Spans]:
    return lambda _m, today: (today + timedelta(days=days), today + timedelta(days=days))


def _seven_days(_m: re.Match[str], today: date) -> Spans:
    return today, today + timedelta(days=6)


_W = r"(?<!\w)"
#: "Every day" of what is on is this week's; "he cries every day" and "is yoga on every day" name none.
_ON_OFFER = r"(?:(?<=what's on )|(?<=what is on )|(?<=groups )|(?<=groups on )|(?<=sessions )|(?<=sessions on )|(?<=classes )|(?<=activities )|(?<=things )|(?<=stuff )|(?<=stuff on )|(?<=things on )|(?<=something )|(?<=something on )|(?<=anything )|(?<=anything on )|(?<=open ))"
_E = r"(?!\w)"
_OVER = re.compile(
    r"(?:(?:(?:so|and|but) )?(?:(?:what|which|how) ?(?:'s|is|was|were|about)?|(?:is|was|were) there(?: any)?|any|anything)\b"
    r"(?: (?:on|there|happening|groups?|sessions?|class(?:es)?|for|in|at|about|was|were|any(?:thing)?))* )?"
    rf"(?:on )?(?:the day before yesterday|yesterday|last (?:night|week|weekend|month|{_DAY}))(?: (?:morning|afternoon|evening))?[?.! ]*"
)
_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], date], Spans | None]]
_RULES: tuple[_Rule, ...] = (
    (re.compile(rf"{_W}(?:the )?day after tomorrow|overmorrow{_E}"), _plus(2)),
    (re.compile(rf"{_W}tomorrow{_E}"), _plus(1)),
    (re.compile(rf"{_W}(?:later )?(?:today|tonight|this (?:morning|afternoon|evening)|right now|(?:later )?this (?:very )?day){_E}(?! (?:week|years?))"), _plus(0)),
    (re.compile(r"^(?:and )?now(?= please|[?.! ]*$)"), _plus(0)),
    (re.compile(rf"{_ON_OFFER}(?:every|each) (?:single )?day{_E}(?!.*\b(?:{_DAY}s?|weeks?|weekends?|today|tomorrow|month|holidays?|terms?|except|until|till)\b)"), _seven_days),
    (re.compile(rf"{_W}in {_COUNT} (?P<unit>days?|nights?|weeks?|fortnight|months?)(?:'s?)?(?: time)?(?: from now)?{_E}(?! old)"), _counted),
    (re.compile(rf"{_W}{_COUNT} (?P<unit>days?|weeks?|months?)(?:'s?)? (?:time|from (?:now|today)|today|later|hence){_E}"), _counted),
    (re.compile(rf"{_W}(?:(?:a |(?P<n>{NUM}) )?(?:week|weeks|fortnight) (?:on|from|today|tomorrow)(?: today)? ?(?P<day>{_DAY}|today|tomorrow)?){_E}"), _week_on),
    (re.compile(rf"{_W}(?P<day>today|tomorrow|{_DAY}) (?:(?P<n>a) )?(?:week|fortnight){_E}"), _week_on),
    (re.compile(rf"{_W}(?:(?:in|over|for|during|within) )?the (?:next|coming|following) (?P<n>{NUM}|couple of|few|few)? ?(?P<unit>days|weeks|fortnight|months){_E}"), _coming_stretch),
    (re.compile(rf"{_W}(?:next|coming|in the next|within(?: the next)?) (?P<n>{NUM}|couple of|few)? ?(?P<unit>days|weeks|fortnight|months){_E}"), _coming_stretch),
    (re.compile(rf"{_W}(?:the )?(?:week after next|week after that|following week){_E}"), _whole_week),
    (re.compile(rf"{_W}(?:the )?(?:next week(?:'s)?|week ahead next|coming week next){_E}(?! (?:{_DAY}))"), _whole_week),
    (re.compile(rf"{_W}(?:(?:this|the|that) weeks?(?:'s)?(?= timetable| programme| sessions| groups| activities| classes| list| events| schedule)|this week(?:'s)?|(?:the )?rest of (?:the|this) week|later (?:this|in the) week|(?:the )?coming week|the week ahead|the weeks? timetable|(?:end|start) of (?:this|the) week|sometime this week|before the weekend){_E}(?! (?:{_DAY}))"), _to_sunday),
    (re.compile(rf"{_W}(?:(?:at|over|on|for|in|during) )?(?:the |this )?(?:coming )?(?P<lead>next |this |the |at )?weekend{_E}"), _weekend),
    (re.compile(rf"{_W}(?:the )?(?:rest of )?this month|(?:rest of )?the month|later this month{_E}"), _this_month),
    (re.compile(rf"{_W}next month(?:'s)?{_E}"), _next_month),
)  # fmt: skip


def _mothers_day(year: int) -> date:
    return easter(year) - timedelta(days=21)


def _fathers_day(year: int) -> date:
    first = date(year, 6, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 14)


_NAMED: tuple[tuple[re.Pattern[str], Callable[[int], date]], ...] = (
    (re.compile(rf"{_W}good friday{_E}"), lambda y: easter(y) - timedelta(days=2)),
    (re.compile(rf"{_W}easter monday{_E}"), lambda y: easter(y) + timedelta(days=1)),
    (re.compile(rf"{_W}easter sunday{_E}"), easter),
    (re.compile(rf"{_W}easter saturday{_E}"), lambda y: easter(y) - timedelta(days=1)),
    (re.compile(rf"{_W}christmas (?:eve|evening){_E}"), lambda y: date(y, 12, 24)),
    (re.compile(rf"{_W}christmas day{_E}"), lambda y: date(y, 12, 25)),
    (re.compile(rf"{_W}boxing day{_E}"), lambda y: date(y, 12, 26)),
    (re.compile(rf"{_W}new year'?s? (?:eve|evening){_E}"), lambda y: date(y, 12, 31)),
    (re.compile(rf"{_W}new year'?s? day{_E}"), lambda y: date(y, 1, 1)),
    (re.compile(rf"{_W}mother'?s'? day{_E}"), _mothers_day),
    (re.compile(rf"{_W}father'?s'? day{_E}"), _fathers_day),
    (
        re.compile(rf"{_W}(?:pancake day|shrove tuesday){_E}"),
        lambda y: easter(y) - timedelta(days=47),
    ),
    (re.compile(rf"{_W}valentine'?s(?: day)?{_E}"), lambda y: date(y, 2, 14)),
    (re.compile(rf"{_W}halloween{_E}"), lambda y: date(y, 10, 31)),
    (re.compile(rf"{_W}bonfire night{_E}"), lambda y: date(y, 11, 5)),
    (re.compile(rf"{_W}(?:st|saint) patrick'?s day{_E}"), lambda y: date(y, 3, 17)),
)

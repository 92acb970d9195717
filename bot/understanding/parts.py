"""Parts of the day and clock times in plain words, as `daypart` values."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time

from bot.understanding.found import NUM, Found, number, overlaps
from bot.understanding.reading import SlotValue
from bot.understanding.times import RULED_OUT_AFTER

_CLOCK = rf"(?P<h>{NUM})(?:[:.](?P<mi>[0-5]\d))? ?(?P<ap>am|pm|a\.m\.?|p\.m\.?|o'?clock|noon)?(?: in the (?P<in>morning|afternoon|evening))?"
_NOT_UNIT = r"(?! ?(?:months?|weeks?|years?|days?|hours?|minutes?|kids|children|babies|%|st\b|nd\b|rd\b|th\b|/|of\b|sessions?|stars?|-?years?|-?months?)|[\d:/])"
_BETWEEN = re.compile(
    rf"(?<![\w/.-])(?:between |from )?(?P<a>{NUM})(?:[:.](?P<am>[0-5]\d))? ?(?P<ap1>am|pm)? ?(?:-|to|and|until|till) ?(?P<b>{NUM})(?:[:.](?P<bm>[0-5]\d))? ?(?P<ap2>am|pm|o'clock)?{_NOT_UNIT}(?!\w)"
)
_AFTER = re.compile(
    rf"(?<!\w)(?:after|from|past|(?<!just )gone|later than|any ?time after|not before) (?:about |around |like )?{_CLOCK}{_NOT_UNIT}(?!\w)"
)
_BEFORE = re.compile(
    rf"(?<!\w)(?:before|by|until|till|earlier than|finish(?:es|ing)? by|not after|no later than) (?:about |around )?{_CLOCK}{_NOT_UNIT}(?!\w)"
)
_AT = re.compile(
    rf"(?<!\w)(?:(?:at|around|about|say) (?:about |around )?{_CLOCK}{_NOT_UNIT}(?!\w))|(?<![\w/:.])(?P<h2>\d{{1,2}})(?:[:.](?P<mi2>[0-5]\d))? ?(?P<ap2>am|pm)(?!\w)|(?<!\w)(?P<half>half past|half|quarter past|quarter to) (?P<h3>{NUM})(?!\w)"
)
_NAMED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?<!\w)(?:{words})(?!\w)"), value)
    for words, value in (
        (r"(?:between|from|after) (?:the )?(?:school |nursery )?(?:run|drop[ -]?off) (?:and|to|until|till|before) (?:lunch(?:time)?|midday|noon|dinner time)", "09:00-12:00"),
        (r"(?:between|from) (?:the )?(?:school |nursery )?(?:run|drop[ -]?off) (?:and|to|until|till|before) (?:the )?(?:school |nursery )?pick[ -]?up", "09:00-15:00"),
        (r"after (?:the )?(?:school run|nursery run|school drop[ -]?off|drop[ -]?off|nursery drop[ -]?off|dropping)", "after:09:00"),
        (r"before (?:the )?(?:school run|school pick[ -]?up|pick[ -]?up|nursery pick[ -]?up|school finishes|school ends)", "before:15:00"),
        (r"after (?:school|nursery|preschool|pick[ -]?up|school pick[ -]?up|school hours|school ends|school finishes)(?! (?:club|holidays|place))", "after:15:00"),
        (r"during school(?: hours| time)?|while (?:he|she|they|the others|my \w+)(?:'s|'re| is| are) at (?:school|nursery)", "09:00-15:00"),
        (r"after work|once i finish work|when i finish work|outside work(?:ing)? hours|after office hours", "after:17:00"),
        (r"after (?:lunch|dinner time|his nap|her nap|nap time|midday|noon|12 noon)", "afternoon"),
        (r"before (?:lunch|midday|noon|dinnertime|nap time|his nap|her nap|their nap)", "morning"),
        (r"lunch ?-?time|over lunch|at lunch|midday|noon|dinner ?time", "12:00-14:00"),
        (r"right now|just now|at the moment|currently|straight away now|on now|running now|open now|happening now|now", "now"),
        (r"first thing|mornings?|ams|in the am|early (?:in the day|sessions?)|(?<=day )am|(?<=tomorrow )am|(?:the )?am (?:only|ones?|sessions?|slots?|groups?|class(?:es)?)", "morning"),
        (r"afternoons?|pms|in the pm|(?<=day )pm|(?<=days )pm|(?<=tomorrow )pm|(?<=today )pm|pm(?: only| ones?| sessions?| slots?)?|late in the day", "afternoon"),
        (r"evenings?|nights?|tonight|teatime|tea time", "evening"),
    )
)  # fmt: skip
_FINE_NIGHT = re.compile(
    r"(?:at|every|all|last|each|through the|in the|during the|sleepless|of a|good|bad|bonfire|per|a|wakes?.*|up at|day and|day or|up all) (?:night|nights)$|(?:good|good ?-?) (?:morning|evening|afternoon)$"
)
_NOTHING = re.compile(r"\b(?:nothing|not|none|never|can't (?:do|make|come)|no later) (?:\w+ )?$")
_NOT = re.compile(
    r"(?:(?<!\w)(?:not|nothing|none|except|apart from|excluding|other than|rather than|instead of|anything but|avoid|never)|can't (?:do|make|come|manage)|(?<!\w)i work)"
    r"(?: (?:in|on|for|the|any|an?))* $|^(?:and |but )?no $"
)
#: All of the day.
_EITHER = re.compile(r"\bam (?:or|and) pm\b")
#: What is left of a day without one of its parts.
_REST: dict[str, SlotValue] = {
    "morning": "after:12:00", "afternoon": ("morning", "evening"), "evening": "before:17:00",
}  # fmt: skip
#: What a "now" that is a time of day is asked with: "anything on now", not "we live nearer now".
_ASKS = re.compile(
    r"\b(?:what|what's|who|which|any\w*|some\w*|open|on|is|are|groups?|sessions?|class(?:es)?|go|where)\b"
)
_NOW_ALONE = re.compile(r"(?:and )?now(?: please)?[?.! ]*")
_NOW_TALK = re.compile(
    r"(?:nearly|is|are|he's|she's|old|him|her|months|years|by|until|till|for|have|know|need|i'm|just|so|right|from|than|it|want|baby|been|not) (?:right )?now$"
)


def find_parts(text: str, taken: list[Found]) -> list[Found]:
    """`daypart` values in plain words; a bare hour up to 7 is in the afternoon."""
    found: list[Found] = []
    for item in _every(text):
        counted = [t for t in taken if any(c.isdigit() for c in text[t.start : t.end])]
        if not overlaps(item.start, item.end, counted) and not overlaps(
            item.start, item.end, found
        ):
            found.append(item)
    if _EITHER.search(text):
        found = [f for f in found if f.value not in ("morning", "afternoon")]
    return _without(_plainest(sorted(found, key=lambda f: f.start)), text)


def _every(text: str) -> list[Found]:
    found: list[Found] = []
    for m in _BETWEEN.finditer(text):
        found += _between(m, text)
    for pattern, word in ((_AFTER, "after"), (_BEFORE, "before")):
        for m in pattern.finditer(text):
            at = _time(m["h"], m["mi"], m["ap"] or m["in"])
            if at is not None:
                limit = "before" if _NOTHING.search(text[: m.start()]) else word
                found.append(Found("daypart", f"{limit}:{at:%H:%M}", m.start(), m.end()))
    for m in _AT.finditer(text):
        found += _at(m)
    for pattern, value in _NAMED:
        for m in pattern.finditer(text):
            if not _FINE_NIGHT.search(text[: m.end()]) and not (
                value == "now"
                and m[0] == "now"
                and not _NOW_ALONE.fullmatch(text)
                and (_NOW_TALK.search(text[: m.end()]) or not _ASKS.search(text[: m.start()]))
            ):
                found.append(Found("daypart", value, m.start(), m.end()))
    return found


def _plainest(found: list[Found]) -> list[Found]:
    """A clock time says more than the part of the day it lies in: "mornings before 10"."""
    limits = [str(f.value) for f in found]
    told = {"morning" for v in limits if v.startswith("before:") and v <= "before:12:00"}
    told |= {"afternoon" for v in limits if v.startswith("after:") and v >= "after:12:00"}
    return [f for f in found if f.value not in told]


def _without(found: list[Found], text: str) -> list[Found]:
    """Parts of the day that are ruled out leave the other parts, or those that are wished."""
    out = [
        f for f in found
        if str(f.value) in _REST
        and (_NOT.search(text[: f.start]) or RULED_OUT_AFTER.match(text[f.end :]))
    ]  # fmt: skip
    if len(out) < len(found):
        return [f for f in found if f not in out]
    return [replace(f, value=_REST[str(f.value)]) for f in out]


def _between(m: re.Match[str], text: str) -> list[Found]:
    plain = m[0].startswith(("between", "from")) or m["am"] or m["bm"] or m["ap1"] or m["ap2"]
    a, b = _time(m["a"], m["am"], m["ap1"]), _time(m["b"], m["bm"], m["ap2"])
    if (
        a is None
        or b is None
        or (
            not plain
            and not (
                a.hour in range(8, 16)
                and re.search(
                    r"\b(?:day|morning|afternoon|today|tomorrow|time|free) ?$", text[: m.start()]
                )
            )
        )
    ):
        return []
    if m["ap2"] == "pm" and not m["ap1"] and a.hour > b.hour:
        a = a.replace(hour=a.hour % 12)
    if a >= b:
        return []
    return [Found("daypart", f"{a:%H:%M}-{b:%H:%M}", m.start(), m.end())]


def _at(m: re.Match[str]) -> list[Found]:
    if m["half"]:
        at = _time(m["h3"], "30" if m["half"].startswith("half") else None, None)
    elif m["h2"]:
        at = _time(m["h2"], m["mi2"], m["ap2"])
    else:
        at = _time(m["h"], m["mi"], m["ap"] or m["in"])
    if at is None:
        return []
    part = "morning" if at.hour < 12 else "afternoon" if at.hour < 17 else "evening"
    return [Found("daypart", part, m.start(), m.end())]


def _time(hour: str, minute: str | None, half_day: str | None) -> time | None:
    """A clock time; without am or pm, 8 to 11 is the morning and 1 to 7 the afternoon."""
    value = number(hour)
    if value != int(value):  # "9.3" is no time
        return None
    h, mi = int(value), int(minute or 0)
    mark = (half_day or "").replace(".", "")
    if not 0 <= h <= 23:
        return None
    if mark in {"pm", "afternoon", "evening"} and h < 12:
        h += 12
    elif mark in {"am", "morning"} and h == 12:
        h = 0
    elif not mark.startswith(("am", "morning")) and 1 <= h <= 7:
        h += 12
    return time(h, mi)

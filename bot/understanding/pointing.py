"""Which line of the screen is meant by what stands in it: "the half nine", "book april", "the food one",
"move tomorrow's", "tell me more about Danson". Only a line that alone fits everything said is meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta

from bot.understanding.found import NUM, number
from bot.understanding.reading import Reading, Shown, SlotValue
from bot.understanding.when import WEEKDAYS

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_OWN_DAY = re.compile(
    rf"\b(?P<day>{'|'.join(_DAYS)}|tomorrow|today)'?s\b(?=[?.! ]*$| (?:one|list|still|to|at|till|until|for|please|class|session|group|booking)\b)"
)
_WEEKDAY = re.compile(rf"\b(?:{'|'.join(_DAYS)})\b")
_CLOCK = re.compile(
    rf"\b(?:(?P<part>half(?: past)?|quarter (?:past|to)) (?P<hh>{NUM})|(?P<h>{NUM})(?:(?:[:.](?P<mi>[0-5]\d)) ?(?P<ap>am|pm)?| ?(?P<ap2>am|pm|o ?'?clock)))(?!\w)"
)
_THE_TIME = re.compile(
    r"\b(?:the|that) (?:half \w+|\d\d?(?:[:.]\d\d\b|(?:[:.]\d\d)? ?(?:am|pm|o ?'?clock)\b))|\b(?:am|pm|clock) one\b"
)
_AT = re.compile(r"\b([01]\d|2[0-3]):([0-5]\d)\b")
_THE_ONE = re.compile(
    r"\b(?:the|that|this|his|her) (?P<words>[a-z]+(?: [a-z]+){0,2}) (?:one|thing)\b|\bmore (?:info\w* |details? )?(?:about|on|re) (?:the )?(?P<more>[a-z]+(?: [a-z]+)?)\b"
)
#: Other words of what happens there, by a word of the activity.
_KIN: Mapping[str, tuple[str, ...]] = {
    "food": ("solids", "eating"),
    "weaning": ("solids",),
    "eating": ("solids",),
    "feeding": ("breastfeeding",),
    "singing": ("sing", "rhyme", "songs", "music"),
    "song": ("sing", "rhyme", "songs"),
    "painting": ("messy",),
    "art": ("messy",),
    "arty": ("messy",),
    "crafty": ("messy",),
    "reading": ("story", "library"),
    "exercise": ("yoga",),
    "stretching": ("yoga",),
    "oil": ("massage",),
    "work": ("job",),
    "money": ("benefits",),
    "talking": ("speech",),
    "dad": ("dads",),
}
_PARTS: Mapping[str, tuple[int, int]] = {
    "morning": (0, 12), "afternoon": (12, 17), "evening": (17, 24),
}  # fmt: skip


def pointed_at(
    reading: Reading, shown: Sequence[Shown], rows: Sequence[Mapping[str, SlotValue]]
) -> int:
    """The place in the list, from 1, of the only line that fits what was said of it; 0 for none.

    `rows` are the slots of the lines shown.
    """
    told = {k: reading.seen[k] for k in ("where", "what") if k in reading.seen}
    day = own_day(reading)
    when = day or ("" if "new_when" in reading.slots else reading.seen.get("when", ""))
    at = _clock(reading.said)
    part = "" if at else str(reading.seen.get("daypart", ""))
    named = _named(reading.said, told) if not (day or when or at or part in _PARTS) else ""
    if not (told or when or at or part in _PARTS or named):
        return 0
    lines = [
        (n, str(row.get("when", "")))
        for n, (line, row) in enumerate(zip(shown, rows, strict=True), 1)
        if (_is_called(line, named) if named else _agrees(line, row, told))
        and (not at or at & set(_starts(line)))
        and (part not in _PARTS or any(_in_part(t, part) for t in _starts(line)))
    ]
    fits = [n for n, on in lines if not when or _falls_on(on, when)]
    if not fits and (weekday := _WEEKDAY.search(reading.said)):
        # "wednesday", where the only one on a Wednesday is next week's
        fits = [n for n, on in lines if _falls_on(on, f"wd:{weekday[0][:3]}")]
    return fits[0] if len(fits) == 1 else 0


def is_pointing(said: str) -> bool:
    """Whether its words speak of one line of a list."""
    return any(p.search(said) for p in (_THE_ONE, _OWN_DAY, _THE_TIME))


def own_day(reading: Reading) -> str:
    """The day of "tomorrow's" or "thursday's list", which is the day of one line."""
    named = _OWN_DAY.search(reading.said)
    if named is None or not reading.today:
        return ""
    if named["day"] in _DAYS:
        return f"wd:{named['day'][:3]}"
    today = date.fromisoformat(reading.today)
    return str(today + timedelta(days=named["day"] == "tomorrow"))


def _named(said: str, told: Mapping[str, SlotValue]) -> str:
    """The words of "the food one"; of a place or an activity that we know, its slots say it better."""
    named = _THE_ONE.search(said)
    if named is None or "where" in told:
        return ""
    return str(named["words"] or named["more"])


def _is_called(line: Shown, named: str) -> bool:
    """Whether the line has those words, or others that mean the same."""
    words = re.findall(r"[a-z0-9]+", _words(line))
    return all(w in words or any(k in words for k in _KIN.get(w, ())) for w in named.split())


def _words(line: Shown) -> str:
    return f"{line.label} {line.activity} {line.venue}".replace("_", " ").casefold()


def _agrees(line: Shown, row: Mapping[str, SlotValue], told: Mapping[str, SlotValue]) -> bool:
    """Whether the line is about that place and that activity."""
    for name, value in told.items():
        mine, wanted = (str(v).removeprefix("area:") for v in (row.get(name, ""), value))
        named = name == "where" and wanted.replace("_", " ") in _words(line)
        if mine != wanted and not named:
            return False
    return True


def _falls_on(day: str, when: SlotValue) -> bool:
    if not isinstance(when, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        return False
    if when.startswith("wd:"):
        return WEEKDAYS[date.fromisoformat(day).weekday()] in when[3:].split(",")
    first, _, last = when.partition("/")
    return first <= day <= (last or first)


def _clock(said: str) -> frozenset[time]:
    """The times of day that are named; without am or pm, either half of the day."""
    found = set()
    for m in _CLOCK.finditer(said):
        hour = int(number(m["hh"] or m["h"]))
        minute = int(m["mi"] or 0)
        if part := m["part"]:
            minute = 30 if part.startswith("half") else 15 if part.endswith("past") else 45
            hour -= part.endswith("to")
        mark = (m["ap"] or m["ap2"] or "")[:2]
        if 0 <= hour <= 23:
            if mark != "am":
                found.add(time(hour if hour >= 12 else hour + 12, minute))
            if mark != "pm":
                found.add(time(hour, minute))
    return frozenset(found)


def _starts(line: Shown) -> list[time]:
    return [time(int(h), int(mi)) for h, mi in _AT.findall(line.label)]


def _in_part(at: time, part: str) -> bool:
    first, last = _PARTS[part]
    return first <= at.hour < last

"""When somebody may be rung, taken out of what else they say: "9-3" of "when he's at work 9-3".

What is told of danger is never kept, and a time that may be an unsafe one is asked for again.
"""

from __future__ import annotations

import re

_HOUR = r"\d{1,2}(?:[:.]\d\d)?"
_CLOCK = rf"(?:{_HOUR} ?[ap]\.?m\b\.?|{_HOUR}(?![\d/.:]))"
_DAY = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?|weekdays?|weekends?"
    r"|today|tomorrow)\b"
)
_PART = r"(?:(?:in the )?(?:mornings?|afternoons?|evenings?)|(?:at )?(?:lunch ?time|mid ?day))\b"
#: Hours, days and parts of days, as they may be kept of a message that tells of more.
_TIMES = re.compile(
    rf"\b(?:(?:(?:from |between )?{_CLOCK} ?(?:-|–|to|till|til|until|and) ?{_CLOCK}"
    rf"|(?:after|before|from|until|till|at|around|about|by) {_CLOCK}|{_HOUR} ?[ap]\.?m\b\.?"
    rf"|{_DAY}|{_PART})(?: (?:and|or|to) (?={_DAY}|{_PART})| )?)+",
    re.I,
)
_AWAY = re.compile(r"\b(?:isn't|is not|'s not|not) (?:at )?(?:home|here|in|around|there|back)\b")
_UNSAFE = re.compile(
    r"n't\b|\b(?:not|never|no|except|but|unless|dont|home|back|here|in(?! the)|around|comes?|gets?|returns?)\b"
)
_SAFE = re.compile(
    r"\b(?:ring|call|phone|contact|safe|free|alone|at work|works|working|out|gone|away"
    r"|(?:isn't|is not|'s not|not) (?:at )?(?:home|here|in|around|there|back))\b"
)


def time_apart(said: str) -> str:
    """The hours and days in "when he's at work 9-3", and none of its other words. Nothing where
    they may be those at which nobody may ring: then we ask again."""
    if _UNSAFE.search(_AWAY.sub("", said)):
        return ""
    return ", ".join(m[0].strip() for m in _TIMES.finditer(said))


def safe_time(said: str) -> str:
    """As `time_apart`, of a message that tells of danger: only where it says that it is safe then."""
    return time_apart(said) if _SAFE.search(said) else ""


def names_time(said: str) -> bool:
    return _TIMES.search(said) is not None

"""From a comparable text to plain English words: text-speak, shorthand and slips put right."""

from __future__ import annotations

import re
from functools import cache

from bot.understanding import lexicon

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*'?|[^\w\s]|_")
_LONGEST_FORM = 4
# A number glued to its unit ("18m", "2yo", "6wk", "10am") reads better apart.
_GLUED = re.compile(
    r"(?<![\w:.])(\d{1,3}(?:\.\d)?)\s?(?:-\s?)?"
    r"(months?|mths?|mnths?|mos?|m|weeks?|wks?|w|years?|yrs?|yr|y|days?|d|hours?|hrs?|h|am|pm|yo|mo)"
    r"(?:-?\s?(olds?|o))?(?![\w])"
)
_UNIT = {"m": "month", "w": "week", "y": "year", "d": "day", "h": "hour"}
_FOR = re.compile(
    r"(?<!\S)4 (?=(?:my|a|the|our|your|kids|baby|babies|toddlers?|under|mums?|dads?|me|us)\b)"
)
# "sat" and "sun" are days unless somebody sat or the sun shines.
_SAT = re.compile(
    r"(?<![\w'])(?<!he )(?<!she )(?<!we )(?<!i )(?<!just )(?<!been )(?<!baby )sats?\b(?! (?:down|up|on the|in the|at home|here|with|next|nav))"
)
_SUN = re.compile(
    r"(?<![\w'])(?<!the )(?<!in )sun\b(?! ?(?:cream|hat|screen|shine|burn|tan|safety|protection))"
)
# "wed" is a day unless it is "we'd".
_WED = re.compile(
    r"(?<![\w'])wed\b(?! (?:like|love|be|rather|prefer|really|need|have|better|appreciate|both|want))"
)
# "ill" is "I'll" before what somebody is going to do.
_ILL = re.compile(
    r"(?<![\w'])ill(?= (?:keep|have|take|be|come|go|do|let|try|see|book|leave|bring|get|call|pop|ask|wait|need|just|pass|give|send|check|stick)\b)"
)
_SHORT_MONTH = re.compile(
    r"(?<=\d )(jan|mar|jun|jul|aug|oct|nov|dec|feb|apr|sep)(?![\w])|(?<!\w)(mar|jun|jul)(?= \d{1,2}(?:st|nd|rd|th)?\b)"
)
_LONG = {
    "jan": "january",
    "feb": "february",
    "mar": "march",
    "apr": "april",
    "jun": "june",
    "jul": "july",
    "aug": "august",
    "sep": "september",
    "oct": "october",
    "nov": "november",
    "dec": "december",
}
_ORDINAL_GAP = re.compile(r"(?<!\w)(\d{1,2})\s+(st|nd|rd|th)(?!\w)")


def speak(flat: str) -> str:
    """The words of a comparable text with known slips put right; punctuation stands apart."""
    table, punctuated = _forms()
    text = _ORDINAL_GAP.sub(r"\1\2", _FOR.sub("for ", _ILL.sub("i'll", flat)))
    text = punctuated.sub(lambda m: f" {table[m[0]]} ", text)
    text = _GLUED.sub(
        _unglue, _SUN.sub("sunday", _SAT.sub("saturday", _WED.sub("wednesday", text)))
    )
    text = _SHORT_MONTH.sub(lambda m: _LONG[m[1] or m[2]], text)
    tokens = _TOKEN.findall(text)
    said: list[str] = []
    at = 0
    while at < len(tokens):
        for size in range(min(_LONGEST_FORM, len(tokens) - at), 0, -1):
            form = " ".join(tokens[at : at + size])
            if (plain := table.get(form)) is not None:
                said.append(plain)
                at += size
                break
        else:
            said.append(tokens[at])
            at += 1
    return _close_up(" ".join(said))


def _unglue(found: re.Match[str]) -> str:
    if found[0] in _forms()[0]:  # "2day" is a word, not two days
        return found[0]
    number, unit, old = found.groups()
    if unit in {"am", "pm"}:
        return f"{number}{unit}"
    if unit in {"yo", "mo"}:
        return f"{number} {_UNIT[unit[0]]} old"
    name = _UNIT[unit[0]]
    return f"{number} {name}{'' if number == '1' else 's'}{' old' if old else ''}"


def _close_up(text: str) -> str:
    """Times, dates, money and ranges put back together after splitting."""
    text = re.sub(r"(?<=\d) ([:./-]) (?=\d)", r"\1", text)
    text = re.sub(r"(?<=[£$]) (?=\d)", "", text)
    return re.sub(r" (?=[,.?!;])", "", text)


@cache
def _forms() -> tuple[dict[str, str], re.Pattern[str]]:
    """Forms to plain words, and one pattern for those with punctuation inside."""
    table = lexicon.forms("textspeak")
    odd = sorted((f for f in table if not re.fullmatch(r"[\w' ]+", f)), key=len, reverse=True)
    pattern = re.compile(r"(?<![\w'])(?:" + "|".join(map(re.escape, odd)) + r")(?![\w'])")
    return table, pattern

"""What people type for a day, a time, an age or a yes, read into values.

Each function returns the value, or raises ValueError whose text says what was expected.
They take what spreadsheets make of it: 12/03/2026 or 2026-03-12, 9.30, 09:30 or 9:30am,
"6 weeks", "under 5", "Thursdays". Ages are months: a week is 12/52 of one, a year is 12.
"""

from __future__ import annotations

import re
from datetime import date, time

import phonenumbers

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_NAMES = tuple(name.capitalize() for name in _DAYS)
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
_BRITISH_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_TIME = re.compile(
    r"(\d{1,2})(?:[:.](\d{2}))?(?::00)?\s*(am|pm|a\.m\.|p\.m\.|noon)?", re.IGNORECASE
)
_UNIT = r"(weeks?|wks?|months?|mths?|m|years?|yrs?|y)"
_AGE = re.compile(rf"(\d{{1,3}})\s*{_UNIT}?(?:\s+old)?", re.IGNORECASE)
_RANGE = re.compile(rf"(\d{{1,3}})\s*{_UNIT}?\s*(?:-|–|to)\s*(\d{{1,3}})\s*{_UNIT}?", re.IGNORECASE)
_UNDER = re.compile(rf"(?:under|up to)\s+(\d{{1,3}})\s*{_UNIT}?(?:s)?", re.IGNORECASE)
_FROM = re.compile(rf"(?:from\s+)?(\d{{1,3}})\s*{_UNIT}?\s*(?:\+|and over|or over)?", re.IGNORECASE)
_WEEKS_IN_A_MONTH = 4.345
_OLDEST = 18 * 12
_BARE_YEARS = 5  # up to here a number alone may mean years: "0-5"
_UNITS = "ages with their unit, such as “0-5 months” or “0-5 years”"


def parse_date(typed: str) -> date:
    """A day: 2026-03-12, or day first, 12/03/2026."""
    expected = "a date such as 2026-03-12 or 12/03/2026 (day first)"
    typed = typed.strip()
    if match := _ISO_DAY.fullmatch(typed):
        year, month, day = (int(part) for part in match.groups())
    elif match := _BRITISH_DAY.fullmatch(typed):
        day, month, year = (int(part) for part in match.groups())
    else:
        raise ValueError(expected)
    try:
        found = date(year, month, day)
    except ValueError:
        raise ValueError(expected) from None
    if not 2000 <= found.year <= 2100:
        raise ValueError("a date between 2000 and 2100")
    return found


def parse_time(typed: str) -> time:
    """A wall-clock time: 09:30, 9.30, 9:30am, 2pm."""
    expected = "a time such as 09:30, 9.30 or 2pm"
    if typed.strip().lower() in ("noon", "midday"):
        return time(12)
    match = _TIME.fullmatch(typed.strip())
    if not match or not (match[2] or match[3]):
        raise ValueError(expected)
    hour, minute, half = (
        int(match[1]),
        int(match[2] or 0),
        (match[3] or "").lower().replace(".", ""),
    )
    if half and not 1 <= hour <= 12:
        raise ValueError(expected)
    if not half and len(match[1]) == 1 and 1 <= hour <= 6:  # 1.30 is hardly ever at night
        raise ValueError("a time with am or pm, or of 24 hours: 1.30pm or 13:30")
    if half == "am":
        hour %= 12
    elif half == "pm":
        hour = hour % 12 + 12
    try:
        return time(hour, minute)
    except ValueError:
        raise ValueError(expected) from None


def parse_day(typed: str) -> int:
    """A day of the week, Monday is 0: Thursday, thurs, THU, Thursdays."""
    word = typed.strip().rstrip(".").lower()
    if len(word) >= 3:
        for number, name in enumerate(_DAYS):
            if name.startswith(word.removesuffix("s") if word.endswith("days") else word):
                return number
    raise ValueError("a day of the week, such as Thursday")


def parse_months(typed: str) -> int:
    """An age in whole months: 18, "6 weeks", "2 years"."""
    match = _AGE.fullmatch(typed.strip())
    if not match:
        raise ValueError("an age in months, or such as “6 weeks” or “2 years”")
    return _months(match[1], match[2])


def parse_ages(typed: str) -> tuple[int | None, int | None]:
    """From and to, in months: "0-12 months", "6 weeks to 2 years", "under 5", "from 18 months"."""
    typed = " ".join(typed.split())
    if typed.lower() in ("", "any", "all", "all ages", "any age"):
        return None, None
    if match := _RANGE.fullmatch(typed):
        low_unit, high_unit = match[2] or match[4], match[4] or match[2]
        if not high_unit and int(match[3]) <= _BARE_YEARS:
            raise ValueError(_UNITS)
        return _months(match[1], low_unit), _months(match[3], high_unit)
    if match := _UNDER.fullmatch(typed):
        under = match[0].lower().startswith("under")
        # "Under 5" and "under 1s" are always years in Britain; "under 6 months" says its unit.
        return 0, _months(match[1], match[2] or "years") - (1 if under else 0)
    if match := _FROM.fullmatch(typed):
        if not match[2] and int(match[1]) <= _BARE_YEARS:
            raise ValueError(_UNITS)
        return _months(match[1], match[2]), None
    raise ValueError(
        "ages such as “0-12 months”, “6 weeks to 2 years”, “under 5” or “from 18 months”"
    )


def parse_yes(typed: str) -> bool:
    word = typed.strip().lower()
    if word in ("yes", "y", "true", "x", "1"):
        return True
    if word in ("no", "n", "false", "", "0"):
        return False
    raise ValueError("yes or no")


def parse_number(typed: str, low: int, high: int) -> int:
    expected = f"a whole number from {low} to {high}"
    digits = typed.strip().removesuffix(".0")  # what a spreadsheet makes of a whole number
    if not re.fullmatch(r"-?[0-9]{1,6}", digits) or not low <= int(digits) <= high:
        raise ValueError(expected)
    return int(digits)


def parse_phone(typed: str) -> str:
    """A number as people read it; British ones, and the short ones such as 999 and 116 123."""
    expected = "a phone number, such as 020 7946 0000 or 111"
    digits = typed.replace(" ", "")
    if re.fullmatch(r"[1-9][0-9]{2,5}", digits):
        return typed.strip()
    try:
        number = phonenumbers.parse(typed, "GB")
    except phonenumbers.NumberParseException:
        raise ValueError(expected) from None
    # The ranges kept for fiction are whole but not valid: a number in a test is one of those.
    whole = len(str(number.national_number)) == 10 and phonenumbers.is_possible_number(number)
    if re.search(r"[^0-9+ ]", typed) or not (whole or phonenumbers.is_valid_number(number)):
        raise ValueError(expected)
    return typed.strip()


def _months(count: str, unit: str | None) -> int:
    letter = (unit or "m")[0].lower()
    number = int(count)
    if letter == "w":
        months = round(number / _WEEKS_IN_A_MONTH)
    elif letter == "y":
        months = number * 12
    else:
        months = number
    if months > _OLDEST:
        raise ValueError("an age of at most 18 years")
    return months

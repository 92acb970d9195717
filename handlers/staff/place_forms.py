"""The forms about places and the waiting list: what was typed, or a sentence by field.

A fault is named after the id of its field, so that the summary on top can lead there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

import phonenumbers

from bot.bookings.rules import MOST_PLACES, ListState
from bot.core.clock import to_utc
from bot.timetable.queries import Slot
from handlers.http.forms import BadFormError, FormRefusedError
from handlers.http.look import Look
from handlers.staff.forms import REASON_LIMIT, read_day

MOST = 500  # places of a session, families on a list
NAME_LIMIT = 80
_KEY = re.compile(r"[A-Za-z0-9_-]{10,40}")


@dataclass(frozen=True, slots=True)
class BookForForm:
    """A family that rang or was referred. `phone` is +44…; `key` makes it one booking."""

    key: str
    name: str
    phone: str
    size: int
    born: date | None
    kept: bool
    reason: str

    @classmethod
    def read(cls, typed: Mapping[str, str], look: Look) -> BookForForm:
        """Raises FormRefusedError with a sentence for each field, BadFormError."""
        key, _ = typed.get("key", ""), look.words._
        if not _KEY.fullmatch(key):
            raise BadFormError
        faults: dict[str, str] = {}
        name = " ".join(typed.get("name", "").split())
        if not any(c.isalpha() for c in name) or len(name) > NAME_LIMIT:
            faults["name"] = _("Enter a name, like Amina Khan.")
        phone = read_phone(typed.get("phone", ""))
        if not phone:
            faults["phone"] = _("Enter a phone number, like 07700 900 982.")
        size = read_number(typed.get("size", ""), 1, MOST_PLACES)
        if size is None:
            faults["size"] = _("Enter how many places, from 1 to %(num)d.") % {"num": MOST_PLACES}
        born = read_day(typed["born"]) if typed.get("born") else None
        if typed.get("born") and born is None:
            faults["born"] = _("Enter a date, or leave it empty.")
        elif born is not None and born > look.today:
            faults["born"] = _("That day is still to come. Leave it empty for a baby not born yet.")
        reason = read_reason(typed, look, faults)
        if faults:
            raise FormRefusedError(faults, typed)
        return cls(key, name, phone, size or 1, born, "kept" in typed, reason)


def read_capacity(typed: Mapping[str, str], look: Look) -> int:
    """Raises FormRefusedError."""
    number = read_number(typed.get("capacity", ""), 1, MOST)
    if number is None:
        fault = look._("Enter how many places there are as a number, like 12.")
        raise FormRefusedError({"capacity": fault}, typed)
    return number


def read_kept(typed: Mapping[str, str], look: Look, slot: Slot) -> tuple[int, datetime | None]:
    """How many, and when they are for everybody: midnight of a local day as UTC, None at the start.

    Raises FormRefusedError.
    """
    _, faults = look.words._, {}
    number = read_number(typed.get("kept", ""), 0, MOST)
    if number is None:
        faults["kept"] = _("Enter how many places to keep as a number, or 0.")
    until = typed.get("release", "")
    day = read_day(until) if until else None
    release = to_utc(day, time(), look.zone) if day is not None else None
    if until and day is None:
        faults["release"] = _("Enter a date, or leave it empty.")
    elif release is not None and number and release <= look.now:
        faults["release"] = _("Choose a later day, or leave it empty to keep them to the start.")
    elif release is not None and number and release >= slot.starts_at:
        faults["release"] = _("It has begun by then. Leave it empty to keep them to the start.")
    if faults:
        raise FormRefusedError(faults, typed)
    return number or 0, release if number else None


def read_list(typed: Mapping[str, str], look: Look) -> tuple[ListState, int | None]:
    """Open, paused or closed, and how many families at most. Raises FormRefusedError."""
    _, faults = look.words._, {}
    state = next((s for s in ListState if s.value == typed.get("state")), None)
    if state is None:
        faults["state-open"] = _("Choose open, paused or closed.")
    most = read_number(typed.get("most", ""), 1, MOST)
    if typed.get("most") and most is None:
        faults["most"] = _("Enter a number, like 20, or leave it empty.")
    if faults or state is None:
        raise FormRefusedError(faults, typed)
    return state, most


def read_turn(typed: Mapping[str, str], look: Look, most: int) -> tuple[int, str]:
    """A new place in a line of `most`, and why. Raises FormRefusedError."""
    faults: dict[str, str] = {}
    place = read_number(typed.get("place", ""), 1, most)
    if place is None:
        faults["place"] = look._("Enter their new number, from 1 to %(num)d.") % {"num": most}
    reason = read_reason(typed, look, faults, field="move-reason")
    if faults or place is None:
        raise FormRefusedError(faults, typed)
    return place, reason


def read_why(typed: Mapping[str, str], look: Look, *, field: str) -> str:
    """A reason alone. Raises FormRefusedError."""
    faults: dict[str, str] = {}
    reason = read_reason(typed, look, faults, field=field)
    if faults:
        raise FormRefusedError(faults, typed)
    return reason


def read_reason(
    typed: Mapping[str, str], look: Look, faults: dict[str, str], *, field: str = "reason"
) -> str:
    """Why staff do it, for colleagues; what is wrong with it goes to `faults`."""
    reason = " ".join(typed.get("reason", "").split())
    if not reason:
        faults[field] = look._("Say why. Colleagues can read it.")
    elif len(reason) > REASON_LIMIT:
        said = look._("Use at most %(num)d letters for the reason.")
        faults[field] = said % {"num": REASON_LIMIT}
    return reason


def read_number(typed: str, low: int, high: int) -> int | None:
    """A whole number in the range, both ends in; None for anything else."""
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 4):
        return None
    return int(typed) if low <= int(typed) <= high else None


def read_phone(typed: str) -> str:
    """A number in any form as +44…, "" where it is none."""
    try:
        number = phonenumbers.parse(typed, "GB")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

"""A search or a wish of the turn before, with what the message itself changes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.understanding.reading import NOT, Reading, SlotValue, TalkTurn
from bot.understanding.screen import Slots, changed
from bot.understanding.when import is_rest

_MY_PLACE = re.compile(r"\b(?:me|us|my|our|i|we|here|home)\b")
_ONE_MORE = re.compile(
    r"^(?:and|plus|and also|also) (?:an?|my|our|the|his|her|their)\b(?!.*\?)|\b(?:too|as well)[.!]*$"
)
_TOO = re.compile(r"\b(?:too|as well|also)\b")


def carried(reading: Reading, last: TalkTurn, told: Mapping[str, SlotValue]) -> Reading:
    slots: Slots = {**last.slots, **told}
    if told.get("where") == "me" and "where" in last.slots and not _MY_PLACE.search(reading.said):
        slots["where"] = last.slots["where"]  # "the nearest": to the place that was named
    elif "where" in told:
        slots["where"] = _narrowed(last.slots.get("where", ()), told["where"])
    if "when" in told:
        slots["when"] = _joined_days(reading, last.slots.get("when", ()), told["when"])
        if slots.get("daypart") == "now" and "daypart" not in told:
            slots.pop("daypart")  # another day has no "now"
    if "age_m" in told:
        slots["age_m"] = _joined_ages(reading, last.slots.get("age_m", ()), told["age_m"])
    return changed(reading, last.intent, slots, dict(told))


def _joined_ages(reading: Reading, before: SlotValue, told: SlotValue) -> SlotValue:
    """Two children where another one is added: "and a 6 month old", "my 3 year old as well"."""
    if not (before and _ONE_MORE.search(reading.said)):
        return told
    old, new = ((v,) if isinstance(v, str) else v for v in (before, told))
    return tuple(dict.fromkeys((*old, *new)))


def _joined_days(reading: Reading, before: SlotValue, told: SlotValue) -> SlotValue:
    """ "And fridays too": those weekdays beside the others; "but not thursday": the rest of them."""
    old = (before,) if isinstance(before, str) else before
    new = str(told)
    if is_rest(told):
        rests = [v[3:].split(",") for v in old if is_rest(v)]
        left = [d for d in new[3:].split(",") if all(d in rest for rest in rests)]
        stretches = [v for v in old if "/" in v or v.startswith("hol:")]
        rest = "wd:" + ",".join(left)
        return (*stretches, rest) if stretches else rest
    if not (_TOO.search(reading.said) and all(v.startswith("wd:") for v in (*old, new))):
        return told
    return "wd:" + ",".join(dict.fromkeys(",".join(v[3:] for v in (*old, new)).split(",")))


def _narrowed(before: SlotValue, told: SlotValue) -> SlotValue:
    """The places that are meant now: one that is ruled out leaves the others as they were."""
    old, new = ((v,) if isinstance(v, str) else v for v in (before, told))
    if not all(place.startswith(NOT) for place in new):
        return told
    gone = {place.removeprefix(NOT) for place in new}
    left = (*(place for place in old if place not in {*gone, *new}), *new)
    return left if len(left) > 1 else left[0]

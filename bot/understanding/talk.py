"""A message read in the light of the talk so far: what carries over, and what it answers.

What a message does not change carries over; a new subject drops the old. "Number 2" takes the
intent of the screen. A danger that was spoken of stays open for the rest of the talk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.understanding.found import NUM, number
from bot.understanding.reading import Reading, Shown, SlotValue, TalkTurn, Wish

Lookup = Callable[[Shown], Mapping[str, SlotValue]]
Slots = dict[str, SlotValue]

_SEARCH = ("when", "daypart", "where", "what", "age_m", "who", "price", "booking")
_POINTED = ("what", "where", "when")
_SEARCHES = {"whats_on"}
_ABOUT_ONE = {"session_detail", "book", "join_waiting_list", "cancel_booking", "change_booking"}
_LIST_ACTS = {"cancel_booking", "change_booking", "my_bookings"}
_TALK_ONLY = {"unclear", "affirm", "deny", "greeting", "help", "out_of_scope"}
_MINOR = {
    "thanks",
    "bye",
    "affirm",
    "deny",
    "help",
    "greeting",
    "unclear",
    "talk_to_person",
    "request_support",
    "out_of_scope",
    "topic",
    "feedback",
    "language_change",
    "my_data",
}
_JOINING = re.compile(
    r"^(?:and|or|ok|okay|what about|how about|what if|no|not|yes|so|but|then|maybe|actually|also|same|just|only|make it|i meant|i mean|sorry|oh|instead|try|anything|any)\b"
)
_FRESH = re.compile(
    r"\b(?:what's on|what is on|timetable|programme|what groups|what sessions|do you have any groups)\b"
)
_CORRECTS = re.compile(r"^(?:no|nope|not|sorry|actually|i meant|i mean|wrong)\b")
_SHORT = 7  # words from which a message stands by itself
_BARE_AGE = re.compile(
    rf"^(?:(?:he|she|they|baby|it|and|about|nearly|almost|just|is|'s|he's|she's|they're) )*(?P<list>{NUM}(?:(?: ?, ?| and | & ){NUM})*)(?: ?(?:please|now|old|today))?[.!]?$"
)
_IT = re.compile(
    r"\b(?:it|that|this|that one|this one|there|the session|the group|the class|the course|one)\b"
)


def resolve(reading: Reading, talk: Sequence[TalkTurn], lookup: Lookup) -> Reading:
    """The reading with what carries over from earlier turns, oldest first.

    `lookup` tells the slots of a line on the screen that came as words only.
    """
    if not talk or reading.crisis:
        return reading
    last = talk[-1]
    for step in (_answered, _picked, _refined, _asked_of_it):
        found = step(reading, last, lookup)
        if found is not None:
            return _open_danger(found, talk)
    return _open_danger(reading, talk)


def _open_danger(reading: Reading, talk: Sequence[TalkTurn]) -> Reading:
    """Once somebody spoke of danger the card stays in view."""
    opened = next((t for t in reversed(talk) if t.intent == "crisis"), None)
    if opened is None:
        return reading
    risk = str(opened.slots.get("risk", "general"))
    if reading.intent in _MINOR or reading.sure < 0.5:
        crisis = Wish("crisis", {"risk": risk})
        return replace(
            reading, wish=crisis, crisis=risk, urgent=True, also=(reading.wish, *reading.also)
        )
    return replace(reading, urgent=True, also=(*reading.also, Wish("crisis", {"risk": risk})))


def _answered(reading: Reading, last: TalkTurn, _lookup: Lookup) -> Reading | None:
    """An answer to what we asked: an age, a postcode."""
    if last.bot_asked == "age":
        age = reading.seen.get("age_m") or _bare_age(reading.said)
        if age and (
            reading.bare
            or reading.intent in {"whats_on", *_TALK_ONLY}
            or len(reading.said.split()) <= _SHORT
        ):
            return _carried(reading, last, {"age_m": age})
        if "expecting" in str(reading.seen.get("who", "")):
            return _carried(reading, last, {"who": "expecting"})
    if (
        last.bot_asked == "postcode"
        and "where" in reading.seen
        and (reading.bare or len(reading.said.split()) <= _SHORT)
    ):
        return _carried(reading, last, {"where": reading.seen["where"]})
    return None


_BOOKS = re.compile(
    r"\b(?:book\w*|reserve\w*|sign|places?|spots?|spaces?|slots?|seats?|put|get|enrol\w*|join|have|take|hold|save|go for|go with|coming|come|attend)\b"
)


def _picked(reading: Reading, last: TalkTurn, lookup: Lookup) -> Reading | None:
    """Which line of the screen: "number 2", "the later one", "the one in Welling"."""
    ref = str(reading.seen.get("ref", ""))
    if not last.shown:
        return None
    own = reading.intent if reading.sure >= 0.6 and reading.intent in _ABOUT_ONE else ""
    if own == "book" and (last.bot_asked == "which_booking" or not _BOOKS.search(reading.said)):
        own = ""  # pointing at a line of the screen is no booking yet
    intent = own or (
        last.intent if last.bot_asked == "which_booking" or last.intent in _LIST_ACTS else ""
    )
    if ref:
        if ref == "all":
            return (
                _with(reading, intent or reading.intent, {"ref": ref}, {"ref": ref})
                if intent
                else None
            )
        row = _row(ref, last.shown)
        if row is None:
            return None
        if intent == "my_bookings":
            intent = own or "session_detail"
        extra = {
            k: v
            for k, v in reading.slots.items()
            if k in {"ask", "party", "new_when"} and k != "ref"
        }
        slots: Slots = {"ref": ref, **_row_slots(row, lookup), **(extra if own else {})}
        return _with(
            reading, intent or "session_detail", slots, {"ref": ref, **(extra if own else {})}
        )
    if (reading.bare or last.bot_asked == "which_booking") and (
        last.bot_asked == "which_booking" or re.search(r"\bone\b", reading.said)
    ):
        told = {k: reading.seen[k] for k in _POINTED if k in reading.seen}
        rows = [r for r in last.shown if told and _agrees(_row_slots(r, lookup), told)]
        if len(rows) == 1:
            return _with(reading, intent or "session_detail", {**_row_slots(rows[0], lookup)}, told)
    return None


def _refined(reading: Reading, last: TalkTurn, _lookup: Lookup) -> Reading | None:
    """A search narrowed or moved: "and friday?", "in Welling", "only free ones"."""
    told = {
        k: reading.seen[k]
        for k in _SEARCH
        if k in reading.seen
        and k
        in {*reading.delta, "when", "where", "age_m", "daypart", "who", "price", "booking", "what"}
    }
    short = len(reading.said.split()) <= _SHORT
    joined = bool(_JOINING.match(reading.said))
    if not told or _FRESH.search(reading.said):
        return None
    if last.intent in _SEARCHES:
        loose = (
            reading.bare
            or reading.intent in {"whats_on", "unclear", "affirm", "deny"}
            or (joined and reading.sure < 0.9)
            or (short and reading.sure < 0.6)
        )
        if (
            loose
            and (short or joined)
            and (reading.bare or reading.intent not in {"book", "cancel_booking", "topic"})
        ):
            if (
                "what" in told
                and "what" in last.slots
                and told["what"] != last.slots["what"]
                and not joined
                and not reading.bare
            ):
                return None
            return _carried(reading, last, told)
    if last.intent in _ABOUT_ONE | {"topic", "centre_info", "my_bookings"} and (
        reading.bare or (joined and reading.intent in {"whats_on", "unclear", "deny"})
    ):
        if last.intent == "change_booking" and "when" in told:
            return _carried(reading, last, {"new_when": told["when"]})
        if (
            last.intent == "session_detail"
            and last.slots.get("ask") in {"time", "next_date", None}
            and "what" not in told
            and "where" not in told
            and "when" not in told
        ):
            return None
        return _carried(reading, last, told)
    return None


def _asked_of_it(reading: Reading, last: TalkTurn, lookup: Lookup) -> Reading | None:
    """A fact about, or an act on, what was just shown or spoken of: "how much is it", "book that"."""
    if reading.intent not in _ABOUT_ONE or "what" in reading.slots:
        return None
    kept: Slots = {}
    if len(last.shown) == 1:
        kept = {k: v for k, v in last.slots.items() if k in _POINTED} or _row_slots(
            last.shown[0], lookup
        )
    elif last.intent in _ABOUT_ONE | {"my_bookings"} or (not last.shown and "what" in last.slots):
        kept = {k: v for k, v in last.slots.items() if k in _POINTED}
    elif reading.intent != "session_detail" and "what" in last.slots and len(last.shown) != 1:
        kept = {}
    if not kept or not (_IT.search(reading.said) or len(reading.said.split()) <= _SHORT + 2):
        return None
    return _with(reading, reading.intent, {**kept, **reading.slots}, reading.delta)


def _carried(reading: Reading, last: TalkTurn, told: Mapping[str, SlotValue]) -> Reading:
    slots: Slots = {**last.slots, **told}
    return _with(reading, last.intent, slots, dict(told))


def _with(
    reading: Reading, intent: str, slots: Mapping[str, SlotValue], delta: Mapping[str, SlotValue]
) -> Reading:
    return replace(
        reading,
        wish=Wish(intent, dict(slots)),
        delta=dict(delta),
        sure=max(reading.sure, 0.8),
        offers=(),
    )


def _row(ref: str, shown: Sequence[Shown]) -> Shown | None:
    at = len(shown) - 1 if ref == "last" else int(ref) - 1
    return shown[at] if 0 <= at < len(shown) else None


def _row_slots(row: Shown, lookup: Lookup) -> Slots:
    known: Slots = {}
    for name, value in (("what", row.activity), ("where", row.venue), ("when", row.on)):
        if value:
            known[name] = value
    return known or {k: v for k, v in lookup(row).items() if k in _POINTED}


def _agrees(row: Mapping[str, SlotValue], told: Mapping[str, SlotValue]) -> bool:
    return all(row.get(k) == v for k, v in told.items())


def _bare_age(said: str) -> SlotValue:
    """ "6" or "2 and 4" where an age was asked for: up to 4 it is years, above that months."""
    m = _BARE_AGE.match(said.strip())
    if not m:
        return ""
    ages = [number(n) for n in re.findall(NUM, m["list"])]
    months = tuple(str(int(a * 12) if a <= 4 else int(a)) for a in ages if 0 < a <= 60)
    return months[0] if len(months) == 1 else months

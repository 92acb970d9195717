"""Which line of the list on the screen a message means, and what that line is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.understanding import choices, facts
from bot.understanding.pointing import is_pointing, own_day, pointed_at
from bot.understanding.reading import Reading, Shown, SlotValue, TalkTurn, Wish

Lookup = Callable[[Shown], Mapping[str, SlotValue]]
Slots = dict[str, SlotValue]

POINTED = ("what", "where", "when")
ABOUT_ONE = {"session_detail", "book", "join_waiting_list", "cancel_booking", "change_booking"}
_LIST_ACTS = {"cancel_booking", "change_booking", "my_bookings"}
#: What gives a place up where the bookings are on the screen: "bin the second".
_DROPS = re.compile(
    r"^(?:(?:ok|okay|please|actually|right|just|can|could|you|we|i|want|need|to|so|and) )*(?:bin|ditch|drop|scrap|scratch|axe|lose|chuck|get rid of|take (?:me|us) off)\b"
)
#: "The lot" where a list is on the screen.
_ALL = re.compile(
    r"^(?:(?:the|whole|just|yes|yeah|please|oh) )*(?:lot(?: of (?:em|them|these|those))?|every (?:single )?one(?: of (?:em|them))?|all of em|all em)(?: (?:please|thanks|of them|of em))*[.!]*$"
)
_BOOKINGS_SHOWN = {"my_bookings", "cancel_booking", "change_booking"}
_OFFERED = {"whats_on", "session_detail", "topic"}
_CHANGES = re.compile(
    r"\b(?:mov|chang|swap|switch|transfer|re-?book|re-?schedul)\w*|\bbooking\b|\binstead\b"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_WEEK_AFTER = re.compile(r"\b(?:the|a) week (?:after|later)\b(?! next\b)|\bthe following week\b")
#: Facts that an age belongs to.
_OF_AGE = {"siblings", "age", "who_can_come"}
_BOOK = re.compile(
    r"^(?:ok |okay |yes |great |please |can you |could you )*(?:book|reserve|(?:put|stick|pop|get|sign|squeeze) (?:me|us)|i'?ll (?:take|have|do|go for))\b"
)
_BOOKS = re.compile(
    r"\b(?:book\w*|reserve\w*|sign|stick|squeeze|places?|spots?|spaces?|slots?|seats?|put|get|enrol\w*|join|have|take|hold|save|go for|go with|coming|come|attend)\b"
)


def picked(reading: Reading, last: TalkTurn, lookup: Lookup) -> Reading | None:
    """Which line of the screen: "number 2", "the later one", "the one in Welling"."""
    if not last.shown:
        return None
    own = _own_act(reading, last)
    ref = _ref(reading, last) or str(_described(reading, last, own, lookup) or "")
    if not ref:
        return None
    intent = own or (
        last.intent if last.bot_asked == "which_booking" or last.intent in _LIST_ACTS else ""
    )
    if not intent and (_BOOK.match(reading.said) or (ref == "all" and reading.bare)):
        intent = own = "book"
    if ref == "all":
        return changed(reading, intent, {"ref": ref}, {"ref": ref}) if intent else None
    row = _row(ref, last.shown)
    if row is None:
        return None
    if intent == "my_bookings":
        intent = own or "session_detail"
    intent = intent or "session_detail"
    slots = {"ref": ref, **row_slots(row, lookup)}
    extra = _told_of_it(reading, intent, own, str(slots.get("when", "")))
    return changed(reading, intent, {**slots, **extra}, {"ref": ref, **extra})


def _own_act(reading: Reading, last: TalkTurn) -> str:
    """What the message itself wants done with the line it points at, "" for what the screen is for."""
    if last.intent in _BOOKINGS_SHOWN and _DROPS.match(reading.said):
        return "cancel_booking"
    if (
        reading.intent == "change_booking"
        and last.intent in _OFFERED
        and not _CHANGES.search(reading.said)
    ):
        # "can we do the half nine one": nothing is booked that it could be instead of
        return "book" if _BOOKS.search(reading.said) else ""
    books = reading.intent == "book" and _BOOKS.search(reading.said)
    own = reading.intent if reading.intent in ABOUT_ONE and (reading.sure >= 0.6 or books) else ""
    if own == "book" and (last.bot_asked == "which_booking" or not books):
        return ""  # pointing at a line of the screen is no booking yet
    return own


def _ref(reading: Reading, last: TalkTurn) -> str:
    """The number of the line, where that is said: "number 2", "2", "the lot"."""
    said = reading.said
    if ref := str(reading.seen.get("ref", "")) or choices.pointed(said):
        return ref
    if _ALL.match(said):
        return "all"
    return said if said.isdigit() and 0 < int(said) <= len(last.shown) else ""


def _told_of_it(reading: Reading, intent: str, own: str, when: str) -> Slots:
    """What else is said of the line: a fact asked, how many places, the new day."""
    if intent == "session_detail" and (ask := facts.ask(reading.said)):
        aged = ask in _OF_AGE and "age_m" in reading.seen
        return {"ask": ask, **({"age_m": reading.seen["age_m"]} if aged else {})}
    told = {k: v for k, v in reading.slots.items() if own and k in {"ask", "party", "new_when"}}
    if intent != "change_booking":
        return told
    if new := _a_week_on(reading.said, when):
        told["new_when"] = new
    elif str(told.get("new_when", "")).startswith("wd:") and own_day(reading):
        del told["new_when"]  # that is the day it is on
    return told


def _a_week_on(said: str, when: str) -> str:
    """ "Move it to the week after": seven days on from its own date."""
    if not _WEEK_AFTER.search(said) or not _DATE.fullmatch(when):
        return ""
    return str(date.fromisoformat(when) + timedelta(days=7))


def _described(reading: Reading, last: TalkTurn, own: str, lookup: Lookup) -> int:
    """The place in the list of the line that is told by its time, day, place or a word of its name."""
    said = reading.said
    pointing = is_pointing(said)
    asked = last.bot_asked == "which_booking"
    acts = own in {"book", "join_waiting_list"} or (
        own in {"cancel_booking", "change_booking"} and last.intent in _BOOKINGS_SHOWN
    )
    several_dates = last.intent == "session_detail" and "when" in reading.seen
    alone = reading.bare and (several_dates or re.search(r"\bone\b", said))
    if not (pointing or asked or acts or alone):
        return 0
    return pointed_at(reading, last.shown, [row_slots(row, lookup) for row in last.shown])


def changed(
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


def row_slots(row: Shown, lookup: Lookup) -> Slots:
    known: Slots = {}
    for name, value in (("what", row.activity), ("where", row.venue), ("when", row.on)):
        if value:
            known[name] = value
    return known or {k: v for k, v in lookup(row).items() if k in POINTED}

"""Which line of the list on the screen a message means, and what that line is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.understanding import choices, facts
from bot.understanding.reading import Reading, Shown, SlotValue, TalkTurn, Wish

Lookup = Callable[[Shown], Mapping[str, SlotValue]]
Slots = dict[str, SlotValue]

POINTED = ("what", "where", "when")
ABOUT_ONE = {"session_detail", "book", "join_waiting_list", "cancel_booking", "change_booking"}
_LIST_ACTS = {"cancel_booking", "change_booking", "my_bookings"}
_THE_ONE = re.compile(r"\bthe ([a-z]+(?: [a-z]+)?) one\b")
_BOOK = re.compile(r"^(?:ok |okay |yes |great |please |can you |could you )*(?:book|reserve)\b")
_BOOKS = re.compile(
    r"\b(?:book\w*|reserve\w*|sign|places?|spots?|spaces?|slots?|seats?|put|get|enrol\w*|join|have|take|hold|save|go for|go with|coming|come|attend)\b"
)


def picked(reading: Reading, last: TalkTurn, lookup: Lookup) -> Reading | None:
    """Which line of the screen: "number 2", "the later one", "the one in Welling"."""
    if not last.shown:
        return None
    ref = str(reading.seen.get("ref", "")) or choices.pointed(reading.said)
    if not ref and (at := _named_row(reading.said, last.shown)):
        ref = str(at)
    own = reading.intent if reading.sure >= 0.6 and reading.intent in ABOUT_ONE else ""
    if own == "book" and (last.bot_asked == "which_booking" or not _BOOKS.search(reading.said)):
        own = ""  # pointing at a line of the screen is no booking yet
    intent = own or (
        last.intent if last.bot_asked == "which_booking" or last.intent in _LIST_ACTS else ""
    )
    if ref and not intent and (_BOOK.match(reading.said) or (ref == "all" and reading.bare)):
        intent = own = "book"
    if ref:
        if ref == "all":
            return (
                changed(reading, intent or reading.intent, {"ref": ref}, {"ref": ref})
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
        intent = intent or "session_detail"
        if intent == "session_detail" and (ask := facts.ask(reading.said)):
            extra = {"ask": ask}
        elif not own:
            extra = {}
        slots: Slots = {"ref": ref, **row_slots(row, lookup), **extra}
        return changed(reading, intent, slots, {"ref": ref, **extra})
    if (reading.bare or last.bot_asked == "which_booking") and (
        last.bot_asked == "which_booking" or re.search(r"\bone\b", reading.said)
    ):
        told = {k: reading.seen[k] for k in POINTED if k in reading.seen}
        rows = [r for r in last.shown if told and _agrees(row_slots(r, lookup), told)]
        if len(rows) == 1:
            return changed(
                reading, intent or "session_detail", {**row_slots(rows[0], lookup)}, told
            )
    return None


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


def _named_row(said: str, shown: Sequence[Shown]) -> int:
    """The place in the list of the only line that has the words of "the library one"; "2" alone."""
    if said.isdigit() and 0 < int(said) <= len(shown):
        return int(said)
    named = _THE_ONE.search(said)
    if not named:
        return 0
    lines = (f"{r.label} {r.activity} {r.venue}".replace("_", " ").casefold() for r in shown)
    found = [n for n, line in enumerate(lines, 1) if named[1] in line]
    return found[0] if len(found) == 1 else 0


def _agrees(row: Mapping[str, SlotValue], told: Mapping[str, SlotValue]) -> bool:
    return all(row.get(k) == v for k, v in told.items())

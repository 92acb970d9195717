"""Deep links: what stands after `/start` on Telegram, or in the link that the pages give.

A booking's code opens the booking. `session-ID`, `book-ID` and `follow-ID` are about one session,
`search-…` is a search, and `register`, `mine`, `urgent`, `ring` and `feedback` open what they name.
The parts of a search are joined by hyphens, in any order: days (`friday`, `tomorrow`, `weekend`),
ages (`9m`, `2y`), activities, venues and areas by their ids in the content folder, and
`morning`, `afternoon`, `evening`, `free`, `dropin`, `book`. What isn't known is left out.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta

from bot.conversation.flows import family, menu, searching
from bot.conversation.turn import ACTS, Turn, on_command
from bot.understanding.reading import SlotValue
from bot.understanding.when import WEEKDAYS

_AGE = re.compile(r"(?P<n>\d{1,2})(?P<unit>[my])")
_PLAIN: dict[str, tuple[str, str]] = {
    "weekend": ("when", "wd:weekend"), "morning": ("daypart", "morning"),
    "afternoon": ("daypart", "afternoon"), "evening": ("daypart", "evening"),
    "free": ("price", "free"), "dropin": ("booking", "drop_in"), "book": ("booking", "bookable"),
    "expecting": ("who", "expecting"), "dads": ("who", "dads"),
}  # fmt: skip


@on_command("start")
def start(turn: Turn, argument: str) -> None:
    """First contact, or a deep link. What a link no longer finds is said."""
    kind, _sep, rest = argument.partition("-")
    target = _LINKS.get(kind.lower())
    if target is not None:
        target(turn, rest)
    elif not (argument and family.open_by_code(turn, argument)):
        menu.welcome(turn)


def wish_of(turn: Turn, parts: str) -> dict[str, SlotValue]:
    """The search that a link writes as "friday-erith-9m"."""
    wish: dict[str, SlotValue] = {}
    for part in parts.lower().split("-"):
        if (found := _slot(turn, part)) is not None:
            wish[found[0]] = found[1]
    return wish


def _slot(turn: Turn, part: str) -> tuple[str, str] | None:
    """One part of a search, as a slot and its value."""
    if part in _PLAIN:
        return _PLAIN[part]
    if part in ("today", "tomorrow"):
        return "when", str(turn.today + timedelta(days=part == "tomorrow"))
    if part[:3] in WEEKDAYS and part.endswith("day"):
        ahead = (WEEKDAYS.index(part[:3]) - turn.today.weekday()) % 7
        return "when", str(turn.today + timedelta(days=ahead))
    if age := _AGE.fullmatch(part):
        return "age_m", str(int(age["n"]) * (12 if age["unit"] == "y" else 1))
    if part in turn.content.activities:
        return "what", part
    if part in turn.content.venues:
        return "where", part
    return ("where", f"area:{part}") if part in turn.content.areas else None


def _search(turn: Turn, rest: str) -> None:
    wish = wish_of(turn, rest)
    if wish:
        searching.show(turn, wish)
    else:
        ACTS["whats_on"](turn, {})


def _session(act_name: str) -> Callable[[Turn, str], None]:
    def go(turn: Turn, rest: str) -> None:
        try:
            named = str(uuid.UUID(rest))
        except ValueError:
            named = ""
        ACTS[act_name](turn, {"o": named})  # which says that there is no such session

    return go


def _open(act_name: str) -> Callable[[Turn, str], None]:
    return lambda turn, _rest: ACTS[act_name](turn, {})


_LINKS: dict[str, Callable[[Turn, str], None]] = {
    "session": _session("session"),
    "ask": _session("session"),
    "book": _session("book"),
    "follow": _session("follow"),
    "search": _search,
    "register": _open("register"),
    "mine": _open("my_bookings"),
    "urgent": _open("urgent"),
    "ring": _open("ring_me"),
    "feedback": _open("feedback"),
}

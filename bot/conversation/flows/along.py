"""What is taken along from a session or a booking: its calendar file, its map, its code.

They are links and words below an answer; by typing they can be had wherever that answer is by now.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup

from bot.bookings import queries, queue
from bot.bookings.rules import NoSuchBookingError
from bot.conversation import forms, sayings
from bot.conversation.flows import mine, session
from bot.conversation.flows.safety import contact_line, line
from bot.conversation.turn import Turn
from bot.families import queries as family_queries
from bot.outbox.message import Button
from bot.outreach.waiting import waits_for
from bot.timetable import queries as timetable
from bot.timetable import telling
from bot.timetable.queries import Slot
from bot.understanding.reading import Reading
from bot.wording.words import lines, paragraphs

_ASKS = r"(?:(?:can|could|will) (?:you|i|we) |please |(?:i|we) (?:need|want|would like)(?: to)? |i'd like(?: to)? )*"
_GIVE = (
    r"(?:re-?send|send|give|tell|show|text|get|have|see|open)(?: (?:me|us))?(?: (?:it|this|that))?"
)
_END = r"(?: (?:again|please|link|number|now|for (?:it|this|that|(?:my|the|our) (?:booking|place|session|course))))*"
_CALENDAR = re.compile(
    rf"{_ASKS}(?:(?:add|put|save|{_GIVE}) )?(?:(?:it|this|that|them|the session|the dates?|my booking) )?"
    rf"(?:(?:to|in|into|on) )?(?:(?:my|the|a|our) )?(?:phone |google )?(?:calendar|diary){_END}"
)
_MAP = re.compile(
    rf"{_ASKS}(?:{_GIVE} )?(?:(?:on|in) )?(?:(?:a|the|it on (?:a|the)) )?(?:google )?map{_END}"
)
_CODE = re.compile(
    rf"{_ASKS}(?:{_GIVE} )?(?:what(?:'s| is|s| was) )?(?:(?:my|the|our) )?(?:booking )?code{_END}"
    rf"|(?:sorry )?(?:i|we)(?:'ve| have)? (?:lost|forgot|forgotten|deleted|can't find|cannot find|don't have|didn't get|need) "
    rf"(?:my|the) (?:booking )?code{_END}"
)  # fmt: skip

_LOST = re.compile(
    r"\b(?:lost|lose|forgot\w*|deleted|can't find|cannot find|don't have|don't remember|haven't got)"
    r"(?: \w+){0,3} code\b"
)
_MY_CODE = re.compile(r"(?:(?:my|the|booking) )*code (?:is|was) (?P<code>\S{6,12})")


def heed(turn: Turn, reading: Reading) -> bool:
    """Whether one of these was asked for, of something that they look at, have booked or wait for."""
    said = {sayings.plain(forms.plain(s)) for s in (turn.incoming.text, reading.said)}
    typed = forms.plain(turn.incoming.text)
    if (told := _MY_CODE.fullmatch(typed)) is not None:
        if not mine.open_by_code(turn, told["code"]):
            raise NoSuchBookingError
        return True
    lost = _LOST.search(reading.said) is not None
    if lost or _fits(_CODE, said):
        return _codes(turn) or (lost and _no_code(turn))
    for pattern, label, url in (
        (_CALENDAR, turn._("Add to calendar"), session.calendar_url),
        (_MAP, turn._("Map"), session.map_url),
    ):
        if forms.plain(label) in said or _fits(pattern, said):
            return _link(turn, label, url)
    return False


def _fits(pattern: re.Pattern[str], said: set[str]) -> bool:
    return any(pattern.fullmatch(s) for s in said)


def _codes(turn: Turn) -> bool:
    """The code of each booking and waiting entry; whether there is one."""
    seen = family_queries.sharing_adults(turn.db, turn.adult)
    booked = queries.bookings_of(turn.db, *seen, now=turn.now)
    waits = queue.entries_of(turn.db, turn.adult.id)
    codes = [
        (f"{telling.discreet_name(b.next, turn.content, turn.words)}, {telling.short_when(b.next, turn.words)}", b.claim.code)
        for b in booked
    ]  # fmt: skip
    codes += [(waits_for(turn.db, e, turn.content, turn.words), e.code) for e in waits]
    if not codes:
        return False
    turn.say(
        paragraphs(
            *(lines(Markup("{}").format(name),
                    turn.words.fill(turn._("Code: <b>%(code)s</b>"), code=mine.code_words(turn, code)))
              for name, code in codes),
            turn._("A code opens and cancels what it is for from any phone."),
        ),
        (turn.button(turn._("My bookings"), "my_bookings"),),
    )  # fmt: skip
    return True


def _no_code(turn: Turn) -> bool:
    """A booking of another phone, and no code for it: who can find it."""
    turn.say(
        paragraphs(
            turn._("I can't see a booking in this chat, and without its code I can't open one from "
                   "another phone. Our team can find it by your name:"),
            contact_line(turn.words, line(turn.content)),
        ),
        (turn.button(turn._("Ask a person to ring me"), "ring_me"),),
        (turn.button(turn._("Type a code"), "by_code"),),
    )  # fmt: skip
    return True


def _link(turn: Turn, label: str, url: Callable[[Turn, Slot], str]) -> bool:
    """The link for what is on the screen, else for what is booked; whether there is something."""
    shown = turn.talk.listed if turn.talk.listed_kind == "session" else []
    slots = [s for s in timetable.slots_by_id(turn.db, shown) if not s.cancelled]
    if not slots:
        seen = family_queries.sharing_adults(turn.db, turn.adult)
        slots = [b.next for b in queries.bookings_of(turn.db, *seen, now=turn.now)]
    named = [
        f"{telling.discreet_name(s, turn.content, turn.words)}, {telling.short_when(s, turn.words)}"
        for s in slots
    ]
    if len(slots) == 1:
        turn.say(lines(named[0], url(turn, slots[0])), (Button(label, url=url(turn, slots[0])),))
    elif slots:
        turn.say(
            turn._("Which one do you mean?"),
            *[(Button(f"{n}. {name}", url=url(turn, s)),)
              for n, (name, s) in enumerate(zip(named, slots, strict=True), 1)],
        )  # fmt: skip
    return bool(slots)

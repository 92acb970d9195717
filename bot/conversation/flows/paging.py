"""What is said to a list of sessions: more of it, back to it, or a day that it cannot have."""

from __future__ import annotations

import re

from bot.conversation import sayings
from bot.conversation.flows import searching
from bot.conversation.turn import Turn
from bot.timetable.searching import search
from bot.understanding.dates import no_such_day
from bot.understanding.reading import Reading, TalkTurn
from bot.understanding.relative import asks_what_was

_BACK = re.compile(
    r"(?:(?:go|take me|get) )?back(?: to (?:the|my|that) (?:list|search|results?|sessions))?"
    r"|(?:show )?(?:me )?(?:the|that) list(?: again)?"
)
#: "any others": the rest of the list.
_OTHERS = re.compile(
    r"(?:(?:and|ok|so) )?(?:are there |is there |have you got |do you have )?"
    r"(?:(?:any|what) others?(?: ones)?|any ?thing else|what else)(?: is there| are there| on)?"
)


def heed(turn: Turn, reading: Reading) -> bool:
    """Answer what is about the list on the screen, or the one before it; whether it was."""
    said = sayings.plain(reading.said)
    last = turn.talk.turns[-1] if turn.talk.turns else None
    if last is not None and last.intent in {"whats_on", "session_detail"}:
        if sayings.means("more", said) or _OTHERS.fullmatch(said):
            _more(turn, last)
            return True
        if _BACK.fullmatch(said) and last.intent == "session_detail" and _list_before(turn):
            _show(turn, _list_before(turn) or last, on=0)
            return True
    if asks_what_was(reading.said):
        kept = searching.wished(last.slots) if last and last.intent == "whats_on" else {}
        kept.pop("when", None)
        searching.show(
            turn, kept, note=turn._("That day is over.") + " " + turn._("The next ones:")
        )
        return True
    if reading.intent == "whats_on" and (day := no_such_day(reading.said)):
        searching.show(turn, reading.slots, note=turn._("There is no %(day)s.") % {"day": day})
        return True
    return False


def _more(turn: Turn, last: TalkTurn) -> None:
    """The next of the same list; at its end that is said, and every wish is kept."""
    asked = _list_before(turn) or last
    if _show(turn, asked, on=1):
        return
    if last.intent == "session_detail":  # it stood in the last screenful: the list from its start
        searching.show(turn, searching.wished(asked.slots))
        return
    used = searching.wished(asked.slots)
    turn.say(
        turn._("That's all for %(wish)s.")
        % {"wish": searching.in_words(turn, used) or turn._("the next two weeks")},
        *searching.chips(turn, used),
        (turn.button(turn._("What's on"), "whats_on"),),
    )


def _list_before(turn: Turn) -> TalkTurn | None:
    """The search whose list is on the screen, or that the session on the screen was tapped in."""
    for earlier in reversed(turn.talk.turns):
        if earlier.intent == "whats_on":
            return earlier
        if earlier.intent != "session_detail":
            break
    return None


def _show(turn: Turn, asked: TalkTurn, *, on: int) -> bool:
    """The screenful of that search which has what was shown last, or `on` from there; whether
    there is one."""
    wish = searching.wished(asked.slots)
    found = search(turn.db, wish, content=turn.content, now=turn.now, zone=turn.desk.zone).slots
    ids = [slot.id for slot in found]
    listed = turn.talk.listed[-1:] if turn.talk.listed_kind == "session" else []
    shown = next((ids.index(i) for i in listed if i in ids), -1)
    page = shown // searching.SCREENFUL + on if shown >= 0 else 0
    if page * searching.SCREENFUL >= len(ids):
        return False
    searching.show(turn, wish, page=page)
    return True

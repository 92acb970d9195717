"""What is told of a child or a home and asks for nothing: "we've moved to Welling", "she's 9 weeks".

It is taken as what they look for, of the session on the screen where there is one. "Remember that
we live in Welling" and "forget where we live" do what the buttons do.
"""

from __future__ import annotations

import re

from bot.conversation.flows import searching, session, whocomes
from bot.conversation.turn import ACTS, Turn
from bot.timetable import queries as timetable
from bot.understanding.reading import Reading

#: Of what we keep of them, which is changed elsewhere.
_DETAILS = re.compile(
    r"\b(?:chang|updat|correct|wrong|details|mistake|spel[lt]|record|register|address|postcode|name"
    r"|number|phone|mobile|e-?mail)\w*"
)
_PLEASE = r"(?:(?:please|can you|could you|hi|hello|ok|and) )*"
_REMEMBER = re.compile(
    rf"{_PLEASE}(?:remember|keep in mind|note)(?: that)? (?:i|i'm|we|we're|my|our|he|she|they|he's|she's)\b.*"
)
_FORGET = re.compile(
    rf"{_PLEASE}forget (?:where (?:i|we) live|(?:my|our) (?:area|place|town|child's age|kids? ages?)"
    r"|how old (?:he|she|they|my \w+) (?:is|are))\b.*"
)


def heed(turn: Turn, reading: Reading) -> bool:
    """Whether something was told so, and was taken."""
    if _FORGET.fullmatch(reading.said):
        ACTS["forget"](turn, {})
        return True
    told = {k: v for k, v in reading.seen.items() if k in ("age_m", "where", "who") and v != "me"}
    if not {"age_m", "where"} & set(told):
        return False
    if _REMEMBER.fullmatch(reading.said) and "?" not in turn.incoming.text:
        ACTS["remember"](turn, {"slots": told})
        return True
    field = reading.slots.get("field")
    if reading.intent != "update_details" or field not in (None, "address"):
        return False
    if _DETAILS.search(reading.said):
        return False
    listed = turn.talk.listed if turn.talk.listed_kind == "session" else []
    shown = timetable.slots_by_id(turn.db, listed)
    if len(shown) == 1 and "where" not in told:
        session.show(turn, shown[0], ask="age", fits=whocomes.answer(turn, shown[0], told, "age"))
        return True
    searching.show(turn, searching.merged(turn, **told))
    return True

"""Two wishes in one message: where it may be split, and which clause wants something of its own.

"book massage for friday, and how do I get 30 hours" is two; "my boy's got chickenpox, can he still
come" is one that explains itself, and "is there parking and how much is it" two facts of one session.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.understanding import facts
from bot.understanding.reading import SlotValue, Wish
from bot.understanding.slots import Seen

#: What a wish begins with: after "and" or a comma it may be another one.
_WISH = r"(?:can|could|how|what|what's|where|where's|when|when's|who|which|is|are|do|does|will|would|please|pls|i'd|i want|i need|i have to|i am|i'm|my|we're|cancel|book|tell|stop|change|remind|update|delete|turn|switch|send|put|add|find|show|give|move|sign (?:me|us|him|her|up)|get me|get us|call|ring|remove|take|register|see|check|want|any|also|if so|if it is|if there is)"
#: What a further wish hangs on, and says nothing of what is wished: "is it on, if so book me in".
_IF_SO = rf"(?:and )?if (?:so|yes|it is|it's on|they are|there is|there are|there's|you do)(?: any)?(?: space| room)?(?=,? (?:then )?{_WISH}\b)"
_ON_CONDITION = re.compile(rf"^{_IF_SO},?\s*(?:then )?")
#: After another wish this asks for the deed, not whether it is booked at all.
_CAN_I_BOOK = re.compile(
    r"^(?:then )?(?:can|could|may) (?:i|we) (?:just |please |also |then )*(?:book|reserve)\b(?! or\b)(?: (?:me|us))?(?: on(?:to)?)?"
)
_BOOKS = re.compile(r"^(?:please )?(?:book|reserve|put (?:me|us) (?:down|on|in))\b")
_WISHES = re.compile(
    rf"(?<=[.!?;])\s+|\s+(?:and also|also|oh and|plus|btw|by the way|while you're at it|meanwhile|(?:and|then|&|\+|n)(?: then)? (?={_WISH}\b))\s*|,\s*(?:and |then |but |so )*(?={_WISH}\b)|\s+[/|\u2013-]\s+(?={_WISH}\b)|,?\s+(?={_IF_SO})|,? and (?=(?:an?|some) (?:\w+ )?(?:group|class|session|course|playgroup|coffee morning)\b)"
)
#: Beside danger anything may stand, and its own words are few.
_COMMA = re.compile(r"\s*[,.!?;]\s*|\s+(?:and|but|also|plus)\s+")
_ASKING = re.compile(
    rf"^(?:and |but |so |oh |also |then )*(?!my\b|i'm\b|i am\b|we're\b){_WISH}\b|\?"
)
_SESSIONS = re.compile(
    r"\b(?:groups?|sessions?|class(?:es)?|playgroups?|courses?|workshops?|next one|anything|what(?:'s| is| else is) (?:on|there))\b"
)
#: After these a question without a name is about what they are about.
_ABOUT_SESSIONS = frozenset(
    {"book", "join_waiting_list", "cancel_booking", "change_booking", "my_bookings"}
)
_ABOUT_A_SESSION = frozenset({"session_detail", "book", "join_waiting_list", "cancel_booking"})
_UNWISHED = re.compile(
    r"\b(?:don't|do not|no need to|not to) (?:cancel|book|move|change|delete|remove|drop)\b"
)
#: What is done for somebody: of two the first is the main one.
_ACTS = frozenset(
    {"book", "cancel_booking", "change_booking", "my_bookings", "reminders_settings"}
    | {"update_details", "join_waiting_list", "register"}
)
#: Of these also before a question: "cancel tomorrow's yoga, and is there anything else on friday".
_DONE_FIRST = frozenset({"cancel_booking", "reminders_settings", "update_details"})
#: What two wishes in one message may each have of their own. An age or a place holds for both.
_SHARED = frozenset({"what", "when", "daypart"})
#: What an act or a question about a session is about, where its own clause doesn't say.
_ABOUT = ("what", "when", "where")
_LEAST_WORDS = 2
_MOST_CLAUSES = 6


def clauses(lines: Sequence[str]) -> list[str]:
    """The parts of a plain-English text that may each be a wish; none where it is one wish."""
    split = [c for line in lines for c in _WISHES.split(line) if c]
    parts = [_to_do(c) if n else c for n, c in enumerate(split)]
    parts = [c for c in parts if len(c.split()) >= _LEAST_WORDS]
    return parts if 1 < len(parts) <= _MOST_CLAUSES else []


def beside_danger(said: str) -> list[str]:
    """The parts of a text about danger that ask for something."""
    parts = [p for p in _COMMA.split(said) if len(p.split()) > _LEAST_WORDS and _ASKING.search(p)]
    return parts[:_MOST_CLAUSES]


def is_booked(clause: str) -> bool:
    """ "Put me down": so few words say little to the trained layer, and leave no doubt."""
    return bool(_BOOKS.search(clause))


def is_unwished(clause: str) -> bool:
    """ "Don't cancel anything": what is not to be done is no wish."""
    return bool(_UNWISHED.search(clause))


def another_fact(wish: Wish, part: Seen, main: Wish) -> Wish | None:
    """A second fact asked of the same session: "is there parking and how much is baby yoga"."""
    if main.intent != "session_detail" or wish.intent not in {"session_detail", "centre_info"}:
        return None
    ask = wish.slots.get("ask")
    named = part.what[:1] or part.slots.get("where")
    same = not named or part.what[:1] == (main.slots.get("what"),)
    if not same or ask not in facts.asks(part.masked) or ask == main.slots.get("ask"):
        return None
    return Wish(main.intent, {**main.slots, "ask": ask})


def another_topic(wish: Wish, part: Seen, main: Wish) -> Wish | None:
    """Help with a second subject: "how do I get healthy start, and when are the first jabs"."""
    if (wish.intent, main.intent) != ("topic", "topic") or not _ASKING.search(part.said):
        return None
    return wish if part.topics and wish.slots.get("topic") != main.slots.get("topic") else None


def asked_by(own: Wish | None, told: Sequence[Wish], main: Wish) -> Wish:
    """The main question as its own clause asks it, where "booking" was another clause's wish and no
    question: "is yoga on, if so can i book" asks whether it is on."""
    if own is None or main.intent != "session_detail" or main.slots.get("ask") != "booking":
        return main
    if all(wish.intent != "book" for wish in told):
        return main
    return Wish(main.intent, {**main.slots, "ask": own.slots.get("ask", "")})


def about_it(wish: Wish, main: Wish) -> Wish:
    """A further wish that names no session is about the main one's: "how much is yoga and can i book"."""
    if not {wish.intent, main.intent} <= _ABOUT_A_SESSION or "what" in wish.slots:
        return wish
    if main.intent == "whats_on" or not wish.slots.keys().isdisjoint(_ABOUT):
        return wish
    return Wish(
        wish.intent, {**{k: main.slots[k] for k in _ABOUT if k in main.slots}, **wish.slots}
    )


def is_own(wish: Wish, part: Seen, main: Wish) -> bool:
    """Whether a clause is a wish of its own, and does not explain or go on about the main one:
    "my boy's got chickenpox, can he still come", "vitamin d for the baby, is it free"."""
    if wish.intent in {"topic", "feedback"} and not _ASKING.search(part.said):
        return False
    if wish.intent == "centre_info" and wish.slots.get("ask") == main.slots.get("ask", ""):
        return False
    if wish.intent == "topic":
        return bool(part.topics) and main.intent not in {"request_support", "out_of_scope"}
    if wish.intent in {"whats_on", "session_detail"}:
        named = bool(part.what or part.slots.keys() & {"when", "where", "daypart"})
        if wish.intent == "session_detail" and main.intent in {"whats_on", "affirm"}:
            named = named or bool(facts.asks(part.masked))
        return named or main.intent in _ABOUT_SESSIONS or bool(_SESSIONS.search(part.said))
    return True


def first_said(main: Wish, told: Sequence[Wish], *, unwished: bool) -> Wish | None:
    """The act that was asked for before the main one: "book first aid, then cancel HENRY"; the one
    that is wanted where the main one is not: "don't cancel anything, move tuesday's"; the yes before a
    question: "yes please, and what do I bring".

    `told` are the wishes of the clauses, in order.
    """
    first = told[0] if told else main
    if unwished and main.intent == "cancel_booking" and first.intent in _ACTS:
        return first
    goes_first = first.intent != main.intent and (
        {first.intent, main.intent} <= _ACTS
        or (first.intent in _DONE_FIRST and main.intent not in _ACTS)
        or (first.intent, main.intent) == ("affirm", "session_detail")
    )
    return first if goes_first and any(w.intent == main.intent for w in told[1:]) else None


def apart(main: Wish, own: Wish, others: Sequence[Wish]) -> Wish:
    """A search, or an act, without what another clause alone told: its own words are `own`."""
    slots: dict[str, SlotValue] = {}
    for name, value in main.slots.items():
        if name not in _SHARED or not any(name in other.slots for other in others):
            slots[name] = value
        elif name in own.slots:
            slots[name] = own.slots[name]
    return Wish(main.intent, slots)


def _to_do(clause: str) -> str:
    """After another wish "if so can i book" is "please book me on"."""
    return _CAN_I_BOOK.sub("please book me on", _ON_CONDITION.sub("", clause))

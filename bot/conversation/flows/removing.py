"""A child goes off the list: by its button, or by name. Asked once; of an expected baby, never why.

A name we don't know is nobody's: it must never be taken for "remove everything you know".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.conversation.childwords import child_words, expected
from bot.conversation.flows.children import ASKS, CHILD, own, show
from bot.conversation.formwords import SURE_ENOUGH
from bot.conversation.turn import Turn, act
from bot.families import queries
from bot.families import service as families
from bot.families.models import Child
from bot.understanding.reading import Reading

_REMOVE = re.compile(r"\b(remove|delete|take off|take .+ off|take .+ from|forget)\b", re.I)
#: "Remove Sam", and nothing of everything that we know.
_REMOVE_NAMED = re.compile(
    r"(?:(?:please|can you|could you|i want to|i'd like to) )*(?:remove|delete|forget(?: about)?|take(?: off)?) "
    r"(?:my (?:child|son|daughter|baby|boy|girl) )?(?P<who>[^\W\d_][\w'’-]*(?: (?!(?:off|from|please)\b)[^\W\d_][\w'’-]*)?)"
    r"(?: (?:off|from)(?: (?:my|the|our))?(?: \w+)?)?(?: please)?[.!]*",
    re.I,
)
_NO_CHILD = re.compile(
    r"\b(?:me|my|all|everything|every|data|account|it|this|that|them|those|these|details?|info\w*|chats?|histor\w+|"
    r"messages?|stuff|bookings?|place|course|session|age|area|number|phone|e-?mail|postcode|name|names|address|you|"
    r"the|a|about|profile|records?|reminders?|card|screen|conversation|us|off|what|which|anything|things?)\b",
    re.I,
)
_BABY = re.compile(r"\b(baby|pregnan\w*|due)\b", re.I)


@act("child_remove")
def remove(turn: Turn, args: Mapping[str, Any]) -> None:
    """Asked once."""
    found, _ = own(turn, args), turn._
    if expected(found):
        ask = _("Shall I take the baby off your list? Bookings stay as they are.")
    else:
        ask = _("Shall I take this off your list: %(child)s? Bookings stay as they are.") % {
            "child": child_words(turn, found)
        }
    turn.say(
        ask,
        (turn.button(turn._("Yes, take it off"), "child_remove_yes", n=found.id),
         turn.button(turn._("No, keep it"), "children")),
    )  # fmt: skip


@act("child_remove_yes")
def remove_yes(turn: Turn, args: Mapping[str, Any]) -> None:
    """Of a baby that was expected, one gentle line and nothing else."""
    found = own(turn, args)
    baby = expected(found)
    families.forget_child(turn.db, turn.adult, found)
    if not baby:
        show(turn, turn._("Done."))
        return
    turn.say(
        turn._("Done. I won't mention it again. We are here for you, whatever you need."),
        (turn.button(turn._("Ask a person to ring me"), "ring_me"),),
    )


def heed(turn: Turn, text: str, reading: Reading) -> bool:
    """Whether somebody was to be taken off the list, and was asked about."""
    said = f"{text} {reading.said}" if reading.said else text
    return _REMOVE.search(said) is not None and _meant(turn, said, reading)


def _meant(turn: Turn, said: str, reading: Reading) -> bool:
    """Ask about the child that is to go, where one on the list is meant."""
    mine = queries.children_of(turn.db, turn.adult.id)
    named = [c for c in mine if _named(c, said)]
    if not named and (who := _stranger(turn.incoming.text, reading)):
        show(turn, turn._("There is nobody called %(name)s on your list.") % {"name": who})
        return True
    if not named and not (CHILD.search(said) and reading.intent == "update_details"):
        return False
    due = [c for c in mine if expected(c)] if _BABY.search(said) else []
    meant = named or due
    if len(meant) == 1:
        remove(turn, {"n": meant[0].id})
    elif mine:
        turn.say(
            turn._("Which one shall I take off your list?"),
            *[(turn.button(child_words(turn, c), "child_remove", n=c.id),) for c in meant or mine],
        )
    else:
        show(turn)
    return True


def _stranger(text: str, reading: Reading) -> str:
    """The name in "remove Sam", "" where something else is to go."""
    found = _REMOVE_NAMED.fullmatch(" ".join(text.split()))
    sure = reading.intent in ASKS and reading.sure >= SURE_ENOUGH
    if found is None or sure or _NO_CHILD.search(found["who"]) or CHILD.search(found["who"]):
        return ""
    return found["who"].title() if found["who"].islower() else found["who"]


def _named(child: Child, text: str) -> bool:
    name = str(child.private.get("first_name", "")).casefold()
    return bool(name) and re.search(rf"\b{re.escape(name)}\b", text.casefold()) is not None

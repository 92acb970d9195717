"""Whether somebody may come: "is it for a 2 year old", "can dads come", "can I bring my dog"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.conversation.flows import searching
from bot.conversation.turn import Turn
from bot.timetable.queries import Slot
from bot.timetable.rules import fits_age
from bot.timetable.searching import ages_of, fitting, search
from bot.understanding.reading import SlotValue

_MAY_COME = frozenset({"age", "who_can_come", "siblings"})
_PETS = re.compile(r"\b(?:dogs?|puppy|pets?|cats?)\b", re.I)


def asks_for_pets(turn: Turn) -> bool:
    return _PETS.search(turn.incoming.text) is not None


def of_any(
    turn: Turn, slots: Mapping[str, SlotValue], ask: str
) -> tuple[Mapping[str, SlotValue], str]:
    """The search for a question about no session in particular, and its answer as far as there is
    one for all: of the list on the screen where it names nothing of its own."""
    who = slots.get("who")
    if ask == "who_can_come" and not {"what", "age_m"} & set(slots) and who != "childminder":
        slots = {k: v for k, v in searching.wished(slots).items() if k != "who"}
        return {**searching.spoken_of(turn), **slots}, turn._(
            "Whoever looks after a child is welcome, unless a session says who it is for."
        )
    if "what" in slots and ask in _MAY_COME:
        every = {"what": slots["what"]}
        found = search(turn.db, every, content=turn.content, now=turn.now, zone=turn.desk.zone)
        said = {answer(turn, s, slots, ask) for s in found.slots}
        if len(said) == 1 and (told := said.pop()):
            # What isn't for the child is no use: what is, may be.
            no = "age_m" in slots and not fitting(
                turn.db, {**every, "age_m": slots["age_m"]}, content=turn.content, now=turn.now,
                zone=turn.desk.zone,
            ).slots  # fmt: skip
            return ({"age_m": slots["age_m"]} if no else every), told
    if not {"what", "where"} & set(slots):
        slots = {**searching.spoken_of(turn), **searching.wished(slots)}
    return slots, ""


def answer(turn: Turn, slot: Slot, slots: Mapping[str, SlotValue], ask: str) -> str:
    """The yes or no to "is it for a 2 year old" and "can dads come"; "" where it isn't known."""
    _, activity = turn._, turn.content.activities[slot.activity]
    months = [m for ages in ages_of(slots.get("age_m")) for m in ages]
    if ask in _MAY_COME and months:
        if slot.age_from is None and slot.age_to is None:
            return ""
        if not all(fits_age(slot.age_from, slot.age_to, m) for m in months):
            return _("No, it isn't for that age.")
        return "" if activity.age_note else _("Yes, it is for that age.")
    if ask == "who_can_come" and slots.get("who") and not activity.who:
        return _("Yes. Whoever looks after the child is welcome.")
    return ""

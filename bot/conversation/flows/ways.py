"""Ways to start a search with buttons: a day, an age, an activity, who it is for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.content import naming
from bot.conversation import forms
from bot.conversation.flows.searching import find_button, merged, pairs, part, remembered
from bot.conversation.turn import Turn, act, on_command
from bot.understanding.reading import SlotValue
from bot.wording.words import paragraphs


@act("whats_on")
def ways(turn: Turn, _args: Mapping[str, Any]) -> None:
    """Ways to start a search with buttons; what we remember is used and can be forgotten."""
    forms.close(turn)
    _ = turn._
    turn.from_timetable = True
    known = remembered(turn)
    rows = [
        (find_button(turn, _("Today"), {**known, "when": turn.today.isoformat()}),
         find_button(turn, _("Tomorrow"), {**known, "when": _iso(turn, 1)})),
        (find_button(turn, _("This week"), {**known, "when": f"{turn.today}/{_iso(turn, 6 - turn.today.weekday() or 7)}"}),
         find_button(turn, _("Next week"), {**known, "when": f"{_iso(turn, 7 - turn.today.weekday())}/{_iso(turn, 13 - turn.today.weekday())}"})),
        (find_button(turn, _("Saturdays"), {**known, "when": "wd:sat"}),
         find_button(turn, _("Evenings"), {**known, "daypart": "evening"})),
        (turn.button(_("Near a place"), "by_place"), turn.button(_("For an age"), "by_age")),
        (turn.button(_("By activity"), "by_activity"), turn.button(_("Who it's for"), "by_who")),
        (find_button(turn, _("Drop-in"), {**known, "booking": "drop_in"}),
         find_button(turn, _("To book"), {**known, "booking": "bookable"})),
    ]  # fmt: skip
    note = _remembered_note(turn, known)
    turn.say(
        paragraphs(
            _("When would you like to go? Tap a button, or type it, like “Friday morning near "
              "%(place)s for a 10 month old”.")
            % {"place": naming.example_place(turn.words, turn.content)},
            note,
        ),
        *rows,
        *([(turn.button(_("Forget that"), "forget"),)] if note else []),
    )  # fmt: skip


@on_command("whatson", "today")
def whats_on_command(turn: Turn, _argument: str) -> None:
    ways(turn, {})


@act("by_age")
def by_age(turn: Turn, _args: Mapping[str, Any]) -> None:
    _ = turn._
    ages = [
        (_("Not born yet"), {"who": "expecting"}),
        (_("Under 6 months"), {"age_m": "3"}),
        (_("6 to 12 months"), {"age_m": "9"}),
        (_("1 year old"), {"age_m": "18"}),
        (_("2 years old"), {"age_m": "30"}),
        (_("3 or 4 years old"), {"age_m": "42"}),
    ]
    turn.say(
        _("How old is your child?"),
        *pairs([find_button(turn, x, merged(turn, **s)) for x, s in ages]),
    )


@act("by_activity")
def by_activity(turn: Turn, _args: Mapping[str, Any]) -> None:
    offered = [a for a in turn.content.activities.values() if a.offered]
    buttons = [find_button(turn, turn.words.said(a.name), merged(turn, what=a.id)) for a in offered]
    turn.say(turn._("Which activity?"), *pairs(buttons))


@act("by_who")
def by_who(turn: Turn, _args: Mapping[str, Any]) -> None:
    buttons = [
        find_button(turn, naming.who(turn.words, w), merged(turn, who=w)) for w in naming.WHO
    ]
    turn.say(turn._("Who is it for?"), *pairs(buttons))


def _remembered_note(turn: Turn, known: Mapping[str, SlotValue]) -> str | None:
    if not known:
        return None
    label = turn.words.list([part(turn, k, v) for k, v in known.items()])
    return turn._("I remember: %(what)s.") % {"what": label}


def _iso(turn: Turn, days: int) -> str:
    return (turn.today + timedelta(days=days)).isoformat()

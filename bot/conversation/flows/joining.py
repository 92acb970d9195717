"""Join a waiting list: which dates would do, and what a booking would ask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.bookings import queue, rules, waiting
from bot.bookings.models import WaitingEntry
from bot.bookings.rules import EntryState
from bot.conversation import forms, sayings
from bot.conversation.flows import asking, mine
from bot.conversation.flows.waiting import show
from bot.conversation.forms import Field, FormKind, define
from bot.conversation.talk import Form
from bot.conversation.turn import Turn, act
from bot.outreach import service as outreach
from bot.outreach.waiting import waits_for
from bot.timetable import queries as timetable
from bot.timetable import telling
from bot.timetable.queries import Slot
from bot.timetable.service import NoSuchSessionError
from bot.understanding.reading import Reading
from bot.wording.words import lines, paragraphs

_HERE, _ANY_PLACE, _THIS = "here", "anywhere", "this"
#: The choices of dates in words.
_CHOSEN = {
    _THIS: re.compile(r"(?:just |only )?(?:this|that)(?: (?:one|date|day|session|course))?(?: only)?"),
    _HERE: re.compile(r"any (?:date|day|time|one) (?:here|there|at this place|at that place)"),
    _ANY_PLACE: re.compile(r"any(?: (?:one|date|day|time|place))?|anywhere|any date,? any place|all of them"
                           r"|(?:i |we )?don't mind|whichever|whatever"),
}  # fmt: skip
_ANYWHERE = re.compile(r"\b(?:any ?where|any (?:place|centre|venue)|wherever)\b")


@act("wait")
def join(turn: Turn, args: Mapping[str, Any]) -> None:
    """From a full session: which dates would do, and what a booking would ask."""
    slot = timetable.find_slot(turn.db, str(args.get("o", "")))
    if slot is None:
        raise NoSuchSessionError
    start(turn, slot, size=int(args.get("n", 0)))


def start(turn: Turn, slot: Slot, *, size: int = 0) -> None:
    """Begin the form, with the number of places where it is known."""
    mine = [e for e in queue.entries_of(turn.db, turn.adult.id) if _suits(turn, e, slot)]
    if mine:
        show(turn, mine[0])
        return
    forms.begin(turn, "wait", {"size": str(size)} if size else {}, occurrence=slot.id)


def _which_choices(turn: Turn, form: Form) -> list[tuple[str, str]]:
    slot = _of_form(turn, form)
    return [
        (_THIS, turn._("Only this one")),
        (_HERE, turn._("Any date at %(place)s") % {
            "place": telling.place(slot, turn.content, turn.words)}),
        (_ANY_PLACE, turn._("Any date, any place")),
    ]  # fmt: skip


def _read_which(turn: Turn, text: str, reading: Reading | None) -> str:
    """A button's value, or days, parts of the day and a place as typed: "any weekday morning". The
    place is the one they look at, unless they say another or any."""
    if text in (_THIS, _HERE, _ANY_PLACE):
        return text
    said = sayings.plain(reading.said) if reading is not None else ""
    if chosen := next((c for c, way in _CHOSEN.items() if way.fullmatch(said)), ""):
        return chosen
    slots = reading.slots if reading is not None else {}
    runs_at = {s.venue for s in queue.coming(turn.db, _of_form(turn).activity, now=turn.now)}
    named = next((v for v in runs_at if v == slots.get("where")), "")
    typed = asking.days_and_part(reading) or ("/" if named else None)
    if typed is None:
        raise forms.FormRefusedError(
            turn._("Please choose one, or type the days that suit you, like weekday mornings.")
        )
    return f"{typed}/{'' if _ANYWHERE.search(said) else named or _of_form(turn).venue}"


def _finish(turn: Turn, form: Form) -> None:
    slot = _of_form(turn, form)
    facts = asking.facts(turn, form)
    entry = waiting.join(
        turn.db, adult=turn.adult, slot=slot, wish=_wish(form, slot),
        size=int(form.answers.get("size", "1")), facts=facts, key=f"wait:{form.key}",
        policy=turn.desk.policy, now=turn.now,
    )  # fmt: skip
    asking.keep(turn, form, facts)
    free = queue.free_now(turn.db, entry, policy=turn.desk.policy, now=turn.now)
    if entry.state is EntryState.OFFERED or free is not None:
        turn.say(turn._("There is room already on a date that suits you."))
        show(turn, entry)
        return
    _ = turn._
    place = queue.position(turn.db, entry, slot, zone=turn.desk.zone)
    how = (
        _("If a place comes free I'll write to you, and it is kept for you while you decide.")
        if outreach.can_reach(turn.db, turn.adult.id)
        else _("If a place comes free it shows here, in “My bookings”, and staff can ring you.")
    )
    turn.say(
        paragraphs(
            turn.words.fill(_("<b>You are on the waiting list.</b>")),
            waits_for(turn.db, entry, turn.content, turn.words),
            lines(
                _("You are number %(num)d in line.") % {"num": place} if place else None,
                how,
                _("On the last day nothing is kept: I tell several families, and the first to "
                  "say yes has it."),
            ),
            turn.words.fill(
                _("Your code is <b>%(code)s</b>. It opens your place in line from any phone."),
                code=mine.code_words(turn, entry.code),
            ),
        ),
        (turn.button(_("Leave the waiting list"), "leave_list", e=entry.id),),
        (turn.button(_("Other dates"), "dates", o=slot.id),),
    )  # fmt: skip


def _wish(form: Form, slot: Slot) -> dict[str, Any]:
    which = form.answers["which"]
    if which == _THIS:
        return {"subjects": [slot.subject]}
    if which == _HERE:
        return {"activity": slot.activity, "venues": [slot.venue]}
    if which == _ANY_PLACE:
        return {"activity": slot.activity}
    days, part, venue = (*which.split("/"), "")[:3]  # a form from before had no place
    return {
        "activity": slot.activity, "venues": [venue] if venue else [],
        "days": [int(d) for d in days.split(",") if d], "part": part,
    }  # fmt: skip


def _of_form(turn: Turn, form: Form | None = None) -> Slot:
    """The session that a form, else the open one, is about."""
    form = form or turn.talk.form
    slot = timetable.find_slot(turn.db, str(form.about["occurrence"])) if form else None
    if slot is None:
        raise NoSuchSessionError
    return slot


def _suits(turn: Turn, entry: WaitingEntry, slot: Slot) -> bool:
    return rules.suits(entry.wish, slot, turn.desk.zone)


define(
    FormKind(
        name="wait",
        fields=(
            Field("which", lambda t, _f: t._("Which dates would suit you?"), _read_which,
                  choices=_which_choices),
            *asking.FIELDS,
        ),
        finish=_finish,
    )
)  # fmt: skip

"""A call that was asked for: seen again, its number or time put right, taken back.

Only what "Ask a person to ring me" made. What was asked from the card in danger is never shown and
never taken back here: whoever types may not be who asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from bot.conversation import forms, safetimes, sayings
from bot.conversation.flows import people, safety, told
from bot.conversation.flows.asking import read_phone, told_phone
from bot.conversation.forms import Field, FormKind, define
from bot.conversation.talk import Form
from bot.conversation.turn import Turn, act
from bot.enquiries import queries
from bot.enquiries import service as enquiries
from bot.enquiries.models import Enquiry
from bot.enquiries.rules import EnquiryState
from bot.understanding.reading import Reading
from bot.wording.words import lines, paragraphs

_CALL = r"(?:(?:phone )?call(?:[ -]?back)?|ring(?:ing)?(?: back)?|request(?: for a call)?)"
_THEY = r"(?:you|they|staff|some(?:one|body)|any(?:one|body)|a person|the team)"
_RING = r"(?:call|ring|phone|get back)(?:ing)?(?: to)?(?: me| us)?(?: back)?"
_SEE = re.compile(
    rf"(?:did|have|has) {_THEY} (?:get|got|gotten|received?|seen?|read) my (?:request|message|number)\b.*"
    rf"|(?:when|what time|what day) (?:will|are|is|do|does) {_THEY}(?: going to)? {_RING}"
    rf"|(?:is|are|will) {_THEY}(?: still)?(?: going to)? {_RING}"
    rf"|(?:where|what)(?:'s| is| about|'s happening with| happened to) my {_CALL}|my {_CALL}"
)
_OFF = re.compile(
    rf"(?:(?:i|we) (?:want|need|would like) to |i'd like to )?(?:cancel|stop|withdraw|take back|drop|forget)"
    rf"(?: the| my| that| this)? {_CALL}(?: request)?"
    rf"|(?:don't|do not|no need (?:for {_THEY} )?to|you (?:don't|do not) (?:need|have) to) {_RING}(?: any ?more| now)*"
    rf"|(?:i|we)(?: do not| don't| no longer)(?: (?:want|need))"
    rf"(?: (?:a|the|that|any|this))? (?:{_CALL}|(?:{_THEY} )?to {_RING}|to be (?:rung|called|phoned))(?: any ?more| now)*"
)


_RING_AT = re.compile(
    rf"(?:(?:can|could|will|would) {_THEY} |please |just |only |don't |do not |never |not )*{_RING}\b.+"
)
_NEW_TIME = re.compile(
    rf"(?:change|move) (?:the |my |that )?(?:time|{_CALL})(?: (?:of|for) (?:the |my |that )?{_CALL})?(?: to\b.*)?"
    r"|(?:a )?(?:different|another|better|wrong) time"
)


def heed(turn: Turn, reading: Reading) -> bool:
    """Whether it was about a call that was asked for."""
    said = {sayings.plain(forms.plain(s)) for s in (turn.incoming.text, reading.said)}
    if any(_OFF.fullmatch(s) for s in said):
        ring_off(turn, {})
        return True
    asked = queries.calls_of(turn.db, turn.adult.id)
    if asked and any(_SEE.fullmatch(s) for s in said):
        _show(turn, asked[-1])
        return True
    again = any(_NEW_TIME.fullmatch(s) for s in said)
    if asked and (again or any(_RING_AT.fullmatch(s) for s in said)):
        if safetimes.names_time(reading.said):
            whole = people.read_time(turn, turn.incoming.text, reading)
            when = safetimes.time_apart(reading.said) or whole  # "don't ring after 6"
            put_right(turn, when=when)
            _show(turn, asked[-1])
            return True
        if again:
            ring_time(turn, {})
            return True
    if asked and told.number(turn.incoming.text):
        put_right(turn, phone=read_phone(turn, turn.incoming.text, reading))
        if reading.intent == "update_details":  # then it is also theirs for bookings
            return False
        _show(turn, asked[-1])
        return True
    return False


@act("ring_off")
def ring_off(turn: Turn, _args: Mapping[str, Any]) -> None:
    """Nobody rings any more."""
    asked = queries.calls_of(turn.db, turn.adult.id)
    outcome = turn.desk.words("en")._("They took it back.")
    for row in asked:
        enquiries.withdraw(turn.db, row, outcome=outcome, now=turn.now)
    if asked:
        turn.say(turn._("Okay. I've told staff that you don't need the call."),
                 (turn.button(turn._("Ask a person to ring me"), "ring_me"),))  # fmt: skip
        return
    turn.say(
        lines(
            turn._("I can't see a call here that I could take back. Our team can:"),
            safety.contact_line(turn.words, safety.line(turn.content)),
        )
    )


@act("ring_number")
def ring_number(turn: Turn, _args: Mapping[str, Any]) -> None:
    forms.begin(turn, "ring_number")


@act("ring_time")
def ring_time(turn: Turn, _args: Mapping[str, Any]) -> None:
    forms.begin(turn, "ring_time")


def put_right(turn: Turn, **facts: str) -> None:
    """Ring this number, or at this time, instead, for every call that is asked for."""
    for row in queries.calls_of(turn.db, turn.adult.id):
        row.reseal(**facts)


def _show(turn: Turn, row: Enquiry) -> None:
    _, told_us = turn._, row.private
    opens = safety.opens(turn.words, turn.content.council.hours, turn.now)
    taken = row.state is EnquiryState.TAKEN
    turn.say(
        paragraphs(
            Markup("<b>{}</b>").format(_("Staff have your request for a call.")),
            lines(
                turn.words.fill(_("Number: %(number)s"), number=str(told_us.get("phone", ""))),
                turn.words.fill(_("When: %(time)s"),
                                time=people.time_label(turn, str(told_us.get("when", "")))),
            ),
            _("One of the team has taken it on.") if taken
            else _("They next read requests: %(when)s.") % {"when": opens},
        ),
        *people.call_rows(turn),
    )  # fmt: skip


def _changed(turn: Turn, form: Form) -> None:
    put_right(turn, **form.answers)
    asked: Sequence[Enquiry] = queries.calls_of(turn.db, turn.adult.id)
    if asked:
        _show(turn, asked[-1])
    else:
        turn.say(turn._("That request is closed by now."),
                 (turn.button(turn._("Ask a person to ring me"), "ring_me"),))  # fmt: skip


define(
    FormKind(
        name="ring_number",
        fields=(
            Field("phone", lambda t, _f: t._("What number is safe to ring?"), read_phone,
                  told=told_phone),
        ),
        finish=_changed,
    )
)  # fmt: skip
define(FormKind(name="ring_time", fields=(people.WHEN,), finish=_changed))

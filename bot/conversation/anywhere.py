"""Words that act from anywhere, as their button or command does: also where a form waits for a name.

"Urgent help", "Hide this", "don't let him see" and "never mind" come before danger is listened for.
Each is known by the label of its button, in the person's language, and by the usual English ways to
say it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import partial

from bot.conversation import forms
from bot.conversation.formwords import NEVER_MIND
from bot.conversation.incoming import Kind
from bot.conversation.turn import ACTS, Turn
from bot.timetable import queries as timetable
from bot.timetable import telling

_URGENT = re.compile(
    r"(?:please )?(?:(?:i|we) )?(?:need )?(?:some |the )?(?:urgent|emergency|immediate) help(?: now| please)*"
    r"|(?:please )?(?:(?:i|we) )?need (?:some )?help (?:right now|now|urgently|immediately|straight away)(?: please)?"
    r"|(?:it'?s |its |this is )?(?:an? )?emergency|urgent|help now|sos|999"
)
#: Heeded only where the card is on the screen, so it may be wide: whoever types it is in a hurry.
_HIDE = re.compile(
    r"(?:(?:please|quick|quickly|can you|omg) )*"
    r"(?:hide|delete|remove|erase|clear|wipe|close|get rid of|take(?: away| off| down)?)"
    r"(?: (?:this|that|it|everything|all|these|those|the|my|this one))?"
    r"(?: (?:messages?|chat|texts?|card|page|screen|conversation|away|off|down))?"
    r"(?: (?:now|please|quick|quickly|fast|asap))*"
    r"(?: (?:before )?(?:he|she|they|someone|somebody|my \w+)(?:'?s| is| are|'re)? (?:\w+ )?(?:coming|here|back|home|looking|sees?|reads?|comes?)(?: \w+)?)?"
)
_STOP = re.compile(
    r"(?:please )?(?:unsubscribe(?: me)?|opt out|stop (?:all |these |the |your |my )*messag(?:es|ing)(?: me)?"
    r"|stop (?:sending|texting|writing)(?: to)?(?: me)?(?: any| all| these| your| more)*(?: messages?| texts?)?"
    r"|(?:don'?t|do not) (?:send|write|text|message)(?: to)?(?: me)?(?: any| more)*(?: messages?| texts?| anything)?(?: any ?more)?"
    r")(?: please)?"
)
#: To somebody who lets others see their bookings, that and nothing worse.
_UNSHARE = re.compile(
    r"(?:please |can you |could you )*(?:don'?t|do not|never|stop) "
    r"(?:(?:let|letting|allow) (?:him|her|them|any(?:one|body)|every(?:one|body)|others|my \w+)(?: to)? see(?:ing)?"
    r"|(?:show|showing) (?:him|her|them|any(?:one|body)|every(?:one|body)|others|my \w+))"
    r"(?: (?:it|that|this|(?:my|our|the) bookings?))?(?: (?:any ?more|please|now))*"
)
_OFF = re.compile(
    r"(?:(?:please|can you|could you|i want to|i'd like to|i want you to) )*"
    r"(?:take|remove|delete|erase|wipe|forget|get rid of|lose)(?: (?:off|out|away))? (?:my|the|our) "
    r"(?:(?P<phone>(?:(?:tele)?phone |mobile )*number|phone|mobile)|(?P<email>e-?mail(?: address)?))"
    r"(?: (?:off|out|away|now|please|from (?:it|there|here|this|the system)))*"
)
_FOLLOW = re.compile(
    r"(?:please |can you |could you )*(?:tell|let|notify|inform|message|text|warn) me(?: know)? "
    r"(?:if|when|about)(?: (?:this|it|that|the session|this session|anything))? ?"
    r"(?:(?:is |gets |'s |s )?(?:changes?|changed|cancelled|canceled|called off|moved|off)(?: or )?)+(?: please)?"
    r"|(?:please )?follow (?:this|it|this session)"
)
#: What a form is left waiting for, beside the labels of the menu.
_GO: Mapping[str, re.Pattern[str]] = {
    "menu": re.compile(r"(?:(?:the |main )*menu|home|help|start (?:again|over))(?: please)?"),
    "my_bookings": re.compile(r"(?:(?:show|see) )?(?:me )?my bookings?(?: please)?"),
    "whats_on": re.compile(r"what'?s on|whats on\??"),
}


def heed_first(turn: Turn) -> bool:
    """Urgent help, or the way to hide it, whatever is open, or to leave a form; whether it was
    asked for."""
    typed = _typed(turn)
    if not typed:
        return False
    _ = turn._
    if (turn.talk.danger or turn.talk.danger_said) and (
        _HIDE.fullmatch(typed) or _UNSHARE.fullmatch(typed) or _bare(typed) in _hiding(turn)
    ):
        turn.talk.danger_said += [m for m in [turn.incoming.message_id] if m]
        ACTS["hide"](turn, {})
        return True
    if _is(typed, _URGENT, _("Urgent help")):
        turn.talk.danger_said += [m for m in [turn.incoming.message_id] if m]
        ACTS["urgent"](turn, {})
        return True
    if turn.adult.shares_since and _UNSHARE.fullmatch(typed):
        ACTS["shares_off"](turn, {})
        return True
    if turn.talk.form is not None and not turn.talk.danger and NEVER_MIND.fullmatch(typed):
        ACTS["never_mind"](turn, {})  # known word for word: there is no danger to hear in it
        return True
    return False


def heed(turn: Turn) -> bool:
    """Other words that no form may take for an answer; whether one of them was typed."""
    typed = _typed(turn)
    if not typed:
        return False
    if _is(typed, _STOP, turn._("Stop messages")):
        ACTS["stop"](turn, {})
        return True
    if typed == "stop":
        _stop(turn)
        return True
    if off := _OFF.fullmatch(typed):
        field = "phone" if off["phone"] else "email"
        forms.aside(turn, partial(ACTS["take_off"], turn, {"field": field}))
        return True
    if _is(typed, _FOLLOW, turn._("Tell me if this changes")) and _on_screen(turn):
        forms.aside(turn, partial(_follow, turn))
        return True
    if turn.talk.form is None:
        return False  # the reader knows these too, and what was said before
    for name, label in _places(turn).items():
        if typed == forms.plain(label) or (name in _GO and _GO[name].fullmatch(typed)):
            forms.aside(turn, partial(ACTS[name], turn, {}))
            return True
    return False


def _stop(turn: Turn) -> None:
    """ "Stop" alone: no more messages; in a form, it may only have meant the questions."""
    if turn.talk.form is None:
        ACTS["stop"](turn, {})
        return
    forms.leave(turn)
    turn.say(
        turn._("I've stopped, and nothing was kept. Or did you mean that I should not send you any "
               "messages at all?"),
        (turn.button(turn._("Stop messages"), "stop"),),
    )  # fmt: skip


def _on_screen(turn: Turn) -> list[str]:
    return turn.talk.listed if turn.talk.listed_kind == "session" else []


def _follow(turn: Turn) -> None:
    """Follow the session on the screen; where there are several, ask which."""
    slots = timetable.slots_by_id(turn.db, _on_screen(turn))
    if len(slots) == 1:
        ACTS["follow"](turn, {"o": slots[0].id})
        return
    turn.say(
        turn._("Which session shall I tell you about?"),
        *[
            (turn.button(
                f"{telling.name(s, turn.content, turn.words)}, {telling.short_when(s, turn.words)}",
                "follow", o=s.id,
            ),)
            for s in slots
        ],
    )  # fmt: skip


def _places(turn: Turn) -> dict[str, str]:
    """Where the menu leads, by the act of the button: its label."""
    _ = turn._
    return {
        "menu": _("Menu"), "whats_on": _("What's on"), "my_bookings": _("My bookings"),
        "courses": _("Courses to book"), "topics": _("Help and advice"),
        "ring_me": _("Ask a person to ring me"), "register": _("Register my family"),
        "settings": _("Settings and privacy"), "language": _("Language"),
    }  # fmt: skip


def _hiding(turn: Turn) -> set[str]:
    """How people ask to hide the card, in every language we speak: it may not be in the chat's own."""
    spoken = [turn.desk.words(tag) for tag in turn.desk.languages]
    # translators: ways to type "Hide this" in a hurry, apart by semicolons, as many as there are
    ways = [w._("hide it; delete this; delete it; remove it") for w in spoken]
    ways += [w._("Hide this") for w in spoken]
    return {_bare(forms.plain(way)) for each in ways for way in each.split(";")}


def _bare(text: str) -> str:
    """Without marks on letters, which nobody types in a hurry."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _typed(turn: Turn) -> str:
    return forms.plain(turn.incoming.text) if turn.incoming.kind in (Kind.TEXT, Kind.EDITED) else ""


def _is(typed: str, said: re.Pattern[str], label: str) -> bool:
    return typed == forms.plain(label) or said.fullmatch(typed) is not None

""" "Why didn't I get a place?": what happened to this family, from the ledger, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from sqlmodel import Session, col, select

from bot.bookings import queue
from bot.bookings.models import StoryLine
from bot.bookings.rules import LIVE_STATES, NoSuchEntryError, Step
from bot.conversation.turn import Turn, act
from bot.outbox.message import Button
from bot.outreach.story import tell
from bot.outreach.waiting import waits_for
from bot.timetable import queries as timetable
from bot.timetable import telling
from bot.understanding.reading import Reading
from bot.wording.words import lines, paragraphs

_GONE = (Step.FULL, Step.CANCELLED)  # what leaves somebody without a place
MOST = 6  # stories to choose from, the newest
_A_PLACE = r"\b(?:place|space|spot|turn|offered|chosen|picked|waiting|list|queue|line|it|one|in)\b"
_WHY = re.compile(
    r"why (?:have|did|do|does|am|was|were|are|has|is)(?:n't| not)? (?:i|we)\b"
    rf"(?=.*(?:{_A_PLACE}))(?!.*\bin (?!(?:the )?(?:list|line|queue|yet)\b|there\b)).*"
    r"|why (?:not me|not us)|why (?:can't|couldn't) (?:i|we)(?:'ve| get| have) (?:a |my |the )?(?:place|space|spot|one|it)(?: back)?(?: again)?"
    r"|why did (?:they|she|he|some(?:one|body)(?: else)?|another (?:family|mum)) (?:get|go first|have)\b.*"
    r"|(?:what (?:has |is |'s )?happened|what's happened|what has happened|what's happening) (?:to|with) "
    r"(?:my|our) (?:turn|place|spot|space|offer|waiting list|place in (?:the )?(?:line|queue))"
)


def concerns(reading: Reading) -> bool:
    """Whether the story is asked for."""
    return bool(_WHY.fullmatch(reading.said.rstrip(" .?!")))


def heed(turn: Turn, reading: Reading) -> bool:
    """Tell the story where it was asked for: of what is waited for, else of what was, was full or
    was given up; if there are several, ask which. Whether it was asked for."""
    if not concerns(reading):
        return False
    told = _told_of(turn)
    if len(told) == 1:
        why(turn, told[0].args)
    elif told:
        turn.say(
            turn._("Which one do you mean?"),
            *[(Button(f"{n}. {b.label}", b.act, b.args),) for n, b in enumerate(told, 1)],
        )
    else:
        turn.say(
            turn._("I can't see that you asked for a place that was full, or waited for one. If "
                   "you did that on another phone, type your code."),
            (turn.button(turn._("Type a code"), "by_code"),),
            (turn.button(turn._("Ask a person to ring me"), "ring_me"),),
        )  # fmt: skip
    return True


@act("why")
def why(turn: Turn, args: Mapping[str, Any]) -> None:
    """The story of this family and a session or waiting entry, and nobody else's."""
    entry = queue.find_entry(turn.db, int(args["e"])) if "e" in args else None
    if "e" in args and entry is None:
        raise NoSuchEntryError
    subjects = [str(args["s"])] if "s" in args else []
    if entry is not None:
        subjects += [str(s) for s in entry.wish.get("subjects", ())]
    told = tell(
        turn.db, turn.adult, subjects=subjects, entries=[entry.id] if entry else [],
        content=turn.content, words=turn.words,
    )  # fmt: skip
    if not told:
        turn.say(turn._("There is nothing to tell yet."))
        return
    turn.say(
        paragraphs(
            Markup("<b>{}</b>").format(turn._("What happened, and why")),
            waits_for(turn.db, entry, turn.content, turn.words) if entry is not None else None,
            lines(*told),
            turn._("Places go in the order people joined. Staff can change the order, and must "
                   "say why."),
        ),
        *([(turn.button(turn._("My place in line"), "entry", e=entry.id),)]
          if entry is not None and entry.state in LIVE_STATES else []),
        (turn.button(turn._("Ask a person to ring me"), "ring_me"),),
    )  # fmt: skip


def _told_of(turn: Turn) -> list[Button]:
    """What there is a story of, as buttons: all that is waited for; else what was, or was full."""
    live = queue.entries_of(turn.db, turn.adult.id)
    entries = list(live)
    full: list[str] = []
    if not live:
        lines_ = _lines(turn.db, turn.adult.id)
        ids = dict.fromkeys(x.entry_id for x in lines_ if x.entry_id)
        entries = [e for i in ids if (e := queue.find_entry(turn.db, i)) is not None]
        waited = {str(s) for e in entries for s in e.wish.get("subjects", ())}
        full = [s for s in dict.fromkeys(x.subject for x in lines_ if x.step in _GONE)
                if s not in waited]  # fmt: skip
    found = [
        turn.button(waits_for(turn.db, e, turn.content, turn.words), "why", e=e.id) for e in entries
    ]
    for subject in full:
        slots = timetable.course_slots(turn.db, subject) or timetable.slots_by_id(
            turn.db, [subject]
        )
        if slots:
            name = telling.discreet_name(slots[0], turn.content, turn.words)
            label = turn._("%(name)s, %(when)s") % {
                "name": name, "when": telling.short_when(slots[0], turn.words),
            }  # fmt: skip
            found.append(turn.button(label, "why", s=subject))
    return found[:MOST]


def _lines(db: Session, adult_id: int) -> list[StoryLine]:
    """What was decided about an adult, the newest first."""
    query = (
        select(StoryLine).where(StoryLine.adult_id == adult_id).order_by(col(StoryLine.id).desc())
    )
    return list(db.exec(query.limit(60)))

"""Tells a family why it got a place or did not, from the ledger, and nothing about anybody else."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.bookings import queue
from bot.bookings.models import StoryLine
from bot.bookings.rules import ClosedWhy, Step
from bot.content.values import Content
from bot.families.models import Adult
from bot.timetable import queries as timetable
from bot.timetable import telling
from bot.wording.words import Words


def tell(
    db: Session,
    adult: Adult,
    *,
    subjects: Collection[str],
    entries: Collection[int],
    content: Content,
    words: Words,
) -> list[str]:
    """One sentence a decision, in order, each with its moment."""
    told = []
    for line in queue.story(db, adult.id, subjects=subjects, entries=entries):
        said = sentence(db, line, content, words)
        if said:
            told.append(
                words._("%(when)s: %(what)s") % {"when": words.moment(line.at), "what": said}
            )
    return told


def sentence(db: Session, line: StoryLine, content: Content, words: Words) -> str:
    """What one decision was. "" for those that only staff need."""
    _, facts = words._, line.facts
    if line.step is Step.CLOSED:
        return _closed(facts, words)
    until = facts.get("until")
    said = {
        Step.FULL: _("You asked for a place. Every place was taken."),
        Step.BOOKED: _("You booked %(name)s."),
        Step.CANCELLED: _("You cancelled."),
        Step.UNDONE: _("You took your place back."),
        Step.MOVED: _("You changed to another date."),
        Step.JOINED: _("You joined the waiting list, as number %(place)s."),
        Step.OFFERED: _("A place came free and was kept for you until %(until)s."),
        Step.TOLD: _("A place came free on the last day. I told you and a few other families."),
        Step.TOO_LATE: _("You said yes, but another family had said yes first."),
        Step.ACCEPTED: _("You said yes and got the place."),
        Step.DECLINED: _("You said no to a place."),
        Step.LAPSED: _lapsed(facts, words),
        Step.STILL_WANTED: _("You said you still want to wait. You kept your turn."),
        Step.PASSED_OVER: _("%(left)s came free, but you need %(size)s. You kept your turn."),
        Step.GATHERED: _(
            "%(left)s came free, but you need %(size)s. It is your turn, so I kept that until %(until)s in case more came free."
        ),
        Step.REORDERED: _("Staff changed the order of the list. You became number %(place)s."),
        Step.LEFT: _("You left the waiting list."),
        Step.GIVEN: _("Staff booked a place for you."),
    }.get(line.step, "")
    return said % {
        "name": _name(db, line.subject, content, words),
        "place": facts.get("place", 1),
        "size": facts.get("size", 2),
        "left": _places(words, int(facts.get("left", 1))),
        "until": words.moment(datetime.fromisoformat(until)) if until else "",
    }


def _lapsed(facts: dict[str, Any], words: Words) -> str:
    """Why an offer ended without an answer."""
    _ = words._
    if facts.get("withdrawn"):
        return _(
            "Staff cancelled or moved the session, so the place could not be kept for you. You kept your turn."
        )
    if facts.get("times", 1) > 1:
        return _("The time to answer ended, so the place was not kept any longer.")
    return _(
        "The time to answer ended, so the place was not kept any longer. I asked whether you still wanted to wait."
    )


def _closed(facts: dict[str, Any], words: Words) -> str:
    _ = words._
    return {
        ClosedWhy.STARTED: _("The waiting list ended: no place came free for you in time."),
        ClosedWhy.OUTGROWN: _("The waiting ended because your child is past the age for it."),
        ClosedWhy.LAPSED: _("You came off the list because two offers went by."),
        ClosedWhy.LIST_CLOSED: _("Staff took you off the list."),
        ClosedWhy.CALLED_OFF: _("The session was cancelled, so the waiting list ended."),
    }.get(ClosedWhy(facts.get("why", "started")), "")


def _places(words: Words, left: int) -> str:
    return words.ngettext("%(num)d place", "%(num)d places", left) % {"num": left}


def _name(db: Session, subject: str, content: Content, words: Words) -> str:
    slots = timetable.course_slots(db, subject) or timetable.slots_by_id(db, [subject])
    return telling.discreet_name(slots[0], content, words) if slots else ""

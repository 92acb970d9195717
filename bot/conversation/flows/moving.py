"""Change a booking to another date: the new place is sure before the old one is let go."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from bot.bookings import may_book, queries, service
from bot.bookings.models import Claim
from bot.bookings.rules import NoSuchBookingError
from bot.conversation.flows import booking, mine, searching
from bot.conversation.talk import shown_line
from bot.conversation.turn import Turn, act, on_intent
from bot.core.errors import PlannedError
from bot.outreach import service as outreach
from bot.timetable import queries as timetable
from bot.timetable import telling
from bot.timetable.queries import Slot
from bot.timetable.service import NoSuchSessionError
from bot.understanding.reading import SlotValue, TalkTurn, Wish
from bot.understanding.when import spans
from bot.wording.words import lines, paragraphs

SHOWN = 6


@on_intent("change_booking")
def change_wish(turn: Turn, wish: Wish) -> None:
    """The booking that is meant, and the new day where it was said."""
    found = queries.bookings_of(turn.db, turn.adult.id, now=turn.now)
    named = mine.meant(turn, found, wish.slots)
    meant = named or found
    day = wish.slots.get("new_when") or wish.slots.get("when")
    if not found and day and (about := searching.spoken_of(turn)):
        searching.show(turn, {**about, "when": day})  # "can i do friday instead" of what is shown
        return
    if len(meant) != 1:
        mine.which(turn, meant, turn._("Which booking would you like to change?"), "move")
        return
    claim = meant[0].claim
    # A day on which nothing is booked is the day to change to.
    new_when = wish.slots.get("new_when") or (None if named else wish.slots.get("when"))
    if new_when is None:
        _list(turn, claim)
        return
    fitting = _on(turn, claim, new_when)
    if len(fitting) == 1:
        _ask(turn, claim, fitting[0])
        return
    if not fitting:
        turn.say(turn._("There is no free place then."))
    _list(turn, claim, fitting)


@act("move")
def move(turn: Turn, args: Mapping[str, Any]) -> None:
    _list(turn, mine.own(turn, args))


@act("move_to")
def move_to(turn: Turn, args: Mapping[str, Any]) -> None:
    _ask(turn, mine.own(turn, args), _slot(turn, args))


@act("move_now")
def move_now(turn: Turn, args: Mapping[str, Any]) -> None:
    """Do it. Tapping twice shows the new booking."""
    claim, slot = mine.own(turn, args), _slot(turn, args)
    turn.talk.listed, turn.talk.listed_kind = [slot.id], "session"
    moved = service.move_place(
        turn.db, claim, slot.id, key=f"move:{claim.id}:{slot.subject}"[:64],
        policy=turn.desk.policy, now=turn.now,
    )  # fmt: skip
    outreach.plan_reminders(turn.db, content=turn.content, now=turn.now, zone=turn.desk.zone)
    turn.say(turn._("Your booking is changed. The old place goes to another family."))
    booking.booked(turn, moved)
    turn.talk.remember(
        TalkTurn("session_detail", {"what": slot.activity},
                 shown=(shown_line(slot, turn.desk.zone),))
    )  # fmt: skip


def _list(turn: Turn, claim: Claim, fitting: Sequence[Slot] = ()) -> None:
    """Other dates of the same kind that have room for as many: those that fit, else all."""
    found = (fitting or _others(turn, claim))[:SHOWN]
    _ = turn._
    if not found:
        turn.say(
            _("There is no other date with a free place just now. You keep your booking."),
            (turn.button(_("My bookings"), "my_bookings"),),
            (turn.button(_("Ask a person to ring me"), "ring_me"),),
        )
        return
    turn.from_timetable = True
    if (old := queries.first_slot(turn.db, claim)) is not None:
        on = old.starts_at.astimezone(turn.desk.zone).date().isoformat()
        turn.talk.remember(TalkTurn("change_booking", {"what": old.activity, "when": on}))
    turn.say(
        _("Which date would you like instead? You keep your place until the new one is sure."),
        *[(turn.button(_label(turn, claim, s), "move_to", c=claim.id, o=s.id),) for s in found],
        (turn.button(_("Keep it as it is"), "keep_booking", c=claim.id),),
    )


def _on(turn: Turn, claim: Claim, when: SlotValue) -> list[Slot]:
    """Other dates on the day that was said. "Saturday" may be any of theirs, not only the next."""
    days = spans(when, now=turn.now, calendar=turn.content.calendar, zone=turn.desk.zone)
    others = [(s.starts_at.astimezone(turn.desk.zone).date(), s) for s in _others(turn, claim)]
    fitting = [s for on, s in others if days.matches(on)]
    if fitting or not isinstance(when, str) or re.search(r"\d", turn.incoming.text):
        return fitting
    try:
        weekday = date.fromisoformat(when).weekday()
    except ValueError:
        return []
    return [s for on, s in others if on.weekday() == weekday]


def _ask(turn: Turn, claim: Claim, slot: Slot) -> None:
    old, _, words = queries.next_slot(turn.db, claim, now=turn.now), turn._, turn.words
    if old is None:
        raise NoSuchBookingError
    turn.from_timetable = True
    turn.say(
        paragraphs(
            Markup("<b>{}</b>").format(telling.name(slot, turn.content, words)),
            lines(
                words.fill(_("From: %(when)s"), when=telling.when(old, words, today=turn.today)),
                words.fill(_("To: <b>%(when)s</b>, %(place)s"),
                           when=telling.when(slot, words, today=turn.today),
                           place=telling.place(slot, turn.content, words)),
            ),
        ),
        (turn.button(_("Yes, change it"), "move_now", c=claim.id, o=slot.id),),
        (turn.button(_("Keep it as it is"), "keep_booking", c=claim.id),),
    )  # fmt: skip


def _others(turn: Turn, claim: Claim) -> list[Slot]:
    """Dates this adult could change to, soonest first, their own place first."""
    old = queries.next_slot(turn.db, claim, now=turn.now)
    if old is None:
        return []
    others = [
        s for s in timetable.activity_slots(turn.db, old.activity, now=turn.now)
        if s.subject != old.subject
    ]  # fmt: skip
    left = queries.places_left(turn.db, others, now=turn.now)
    return sorted(
        (s for s in others if left.get(s.subject, 0) >= claim.size and _allowed(turn, claim, s)),
        key=lambda s: s.venue != old.venue,
    )


def _allowed(turn: Turn, claim: Claim, slot: Slot) -> bool:
    try:
        may_book.check_allowed(
            turn.db, turn.adult, slot, policy=turn.desk.policy, now=turn.now, instead_of=claim
        )
    except PlannedError:
        return False
    return True


def _label(turn: Turn, claim: Claim, slot: Slot) -> str:
    old = queries.next_slot(turn.db, claim, now=turn.now)
    when = telling.short_when(slot, turn.words)
    if old is not None and old.venue == slot.venue:
        return when
    place = telling.place(slot, turn.content, turn.words)
    return turn._("%(when)s, %(place)s") % {"when": when, "place": place}


def _slot(turn: Turn, args: Mapping[str, Any]) -> Slot:
    slot = timetable.find_slot(turn.db, str(args.get("o", "")))
    if slot is None:
        raise NoSuchSessionError
    return slot

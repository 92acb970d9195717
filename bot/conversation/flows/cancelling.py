"""Cancelling a booking: asked first, undone for a minute; "I can't come" and "I'm coming"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from bot.bookings import queries, service
from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind, EndedWhy, RegisterMark
from bot.conversation import forms, sayings
from bot.conversation.flows import mine
from bot.conversation.turn import Turn, act, on_intent
from bot.timetable import telling
from bot.understanding.reading import Reading, Wish
from bot.wording.words import lines, paragraphs

_UNDO = re.compile(r"undo(?: (?:it|this|that))?")


@on_intent("cancel_booking")
def cancel_wish(turn: Turn, wish: Wish) -> None:
    """The booking meant, else which one?"""
    forms.close(turn)
    found = queries.bookings_of(turn.db, turn.adult.id, now=turn.now)
    chosen = (
        mine.meant(turn, found, wish.slots) or found
    )  # it may have been another that was spoken of
    if len(chosen) == 1:
        ask_cancel(turn, chosen[0].claim)
    elif found:
        mine.which(turn, found, turn._("Which booking would you like to cancel?"), "ask_cancel")
    else:
        mine.show(turn)


def heed(turn: Turn, reading: Reading) -> bool:
    """ "Undo" where nothing on the screen can be undone; whether it was that."""
    if not _UNDO.fullmatch(sayings.plain(reading.said)):
        return False
    turn.say(
        turn._("There is nothing I can undo just now."),
        (turn.button(turn._("My bookings"), "my_bookings"),),
    )
    return True


@act("keep_booking")
def keep(turn: Turn, args: Mapping[str, Any]) -> None:
    """No, don't cancel or change it."""
    claim = mine.own(turn, args)
    if claim.kind is ClaimKind.BOOKING:
        turn.say(turn._("That's fine. You keep your place."))
    mine.show_booking(turn, claim)


@act("ask_cancel")
def ask_cancel_act(turn: Turn, args: Mapping[str, Any]) -> None:
    ask_cancel(turn, mine.own(turn, args))


def ask_cancel(turn: Turn, claim: Claim) -> None:
    """What would be cancelled, before it is. Of a course, one date can be missed instead."""
    slots = mine.coming_of(turn, claim)
    if not slots:
        mine.ended(turn, claim)
        return
    first, _, words = slots[0], turn._, turn.words
    turn.from_timetable = True
    course = claim.course_id is not None and len(slots) > 1
    turn.say(
        paragraphs(
            lines(
                Markup("<b>{}</b>").format(telling.name(first, turn.content, words)),
                telling.when(first, words, today=turn.today),
                telling.course_length(first, words),
                telling.place(first, turn.content, words),
            ),
            _("Shall I cancel the whole course? You can also miss one date and keep the others.")
            if course else _("Shall I cancel this booking?"),
        ),
        (turn.button(_("Cancel this booking"), "cancel_now", c=claim.id),),
        (turn.button(_("Keep it as it is"), "keep_booking", c=claim.id),),
        (turn.button(_("Only miss %(when)s") % {"when": telling.short_when(first, words)},
                     "cant_come", c=claim.id, o=first.id),) if course else (),
        (turn.button(_("Change the date"), "move", c=claim.id),),
    )  # fmt: skip


@act("cancel")
@act("cancel_now")
def cancel(turn: Turn, args: Mapping[str, Any]) -> None:
    """One tap cancels; undo takes it back."""
    claim = service.cancel(
        turn.db, mine.own(turn, args), why=EndedWhy.CANCELLED, policy=turn.desk.policy, now=turn.now
    )
    mine.ended(turn, claim)


@act("cant_come")
def cant_come(turn: Turn, args: Mapping[str, Any]) -> None:
    """From a reminder: frees the place at once; of a course, only this week is missed."""
    claim = mine.own(turn, args)
    week = str(args.get("o", ""))
    if claim.course_id is not None and week and claim.kind is ClaimKind.BOOKING:
        service.mark_register(
            turn.db, week, mark=RegisterMark.ABSENT, by="family", now=turn.now, claim_id=claim.id
        )
        turn.say(
            turn._("Thank you for telling us. Your place for the other weeks is kept."),
            (turn.button(turn._("I'm coming after all"), "coming", c=claim.id, o=week),),
            (turn.button(turn._("Cancel the whole course"), "cancel", c=claim.id),),
        )
        return
    claim = service.cancel(
        turn.db, mine.own(turn, args), why=EndedWhy.CANT_COME, policy=turn.desk.policy, now=turn.now
    )
    mine.ended(turn, claim)


@act("coming")
def coming(turn: Turn, args: Mapping[str, Any]) -> None:
    claim = mine.own(turn, args)
    if claim.kind is not ClaimKind.BOOKING:
        mine.ended(turn, claim)
        return
    service.say_coming(turn.db, claim, now=turn.now)
    if claim.course_id is not None and "o" in args:
        service.unmark_register(turn.db, str(args["o"]), claim_id=claim.id)
    turn.say(
        turn._("Lovely, see you there!"),
        (turn.button(turn._("I can't come after all"), "cant_come", **dict(args)),),
    )


@act("undo_cancel")
def undo(turn: Turn, args: Mapping[str, Any]) -> None:
    claim = mine.own(turn, args)
    if (slot := queries.first_slot(turn.db, claim)) is not None:  # instead of it, if it can't be
        turn.talk.listed, turn.talk.listed_kind = [slot.id], "session"
    service.undo_cancel(turn.db, claim, policy=turn.desk.policy, now=turn.now)
    turn.say(turn._("Your place is yours again."))
    mine.show_booking(turn, claim)

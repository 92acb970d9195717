"""Cancelling a booking: asked first, undone for a minute; "I can't come" and "I'm coming"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from markupsafe import Markup

from bot.bookings import queries, service
from bot.bookings.models import Claim
from bot.bookings.rules import (
    ClaimKind,
    EndedWhy,
    OccurrenceFullError,
    RegisterMark,
    TooLateToUndoError,
)
from bot.conversation import forms, sayings
from bot.conversation.flows import instead, mine
from bot.conversation.turn import Turn, act, on_intent
from bot.timetable import telling
from bot.timetable.queries import Slot
from bot.understanding.reading import Reading, SlotValue, Wish
from bot.wording.words import lines, paragraphs

_UNDO = re.compile(r"undo(?: (?:it|this|that))?")
_UNDONE_LATE = timedelta(hours=1)  # after that "undo" alone is about something else
_BACK = re.compile(
    r"(?:(?:can|could|may) (?:i|we)(?:'ve| have| get) |(?:i|we)(?:'d like| would like| want| need) |(?:give me )?|have |get )"
    r"(?:my|our) (?:old )?(?:place|spot|space|booking|date|day|time)s? back(?: again)?"
)
#: Why somebody misses one date and no whole course.
_ILL = re.compile(
    r"\b(?:ill|sick|poorly|unwell|not (?:very )?well|fever|temperature|chicken ?pox|(?:a|the|tummy) (?:bug|cold)"
    r"|hospital|doctors?|appointment)\b"
)

_COUNTS = {"1st": 1, "first": 1, "2nd": 2, "second": 2, "3rd": 3, "third": 3, "4th": 4, "fourth": 4}
#: A week of a course by its count, where one course is all that is booked.
_NTH = re.compile(rf"\b(?P<n>{'|'.join(_COUNTS)}) (?:one|week|date|session|class|time)\b")


@on_intent("cancel_booking")
def cancel_wish(turn: Turn, wish: Wish) -> None:
    """The booking meant, and of a course the dates that were said; else which one?"""
    _cancel_meant(turn, wish.slots, said=wish.slots)


def _cancel_meant(
    turn: Turn, slots: Mapping[str, SlotValue], *, said: Mapping[str, SlotValue]
) -> None:
    """`said` are the slots whose days were named; the others come from the talk before."""
    forms.close(turn)
    found = queries.bookings_of(turn.db, turn.adult.id, now=turn.now)
    if len(found) == 1 and (week := _week_by_count(turn, found[0].claim)) is not None:
        _ask_miss(turn, found[0].claim, [week])
        return
    named = mine.meant(turn, found, slots)
    then = any(mine.on_days(turn, b.slots, slots) for b in found)
    chosen = named or found  # it may have been another that was spoken of, but not another day
    if len(chosen) == 1 and then:
        ask_cancel(turn, chosen[0].claim, said)
    elif found:
        if not then:
            turn.say(turn._("You have nothing booked then."))
        mine.which(turn, found, turn._("Which booking would you like to cancel?"), "ask_cancel")
    else:
        mine.show(turn)


def _week_by_count(turn: Turn, claim: Claim) -> Slot | None:
    counted = _NTH.search(turn.incoming.text.casefold())
    weeks = queries.claim_slots(turn.db, claim)
    if counted is None or not 1 < len(weeks) >= _COUNTS[counted["n"]]:
        return None
    week = weeks[_COUNTS[counted["n"]] - 1]
    return week if week.ends_at > turn.now and not week.cancelled else None


def heed(turn: Turn, reading: Reading) -> bool:
    """ "Undo", or "can I have my place back", said without a button for it; "the first one" of
    bookings that aren't on the screen. Whether it was."""
    if reading.intent in ("cancel_booking", "change_booking") and _counts_unseen(turn, reading):
        found = queries.bookings_of(turn.db, turn.adult.id, now=turn.now)
        act_name = "ask_cancel" if reading.intent == "cancel_booking" else "move"
        mine.which(turn, found, turn._("Which one do you mean?"), act_name)
        return True
    if _whole(turn, reading):
        _cancel_meant(turn, reading.slots, said={})
        return True
    said = reading.said.rstrip(" .?!")
    back = any(_BACK.fullmatch(s) for s in (said, sayings.plain(said)))
    if not back and not _UNDO.fullmatch(sayings.plain(said)):
        return False
    claim = queries.last_cancelled(turn.db, turn.adult.id)
    recent = claim is not None and (claim.expires_at or turn.now) > turn.now - _UNDONE_LATE
    if claim is not None and (back or recent):
        undo(turn, {"c": claim.id})
        return True
    if (new := _changed_to(turn)) is not None:
        turn.say(
            turn._("Your date is changed already. While there is room you can change it back."),
            (turn.button(turn._("Change the date"), "move", c=new.id),),
        )
        return True
    turn.say(
        turn._("I can't see a booking of yours that was cancelled.")
        if back
        else turn._("There is nothing I can undo just now."),
        (turn.button(turn._("My bookings"), "my_bookings"),),
    )
    return True


def _changed_to(turn: Turn) -> Claim | None:
    """The booking that was made a little while ago instead of another one."""
    old = queries.last_moved(turn.db, turn.adult.id)
    if old is None or old.ended_at is None or old.ended_at <= turn.now - _UNDONE_LATE:
        return None
    found = queries.bookings_of(turn.db, turn.adult.id, now=turn.now)
    return next((b.claim for b in found if b.claim.made_at == old.ended_at), None)


def _counts_unseen(turn: Turn, reading: Reading) -> bool:
    """Whether one of several bookings is meant by a number that nothing on the screen has."""
    counts = "ref" in reading.seen and turn.talk.listed_kind != "booking"
    found = queries.bookings_of(turn.db, turn.adult.id, now=turn.now) if counts else []
    return len(found) > 1


def _whole(turn: Turn, reading: Reading) -> bool:
    """Whether a booking is to be cancelled and no day was named: the day that it was shown with
    makes it no single date of a course."""
    dated = {"when", "daypart", "not_when", "new_when"} & set(reading.seen)
    dates = "ref" in reading.seen and turn.talk.listed_kind != "booking"
    return reading.intent == "cancel_booking" and not (dated or dates or reading.also)


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


def ask_cancel(turn: Turn, claim: Claim, said: Mapping[str, SlotValue] | None = None) -> None:
    """What would be cancelled, before it is. Of a course, one date can be missed instead: where
    days were said, those of them are asked about and never the whole."""
    slots = mine.coming_of(turn, claim)
    missed = mine.on_days(turn, slots, said or {})
    if claim.course_id is not None and len(missed) < len(slots) and missed:
        _ask_miss(turn, claim, [s for s in missed if not s.cancelled] or missed)
        return
    if not slots:
        mine.ended(turn, claim)
        return
    first, _, words = slots[0], turn._, turn.words
    turn.from_timetable = True
    course = claim.course_id is not None and len(slots) > 1
    if course and _ILL.search(turn.incoming.text.casefold()):
        _ask_miss(turn, claim, [s for s in slots if not s.cancelled][:1] or slots[:1])
        return
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
                     "miss", c=claim.id, o=first.id),) if course else (),
        (turn.button(_("Change the date"), "move", c=claim.id),),
    )  # fmt: skip


def _ask_miss(turn: Turn, claim: Claim, missed: Sequence[Slot]) -> None:
    """Dates of a course that they can't come on: each alone, the others are kept."""
    _, words = turn._, turn.words
    turn.from_timetable = True
    turn.say(
        paragraphs(
            lines(
                Markup("<b>{}</b>").format(telling.name(missed[0], turn.content, words)),
                telling.when(missed[0], words, today=turn.today) if len(missed) == 1 else None,
                telling.place(missed[0], turn.content, words),
            ),
            _("Shall I say that you'll miss this one date? You keep your place for the others.")
            if len(missed) == 1
            else _("Which date will you miss? You keep your place for the others."),
        ),
        *[(turn.button(_("Only miss %(when)s") % {"when": telling.short_when(s, words)},
                       "miss_now", c=claim.id, o=s.id),) for s in missed],
        (turn.button(_("Keep it as it is"), "keep_booking", c=claim.id),),
        (turn.button(_("Cancel the whole course"), "ask_cancel", c=claim.id),),
    )  # fmt: skip


@act("cancel")
@act("cancel_now")
def cancel(turn: Turn, args: Mapping[str, Any]) -> None:
    """One tap cancels; undo takes it back."""
    claim = service.cancel(
        turn.db, mine.own(turn, args), why=EndedWhy.CANCELLED, policy=turn.desk.policy, now=turn.now
    )
    mine.ended(turn, claim)


@act("miss")
@act("miss_now")
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
    try:
        service.undo_cancel(turn.db, claim, policy=turn.desk.policy, now=turn.now)
    except TooLateToUndoError as refused:
        turn.say(refused.sentence(turn._))
        if slot is not None and slot.starts_at > turn.now:
            instead.offer_others(turn, OccurrenceFullError())
        return
    turn.say(turn._("Your place is yours again."))
    mine.show_booking(turn, claim)

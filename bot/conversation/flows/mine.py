"""My bookings: see one or all, open by code, say what would help. `cancelling` ends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from bot.bookings import queries, queue
from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.queries import Booked
from bot.bookings.rules import (
    ClaimKind,
    EndedWhy,
    EntryState,
    NoSuchBookingError,
)  # fmt: skip
from bot.conversation import forms
from bot.conversation.flows import session
from bot.conversation.forms import Field, FormKind, define
from bot.conversation.talk import Form, shown_line
from bot.conversation.turn import ACTS, Turn, act, on_command, on_intent
from bot.core import codes
from bot.families import queries as family_queries
from bot.outbox.message import Button
from bot.outreach.waiting import waits_for
from bot.timetable import telling
from bot.timetable.queries import Slot
from bot.understanding.reading import Reading, SlotValue, TalkTurn, Wish
from bot.understanding.when import spans
from bot.wording.words import lines, paragraphs

ALONE = (
    codes.LENGTH + 4
)  # characters of a code typed on its own, with its hyphen and a slip of spaces
HELP_LIMIT = 300
#: What a list of bookings asks, by the act of its buttons.
_ASKED = {"ask_cancel": "cancel_booking", "move": "change_booking"}


@act("my_bookings")
def my_bookings(turn: Turn, _args: Mapping[str, Any]) -> None:
    show(turn)


@on_intent("my_bookings")
def my_bookings_wish(turn: Turn, _wish: Wish) -> None:
    show(turn)


@on_command("bookings")
def my_bookings_command(turn: Turn, _argument: str) -> None:
    show(turn)


def show(turn: Turn) -> None:
    """What this adult has booked, and others who let them see it; and what they wait for."""
    forms.close(turn)
    seen = family_queries.sharing_adults(turn.db, turn.adult)
    found = queries.bookings_of(turn.db, *seen, now=turn.now)
    waits = queue.entries_of(turn.db, turn.adult.id)
    if found:
        _list(turn, found, turn._("Your bookings:"), "booking")
    elif not waits:
        turn.say(
            turn._("You have no bookings here. If you booked on another phone, type your code."),
            (turn.button(turn._("Courses to book"), "courses"),),
            (turn.button(turn._("Type a code"), "by_code"),),
        )
    if waits:
        first = len(found) + 1  # one count for all that is on the screen
        names = [waits_for(turn.db, e, turn.content, turn.words) for e in waits]
        turn.say(
            paragraphs(
                Markup("<b>{}</b>").format(turn._("You are waiting for")),
                lines(*(Markup("{}. {}").format(n, name) for n, name in enumerate(names, first))),
            ),
            *[(turn.button(_waiting_label(turn, n, e), "entry", e=e.id),)
              for n, e in enumerate(waits, first)],
        )  # fmt: skip


def _waiting_label(turn: Turn, number: int, entry: WaitingEntry) -> str:
    if entry.state is EntryState.OFFERED:
        return turn._("%(num)d. Answer the offer") % {"num": number}
    return turn._("%(num)d. My place in line") % {"num": number}


def which(turn: Turn, found: list[Booked], question: str, act_name: str) -> None:
    """Ask which booking is meant; where there is none, say so."""
    if not found:
        show(turn)
        return
    _list(turn, found, question, act_name)


@act("booking")
def open_booking(turn: Turn, args: Mapping[str, Any]) -> None:
    show_booking(turn, own(turn, args))


def show_booking(turn: Turn, claim: Claim) -> None:
    """One booking and what can be done with it."""
    _, words = turn._, turn.words
    slots = coming_of(turn, claim)
    if not slots:
        ended(turn, claim)
        return
    first = next((s for s in slots if not s.cancelled), slots[0])
    turn.talk.listed, turn.talk.listed_kind = [first.id], "session"
    turn.from_timetable = True
    called_off = words.fill(_("<b>Cancelled by the centre.</b> %(why)s"), why=first.reason)
    turn.say(
        lines(
            Markup("<b>{}</b>").format(telling.name(first, turn.content, words)),
            called_off if first.cancelled else None,
            telling.when(first, words, today=turn.today),
            None if first.cancelled else session.moved_from(turn, first),
            *session.course_dates(turn, slots),
            telling.where(first, turn.content, words),
            words.fill(_("Code: <b>%(code)s</b>"), code=code_words(turn, claim.code)),
        ),
        (turn.button(_("Change the date"), "move", c=claim.id),
         turn.button(_("Cancel this booking"), "cancel", c=claim.id)),
        (turn.button(_("About this session"), "session", o=first.id),
         Button(_("Add to calendar"), url=session.calendar_url(turn, first))),
        (turn.button(_("What would help you join in?"), "helps", c=claim.id),),
    )  # fmt: skip


def coming_of(turn: Turn, claim: Claim) -> list[Slot]:
    """What is still to come of a booking; nothing where it is none any more."""
    if claim.kind is not ClaimKind.BOOKING:
        return []
    return [s for s in queries.claim_slots(turn.db, claim) if s.ends_at > turn.now]


def ended(turn: Turn, claim: Claim) -> None:
    """What became of a booking that is no more."""
    first = queries.first_slot(turn.db, claim)
    name = telling.discreet_name(first, turn.content, turn.words) if first else ""
    kept = claim.expires_at is not None and claim.expires_at > turn.now
    if claim.ended_why in (EndedWhy.CANCELLED, EndedWhy.CANT_COME) and claim.ended_at is None:
        text = turn._("Your booking for %(name)s is cancelled. Thank you for telling us.") % {
            "name": name
        }
        if kept:
            text += " " + turn._("You have one minute to undo it.")
        else:
            text += " " + turn._("The place is free for another family now.")
        turn.say(text, (turn.button(turn._("Undo"), "undo_cancel", c=claim.id),))
        return
    turn.say(turn._("That booking is over or was not finished."),
             (turn.button(turn._("My bookings"), "my_bookings"),))  # fmt: skip


@act("helps")
def helps(turn: Turn, args: Mapping[str, Any]) -> None:
    forms.begin(turn, "helps", claim=own(turn, args).id)


@act("by_code")
def by_code(turn: Turn, _args: Mapping[str, Any]) -> None:
    forms.begin(turn, "code")


def open_by_code(turn: Turn, text: str) -> bool:
    """Show the booking or waiting entry of a code typed on its own; whether there is one."""
    if not codes.read_code(text) or len(text.strip()) > ALONE:
        return False
    if (claim := queries.find_claim_by_code(turn.db, text)) is not None:
        show_booking(turn, claim)
        return True
    if (entry := queue.find_entry_by_code(turn.db, text)) is not None:
        ACTS["entry"](turn, {"e": entry.id})
        return True
    return False


def code_words(turn: Turn, code: str) -> str:
    """ABCD-EFGH, its halves in order also in Arabic."""
    return codes.code_words(code, rtl=turn.words.direction == "rtl")


def read_code(turn: Turn, text: str, _reading: Reading | None) -> str:
    claim = queries.find_claim_by_code(turn.db, text)
    if claim is None:
        raise forms.FormRefusedError(NoSuchBookingError().sentence(turn._))
    return claim.code


def _with_code(turn: Turn, form: Form) -> None:
    """A right code shows the booking, with buttons that are this adult's to tap."""
    claim = queries.find_claim_by_code(turn.db, form.answers["code"])
    if claim is None:
        raise NoSuchBookingError
    show_booking(turn, claim)


def _keep_helps(turn: Turn, form: Form) -> None:
    claim = queries.find_claim(turn.db, int(form.about["claim"]))
    if claim is None:
        raise NoSuchBookingError
    claim.reseal(needs=form.answers["needs"])
    turn.say(turn._("Thank you. We've passed that to the people who run it."))


def own(turn: Turn, args: Mapping[str, Any]) -> Claim:
    """The booking of a button. Only who was shown the button can tap it. Raises NoSuchBookingError."""
    claim = queries.find_claim(turn.db, int(args.get("c", 0)))
    if claim is None or claim.ended_why is EndedWhy.ERASED:
        raise NoSuchBookingError
    return claim


def _list(turn: Turn, found: list[Booked], head: str, act_name: str) -> None:
    turn.from_timetable = True
    shown = tuple(shown_line(b.next, turn.desk.zone) for b in found)
    turn.talk.listed, turn.talk.listed_kind = [str(b.claim.id) for b in found], "booking"
    turn.talk.remember(
        TalkTurn(_ASKED.get(act_name, "my_bookings"), {}, shown=shown,
                 bot_asked="which_booking" if act_name in _ASKED else "")
    )  # fmt: skip
    items = [
        lines(
            Markup("<b>{}. {}</b>").format(n, telling.name(b.next, turn.content, turn.words)),
            turn._("Cancelled by the centre") if b.next.cancelled else None,
            telling.when(b.next, turn.words, today=turn.today),
            None if b.next.cancelled else session.moved_from(turn, b.next),
            telling.place(b.next, turn.content, turn.words),
        )
        for n, b in enumerate(found, 1)
    ]
    rows = [
        (turn.button(f"{n}. {telling.short_when(b.next, turn.words)}", act_name, c=b.claim.id),)
        for n, b in enumerate(found, 1)
    ]
    turn.say(paragraphs(head, *items), *rows)


def meant(turn: Turn, found: list[Booked], slots: Mapping[str, SlotValue]) -> list[Booked]:
    """The bookings a message may mean, by number, name or day."""
    ref = str(slots.get("ref", ""))
    if ref.isdigit() and 0 < int(ref) <= len(found):
        return [found[int(ref) - 1]]
    if ref == "last" and found:
        return [found[-1]]
    what = slots.get("what")
    return [b for b in found if what in (None, b.next.activity) and on_days(turn, b.slots, slots)]


def on_days(turn: Turn, booked: Sequence[Slot], slots: Mapping[str, SlotValue]) -> list[Slot]:
    """Those of some sessions that are on the days that were said, all where none were."""
    zone, when = turn.desk.zone, slots.get("when", "")
    days = spans(when, now=turn.now, calendar=turn.content.calendar, zone=zone)
    return [s for s in booked if days.matches(s.starts_at.astimezone(zone).date())]


define(
    FormKind(
        name="code",
        fields=(
            Field("code", lambda t, _f: t._("Please type the code of your booking."), read_code),
        ),
        finish=_with_code,
    )
)
define(
    FormKind(
        name="helps",
        fields=(
            Field(
                "needs",
                lambda t, _f: t._("What would help you join in? For example a chair, a quiet "
                                  "corner, an interpreter, or somebody to meet you at the door."),
                lambda _t, text, _r: " ".join(text.split())[:HELP_LIMIT],
                free_text=True,
            ),
        ),
        finish=_keep_helps,
    )
)  # fmt: skip

"""The waiting list: join it, answer an offer, see your place, leave. `story` tells why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from bot.bookings import queries, queue, rules, waiting
from bot.bookings.models import WaitingEntry
from bot.bookings.rules import LIVE_STATES, EntryState, NoSuchEntryError
from bot.conversation import forms, sayings
from bot.conversation.flows import asking, booking, mine, searching
from bot.conversation.forms import Field, FormKind, define
from bot.conversation.talk import Form
from bot.conversation.turn import ACTS, Turn, act
from bot.outreach import service as outreach
from bot.outreach.waiting import answer_rows, offer_text, waits_for
from bot.timetable import queries as timetable
from bot.timetable import telling
from bot.timetable.queries import Slot
from bot.timetable.service import NoSuchSessionError
from bot.understanding.reading import Reading
from bot.wording.words import lines, paragraphs

_WAITS = re.compile(r"\b(?:turn|wait\w*|list|queue|line)\b")
#: The choices of dates in words.
_CHOSEN = {
    "this": re.compile(r"(?:just |only )?(?:this|that)(?: (?:one|date|day|session|course))?(?: only)?"),
    "here": re.compile(r"any (?:date|day|time|one) (?:here|there|at this place|at that place)"),
    "anywhere": re.compile(r"any(?: (?:one|date|day|time|place))?|anywhere|any date,? any place|all of them"
                           r"|(?:i |we )?don't mind|whichever|whatever"),
}  # fmt: skip
_HERE, _ANY_PLACE, _THIS = "here", "anywhere", "this"


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


@act("entry")
def open_entry(turn: Turn, args: Mapping[str, Any]) -> None:
    show(turn, _own(turn, args))


def show(turn: Turn, entry: WaitingEntry) -> None:
    """One waiting entry: an offer to answer, or the place in the line."""
    if entry.state not in LIVE_STATES:
        turn.say(NoSuchEntryError().sentence(turn._), (turn.button(turn._("My bookings"), "my_bookings"),))  # fmt: skip
        return
    if entry.state is EntryState.OFFERED and (held := queue.offer_of(turn.db, entry)):
        slot = queries.next_slot(turn.db, held, now=turn.now)
        if slot is not None and held.expires_at is not None and held.expires_at > turn.now:
            text = offer_text(turn.db, slot, held, turn.content, turn.words, now=turn.now)
            turn.say(text, *answer_rows(entry, slot, turn.words, held=True))
            return
    _ = turn._
    turn.say(
        paragraphs(
            Markup("<b>{}</b>").format(_("On the waiting list")),
            waits_for(turn.db, entry, turn.content, turn.words),
            _place(turn, entry),
        ),
        *([(turn.button(_("Yes, keep my turn"), "still_wanted", e=entry.id),)]
          if entry.state is EntryState.ASKED else []),
        (turn.button(_("Why haven't I got a place?"), "why", e=entry.id),),
        (turn.button(_("Leave the waiting list"), "leave_list", e=entry.id),),
    )  # fmt: skip


@act("offer_yes")
def accept(turn: Turn, args: Mapping[str, Any]) -> None:
    """One tap books what was offered, or what several were told of."""
    entry, slot = _own(turn, args), _slot(turn, args)
    turn.talk.listed, turn.talk.listed_kind = [slot.id], "session"
    key = f"{turn.channel}:{turn.incoming.key}"
    try:
        claim = waiting.accept(turn.db, entry, slot, key=key, policy=turn.desk.policy, now=turn.now)
    except rules.OfferOverError as refused:
        kept = turn._("You keep your turn on the list.") if entry.state in LIVE_STATES else None
        turn.say(lines(refused.sentence(turn._), kept))
        show(turn, entry)
        return
    except (rules.ClashError, rules.TooManyCoursesError) as refused:
        stays = turn._("This place is still kept for you. If you cancel another booking in time, you "
                       "can say yes.")  # fmt: skip
        held = entry.state is EntryState.OFFERED
        turn.say(lines(refused.sentence(turn._), stays if held else None))
        show(turn, entry)
        booking.offer_others(turn, refused)
        return
    if claim.adult_id != turn.adult.id:
        booking.has_one(turn, claim)
        return
    outreach.plan_reminders(turn.db, content=turn.content, now=turn.now, zone=turn.desk.zone)
    booking.booked(turn, claim)


@act("offer_no")
def decline(turn: Turn, args: Mapping[str, Any]) -> None:
    entry = waiting.decline(
        turn.db, _own(turn, args), _slot(turn, args), policy=turn.desk.policy, now=turn.now
    )
    turn.say(turn._("That's fine. The place goes to the next family."))
    if entry.state in LIVE_STATES:
        show(turn, entry)


@act("still_wanted")
def still_wanted(turn: Turn, args: Mapping[str, Any]) -> None:
    entry = waiting.still_wanted(turn.db, _own(turn, args), now=turn.now)
    show(turn, entry)


@act("ask_leave")
def ask_leave(turn: Turn, args: Mapping[str, Any]) -> None:
    """What leaving would lose, before it is done."""
    entry = _own(turn, args)
    if entry.state not in LIVE_STATES:
        show(turn, entry)
        return
    _ = turn._
    turn.say(
        paragraphs(
            waits_for(turn.db, entry, turn.content, turn.words),
            _("Shall I take you off this waiting list? You would lose your place in line, and the "
              "place that I'm keeping for you.")
            if entry.state is EntryState.OFFERED
            else _("Shall I take you off this waiting list? You would lose your place in line."),
        ),
        (turn.button(_("Yes, take me off"), "leave_now", e=entry.id),),
        (turn.button(_("No, keep my place"), "entry", e=entry.id),),
    )  # fmt: skip


@act("leave_list")
@act("leave_now")
def leave(turn: Turn, args: Mapping[str, Any]) -> None:
    waiting.leave(turn.db, _own(turn, args), policy=turn.desk.policy, now=turn.now)
    turn.say(turn._("You are off the waiting list. Thank you for telling us."),
             (turn.button(turn._("My bookings"), "my_bookings"),))  # fmt: skip


@act("waited_others")
def others(turn: Turn, args: Mapping[str, Any]) -> None:
    """After a waiting list ended: what else there is of the kind."""
    searching.show(turn, {"what": _own(turn, args).activity})


def waiting_for(turn: Turn) -> list[WaitingEntry]:
    """What this adult waits for, offers first."""
    entries = queue.entries_of(turn.db, turn.adult.id)
    return sorted(entries, key=lambda e: e.state is not EntryState.OFFERED)


def heed(turn: Turn, reading: Reading) -> bool:
    """Leaving or keeping one's turn, asked for out of the blue; whether it was."""
    said = sayings.plain(reading.said)
    if sayings.means("leave_list", said):
        _one_of(turn, waiting_for(turn), "ask_leave")
        return True
    if _WAITS.search(said) and sayings.means("still_wanted", said):
        asked = [e for e in waiting_for(turn) if e.state is EntryState.ASKED]
        if asked:
            _one_of(turn, asked, "still_wanted")
        else:
            _one_of(turn, waiting_for(turn), "entry")
        return True
    return False


def say_yes(turn: Turn) -> bool:
    """A typed yes, where one offer waits for an answer; whether there was one."""
    offers = [e for e in waiting_for(turn) if e.state is EntryState.OFFERED]
    if len(offers) > 1:
        _one_of(turn, offers, "entry")
        return True
    held = queue.offer_of(turn.db, offers[0]) if len(offers) == 1 else None
    slot = queries.next_slot(turn.db, held, now=turn.now) if held is not None else None
    if slot is None:
        return False
    accept(turn, {"e": offers[0].id, "o": slot.id})
    return True


def say_no(turn: Turn) -> bool:
    """A typed no, where an offer waits: its buttons again, since no may mean something else."""
    offers = [e for e in waiting_for(turn) if e.state is EntryState.OFFERED]
    for entry in offers[:1]:
        show(turn, entry)
    return bool(offers)


def _one_of(turn: Turn, entries: Sequence[WaitingEntry], act_name: str) -> None:
    """Do it about the only one; else ask which, or say that there is none."""
    if len(entries) == 1:
        ACTS[act_name](turn, {"e": entries[0].id})
        return
    names = [waits_for(turn.db, e, turn.content, turn.words) for e in entries]
    turn.say(
        turn._("Which one do you mean?") if entries else turn._("You aren't on any waiting list."),
        *[(turn.button(f"{n}. {name}", act_name, e=e.id),)
          for n, (name, e) in enumerate(zip(names, entries, strict=True), 1)],
    )  # fmt: skip


def _place(turn: Turn, entry: WaitingEntry) -> str | None:
    slots = queue.waited_slots(turn.db, entry, now=turn.now, policy=turn.desk.policy)
    if not slots:
        return None
    place = queue.position(turn.db, entry, slots[0], zone=turn.desk.zone)
    if entry.state is EntryState.ASKED:
        return turn._("You are number %(num)d. You didn't answer the last offer: do you still "
                      "want to wait?") % {"num": place}  # fmt: skip
    return turn._("You are number %(num)d in line.") % {"num": place}


def _which_choices(turn: Turn, form: Form) -> list[tuple[str, str]]:
    slot = _of_form(turn, form)
    return [
        (_THIS, turn._("Only this one")),
        (_HERE, turn._("Any date at %(place)s") % {
            "place": telling.place(slot, turn.content, turn.words)}),
        (_ANY_PLACE, turn._("Any date, any place")),
    ]  # fmt: skip


def _read_which(turn: Turn, text: str, reading: Reading | None) -> str:
    """A button's value, or days and parts of the day as typed: "any weekday morning"."""
    if text in (_THIS, _HERE, _ANY_PLACE):
        return text
    said = sayings.plain(reading.said) if reading is not None else ""
    if chosen := next((c for c, way in _CHOSEN.items() if way.fullmatch(said)), ""):
        return chosen
    typed = asking.days_and_part(reading)
    if typed is None:
        raise forms.FormRefusedError(
            turn._("Please choose one, or type the days that suit you, like weekday mornings.")
        )
    return typed


def _finish(turn: Turn, form: Form) -> None:
    slot = _of_form(turn, form)
    facts = asking.facts(turn, form)
    entry = waiting.join(
        turn.db, adult=turn.adult, slot=slot, wish=_wish(form, slot),
        size=int(form.answers.get("size", "1")), facts=facts, key=f"wait:{form.key}",
        policy=turn.desk.policy, now=turn.now,
    )  # fmt: skip
    asking.keep(turn, facts)
    if entry.state is EntryState.OFFERED:
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
    days, _sep, part = which.partition("/")
    return {
        "activity": slot.activity, "days": [int(d) for d in days.split(",") if d], "part": part,
    }  # fmt: skip


def _of_form(turn: Turn, form: Form) -> Slot:
    slot = timetable.find_slot(turn.db, str(form.about["occurrence"]))
    if slot is None:
        raise NoSuchSessionError
    return slot


def _suits(turn: Turn, entry: WaitingEntry, slot: Slot) -> bool:
    return rules.suits(entry.wish, slot, turn.desk.zone)


def _slot(turn: Turn, args: Mapping[str, Any]) -> Slot:
    slot = timetable.find_slot(turn.db, str(args.get("o", "")))
    if slot is None:
        raise NoSuchSessionError
    return slot


def _own(turn: Turn, args: Mapping[str, Any]) -> WaitingEntry:
    """The entry of a button. Only who was shown the button can tap it. Raises NoSuchEntryError."""
    entry = queue.find_entry(turn.db, int(args.get("e", 0)))
    if entry is None:
        raise NoSuchEntryError
    return entry


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

"""On the waiting list: answer an offer, see your place, leave. `joining` begins it, `story` tells why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from bot.bookings import queries, queue, rules, waiting
from bot.bookings.models import WaitingEntry
from bot.bookings.rules import LIVE_STATES, EntryState, NoSuchEntryError
from bot.conversation import sayings
from bot.conversation.flows import booking, instead, searching
from bot.conversation.turn import ACTS, Turn, act
from bot.outbox import service as outbox
from bot.outreach import service as outreach
from bot.outreach.waiting import answer_rows, free_text, offer_text, waits_for
from bot.timetable import queries as timetable
from bot.timetable.queries import Slot
from bot.timetable.service import NoSuchSessionError
from bot.understanding.reading import Reading
from bot.wording.words import lines, paragraphs

_WAITS = re.compile(r"\b(?:turn|wait\w*|list|queue|line)\b")
#: Where they are in the line, and by when they must answer.
_MY_PLACE = re.compile(
    r"how (?:long|much longer) (?:will|do|would|must|have) (?:i|we)(?:'ve| have| need)?(?: to| got to)? (?:be )?wait(?:ing)?\b.*"
    r"|(?:where|what number|how far(?: up| down)?) am i (?:up |down )?(?:in|on) (?:the|this) (?:waiting )?(?:list|line|queue)"
    r"|(?:what(?:'s| is) |see |show (?:me )?)?my (?:waiting list|(?:place|position|number|turn) (?:in|on) (?:the )?(?:waiting )?(?:list|line|queue))"
    r"|am i (?:still )?(?:in|on) (?:the|a|any) (?:waiting )?(?:list|line|queue)"
)
_UNTIL = re.compile(
    r"do (?:i|we)(?:'ve| have| need) to (?:answer|decide|say|choose|tell you)\b.*"
    r"|(?:when|what time) (?:does|do|will) (?:it|that|this|the offer|my offer|the place) (?:run out|end|expire|lapse|go)\b.*"
    r"|how (?:long|much time) (?:have|do) (?:i|we)(?: got| have)(?: left)?(?: to .*)?"
    r"|(?:when|by when|until when) (?:do|must) (?:i|we)(?:'ve| have| need)?(?: to)? (?:answer|decide|say|tell you)\b.*"
)


@act("entry")
def open_entry(turn: Turn, args: Mapping[str, Any]) -> None:
    show(turn, _own(turn, args))


def show(turn: Turn, entry: WaitingEntry) -> None:
    """One waiting entry: an offer to answer, or the place in the line."""
    if entry.state not in LIVE_STATES:
        turn.say(NoSuchEntryError().sentence(turn._), (turn.button(turn._("My bookings"), "my_bookings"),))  # fmt: skip
        return
    offered = False
    for held in queue.to_answer(turn.db, entry, now=turn.now):
        slot = queries.next_slot(turn.db, held, now=turn.now)
        if slot is not None:
            text = offer_text(turn.db, slot, held, turn.content, turn.words, now=turn.now)
            turn.say(text, *answer_rows(entry, slot, turn.words, held=True))
            _told(turn, f"claim:{held.id}")
            offered = True
    if offered:
        return
    policy, _ = turn.desk.policy, turn._
    free = queue.free_now(turn.db, entry, policy=policy, now=turn.now)
    if entry.state is EntryState.WAITING and free is not None:
        text = free_text(turn.db, free, turn.content, turn.words, now=turn.now)
        turn.say(text, *answer_rows(entry, free, turn.words, held=False))
        _told(turn, f"entry:{entry.id}/{free.id}")
        return
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
        instead.offer_others(turn, refused)
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


def concerns(reading: Reading) -> bool:
    """Whether it can only be about one's turn, whatever question is open."""
    said = sayings.plain(reading.said)
    return bool(_MY_PLACE.fullmatch(said)) or sayings.means("leave_list", said)


def heed(turn: Turn, reading: Reading) -> bool:
    """One's turn: leaving or keeping it, where it is, when to answer; whether it was about that."""
    said = sayings.plain(reading.said)
    waits = waiting_for(turn)
    asks_whether = said.startswith("am i ")  # then no is an answer, too
    if ((waits or asks_whether) and _MY_PLACE.fullmatch(said)) or (
        _UNTIL.fullmatch(said) and any(_to_answer(turn, e) for e in waits)
    ):
        _one_of(turn, waits, "entry")
        return True
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
    held = queue.to_answer(turn.db, offers[0], now=turn.now) if offers else []
    if len(held) > 1:
        show(turn, offers[0])
        return True
    claim = held[0] if held else (queue.offer_of(turn.db, offers[0]) if offers else None)
    slot = queries.next_slot(turn.db, claim, now=turn.now) if claim is not None else None
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


def _to_answer(turn: Turn, entry: WaitingEntry) -> bool:
    """Whether a place is there that they may say yes or no to."""
    free = queue.free_now(turn.db, entry, policy=turn.desk.policy, now=turn.now)
    return entry.state is EntryState.OFFERED or free is not None


def _told(turn: Turn, about: str) -> None:
    """They read it here, so no notice of it need follow; from the web one may go to their e-mail."""
    if turn.channel != "web":
        outbox.skip_notices(turn.db, [about], reason="shown", now=turn.now)


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

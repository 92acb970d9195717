"""What people on a waiting list are told: one voice for the chat and for notices."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup
from sqlmodel import Session

from bot.bookings import ledger, queue
from bot.bookings import queries as bookings
from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.rules import ClosedWhy
from bot.content.values import Content
from bot.outbox.message import Button
from bot.timetable import queries as timetable
from bot.timetable import telling
from bot.timetable.queries import Slot
from bot.wording.words import Words, lines, paragraphs


def offer_text(
    db: Session, slot: Slot, held: Claim, content: Content, words: Words, *, now: datetime
) -> Markup:
    """A place is held for them, until when."""
    _ = words._
    today = now.astimezone(words.zone).date()
    return paragraphs(
        Markup("<b>{}</b>").format(_("A place has come free")),
        _what(db, slot, content, words, now=now),
        words.fill(
            _("It is kept for you until <b>%(until)s</b>. Would you like it?"),
            until=words.moment(held.expires_at or now, today=today),
        ),
        _room_for(held.size, words),
    )  # fmt: skip


def free_text(db: Session, slot: Slot, content: Content, words: Words, *, now: datetime) -> Markup:
    """A place is free, several know, and nothing is held."""
    _ = words._
    return paragraphs(
        Markup("<b>{}</b>").format(_("A place has come free")),
        _what(db, slot, content, words, now=now),
        _("It starts soon, so I've told a few families at once. The first to say yes has it: I "
          "can't keep it for you."),
    )  # fmt: skip


def lapsed_text(entry: WaitingEntry, db: Session, content: Content, words: Words) -> Markup:
    """They didn't answer; they keep their turn, once."""
    _ = words._
    return paragraphs(
        _("I didn't hear from you in time, so I couldn't keep the place for you any longer."),
        waits_for(db, entry, content, words),
        _("You haven't lost your turn. Do you still want to wait?"),
    )


def withdrawn_text(slot: Slot, content: Content, words: Words) -> Markup:
    """Staff cancelled or moved what was offered. They wait on, in their turn."""
    _ = words._
    name, when = telling.discreet_name(slot, content, words), telling.when(slot, words)
    if slot.cancelled:
        gone = _(
            "<b>Cancelled:</b> %(name)s, %(when)s. So the place I kept for you is gone. We're sorry."
        )
    else:
        gone = _(
            "<b>Changed:</b> %(name)s is now %(when)s. So I couldn't keep the place for you. We're sorry."
        )
    return paragraphs(
        words.fill(gone, name=name, when=when),
        _("You haven't lost your turn on the waiting list. You don't need to do anything: I'll tell "
          "you when another place comes free."),
    )  # fmt: skip


def closed_text(entry: WaitingEntry, db: Session, content: Content, words: Words) -> Markup:
    """Nothing came of it, and why."""
    _ = words._
    why = {
        ClosedWhy.STARTED: _("No place came free for you in time. We're sorry."),
        ClosedWhy.OUTGROWN: _("Your child is past the age for it now, so the waiting has ended."),
        ClosedWhy.LAPSED: _("Two offers went by without an answer, so you are off the list. You "
                            "can join again."),
        ClosedWhy.LIST_CLOSED: _("The centre has taken you off the list. A person can tell you more."),
        ClosedWhy.CALLED_OFF: _("It was cancelled, so the waiting list has ended. We're sorry."),
    }.get(entry.ended_why or ClosedWhy.STARTED, "")  # fmt: skip
    return paragraphs(
        Markup("<b>{}</b>").format(_("We're sorry, the waiting list has closed")),
        waits_for(db, entry, content, words),
        why,
    )


def waits_for(db: Session, entry: WaitingEntry, content: Content, words: Words) -> str:
    """In words: Baby Massage, Tuesday 10 March, 10am; or any date at West Street, mornings."""
    _, wish = words._, entry.wish
    slots = [s for subject in wish.get("subjects", ()) if (s := _subject(db, str(subject)))]
    if slots:
        return words.list(
            [
                _("%(name)s, %(when)s") % {
                    "name": telling.discreet_name(s, content, words),
                    "when": telling.short_when(s, words),
                }
                for s in slots
            ]
        )  # fmt: skip
    activity = content.activities[entry.activity]
    name = words.said(activity.neutral or activity.name) or _("Your session")
    days = [words.weekday(int(d)) for d in wish.get("days", ())]
    venues = [words.said(content.venues[v].name) for v in wish.get("venues", ())]
    part = {
        "morning": _("mornings"), "afternoon": _("afternoons"), "evening": _("evenings"),
    }.get(wish.get("part", ""), "")  # fmt: skip
    where = ", ".join(x for x in (words.list(venues), words.list(days), part) if x)
    return (
        _("%(name)s, any date (%(where)s)") % {"name": name, "where": where}
        if where
        else _("%(name)s, any date, any place") % {"name": name}
    )


def answer_rows(
    entry: WaitingEntry, slot: Slot, words: Words, *, held: bool
) -> tuple[tuple[Button, ...], ...]:
    """Buttons under an offer, or under news of a free place."""
    args = {"e": entry.id, "o": slot.id}
    yes = words._("Yes please") if held else words._("Yes, book it")
    return (
        (Button(yes, "offer_yes", args), Button(words._("No thanks"), "offer_no", args)),
        (Button(words._("Leave the waiting list"), "leave_list", {"e": entry.id}),),
    )


def still_free(db: Session, entry: WaitingEntry, slot: Slot, *, now: datetime) -> bool:
    """Whether a place that several were told of is worth telling one more."""
    if entry.state not in queue.IN_TURN or slot.cancelled or slot.starts_at <= now:
        return False
    return bookings.places_left(db, [slot], now=now).get(slot.subject, 0) >= entry.size


def held_for(
    db: Session, claim: Claim, *, now: datetime
) -> tuple[WaitingEntry | None, Slot | None]:
    """The entry and the session of an offer."""
    entry = queue.find_entry(db, claim.entry_id) if claim.entry_id else None
    return entry, bookings.next_slot(db, claim, now=now)


def _room_for(children: int, words: Words) -> str | None:
    """Said where more than one child comes."""
    if children == 1:
        return None
    if children == 2:
        return words._("There is room for both children.")
    room = words.ngettext(
        "There is room for %(num)d child.", "There is room for all %(num)d children.", children
    )
    return room % {"num": children}


def _what(db: Session, slot: Slot, content: Content, words: Words, *, now: datetime) -> Markup:
    return lines(
        telling.discreet_name(slot, content, words),
        telling.when(slot, words, today=now.astimezone(words.zone).date()),
        telling.course_length(slot, words, begun=ledger.begun(db, slot, now=now)),
        telling.place(slot, content, words),
    )


def _subject(db: Session, subject: str) -> Slot | None:
    """Of a course, the meeting it begins with."""
    slots = timetable.course_slots(db, subject)
    begins = next((s for s in slots if not s.cancelled), slots[0] if slots else None)
    return begins or timetable.find_slot(db, subject)

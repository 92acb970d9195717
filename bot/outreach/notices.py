"""Renders a notice at the moment it is sent, after reading its cause again.

Subjects and previews never name a sensitive session or a child.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlmodel import Session

from bot.bookings import queries as bookings
from bot.bookings import queue
from bot.bookings.rules import LIVE_STATES, ClaimKind, EntryState
from bot.content.values import Content
from bot.families.models import Adult
from bot.outbox import queries as outbox
from bot.outbox.message import Button, Message
from bot.outbox.models import Outbox
from bot.outbox.rules import Kind, OutboxState
from bot.outreach import waiting
from bot.outreach.rules import reminder_key, reminder_times, still_useful
from bot.outreach.service import week_key
from bot.timetable import queries as timetable
from bot.timetable import telling
from bot.timetable.models import Change
from bot.timetable.queries import Slot
from bot.timetable.rules import ChangeKind, ChangeState
from bot.wording.words import Words, lines, paragraphs

#: Why a notice is skipped that a later change of the same date has made untrue.
OVERTAKEN = "a newer change tells it"
#: Why nobody hears that a week is off who had not heard yet that it was added.
UNHEARD = "never told of the week"


@dataclass(frozen=True)
class Voice:
    """What rendering needs: the council's content, words by language, where our pages are."""

    content: Content
    words: Callable[[str], Words]
    address: str


@dataclass(frozen=True, slots=True)
class Skip:
    """It is no longer true or wanted."""

    reason: str


def render(db: Session, row: Outbox, voice: Voice, *, now: datetime) -> Message | Skip:
    """The words of a notice as things stand now, or why it is not to be sent."""
    adult = db.get_one(Adult, row.adult_id)
    words = voice.words(adult.lang).on(now)
    match row.kind:
        case Kind.REMINDER_EVE | Kind.REMINDER_SOON:
            return _reminder(db, row, adult, voice, words, now)
        case Kind.CANCELLED | Kind.MOVED:
            return _change(db, row, voice, words)
        case Kind.OFFERED:
            return _offered(db, row, voice, words, now)
        case Kind.FREE_PLACE:
            return _free_place(db, row, voice, words, now)
        case Kind.LAPSED | Kind.LIST_CLOSED:
            if row.about.startswith("claim:"):
                return _withdrawn(db, row, voice, words, now)
            return _waited(db, row, voice, words)
        case Kind.WEEK_ADDED:
            return _week(db, row, voice, words, now)
    return Skip("no words for this kind")


def change_text(change: Change, slot: Slot, voice: Voice, words: Words, *, booked: bool) -> Markup:
    """What everybody concerned is told of a change; staff see the same before they commit."""
    _, content = words._, voice.content
    name = telling.discreet_name(slot, content, words)
    was = words.day(
        datetime.fromisoformat(change.before["starts_at"]).astimezone(words.zone).date()
    )
    if change.kind is ChangeKind.CANCEL:
        head = words.fill(
            _("<b>Cancelled:</b> %(name)s on %(day)s will not take place."), name=name, day=was
        )
        rest = _("We're sorry. You don't need to do anything.") if booked else _("We're sorry.")
    else:
        head = words.fill(_("<b>Changed:</b> %(name)s on %(day)s."), name=name, day=was)
        rest = words.fill(
            _("It is now <b>%(when)s</b> at %(place)s."),
            when=telling.when(slot, words),
            place=telling.place(slot, content, words),
        )
    why = words.fill(_("Why: %(reason)s"), reason=change.reason) if change.reason else None
    keep = _("Your place is kept.") if booked and change.kind is ChangeKind.MOVE else None
    return paragraphs(head, lines(rest, keep), why)


def week_text(slot: Slot, voice: Voice, words: Words) -> Markup:
    """What everybody on a course is told of a week more; staff see the same before they add it."""
    _ = words._
    return paragraphs(
        words.fill(
            _("<b>One more week:</b> %(name)s."),
            name=telling.discreet_name(slot, voice.content, words),
        ),
        words.fill(
            _("It also meets on <b>%(when)s</b> at %(place)s."),
            when=telling.when(slot, words),
            place=telling.place(slot, voice.content, words),
        ),
        _("It is part of your booking. You don't need to do anything."),
    )


def _change(db: Session, row: Outbox, voice: Voice, words: Words) -> Message | Skip:
    change = db.get(Change, int(row.about.partition(":")[2]))
    if change is None or change.state is ChangeState.UNDONE:
        return Skip("undone")
    slot = timetable.find_slot(db, change.occurrence_id)
    newest = timetable.latest_change(db, change.occurrence_id)
    if slot is None or newest is None or newest.id != change.id:
        return Skip(OVERTAKEN)
    if change.kind is ChangeKind.CANCEL and _never_heard(db, slot, row.adult_id):
        return Skip(UNHEARD)
    claim = next((c for c in bookings.booked_for(db, slot) if c.adult_id == row.adult_id), None)
    _ = words._
    rows: list[tuple[Button, ...]] = []
    if claim is not None and change.kind is ChangeKind.MOVE:
        rows.append((Button(_("That's fine"), "coming", {"c": claim.id, "o": slot.id}),
                     Button(_("I can't come"), "cant_come", {"c": claim.id, "o": slot.id})))  # fmt: skip
    rows.append((Button(_("Show other dates"), "dates", {"o": slot.id}),))
    return Message(
        change_text(change, slot, voice, words, booked=claim is not None),
        rows=tuple(rows),
        subject=_subject(voice, words, _("a change to a session")),
        code=claim.code if claim else "",
    )


def _never_heard(db: Session, slot: Slot, adult_id: int) -> bool:
    """Whether somebody was to be told that this week was added to their course, and nothing left."""
    about = outbox.about(db, [week_key(slot.id)], [Kind.WEEK_ADDED])
    mine = {row.state for row in about if row.adult_id == adult_id}
    return bool(mine) and mine <= {OutboxState.QUEUED, OutboxState.SKIPPED}


def _week(db: Session, row: Outbox, voice: Voice, words: Words, now: datetime) -> Message | Skip:
    slot = timetable.find_slot(db, row.about.partition(":")[2])
    if slot is None or slot.cancelled:
        return Skip("session cancelled")
    if slot.starts_at <= now:
        return Skip("too late to be useful")
    claim = next((c for c in bookings.booked_for(db, slot) if c.adult_id == row.adult_id), None)
    if claim is None:
        return Skip("booking cancelled")
    args = {"c": claim.id, "o": slot.id}
    return Message(
        week_text(slot, voice, words),
        rows=((Button(words._("That's fine"), "coming", args),
               Button(words._("I can't come"), "cant_come", args)),),
        subject=_subject(voice, words, words._("a change to a session")),
        code=claim.code,
    )  # fmt: skip


def _reminder(
    db: Session, row: Outbox, adult: Adult, voice: Voice, words: Words, now: datetime
) -> Message | Skip:
    claim_id, _sep, occurrence = row.about.partition("/")
    claim, slot = bookings.find_claim(db, int(claim_id)), timetable.find_slot(db, occurrence)
    if claim is None or slot is None or claim.kind is not ClaimKind.BOOKING or claim.ended_at:
        return Skip("booking cancelled")
    if not adult.reminders:
        return Skip("reminders off")
    if slot.cancelled:
        return Skip("session cancelled")
    if row.dedupe != reminder_key(claim.id, slot.id, slot.version, row.kind):
        return Skip("session moved")
    due = reminder_times(
        slot.starts_at, zone=words.zone, evening_hour=voice.content.council.reminder_hour
    ).get(row.kind)
    if due is None or not still_useful(row.kind, due=due, starts_at=slot.starts_at, now=now):
        return Skip("too late to be useful")
    _ = words._
    today = now.astimezone(words.zone).date()
    text = paragraphs(
        Markup("<b>{}</b>").format(_("A reminder")),
        lines(
            telling.discreet_name(slot, voice.content, words),
            telling.when(slot, words, today=today),
            telling.where(slot, voice.content, words),
        ),
        _("Are you coming? If you can't, tell us and another family can have the place."),
    )  # fmt: skip
    return Message(
        text,
        rows=(
            (Button(_("I'm coming"), "coming", {"c": claim.id, "o": slot.id}),
             Button(_("I can't come"), "cant_come", {"c": claim.id, "o": slot.id})),
            (Button(_("Turn reminders off"), "reminders_off"),),
        ),
        subject=_subject(voice, words, _("a reminder")),
        code=claim.code,
    )  # fmt: skip


def _offered(db: Session, row: Outbox, voice: Voice, words: Words, now: datetime) -> Message | Skip:
    claim = bookings.find_claim(db, int(row.about.partition(":")[2]))
    entry, slot = waiting.held_for(db, claim, now=now) if claim is not None else (None, None)
    if claim is None or entry is None or slot is None or slot.cancelled:
        return Skip("no such offer")
    over = claim.expires_at is None or claim.expires_at <= now
    if not queue.may_say_yes(entry, claim) or claim.ended_at is not None or over:
        return Skip("the offer is over")
    text = waiting.offer_text(db, slot, claim, voice.content, words, now=now)
    if row.dedupe.startswith("change:"):  # the offer had been told, then staff moved the session
        change = db.get(Change, int(row.dedupe.split(":")[1]))
        if change is None or change.state is ChangeState.UNDONE:
            return Skip("undone")
        text = paragraphs(
            words._("The session that I keep a place for you in has changed. This is it now:"), text
        )
    return Message(
        text,
        rows=waiting.answer_rows(entry, slot, words, held=True),
        subject=_subject(voice, words, words._("a place has come free")),
        code=entry.code,
    )


def _withdrawn(
    db: Session, row: Outbox, voice: Voice, words: Words, now: datetime
) -> Message | Skip:
    """An offer that staff's change has ended."""
    claim = bookings.find_claim(db, int(row.about.partition(":")[2]))
    entry, slot = waiting.held_for(db, claim, now=now) if claim is not None else (None, None)
    if entry is None or slot is None or entry.state not in LIVE_STATES:
        return Skip("no longer waiting")
    if not slot.cancelled and not timetable.moved(db, [slot.id]):
        return Skip("undone")
    if entry.wish.get("subjects") == [slot.subject]:
        return Skip("the end of the list tells it")
    return Message(
        waiting.withdrawn_text(slot, voice.content, words),
        rows=((Button(words._("Leave the waiting list"), "leave_list", {"e": entry.id}),),),
        subject=_subject(voice, words, words._("your place on a waiting list")),
        code=entry.code,
    )


def _free_place(
    db: Session, row: Outbox, voice: Voice, words: Words, now: datetime
) -> Message | Skip:
    about, _sep, occurrence = row.about.partition("/")
    entry = queue.find_entry(db, int(about.partition(":")[2]))
    slot = timetable.find_slot(db, occurrence)
    if entry is None or slot is None or not waiting.still_free(db, entry, slot, now=now):
        return Skip("the place has gone")
    return Message(
        waiting.free_text(db, slot, voice.content, words, now=now),
        rows=waiting.answer_rows(entry, slot, words, held=False),
        subject=_subject(voice, words, words._("a place has come free")),
        code=entry.code,
    )


def _waited(db: Session, row: Outbox, voice: Voice, words: Words) -> Message | Skip:
    entry = queue.find_entry(db, int(row.about.partition(":")[2]))
    if entry is None:
        return Skip("no such entry")
    _ = words._
    subject = _subject(voice, words, _("your place on a waiting list"))
    if row.kind is Kind.LIST_CLOSED:
        others = (Button(_("See what else there is"), "waited_others", {"e": entry.id}),)
        text = waiting.closed_text(entry, db, voice.content, words)
        return Message(text, rows=(others,), subject=subject)
    if entry.state is not EntryState.ASKED:
        return Skip("answered already")
    return Message(
        waiting.lapsed_text(entry, db, voice.content, words),
        rows=(
            (Button(_("Yes, keep my turn"), "still_wanted", {"e": entry.id}),),
            (Button(_("Leave the waiting list"), "leave_list", {"e": entry.id}),),
        ),
        subject=subject,
        code=entry.code,
    )


def _subject(voice: Voice, words: Words, what: str) -> str:
    return f"{words.said(voice.content.council.service)}: {what}"

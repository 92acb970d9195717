"""Book a place: it is held while we ask a first name, the child's age and a way to be reached."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Any

from markupsafe import Markup

from bot.bookings import queries, queue, rules, service
from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind
from bot.conversation import forms
from bot.conversation.flows import asking, mine, searching, session, told
from bot.conversation.forms import FormKind, define
from bot.conversation.talk import Form
from bot.conversation.turn import ACTS, Turn, act, on_intent
from bot.families.rules import born_from_age
from bot.outbox.message import Button
from bot.outreach import service as outreach
from bot.timetable import queries as timetable
from bot.timetable import telling
from bot.timetable.queries import Slot
from bot.timetable.service import NoSuchSessionError
from bot.understanding.reading import Reading, Wish
from bot.wording.words import lines, paragraphs

CRAWLS_FROM = 7  # months: from then on many babies do


def hear(turn: Turn, reading: Reading) -> None:
    """Keep the name and the child's age that are told with the wish to book, until a place is
    chosen: nobody is asked what they have said. That it is twins may be told at any question."""
    twins, form = asking.twins(reading.seen, turn.incoming.text), turn.talk.form
    if twins and form is not None and form.name in ("book", "wait"):
        form.answers["twins"] = str(twins)
    age = reading.seen.get("age_m")
    if age is not None:
        turn.talk.told.pop("child", None)  # it may be another child's
    if not {w.intent for w in (reading.wish, *reading.also)} & {"book", "join_waiting_list"}:
        return
    told_now = {"name": told.name_within(turn.incoming.text)}
    if isinstance(age, str) and age.isdigit():
        told_now["child"] = f"about:{born_from_age(int(age), turn.today)}"
    told_now["twins"] = str(twins or "")
    turn.talk.told |= {field: value for field, value in told_now.items() if value}


@on_intent("book", "join_waiting_list")
def wish(turn: Turn, wish: Wish) -> None:
    """A place in something named, pointed at, or to be chosen from what can be booked. At the check
    "book it" is the yes."""
    slots = {**wish.slots}
    if not {"what", "where", "ref"} & set(slots):  # then it is one of those just spoken of
        slots = {**searching.spoken_of(turn), **slots}
    slot = session.pick(turn, wish.slots) or session.pick(turn, slots)
    form = turn.talk.form
    checked = form if form is not None and form.name == "book" and not form.step else None
    same = slot is not None and checked is not None and slot.id == checked.about["occurrence"]
    if checked is not None and (same or not wish.slots):
        forms.done(turn, {"key": checked.key})
        return
    if slot is None:
        searching.show(
            turn, {**slots, **({} if "what" in slots else {"booking": "bookable"})},
            note=turn._("Which one shall I book? Tap it, or type its number."), then="book",
        )  # fmt: skip
        return
    size = asking.party(wish.slots, turn.incoming.text)
    left = queries.places_left(turn.db, [slot], now=turn.now).get(slot.subject)
    if wish.intent == "join_waiting_list" and left == 0:
        ACTS["wait"](turn, {"o": slot.id, "n": size})
        return
    start(turn, slot, size=size)


@act("book")
def book(turn: Turn, args: Mapping[str, Any]) -> None:
    slot = timetable.find_slot(turn.db, str(args.get("o", "")))
    if slot is None:
        raise NoSuchSessionError
    start(turn, slot, size=int(args.get("n", 0)))


def start(turn: Turn, slot: Slot, *, size: int = 0) -> None:
    """Hold a place and ask what is missing; a family that has one already sees it.

    `size` is how many children come, 0 where that was not said.
    """
    if not slot.bookable:
        session.show(turn, slot, ask="booking")
        return
    forms.leave(turn)
    size = size or int(turn.talk.told.get("twins", 0))
    turn.talk.listed, turn.talk.listed_kind = [slot.id], "session"
    _check_told(turn, slot)
    claim = service.hold_place(
        turn.db, adult=turn.adult, occurrence=slot.id,
        size=size if size and asking.counts_children(slot) else 1,
        key=f"{turn.channel}:{turn.incoming.key}", policy=turn.desk.policy, now=turn.now,
    )  # fmt: skip
    if claim.kind is ClaimKind.BOOKING:
        has_one(turn, claim)
        return
    if claim.kind is ClaimKind.OFFER:
        ACTS["entry"](turn, {"e": claim.entry_id})
        return
    turn.from_timetable = True
    until = turn.words.time(claim.expires_at or turn.now)
    keeping = turn._("I'm keeping a place for you until %(time)s while we finish.")
    if claim.size > 1:
        keeping = turn.words.ngettext(
            "I'm keeping %(num)d place for you until %(time)s while we finish.",
            "I'm keeping %(num)d places for you until %(time)s while we finish.", claim.size,
        )  # fmt: skip
    turn.say(
        lines(
            Markup("<b>{}</b>").format(telling.name(slot, turn.content, turn.words)),
            telling.when(slot, turn.words, today=turn.today),
            keeping % {"num": claim.size, "time": until},
        )
    )
    known = {**turn.talk.told, **({"size": str(size)} if size else {})}
    turn.talk.told = {}
    forms.begin(turn, "book", known, claim=claim.id, occurrence=slot.id)


def _check_told(turn: Turn, slot: Slot) -> None:
    """An age that was told with the wish and doesn't fit is refused before a place is held; for the
    next place it is asked. Raises AgeRefusedError."""
    child = turn.talk.told.pop("child", "")
    if child:
        facts = {"born": child.removeprefix("about:")}
        months = queue.months_of(turn.db, facts, slot, zone=turn.desk.zone)
        rules.check_age(slot.age_from, slot.age_to, months)
        turn.talk.told["child"] = child


def has_one(turn: Turn, claim: Claim) -> None:
    """It is booked already, by them or by another of the family who lets them see it."""
    turn.say(rules.HasOneError().sentence(turn._))
    mine.show_booking(turn, claim)


def _read_size(turn: Turn, text: str, reading: Reading | None) -> str:
    """How many come; the places are held at once, all or none. Raises OccurrenceFullError."""
    typed, form = asking.read_size(turn, text, reading), turn.talk.form
    if form is not None:
        service.hold_place(
            turn.db, adult=turn.adult, occurrence=str(form.about["occurrence"]), size=int(typed),
            key=f"size:{form.key}:{typed}", policy=turn.desk.policy, now=turn.now,
        )  # fmt: skip
    return typed


@act("charge_stops")
def charge_stops(turn: Turn, args: Mapping[str, Any]) -> None:
    """The charge would stop them coming. Income and papers are not asked about."""
    form = turn.talk.form
    if form is None or form.key != args["key"]:
        turn.say(turn._("That question is closed. What would you like to do?"))
        return
    form.answers["charge"] = "yes"
    turn.say(turn._("That's fine. Staff will see it and find a way with you. Nobody else will."))
    _review(turn, form)


def _review(turn: Turn, form: Form) -> None:
    facts = asking.facts(turn, form)
    slot = timetable.find_slot(turn.db, str(form.about["occurrence"]))
    if slot is None:
        raise NoSuchSessionError
    claim = queries.find_claim(turn.db, int(form.about["claim"]))
    _ = turn._
    turn.from_timetable = True
    turn.plain = True
    rows = forms.check_rows(turn, form, _("Yes, book it"), *_changes(turn))
    crawling = _crawling(turn, slot, facts)
    if crawling:
        rows.insert(
            1, (searching.find_button(turn, _("See what else there is"), {"age_m": str(crawling)}),)
        )
    if not slot.free and "charge" not in form.answers:
        rows.insert(1, (turn.button(_("The charge would stop me coming"), "charge_stops", key=form.key),))  # fmt: skip
    turn.say(
        paragraphs(
            _("Please check:"),
            lines(
                Markup("<b>{}</b>").format(telling.name(slot, turn.content, turn.words)),
                telling.when(slot, turn.words, today=turn.today),
                telling.place(slot, turn.content, turn.words),
                telling.cost(slot, turn.content, turn.words),
                turn.words.said(turn.content.activities[slot.activity].age_note),
            ),
            lines(
                _children(turn, claim) if claim is not None and claim.size > 1 else None,
                turn.words.fill(_("Name: %(name)s"), name=facts["name"]),
                turn.words.fill(_("Child: %(age)s"), age=asking.child_words(turn, facts)),
                turn.words.fill(_("Reach you by: %(way)s"), way=asking.way(turn, facts)),
            ),
            _("Some babies crawl by then. If yours does, something else may be more fun.")
            if crawling
            else None,
        ),
        *rows,
        (turn.button(_("Urgent help"), "urgent"),),
    )


def _crawling(turn: Turn, slot: Slot, facts: Mapping[str, str]) -> int:
    """The months of a child who may crawl by a session that is for babies who don't; else 0. They
    know best: it is only said."""
    if not turn.content.activities[slot.activity].until_crawling:
        return 0
    months = queue.months_of(turn.db, facts, slot, zone=turn.desk.zone)
    return months if months is not None and months >= CRAWLS_FROM else 0


def _changes(turn: Turn) -> list[tuple[str, str]]:
    _ = turn._
    changes = [("name", _("Change the name")), ("child", _("Change the age"))]
    if turn.channel != "telegram":
        changes.append(("contact", _("Change how to reach me")))
    form = turn.talk.form
    if form is not None and asking.wants_size(turn, form):
        changes.append(("size", _("Change how many come")))
    return changes


def _children(turn: Turn, claim: Claim) -> str:
    said = turn.words.ngettext("Places: %(num)d child", "Places: %(num)d children", claim.size)
    return said % {"num": claim.size}


def _finish(turn: Turn, form: Form) -> None:
    claim = queries.find_claim(turn.db, int(form.about["claim"]))
    if claim is None or claim.adult_id != turn.adult.id:
        raise NoSuchSessionError
    facts = asking.facts(turn, form)
    if form.answers.get("charge") == "yes":
        facts["charge"] = "yes"
    born = date.fromisoformat(facts["born"]) if facts.get("born") else None
    made = service.confirm_place(
        turn.db, claim, facts=facts, born=born, policy=turn.desk.policy, now=turn.now
    )
    asking.keep(turn, form, facts)
    if made.id != claim.id:
        has_one(turn, made)
        return
    outreach.plan_reminders(turn.db, content=turn.content, now=turn.now, zone=turn.desk.zone)
    booked(turn, claim)


def booked(turn: Turn, claim: Claim) -> None:
    """It is done: code, calendar, what happens next, what would help."""
    slots = queries.claim_slots(turn.db, claim)
    slots = [s for s in slots if not s.cancelled and s.ends_at > turn.now] or slots
    first, _ = slots[0], turn._
    turn.from_timetable = True
    if not turn.adult.reminders:
        remind = _("Reminders are off.")
    elif outreach.can_reach(turn.db, turn.adult.id):
        remind = _("I'll remind you the evening before and two hours before.")
    else:
        remind = _("I can't remind you here: add it to your calendar, and note your code.")
        if not (claim.private.get("phone") or claim.private.get("email")):
            remind += " " + _("If it changes, nobody can ring you: look here again before you set out.")  # fmt: skip
    turn.say(
        paragraphs(
            turn.words.fill(_("<b>Booked.</b> See you there!")),
            lines(
                Markup("<b>{}</b>").format(telling.name(first, turn.content, turn.words)),
                telling.when(first, turn.words, today=turn.today),
                *session.course_dates(turn, slots),
                _children(turn, claim) if claim.size > 1 else None,
                telling.where(first, turn.content, turn.words),
            ),
            turn.words.fill(
                _("Your code is <b>%(code)s</b>. It opens and cancels this booking from any phone."),
                code=mine.code_words(turn, claim.code),
            ),
            remind,
        ),
        (Button(_("Add to calendar"), url=session.calendar_url(turn, first)),),
        (turn.button(_("What would help you join in?"), "helps", c=claim.id),),
        (turn.button(_("Cancel this booking"), "cancel", c=claim.id),),
    )  # fmt: skip


def _leave(turn: Turn, form: Form) -> None:
    claim = queries.find_claim(turn.db, int(form.about["claim"]))
    if claim is not None and claim.adult_id == turn.adult.id:
        service.let_go(turn.db, claim, now=turn.now)


define(
    FormKind(
        name="book",
        fields=(
            dataclasses.replace(asking.SIZE, read=_read_size),
            asking.NAME,
            dataclasses.replace(asking.CHILD, read=asking.read_fitting_child),
            asking.CONTACT,
        ),
        finish=_finish,
        review=_review,
        leave=_leave,
        changes=_changes,
    )
)  # fmt: skip

"""Book a place: it is held while we ask a first name, the child's age and a way to be reached."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import phonenumbers
from markupsafe import Markup

from bot.bookings import queries, service
from bot.bookings.models import Claim
from bot.bookings.rules import ClaimKind
from bot.conversation import forms
from bot.conversation.flows import mine, searching, session
from bot.conversation.forms import Field, FormKind, FormRefusedError, define
from bot.conversation.talk import Form
from bot.conversation.turn import Turn, act, on_intent
from bot.families import queries as family_queries
from bot.families import service as families
from bot.families.rules import age_in_months, born_from_age
from bot.outbox.message import Button
from bot.outreach import service as outreach
from bot.timetable import queries as timetable
from bot.timetable import telling
from bot.timetable.queries import Slot
from bot.timetable.service import NoSuchSessionError
from bot.understanding.reading import Reading, Wish
from bot.understanding.when import spans
from bot.wording.words import lines, paragraphs

NAME_LIMIT = 60
MAIL_LIMIT = 254
_MAIL = re.compile(r"[^@\s,;<>\"']+@[^@\s,;<>\"']+\.[^@\s,;<>\"'.]{2,}")
_OLDEST_MONTHS = 120


@on_intent("book", "join_waiting_list")
def wish(turn: Turn, wish: Wish) -> None:
    """A place in something named, pointed at, or to be chosen from what can be booked."""
    slot = session.pick(turn, wish.slots)
    if slot is not None:
        start(turn, slot)
        return
    searching.show(
        turn, {**wish.slots, **({} if "what" in wish.slots else {"booking": "bookable"})}
    )


@act("book")
def book(turn: Turn, args: Mapping[str, Any]) -> None:
    slot = timetable.find_slot(turn.db, str(args.get("o", "")))
    if slot is None:
        raise NoSuchSessionError
    start(turn, slot)


def start(turn: Turn, slot: Slot) -> None:
    """Hold a place and ask what is missing; a family that has one already sees it."""
    if not slot.bookable:
        session.show(turn, slot, ask="booking")
        return
    forms.close(turn)
    turn.talk.listed, turn.talk.listed_kind = [slot.id], "session"
    key = f"{turn.incoming.sender.channel}:{turn.incoming.key}"
    claim = service.hold_place(
        turn.db, adult=turn.adult, occurrence=slot.id, size=1, key=key, policy=turn.desk.policy, now=turn.now
    )
    if claim.kind is ClaimKind.BOOKING:
        turn.say(turn._("You have a place already."))
        mine.show_booking(turn, claim)
        return
    turn.from_timetable = True
    until = turn.words.time(claim.expires_at or turn.now)
    turn.say(
        lines(
            Markup("<b>{}</b>").format(telling.name(slot, turn.content, turn.words)),
            telling.when(slot, turn.words, today=turn.today),
            turn._("I'm keeping a place for you until %(time)s while we finish.") % {"time": until},
        )
    )
    forms.begin(turn, "book", claim=claim.id, occurrence=slot.id)


def offer_others(turn: Turn) -> None:
    """It is full: what else there is."""
    slot = timetable.find_slot(turn.db, turn.talk.listed[0]) if turn.talk.listed else None
    if slot is None:
        return
    rows = [
        (turn.button(turn._("Other dates"), "dates", o=slot.id),),
        (turn.button(turn._("Tell me if this changes"), "follow", o=slot.id),),
    ]
    turn.say(turn._("I can show you other dates, or you can ask a person."), *rows,
             (turn.button(turn._("Ask a person to ring me"), "ring_me"),))  # fmt: skip


def read_name(turn: Turn, text: str, _reading: Reading | None) -> str:
    """A name as it was typed, any letters, cut to length."""
    name = " ".join(text.split())
    if not name or len(name) > NAME_LIMIT or not any(c.isalpha() for c in name):
        raise FormRefusedError(turn._("Please type a first name, like Sam."))
    return name


def read_contact(turn: Turn, text: str, _reading: Reading | None) -> str:
    """An e-mail address where we can use it, else a phone number."""
    return read_email(turn, text) if turn.desk.mail else read_phone(turn, text, None)


def read_email(turn: Turn, text: str) -> str:
    found = text.strip()
    if len(found) > MAIL_LIMIT or not _MAIL.fullmatch(found):
        raise FormRefusedError(turn._("Please type an e-mail address, like name@example.com."))
    return found


def read_phone(turn: Turn, text: str, _reading: Reading | None) -> str:
    """A phone number in any form, kept as +44…"""
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise FormRefusedError(
            turn._("Please type a phone number, like 01632 960 001, 07700 900 982 or "
                   "+44 808 157 0192.")
        )  # fmt: skip
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_child(turn: Turn, text: str, reading: Reading | None) -> str:
    """`born:<date>`, `about:<date>` worked out from an age, `due:<date>` or `due:`."""
    if text.startswith(("born:", "about:", "due:")):
        return text
    typed = _typed_date(text)
    if typed is not None and typed <= turn.today:
        return f"born:{typed}"
    if typed is not None:
        return f"due:{typed}"
    age = reading.delta.get("age_m", reading.slots.get("age_m")) if reading is not None else None
    if isinstance(age, str) and age.isdigit() and int(age) <= _OLDEST_MONTHS:
        return f"about:{born_from_age(int(age), turn.today)}"
    if reading is not None and (when := reading.slots.get("when")):
        days = spans(when, now=turn.now, calendar=turn.content.calendar, zone=turn.desk.zone)
        if days.single is not None and days.single > turn.today:
            return f"due:{days.single}"
    if reading is not None and reading.slots.get("who") == "expecting":
        return "due:"
    raise FormRefusedError(
        turn._("Please type an age, like 10 months, a birthday, like 27 3 2026, or when the baby "
               "is due.")
    )  # fmt: skip


def _ask_child(turn: Turn, _form: Form) -> str:
    return turn._("How old is your child? You can also type a birthday, or when the baby is due.")


def _child_choices(turn: Turn, _form: Form) -> list[tuple[str, str]]:
    def about(months: int) -> str:
        return f"about:{born_from_age(months, turn.today)}"

    _ = turn._
    return [
        ("due:", _("Not born yet")), (about(1), _("Under 3 months")), (about(4), _("3 to 6 months")),
        (about(9), _("6 to 12 months")), (about(18), _("1 year old")), (about(30), _("2 years old")),
        (about(42), _("3 or 4 years old")),
    ]  # fmt: skip


def _wants_name(turn: Turn, form: Form) -> bool:
    return "name" in form.about.get("changed", []) or not turn.adult.private.get("name")


def _wants_child(turn: Turn, form: Form) -> bool:
    if "child" in form.about.get("changed", []):
        return True
    return not any(
        c.private.get("born") or c.private.get("due")
        for c in family_queries.children(turn.db, turn.adult.family_id)
    )


def _wants_contact(turn: Turn, form: Form) -> bool:
    """On Telegram we can write back there; on the web we need one way, unless we have it."""
    if turn.channel == "telegram":
        return False
    known = turn.adult.private.get("email" if turn.desk.mail else "phone")
    return "contact" in form.about.get("changed", []) or not known


def _ask_contact(turn: Turn, _form: Form) -> str:
    if turn.desk.mail:
        return turn._("What e-mail address can we use, to remind you and tell you of changes?")
    return turn._("What phone number can staff ring if the session changes?")


def _review(turn: Turn, form: Form) -> None:
    facts = _facts(turn, form)
    slot = timetable.find_slot(turn.db, str(form.about["occurrence"]))
    if slot is None:
        raise NoSuchSessionError
    _ = turn._
    turn.from_timetable = True
    turn.plain = True
    rows = forms.check_rows(
        turn, form, _("Yes, book it"),
        ("name", _("Change the name")), ("child", _("Change the age")),
        *([] if turn.channel == "telegram" else [("contact", _("Change how to reach me"))]),
    )  # fmt: skip
    turn.say(
        paragraphs(
            _("Please check:"),
            lines(
                Markup("<b>{}</b>").format(telling.name(slot, turn.content, turn.words)),
                telling.when(slot, turn.words, today=turn.today),
                telling.place(slot, turn.content, turn.words),
                telling.cost(slot, turn.content, turn.words),
            ),
            lines(
                turn.words.fill(_("Name: %(name)s"), name=facts["name"]),
                turn.words.fill(_("Child: %(age)s"), age=_child_words(turn, facts)),
                turn.words.fill(_("Reach you by: %(way)s"), way=_way(turn, facts)),
            ),
        ),
        *rows,
        (turn.button(_("Urgent help"), "urgent"),),
    )


def _finish(turn: Turn, form: Form) -> None:
    claim = queries.find_claim(turn.db, int(form.about["claim"]))
    if claim is None or claim.adult_id != turn.adult.id:
        raise NoSuchSessionError
    facts = _facts(turn, form)
    born = date.fromisoformat(facts["born"]) if facts.get("born") else None
    service.confirm_place(turn.db, claim, facts=facts, born=born, policy=turn.desk.policy, now=turn.now)
    _keep_facts(turn, facts)
    outreach.plan_reminders(turn.db, content=turn.content, now=turn.now, zone=turn.desk.zone)
    booked(turn, claim)


def booked(turn: Turn, claim: Claim) -> None:
    """It is done: code, calendar, what happens next, what would help."""
    slots = queries.claim_slots(turn.db, claim)
    first, _ = slots[0], turn._
    turn.from_timetable = True
    dates = turn.words.list(
        [turn.words.short_day(s.starts_at.astimezone(turn.desk.zone).date()) for s in slots]
    )
    if not turn.adult.reminders:
        remind = _("Reminders are off.")
    elif outreach.can_reach(turn.db, turn.adult.id):
        remind = _("I'll remind you the evening before and two hours before.")
    else:
        remind = _("I can't remind you here: add it to your calendar, and note your code.")
    turn.say(
        paragraphs(
            turn.words.fill(_("<b>Booked.</b> See you there!")),
            lines(
                Markup("<b>{}</b>").format(telling.name(first, turn.content, turn.words)),
                telling.when(first, turn.words, today=turn.today),
                _("Every date: %(dates)s") % {"dates": dates} if len(slots) > 1 else None,
                ", ".join(p for p in (telling.place(first, turn.content, turn.words),
                                      telling.address(first, turn.content)) if p),
            ),
            turn.words.fill(
                _("Your code is <b>%(code)s</b>. It opens and cancels this booking from any phone."),
                code=mine.code_words(claim.code),
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


def _facts(turn: Turn, form: Form) -> dict[str, str]:
    """What the booking keeps: from the form, else what we know."""
    known = turn.adult.private
    facts = {"name": form.answers.get("name") or str(known.get("name", ""))}
    way = "email" if turn.desk.mail else "phone"
    facts[way] = form.answers.get("contact") or str(known.get(way, ""))
    kind, _sep, day = form.answers.get("child", "").partition(":")
    if kind in ("born", "about"):
        facts["born"], facts["about"] = day, "yes" if kind == "about" else ""
    elif kind == "due":
        facts["due"] = day or "yes"
    else:
        for child in family_queries.children(turn.db, turn.adult.family_id)[:1]:
            facts |= {k: str(v) for k, v in child.private.items() if k in ("born", "due") and v}
    return facts


def _keep_facts(turn: Turn, facts: Mapping[str, str]) -> None:
    kept = {k: facts[k] for k in ("name", "email", "phone") if facts.get(k)}
    turn.adult.reseal(**kept)
    if facts.get("email"):
        families.use_email(turn.db, turn.adult, facts["email"], now=turn.now)
    due = facts.get("due", "")
    if facts.get("born"):
        families.remember_child(
            turn.db, turn.adult, born=date.fromisoformat(facts["born"]),
            about=bool(facts.get("about")), now=turn.now,
        )  # fmt: skip
    elif due and due != "yes":
        families.remember_child(turn.db, turn.adult, due=date.fromisoformat(due), now=turn.now)


def _child_words(turn: Turn, facts: Mapping[str, str]) -> str:
    if facts.get("born"):
        return turn.words.months(
            max(0, age_in_months(date.fromisoformat(facts["born"]), turn.today))
        )
    due = facts.get("due", "")
    if due and due != "yes":
        return turn._("due %(day)s") % {"day": turn.words.day(date.fromisoformat(due))}
    return turn._("not born yet")


def _way(turn: Turn, facts: Mapping[str, str]) -> str:
    return facts.get("email") or facts.get("phone") or turn._("this chat")


def _typed_date(text: str) -> date | None:
    """27 3 2026, 27/3/26 or 2026-03-27."""
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    if len(numbers) != 3 or re.search(r"[a-z]", text, re.I):
        return None
    day, month, year = numbers if numbers[0] <= 31 else reversed(numbers)
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


define(
    FormKind(
        name="book",
        fields=(
            Field("name", lambda t, _f: t._("What is your first name?"), read_name,
                  wanted=_wants_name, free_text=False),
            Field("child", _ask_child, read_child, choices=_child_choices, wanted=_wants_child),
            Field("contact", _ask_contact, read_contact, wanted=_wants_contact),
        ),
        finish=_finish,
        review=_review,
        leave=_leave,
    )
)  # fmt: skip

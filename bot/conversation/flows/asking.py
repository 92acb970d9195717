"""Questions that several forms ask: a first name, how many come, the child's age, how to reach you.

What is known already isn't asked again, and what can't be used yet isn't asked at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import phonenumbers

from bot.bookings import queue
from bot.bookings.rules import MOST_PLACES, check_age
from bot.content.values import Counts
from bot.conversation import sayings
from bot.conversation.childwords import due_words
from bot.conversation.flows import told
from bot.conversation.flows.ages import child_choices, read_child
from bot.conversation.forms import Field, FormRefusedError, plain
from bot.conversation.talk import Form
from bot.conversation.turn import Turn
from bot.families import children
from bot.families import queries as family_queries
from bot.families import service as families
from bot.families.rules import age_in_months
from bot.timetable import queries as timetable
from bot.timetable.queries import Slot
from bot.timetable.rules import fits_age
from bot.understanding.reading import Reading

NAME_LIMIT, NAME_WORDS = 60, 5  # more words are a sentence
MAIL_LIMIT = 254
JUST_CHAT = "chat"  # no other way to be reached than here
_NO_WAY = re.compile(
    r"(?:sorry |but |oh )*(?:(?:i|we) )?"
    r"(?:(?:don't|dont|do not|haven't|havent|have not) (?:have |got |own |use )*(?:any |an? )?"
    r"|(?:have |got )*no |without (?:an? )?)"
    r"(?:tele)?(?:phone|mobile|number|e-?mail|landline)(?: (?:number|address))?"
    r"(?: (?:or|and) (?:an? )?(?:e-?mail|phone|mobile))?(?: right now| at the moment)?"
    r"|(?:(?:i|we) )?(?:don't|dont|do not|haven't|havent) (?:have|got) (?:one|either|any)|none|neither"
    r"|(?:just |only )*(?:this|the) chat"
)
#: At this we trust that "okay" or "thanks" is no name; and what nobody is called.
_SURE, _SURE_OF_SEVERAL, _SEVERAL = 0.95, 0.6, 3
_NO_NAMES = frozenset(
    {
        "ok",
        "k",
        "yh",
        "thx",
        "hi",
        "hello",
        "hey",
        "hiya",
        "please",
        "help",
        "me",
        "mum",
        "dad",
        "what",
    }
)
_I_AM = re.compile(r"(?:hi|hello|hey)?[ ,.!]*(?:i['’]?m|i am|it['’]?s|this is) +(?=\S)", re.I)
_NOBODY = re.compile(
    r"(?:not|pregnant|expecting|due|an?|the|here|just|so|sorry|going|trying|looking|still|too|very)\b.*",
    re.I,
)
_UK, _UK_DIGITS = 44, 10  # after the nought
_FEW_DIGITS = 5  # with more it is meant for a phone number
_PARTS = ("morning", "afternoon", "evening")


def read_name(turn: Turn, text: str, reading: Reading | None) -> str:
    """A name as it was typed, any letters, cut to length; out of "my name is Sam" too.

    A yes, a thank-you, a greeting, an age, an address or a sentence is none.
    """
    whole = " ".join(text.split())
    called = told.name(text)
    name = called or _I_AM.sub("", whole, count=1)
    if name != whole:  # "I'm Sam and my son is 2"
        name = told.first_part(name)
    if (
        not name or len(name) > NAME_LIMIT or len(name.split()) > NAME_WORDS
        or not any(c.isalpha() for c in name)
        or any(c.isdigit() or c == "@" for c in name) or plain(name) in _NO_NAMES
        or (name != whole and _NOBODY.fullmatch(name))
        or sayings.pointed(plain(name)) or (not called and _only_polite(turn, reading))
    ):  # fmt: skip
        raise FormRefusedError(turn._("Please type a first name, like Sam."))
    return name


def _only_polite(turn: Turn, reading: Reading | None) -> bool:
    """Whether it is a plain yes, no or thanks, in English or in the person's language: in some
    other one, most short words are, and names too."""
    if reading is None or reading.intent not in ("affirm", "deny", "thanks"):
        return False
    # "Great Okoro" and "Lovely Jones" are names, "no i don't want to" isn't.
    refuses = reading.intent == "deny" and len(reading.text.split()) >= _SEVERAL
    sure = _SURE_OF_SEVERAL if refuses else _SURE
    return reading.sure >= sure and reading.lang in ("", "en", turn.words.lang)


def read_contact(turn: Turn, text: str, _reading: Reading | None) -> str:
    """An e-mail address or a phone number, whichever was told; `chat` for neither."""
    if text == JUST_CHAT or _NO_WAY.fullmatch(" ".join(text.casefold().replace("’", "'").split())):
        if turn.talk.form is not None and turn.talk.form.name == "book":
            return JUST_CHAT
        raise FormRefusedError(
            turn._("Without one nobody can tell you when a place comes free. If you have none, tap "
                   "“Never mind” and look here again, or visit us and ask a person.")
        )  # fmt: skip
    written = told.mail(text) or (turn.desk.mail and not told.number(text))
    return read_email(turn, text) if written else read_phone(turn, text, None)


def read_email(turn: Turn, text: str) -> str:
    found = told.mail(text) or text.strip()
    if len(found) > MAIL_LIMIT or not told.MAIL.fullmatch(found):
        raise FormRefusedError(
            turn._("Please type an e-mail address, like name@example.com."), near="@" in text
        )
    return found


def read_phone(turn: Turn, text: str, _reading: Reading | None) -> str:
    """A phone number in any form, kept as +44…; a British one with all its digits."""
    try:
        number = phonenumbers.parse(told.number(text) or text, "GB")
    except phonenumbers.NumberParseException:
        number = None
    digits = sum(c.isdigit() for c in text)
    if number is not None and phonenumbers.is_possible_number(number):
        whole = len(str(number.national_number)) == _UK_DIGITS  # also those kept for stories
        if number.country_code != _UK or whole or phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number is not None and number.country_code == _UK and digits > _FEW_DIGITS:
        raise FormRefusedError(
            turn._("That number has %(num)d digits, and numbers here have 11, like "
                   "07700 900 982. Please check it.") % {"num": digits}, near=True,
        )  # fmt: skip
    raise FormRefusedError(
        turn._("Please type a phone number, like 01632 960 001, 07700 900 982 or "
               "+44 808 157 0192."),
        near=digits > _FEW_DIGITS,
    )  # fmt: skip


def read_fitting_child(turn: Turn, text: str, reading: Reading | None) -> str:
    """As `read_child`; an age outside the session's on its day is refused before more is asked.

    Raises AgeRefusedError.
    """
    form = turn.talk.form
    slot = timetable.find_slot(turn.db, str(form.about.get("occurrence", ""))) if form else None
    try:
        value = read_child(turn, text, reading)
    except FormRefusedError:
        if (
            slot is None
            or counts_children(slot)
            or reading is None
            or not told.twins(text, reading)
        ):
            raise
        raise FormRefusedError(
            turn._("Lovely! One place is for the whole family. How old are they?"), near=True
        ) from None
    kind, _sep, day = value.partition(":")
    if form is not None and slot is not None and kind in ("born", "about"):
        form.about["refused"] = day
        check_age(slot.age_from, slot.age_to,
                  queue.months_of(turn.db, {"born": day}, slot, zone=turn.desk.zone))  # fmt: skip
        del form.about["refused"]
    return value


def _ask_child(turn: Turn, _form: Form) -> str:
    return turn._("How old is your child? You can also type a birthday, or when the baby is due.")


def _wants_name(turn: Turn, form: Form) -> bool:
    return "name" in form.about.get("changed", []) or not turn.adult.private.get("name")


def _wants_child(turn: Turn, form: Form) -> bool:
    """Unless we know of a child who may come: one of the right age, or not born yet."""
    if "child" in form.about.get("changed", []):
        return True
    known = _known_child(turn, form)
    return not known or not (known.get("due") or _fits(turn, form, known))


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


def _contact_choices(turn: Turn, form: Form) -> list[tuple[str, str]]:
    """Who has neither can look here again; from a waiting list somebody must be told."""
    return [(JUST_CHAT, turn._("Just this chat"))] if form.name == "book" else []


def read_size(turn: Turn, text: str, reading: Reading | None) -> str:
    """How many children come, 1 to 6; one place where it is for the whole family, which is said."""
    said = told.places(text) or (party(reading.slots, text) if reading is not None else 0)
    if said and turn.talk.form is not None and not wants_size(turn, turn.talk.form):
        turn.say(turn._("One place is for the whole family: you can all come."))
        return "1"
    typed = str(said) if said else text.strip()
    if not typed.isdigit() or not 0 < int(typed) <= MOST_PLACES:
        raise FormRefusedError(turn._("Please type how many children are coming, like 2."))
    return typed


def party(slots: Mapping[str, Any], text: str) -> int:
    """How many children come, as it was said: by a number, or as twins. 0 where it was not."""
    said = str(slots.get("party", ""))
    if said.isdigit() and 0 < int(said) <= MOST_PLACES:
        return int(said)
    return twins(slots, text)


def twins(slots: Mapping[str, Any], text: str) -> int:
    """How many were born on one day, as it was said; 0 where it was not."""
    if "twins" not in str(slots.get("who", "")):
        return 0
    return 3 if "triplet" in text.casefold() else 2


def days_and_part(reading: Reading | None) -> str | None:
    """ "0,1,2/morning": the weekdays and the part of the day that were typed, None where neither."""
    if reading is None:
        return None
    when, part = str(reading.slots.get("when", "")), str(reading.slots.get("daypart", ""))
    part = part if part in _PARTS else ""
    days = ""
    if when.startswith("wd:"):
        names = when[3:].split(",")
        wanted = {n for name in names for n in _WEEK.get(name, ())}
        days = ",".join(str(n) for n in sorted(wanted))
    return f"{days}/{part}" if days or part else None


_WEEK: dict[str, tuple[int, ...]] = {
    "weekday": (0, 1, 2, 3, 4), "weekend": (5, 6),
    **{name: (n,) for n, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))},
}  # fmt: skip


def facts(turn: Turn, form: Form) -> dict[str, str]:
    """What the booking keeps: from the form, else what we know."""
    known = turn.adult.private
    facts = {"name": form.answers.get("name") or str(known.get("name", ""))}
    contact = form.answers.get("contact", "")
    way = "email" if "@" in contact or (turn.desk.mail and not told.number(contact)) else "phone"
    facts[way] = "" if contact == JUST_CHAT else contact or str(known.get(way, ""))
    kind, _sep, day = form.answers.get("child", "").partition(":")
    if kind in ("born", "about"):
        facts["born"], facts["about"] = day, "yes" if kind == "about" else ""
    elif kind in ("due", "month"):
        facts["due"], facts["about"] = day or "yes", "yes" if kind == "month" else ""
    else:
        facts |= _known_child(turn, form)
    return facts


def _known_child(turn: Turn, form: Form) -> dict[str, str]:
    """Of the children we know of, one whose age fits the session; else the first."""
    known = [
        {k: str(v) for k, v in child.private.items() if k in ("born", "due") and v}
        for child in family_queries.children_of(turn.db, turn.adult.id)
    ]

    return next((c for c in known if _fits(turn, form, c)), known[0] if known else {})


def _fits(turn: Turn, form: Form, child: Mapping[str, str]) -> bool:
    """Whether a child who is born has the age for the session of a form, on its day."""
    slot = timetable.find_slot(turn.db, str(form.about.get("occurrence", "")))
    if slot is None:
        return False
    months = queue.months_of(turn.db, child, slot, zone=turn.desk.zone)
    return months is not None and fits_age(slot.age_from, slot.age_to, months)


def keep(turn: Turn, form: Form, facts: Mapping[str, str]) -> None:
    """Remember who they are, and the child they spoke of: each of them, where it was twins."""
    kept = {k: facts[k] for k in ("name", "email", "phone") if facts.get(k)}
    turn.adult.reseal(**kept)
    if facts.get("email") and turn.desk.mail:
        families.use_email(turn.db, turn.adult, facts["email"], now=turn.now)
    told_days = (facts.get(name, "") for name in ("born", "due"))
    born, due = (date.fromisoformat(d) if d not in ("", "yes") else None for d in told_days)
    if born is None and due is None:
        return
    about, count = bool(facts.get("about")), int(form.answers.get("twins", "1"))
    families.remember_child(turn.db, turn.adult, born=born, due=due, about=about, now=turn.now)
    if count > 1:
        children.add_children(
            turn.db, turn.adult, born=born, due=due, about=about, count=count, now=turn.now
        )


def child_words(turn: Turn, facts: Mapping[str, str]) -> str:
    if facts.get("born"):
        return turn.words.months(
            max(0, age_in_months(date.fromisoformat(facts["born"]), turn.today))
        )
    due = facts.get("due", "")
    if due and due != "yes":
        day = due_words(turn.words, date.fromisoformat(due), about=bool(facts.get("about")))
        return turn._("due %(day)s") % {"day": day}
    return turn._("not born yet")


def way(turn: Turn, facts: Mapping[str, str]) -> str:
    return facts.get("email") or facts.get("phone") or turn._("this chat")


def wants_size(turn: Turn, form: Form) -> bool:
    """Only where a place is for one child: elsewhere a place is for the whole family."""
    slot = timetable.find_slot(turn.db, str(form.about.get("occurrence", "")))
    return slot is not None and counts_children(slot)


def counts_children(slot: Slot) -> bool:
    """Whether a place is for one child; elsewhere it is for the whole family."""
    return slot.counts is Counts.CHILDREN


def _size_choices(_turn: Turn, _form: Form) -> list[tuple[str, str]]:
    return [(str(n), str(n)) for n in (1, 2, 3)]


def told_name(_turn: Turn, _form: Form, text: str, _reading: Reading) -> bool:
    return bool(told.name(text))


def told_phone(_turn: Turn, _form: Form, text: str, _reading: Reading) -> bool:
    return bool(told.number(text))


def told_age(turn: Turn, _form: Form, text: str, reading: Reading) -> bool:
    return told.age(turn, text, reading)


def _told_size(turn: Turn, form: Form, text: str, reading: Reading) -> bool:
    if told.places(text):
        return True
    return wants_size(turn, form) and told.twins(text, reading)


def _told_contact(_turn: Turn, _form: Form, text: str, _reading: Reading) -> bool:
    return bool(told.mail(text) or told.number(text))


SIZE = Field("size", lambda t, _f: t._("How many children are coming?"), read_size,
             choices=_size_choices, wanted=wants_size, told=_told_size,
             called="(?:number of )?(?:kids|children|places)|how many(?: (?:kids|children|come|are coming))?")  # fmt: skip
NAME = Field("name", lambda t, _f: t._("What is your first name?"), read_name,
             wanted=_wants_name, told=told_name, called="name|surname")  # fmt: skip
CHILD = Field("child", _ask_child, read_child, choices=child_choices, wanted=_wants_child,
              told=told_age, called="age|birthday|date of birth|due date")  # fmt: skip
CONTACT = Field("contact", _ask_contact, read_contact, choices=_contact_choices,
                wanted=_wants_contact, told=_told_contact,
                called="(?:phone |mobile )?number|phone|mobile|e-?mail(?: address)?")  # fmt: skip
#: What a place needs to be known, in the order it is asked.
FIELDS = (SIZE, NAME, CHILD, CONTACT)

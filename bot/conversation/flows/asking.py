"""Questions that several forms ask: a first name, how many come, the child's age, how to reach you.

What is known already isn't asked again, and what can't be used yet isn't asked at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import phonenumbers

from bot.bookings.rules import MOST_PLACES
from bot.content.values import Counts
from bot.conversation.forms import Field, FormRefusedError
from bot.conversation.talk import Form
from bot.conversation.turn import Turn
from bot.families import queries as family_queries
from bot.families import service as families
from bot.families.rules import age_in_months, born_from_age
from bot.timetable import queries as timetable
from bot.timetable.queries import Slot
from bot.timetable.rules import fits_age
from bot.understanding.reading import Reading
from bot.understanding.when import spans

NAME_LIMIT = 60
MAIL_LIMIT = 254
_MAIL = re.compile(r"[^@\s,;<>\"']+@[^@\s,;<>\"']+\.[^@\s,;<>\"'.]{2,}")
_OLDEST_MONTHS = 120
_PARTS = ("morning", "afternoon", "evening")


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


def child_choices(turn: Turn, _form: Form) -> list[tuple[str, str]]:
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
        for c in family_queries.children_of(turn.db, turn.adult.id)
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


def read_size(turn: Turn, text: str, reading: Reading | None) -> str:
    """How many children come, 1 to 6."""
    party = reading.slots.get("party") if reading is not None else None
    typed = str(party) if party else text.strip()
    if reading is not None and reading.slots.get("who") == "twins":
        typed = "2"
    if not typed.isdigit() or not 0 < int(typed) <= MOST_PLACES:
        raise FormRefusedError(turn._("Please type how many children are coming, like 2."))
    return typed


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
    way = "email" if turn.desk.mail else "phone"
    facts[way] = form.answers.get("contact") or str(known.get(way, ""))
    kind, _sep, day = form.answers.get("child", "").partition(":")
    if kind in ("born", "about"):
        facts["born"], facts["about"] = day, "yes" if kind == "about" else ""
    elif kind == "due":
        facts["due"] = day or "yes"
    else:
        facts |= _known_child(turn, form)
    return facts


def _known_child(turn: Turn, form: Form) -> dict[str, str]:
    """Of the children we know of, one whose age fits the session; else the first."""
    slot = timetable.find_slot(turn.db, str(form.about.get("occurrence", "")))
    known = [
        {k: str(v) for k, v in child.private.items() if k in ("born", "due") and v}
        for child in family_queries.children_of(turn.db, turn.adult.id)
    ]

    def fits(child: Mapping[str, str]) -> bool:
        if slot is None or "born" not in child:
            return False
        months = age_in_months(date.fromisoformat(child["born"]), slot.original_on)
        return fits_age(slot.age_from, slot.age_to, months)

    return next((c for c in known if fits(c)), known[0] if known else {})


def keep(turn: Turn, facts: Mapping[str, str]) -> None:
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


def child_words(turn: Turn, facts: Mapping[str, str]) -> str:
    if facts.get("born"):
        return turn.words.months(
            max(0, age_in_months(date.fromisoformat(facts["born"]), turn.today))
        )
    due = facts.get("due", "")
    if due and due != "yes":
        return turn._("due %(day)s") % {"day": turn.words.day(date.fromisoformat(due))}
    return turn._("not born yet")


def way(turn: Turn, facts: Mapping[str, str]) -> str:
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


def _wants_size(turn: Turn, form: Form) -> bool:
    """Only where a place is for one child: elsewhere a place is for the whole family."""
    slot = timetable.find_slot(turn.db, str(form.about.get("occurrence", "")))
    return slot is not None and counts_children(slot)


def counts_children(slot: Slot) -> bool:
    """Whether a place is for one child; elsewhere it is for the whole family."""
    return slot.counts is Counts.CHILDREN


def _size_choices(_turn: Turn, _form: Form) -> list[tuple[str, str]]:
    return [(str(n), str(n)) for n in (1, 2, 3)]


SIZE = Field("size", lambda t, _f: t._("How many children are coming?"), read_size,
             choices=_size_choices, wanted=_wants_size)  # fmt: skip
NAME = Field("name", lambda t, _f: t._("What is your first name?"), read_name, wanted=_wants_name)
CHILD = Field("child", _ask_child, read_child, choices=child_choices, wanted=_wants_child)
CONTACT = Field("contact", _ask_contact, read_contact, wanted=_wants_contact)
#: What a place needs to be known, in the order it is asked.
FIELDS = (SIZE, NAME, CHILD, CONTACT)

"""The shortest honest registration, with agreement to the exact words shown; changing details."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.bookings import queries as bookings
from bot.bookings import queue
from bot.content import naming
from bot.conversation import forms
from bot.conversation.flows import calls, children, told
from bot.conversation.flows.ages import read_child
from bot.conversation.flows.asking import (
    MAIL_LIMIT,
    read_email,
    read_name,
    read_phone,
    told_age,
    told_name,
)  # fmt: skip
from bot.conversation.forms import Field, FormKind, FormRefusedError, define
from bot.conversation.markdown import to_markup
from bot.conversation.talk import Form
from bot.conversation.turn import Turn, act, on_intent
from bot.enquiries.queries import calls_of
from bot.families import service as families
from bot.families.models import Family
from bot.understanding.reading import Reading, Wish
from bot.wording.words import paragraphs

POSTCODE_LIMIT = 10
OFF = "off"  # instead of a new number or address: none at all
_OURS = ("name", "phone", "email", "postcode")
_CAN_GO = ("phone", "email")
NAME_WORDS = 4  # more is a sentence
_NAMED = re.compile(
    r"(?:(?:no|sorry|please|can i|i want to|i need to|change|update|fix|correct|my|the|a|new|first|wrong) )*"
    r"(?:(?P<name>name|surname)|(?P<phone>(?:phone|mobile|telephone)(?: number)?|number)"
    r"|(?P<email>e-?mail(?: address)?)|(?P<postcode>post ?code)|(?P<child>child(?:ren)?|kids?|baby))(?: please| is wrong| has changed)*"
)
_POSTCODE = re.compile(r"[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}", re.I)
_NEW_POSTCODE = re.compile(
    rf"(?:(?:please|sorry|actually|no|change|update) )*(?:my|our|the) (?:new )?post ?code"
    rf"(?:'?s| is| should be| has changed| to)+(?: now)? (?P<code>{_POSTCODE.pattern})(?: now| please)*",
    re.I,
)
#: What a reading calls the details that can be changed here.
FIELDS = {"phone": "phone", "email": "email", "surname": "name", "name": "name",
          "address": "postcode", "child": "child", "new_baby": "child"}  # fmt: skip


@act("register")
def register(turn: Turn, _args: Mapping[str, Any]) -> None:
    _about(turn)


@on_intent("register")
def register_wish(turn: Turn, _wish: Wish) -> None:
    """Asked for in words: the first question at once, unless another form is open."""
    _about(turn, begin=not turn.aside)


def _about(turn: Turn, *, begin: bool = False) -> None:
    """Whether you must, and what is asked, before anything is asked."""
    forms.close(turn)
    now = turn.button(turn._("Register now"), "register_now")
    turn.say(
        turn._("You don't have to register to look, to ask or to book. Registering means you tell "
               "us who you are once and need not repeat it. It takes about two minutes: your "
               "name, how to reach you, your child's birthday and your postcode."),
        *([] if begin else [(now,)]),
        (turn.button(turn._("How we use your information"), "privacy"),),
    )  # fmt: skip
    if begin:
        forms.begin(turn, "register")


@act("register_now")
def register_now(turn: Turn, _args: Mapping[str, Any]) -> None:
    forms.begin(turn, "register")


def _read_postcode(turn: Turn, text: str, _reading: Reading | None) -> str:
    """Any postcode is taken: new streets and neighbours over the border are welcome."""
    plain = "".join(c for c in text.upper() if c.isalnum())
    if not 2 <= len(plain) <= POSTCODE_LIMIT or not any(c.isdigit() for c in plain):
        raise FormRefusedError(
            turn._("Please type a postcode, like %(postcode)s, or just its first half.")
            % {"postcode": naming.example_postcode(turn.content)}
        )
    return plain if len(plain) < 5 else f"{plain[:-3]} {plain[-3:]}"


def _told_postcode(_turn: Turn, _form: Form, text: str, _reading: Reading) -> bool:
    return _POSTCODE.fullmatch(text.strip()) is not None


def _told_reach(_turn: Turn, _form: Form, text: str, _reading: Reading) -> bool:
    return bool(told.mail(text) or told.number(text))


def _read_reach(turn: Turn, text: str, reading: Reading | None) -> str:
    """An e-mail address or a phone number."""
    if "@" in text and len(text) <= MAIL_LIMIT:
        return read_email(turn, text)
    return read_phone(turn, text, reading)


def _review(turn: Turn, form: Form) -> None:
    """The exact words agreed to, with yes and no."""
    wording = turn.content.wordings["register"]
    text = wording.text.get(turn.words.lang) or wording.text["en"]
    turn.plain = True
    turn.say(
        paragraphs(to_markup(text), turn._("Do you agree?")),
        (turn.button(turn._("Yes, I agree: register us"), "form_done", key=form.key),),
        (turn.button(turn._("No, don't register us"), "register_no"),),
        (turn.button(turn._("Urgent help"), "urgent"),),
    )


@act("register_no")
def register_no(turn: Turn, _args: Mapping[str, Any]) -> None:
    """No is recorded, nothing else is kept, and everything still works."""
    form = turn.talk.form
    turn.talk.form = None
    if form is not None and form.name == "register":
        families.agree(
            turn.db, turn.adult, turn.content.wordings["register"], lang=turn.words.lang,
            value=False, channel=turn.channel, now=turn.now,
        )  # fmt: skip
    turn.say(turn._("That's fine. I kept none of it. You can still book and come to everything."))


def _finish(turn: Turn, form: Form) -> None:
    a = form.answers
    families.agree(
        turn.db, turn.adult, turn.content.wordings["register"], lang=turn.words.lang, value=True,
        channel=turn.channel, now=turn.now,
    )  # fmt: skip
    way = "email" if "@" in a["reach"] else "phone"
    turn.adult.reseal(name=a["name"], postcode=a["postcode"], **{way: a["reach"]})
    if way == "email" and turn.desk.mail:
        families.use_email(turn.db, turn.adult, a["reach"], now=turn.now)
    _keep_child(turn, a["child"])
    family = turn.db.get_one(Family, turn.adult.family_id)
    family.registered_at = turn.now
    turn.say(
        turn.words.fill(turn._("<b>You're registered.</b> Thank you, and welcome!")),
        (turn.button(turn._("What's on"), "whats_on"),
         turn.button(turn._("My children"), "children")),
    )  # fmt: skip


def _keep_child(turn: Turn, answer: str) -> None:
    kind, _sep, day = answer.partition(":")
    if kind in ("born", "about"):
        families.remember_child(
            turn.db, turn.adult, born=date.fromisoformat(day), about=kind == "about", now=turn.now
        )
    elif day:
        families.remember_child(
            turn.db, turn.adult, due=date.fromisoformat(day), about=kind == "month", now=turn.now
        )


def _changed(turn: Turn, form: Form) -> None:
    if form.answers["what"] == "child":
        children.show(turn)
        return
    field, text = form.answers["what"], form.answers["new"]
    if text == OFF:
        take_off(turn, {"field": field})
        return
    turn.adult.reseal(**{field: text})
    if field == "email" and turn.desk.mail:
        families.use_email(turn.db, turn.adult, text, now=turn.now)
    turn.say(turn._("Changed. Thank you."))


@act("take_off")
def take_off(turn: Turn, args: Mapping[str, Any]) -> None:
    """Forget a number or an e-mail address, also for what is booked, waited for or being answered.
    Without its number a call that was asked for can't be made."""
    _, db, adult, field = turn._, turn.db, turn.adult, str(args.get("field", "phone"))
    answers = turn.talk.form.answers if turn.talk.form is not None else {}
    typed = [k for k in ("phone", "contact", "reach")
             if k in answers and ("@" in answers[k]) == (field == "email")]  # fmt: skip
    for key in typed:
        del answers[key]
    booked = [b.claim for b in bookings.bookings_of(db, adult.id, now=turn.now)]
    holders = [adult, *booked, *queue.entries_of(db, adult.id)]
    asked = calls_of(db, adult.id) if field == "phone" else ()
    if not asked and not typed and not any(h.private.get(field) for h in holders):
        turn.say(_("I hold no number of yours.") if field == "phone" else _("I hold no e-mail address of yours."),
                 (turn.button(_("What you know about me"), "my_data"),))  # fmt: skip
        return
    for holder in holders:
        holder.reseal(**{field: ""})
    if field == "email":
        families.drop_email(db, adult)
    turn.say(
        _("Done. Your number is off your details and your bookings.")
        if field == "phone"
        else _("Done. Your e-mail address is off your details and your bookings.")
    )
    if asked:
        calls.ring_off(turn, {})


def heed(turn: Turn, reading: Reading) -> bool:
    """ "My name is Sam" is taken as it was said; whether something was."""
    text, intent = turn.incoming.text, reading.intent
    mine = intent == "unclear" and "my " in reading.said
    write_to = intent == "reminders_settings" and told.mail(text)  # "email me at sam@example.com"
    held = turn.adult.private.get("postcode") and _told_code(text)  # else it is where to search
    if not (intent == "update_details" or mine or write_to or held) or not _told_what(text):
        return False
    change(turn, text, "")
    return True


@act("details")
def details(turn: Turn, _args: Mapping[str, Any]) -> None:
    forms.begin(turn, "details")


def change(turn: Turn, text: str, field: str) -> None:
    """Ask for what has changed, unless the words have it already; `field` is one of ours or ""."""
    known = {"what": field or _told_what(text)}
    if known["what"] in _OURS and _told_what(text) == known["what"]:
        known["new"] = _read_as(turn, known["what"], text)
    forms.begin(turn, "details", known if known["what"] in _OURS else {})


def _told_what(text: str) -> str:
    """What a message tells of, in so many words: a name, a number, an address."""
    told_here = {"email": told.mail(text), "phone": told.number(text), "name": told.name(text),
                 "postcode": _told_code(text)}  # fmt: skip
    return next((what for what, found in told_here.items() if found), "")


def _told_code(text: str) -> str:
    """The postcode in "my postcode is DA16 2AB now"."""
    found = _NEW_POSTCODE.fullmatch(forms.plain(text))
    return found["code"] if found else ""


def _named(text: str) -> str:
    """The field in "my phone number please" or "change my name", "" where there is none."""
    found = _NAMED.fullmatch(forms.plain(text))
    return next((what for what, said in (found.groupdict() if found else {}).items() if said), "")


def _read_as(turn: Turn, what: str, text: str, reading: Reading | None = None) -> str:
    match what:
        case "phone":
            return read_phone(turn, text, reading)
        case "email":
            return read_email(turn, text)
        case "postcode":
            return _read_postcode(turn, _told_code(text) or text, reading)
    return read_name(turn, text, reading)


def _read_new(turn: Turn, text: str, reading: Reading | None) -> str:
    form = turn.talk.form
    what = form.answers.get("what", "") if form else ""
    if text == OFF and what in _CAN_GO:
        return OFF
    if what == "name" and not told.name(text) and (_named(text) or len(text.split()) > NAME_WORDS):
        raise FormRefusedError(
            turn._("Please type a first name, like Sam."), near=bool(_named(text))
        )
    return _read_as(turn, what, text, reading)


def _told_new(_turn: Turn, _form: Form, text: str, _reading: Reading) -> bool:
    return bool(_told_what(text))


def _told_field(_turn: Turn, form: Form, text: str, _reading: Reading) -> bool:
    """A field that is named with its value, or another one than is asked for."""
    return (_told_what(text) or _named(text) or form.answers.get("what")) != form.answers.get(
        "what"
    )


def _what_choices(turn: Turn, _form: Form) -> list[tuple[str, str]]:
    _ = turn._
    return [("name", _("First name")), ("phone", _("Phone")), ("email", _("E-mail")),
            ("postcode", _("Postcode")), ("child", _("My children"))]  # fmt: skip


def _ask_new(turn: Turn, form: Form) -> str:
    if form.answers.get("what") == "postcode":
        return turn._("What is your postcode?")  # who says "my address" is told what we keep
    return turn._("Please type the new one.")


def _new_choices(turn: Turn, form: Form) -> list[tuple[str, str]]:
    """What is held can also go."""
    what = form.answers.get("what", "")
    held = what in _CAN_GO and turn.adult.private.get(what)
    return [(OFF, turn._("Take it off"))] if held else []


def _read_what(turn: Turn, text: str, reading: Reading | None) -> str:
    if text in (*_OURS, "child"):
        return text
    field = reading.slots.get("field") if reading is not None else ""
    if what := _told_what(text) or _named(text) or FIELDS.get(str(field)):
        return what
    raise FormRefusedError(turn._("I can change these here. For anything else, ask a person."))


define(
    FormKind(
        name="register",
        fields=(
            Field("name", lambda t, _f: t._("What is your name?"), read_name, told=told_name),
            Field(
                "reach",
                lambda t, _f: t._("What phone number or e-mail address can we use?"),
                _read_reach,
                told=_told_reach,
            ),
            Field(
                "child",
                lambda t, _f: t._(
                    "When was your child born? For example 27 3 2026. Or type when the baby is due."
                ),
                read_child,
                told=told_age,
            ),
            Field(
                "postcode",
                lambda t, _f: t._("What is your postcode?"),
                _read_postcode,
                told=_told_postcode,
            ),
        ),
        finish=_finish,
        review=_review,
    )
)
define(
    FormKind(
        name="details",
        fields=(
            Field("what", lambda t, _f: t._("What would you like to change?"), _read_what,
                  choices=_what_choices, told=_told_field),
            Field("new", _ask_new, _read_new, told=_told_new,
                  choices=_new_choices,
                  wanted=lambda _t, f: f.answers.get("what") != "child"),
        ),
        finish=_changed,
        yields=True,
    )
)  # fmt: skip

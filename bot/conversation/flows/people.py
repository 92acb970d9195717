"""Handing over to people: "Ask a person to ring me", the same from the urgent card, and feedback."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from bot.conversation import forms, safetimes
from bot.conversation.flows import safety
from bot.conversation.flows.asking import read_name, read_phone, told_name, told_phone
from bot.conversation.forms import Field, FormKind, FormRefusedError, define
from bot.conversation.talk import Form
from bot.conversation.turn import Turn, act, on_command, on_intent
from bot.enquiries import service as enquiries
from bot.enquiries.rules import EnquiryKind
from bot.outbox.message import Button
from bot.understanding.reading import Reading, Wish
from bot.wording.words import paragraphs

TEXT_LIMIT = 1000
_DIGITS_OF_A_TIME = 8  # "10:00 to 12:00" has as many
_ABOUT_US = re.compile(
    r"\b(?:are|r) (?:you|u|these|they)\b|\b(?:am i|is this|is it|is that)\b|\b(?:robots?|(?:chat ?)?bots?|ai)\b"
    r"|\b(?:what|which|your|the|a|any) (?:tele)?(?:phone |contact )?numbers?\b",
    re.I,
)
TIMES = ("any", "morning", "lunch", "afternoon")


@act("ring_me")
@act("ring_me_yes")
def ring_me(turn: Turn, _args: Mapping[str, Any]) -> None:
    forms.begin(turn, "ring_me")


@on_intent("talk_to_person")
def ring_me_wish(turn: Turn, _wish: Wish) -> None:
    """Asked for a person: our number, and what they need to ring at once. Who only asks whether we
    are one, or has another form open, chooses."""
    chooses = turn.aside or _ABOUT_US.search(turn.incoming.text) is not None
    offer = turn.button(turn._("Ask a person to ring me"), "ring_me")
    turn.say(
        paragraphs(
            turn._("I'm automatic, so nobody is reading this. A person can ring you, or you can "
                   "ring:"),
            safety.contact_line(turn.words, safety.line(turn.content)),
        ),
        *([(offer,)] if chooses else []),
    )  # fmt: skip
    if not chooses:
        forms.begin(turn, "ring_me")


@act("contact_me")
def contact_me(turn: Turn, _args: Mapping[str, Any]) -> None:
    """From the card: the same few questions, in neutral words, and never the story. What was
    answered before the card came isn't asked again."""
    form = turn.talk.form
    begun = form if form is not None and form.name in ("ring_me", "contact_me") else Form("")
    forms.begin(turn, "contact_me", begun.answers, **begun.about)


@act("feedback")
def feedback(turn: Turn, _args: Mapping[str, Any]) -> None:
    forms.begin(turn, "feedback")


@on_command("feedback")
def feedback_command(turn: Turn, _argument: str) -> None:
    forms.begin(turn, "feedback")


@on_intent("feedback")
def feedback_wish(turn: Turn, wish: Wish) -> None:
    """What was said is feedback already where it is more than a word or two."""
    text = turn.incoming.text.strip()
    if len(text.split()) < 4:
        forms.begin(turn, "feedback")
        return
    _keep_feedback(turn, text, str(wish.slots.get("kind", "")))


def _keep_feedback(turn: Turn, text: str, kind: str) -> None:
    enquiries.ask(
        turn.db, kind=EnquiryKind.FEEDBACK, key=f"feedback:{turn.incoming.key}"[:64],
        facts={"text": text[:TEXT_LIMIT], "say": kind}, adult_id=turn.adult.id, now=turn.now,
    )  # fmt: skip
    _ = turn._
    thanks = {
        "complaint": _("I'm sorry about that. Thank you for telling us: staff will read it."),
        "praise": _("Thank you! We'll pass that on to the team."),
    }.get(kind, _("Thank you. Staff will read what you wrote."))
    turn.say(
        paragraphs(thanks, _("If you'd like an answer, ask a person to ring you.")),
        (turn.button(_("Ask a person to ring me"), "ring_me"),),
    )


def read_time(turn: Turn, text: str, reading: Reading | None) -> str:
    """Any words, but no phone number and no plain no."""
    no = reading is not None and reading.intent == "deny" and len(text.split()) == 1
    if no or sum(c.isdigit() for c in text) > _DIGITS_OF_A_TIME:
        raise FormRefusedError(
            turn._("Please type a time, like “after 3pm” or “weekday mornings”."), near=True
        )
    return text if text in TIMES else " ".join(text.split())[:100]


def _read_yes_no(turn: Turn, text: str, reading: Reading | None) -> str:
    if text in ("yes", "no"):
        return text
    if reading is not None and reading.intent in ("affirm", "deny"):
        return "yes" if reading.intent == "affirm" else "no"
    raise FormRefusedError(turn._("Please tap or type yes or no."))


def _time_choices(turn: Turn, _form: Form) -> list[tuple[str, str]]:
    return [(t, time_label(turn, t)) for t in TIMES]


def time_label(turn: Turn, value: str) -> str:
    _ = turn._
    return {
        "any": _("Any time"),
        "morning": _("In the morning"),
        "lunch": _("Around midday"),
        "afternoon": _("In the afternoon"),
    }.get(value, value)


def _yes_no(turn: Turn, _form: Form) -> list[tuple[str, str]]:
    return [("yes", turn._("Yes")), ("no", turn._("No"))]


def _say_choices(turn: Turn, _form: Form) -> list[tuple[str, str]]:
    return [
        ("baby group", turn._("About the baby group")),
        ("library", turn._("About library books")),
    ]


def _ring_done(turn: Turn, form: Form) -> None:
    urgent = form.name == "contact_me"
    a = form.answers
    enquiries.ask(
        turn.db,
        kind=EnquiryKind.CONTACT_ME if urgent else EnquiryKind.RING_ME,
        key=f"enquiry:{form.key}",
        facts={
            "name": a["name"], "phone": a["phone"], "when": a["when"],
            "message_ok": a["message_ok"], "say": a.get("say", ""), "lang": turn.words.lang,
        },
        adult_id=turn.adult.id,
        now=turn.now,
    )  # fmt: skip
    opens = safety.opens(turn.words, turn.content.council.hours, turn.now)
    _ = turn._
    text = paragraphs(
        turn.words.fill(_("<b>Thank you.</b> Staff have your request.")),
        turn._("They next read requests: %(when)s.") % {"when": opens},
        Markup("{}").format(_("If you or a child is in danger, call 999.")),
    )
    if not urgent:
        turn.say(text, *call_rows(turn))
        return
    turn.dangerous = True
    turn.say(text, (turn.button(_("Hide this"), "hide"),), protected=True)


def call_rows(turn: Turn) -> list[tuple[Button, ...]]:
    """What can be done about a call that was asked for."""
    return [
        (turn.button(turn._("Change the number"), "ring_number"),
         turn.button(turn._("Change the time"), "ring_time")),
        (turn.button(turn._("I don't need the call"), "ring_off"),),
    ]  # fmt: skip


def _phone(turn: Turn, _form: Form) -> str:
    return turn._("What number is safe to ring?")


def _ask_message(turn: Turn, form: Form) -> Markup:
    """With the time that was kept of what brought the card, which they haven't seen taken."""
    kept = turn.words.fill(turn._("When: %(time)s"), time=form.answers.get("when", ""))
    asks = turn._("Is it safe to leave a message on that number?")
    return paragraphs(kept if form.about.get("apart") == "when" else None, asks)


_NAME = Field("name", lambda t, _f: t._("What name should we ask for?"), read_name, told=told_name)
_PHONE = Field("phone", _phone, read_phone, told=told_phone)
WHEN = Field("when", lambda t, _f: t._("When is a safe time to ring?"), read_time,
              choices=_time_choices, free_text=True, timed=True, apart=safetimes.safe_time)  # fmt: skip
_MESSAGE = Field("message_ok", _ask_message, _read_yes_no, choices=_yes_no)  # fmt: skip

define(
    FormKind(
        name="ring_me",
        fields=(_NAME, _PHONE, WHEN, _MESSAGE),
        finish=_ring_done,
    )
)
define(
    FormKind(
        name="contact_me",
        fields=(
            _NAME,
            _PHONE,
            WHEN,
            _MESSAGE,
            Field(
                "say",
                lambda t, _f: t._(
                    "What should we say we are ringing about, if somebody else answers?"
                ),
                lambda _t, text, _r: " ".join(text.split())[:100],
                choices=_say_choices,
                free_text=True,
            ),
        ),
        finish=_ring_done,
    )
)
define(
    FormKind(
        name="feedback",
        fields=(
            Field("text", lambda t, _f: t._("What would you like to tell us? Please leave out names and numbers."),
                  lambda _t, text, _r: text.strip()[:TEXT_LIMIT], free_text=True),
        ),
        finish=lambda t, f: _keep_feedback(t, f.answers["text"], ""),
    )
)  # fmt: skip

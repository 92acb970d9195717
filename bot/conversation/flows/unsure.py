"""When we don't know: say so, offer what it may have been, and a person. Never invent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.content import naming
from bot.content.values import Content
from bot.conversation import forms
from bot.conversation.flows.safety import contact_line, line
from bot.conversation.formwords import fed_up
from bot.conversation.talk import slot_value
from bot.conversation.turn import INTENTS, Turn, act, on_intent
from bot.enquiries import service as enquiries
from bot.outbox.message import Button
from bot.understanding.clean import clean
from bot.understanding.reading import Reading, Wish
from bot.wording.words import Words, paragraphs

_TWICE = 2
NAME_ALONE = 3  # characters that can be a name in any script
#: One or two words without a question mark: a first name, as likely as anything.
_NAME = re.compile(r"\W*[^\W\d_]+(?:['’-][^\W\d_]+)*(?:\s+[^\W\d_]+(?:['’-][^\W\d_]+)*)?[\s.!,]*")


def ask(turn: Turn, reading: Reading) -> None:
    """Not understood: likely meanings as buttons; the second time running, a person first."""
    turn.talk.unsure += 1
    _keep(turn, reading.text)
    offers = _offers(turn, reading)[:3]
    if turn.talk.unsure >= _TWICE:
        turn.say(
            paragraphs(
                turn._("Sorry, I still don't understand. I'm an automatic service. "
                       "Shall a person ring you?"),
                contact_line(turn.words, line(turn.content)),
            ),
            *_helpful(turn, ring="ring_me_yes"),
        )  # fmt: skip
        return
    if offers:
        turn.say(turn._("I'm not sure what you mean. Did you mean:"), *[(b,) for b in offers],
                 *_helpful(turn))  # fmt: skip
        return
    turn.say(_try_like(turn), *_helpful(turn))


def no_answer(turn: Turn, _wish: Wish) -> None:
    """We know what was asked and have no answer to it."""
    _keep(turn, turn.incoming.text)
    turn.say(
        paragraphs(
            turn._("I don't know that one, and I won't guess. A person can tell you."),
            contact_line(turn.words, line(turn.content)),
        ),
        *_helpful(turn),
    )


def did_you_mean(turn: Turn, reading: Reading) -> None:
    """Below a likely answer: what else it may have been."""
    offers = _offers(turn, reading)[:2]
    if offers:
        turn.say(turn._("Or did you mean:"), *[(b,) for b in offers])


def heed(turn: Turn, reading: Reading) -> bool:
    """Whoever has had enough of us hears that a person can do more; whether they said so. A
    complaint that is read as one is kept for staff."""
    if reading.intent == "feedback" or not fed_up(turn.incoming.text, reading):
        return False
    not_ours(turn, Wish("out_of_scope", {"oos": "abuse"}))
    return True


def soothe(turn: Turn, reading: Reading) -> bool:
    """The same in the middle of a form: a person is offered, and nothing told is lost. Feedback may
    say it."""
    form, field = turn.talk.form, forms.open_field(turn)
    if form is None or form.name not in forms.KINDS or (field is not None and field.name == "text"):
        return False
    if not fed_up(turn.incoming.text, reading):
        return False
    ring = turn.button(turn._("Ask a person to ring me"), "ring_me")
    turn.say(
        turn._("I'm sorry, this should be easier. A person can do it with you instead. Or we go on: "
               "nothing you have told me is lost."),
        *([] if form.name in ("ring_me", "contact_me") else [(ring,)]),
    )  # fmt: skip
    forms.ask_again(turn, {})
    return True


@on_intent("out_of_scope")
def not_ours(turn: Turn, wish: Wish) -> None:
    """Something we don't do: say so, and what we do."""
    match wish.slots.get("oos"):
        case "other_area":
            text = turn._("I only know sessions here in %(borough)s. Another council's website or "
                          "library can tell you theirs.")  # fmt: skip
            text = text % {"borough": turn.content.council.borough}
        case "other_person_data":
            text = turn._("I can't tell anybody about another family.")
        case "other_council":
            text = turn._("That is another part of the council. Their main number can help you.")
        case "gibberish":
            text = _try_like(turn)
        case "abuse":
            text = turn._("I'm sorry that I'm no help. I'm an automatic service, and a person can "
                          "do more.")  # fmt: skip
        case _:
            text = turn._("I can't help with that. I know about sessions for babies and children "
                          "under five, bookings, and where to get help.")  # fmt: skip
    number = wish.slots.get("oos") == "other_council"
    turn.say(
        paragraphs(text, contact_line(turn.words, line(turn.content)) if number else None),
        *(
            _helpful(turn)
            if wish.slots.get("oos") in ("gibberish", "abuse")
            else _helpful(turn)[:1]
        ),
    )


def _try_like(turn: Turn) -> str:
    said = turn._("Sorry, I'm not sure what you mean. Try a few words, like “baby group Friday in "
                  "%(place)s”, or tap a button.")  # fmt: skip
    return said % {"place": naming.example_place(turn.words, turn.content)}


@act("wish")
def meant(turn: Turn, args: Mapping[str, Any]) -> None:
    """ "Did you mean": do that instead."""
    wish = Wish(args["intent"], {k: slot_value(v) for k, v in args["slots"].items()})
    turn.talk.unsure = 0
    INTENTS.get(wish.intent, no_answer)(turn, wish)


def intent_label(words: Words, intent: str) -> str:
    """A wish as words on a button."""
    _ = words._
    return {
        "whats_on": _("What's on"),
        "session_detail": _("About a session"),
        "book": _("Book a place"),
        "join_waiting_list": _("A place in a full session"),
        "cancel_booking": _("Cancel a booking"),
        "my_bookings": _("My bookings"),
        "change_booking": _("Change a booking"),
        "reminders_settings": _("Reminders"),
        "register": _("Register my family"),
        "update_details": _("Change my details"),
        "my_data": _("What you know about me"),
        "delete_my_data": _("Delete what you know about me"),
        "withdraw_consent": _("Take back a permission"),
        "centre_info": _("About a centre"),
        "topic": _("Help and advice"),
        "request_support": _("Ask for support"),
        "talk_to_person": _("Talk to a person"),
        "feedback": _("Tell us what you think"),
        "language_change": _("Another language"),
        "crisis": _("Urgent help"),
    }.get(intent, _("Menu"))


def _offers(turn: Turn, reading: Reading) -> list[Button]:
    """What it may have been. Nobody is asked about a loss or a violent home on a mere guess: what is
    sensitive is offered only to who said it in its own words."""
    said = f" {' '.join(clean(reading.text).words)} "
    return [
        _offer(turn, w)
        for w in reading.offers
        if not (names := _sensitive_names(turn.content, w)) or any(n in said for n in names)
    ]


def _sensitive_names(content: Content, wish: Wish) -> list[str]:
    """What a sensitive topic or activity is called, as `_offers` looks for it; else nothing."""
    topic = content.topics.get(str(wish.slots.get("topic")))
    activity = content.activities.get(str(wish.slots.get("what")))
    called = [
        name
        for one in (topic, activity)
        if one is not None and one.sensitive
        for name in (*one.name.values(), *one.nicknames)
    ]
    return [f" {' '.join(clean(name).words)} " for name in called]


def _offer(turn: Turn, wish: Wish) -> Button:
    label = intent_label(turn.words, wish.intent)
    topic, what = wish.slots.get("topic"), wish.slots.get("what")
    if isinstance(topic, str) and topic in turn.content.topics:
        label = turn.words.said(turn.content.topics[topic].name)
    elif isinstance(what, str) and what in turn.content.activities:
        label += ": " + turn.words.said(turn.content.activities[what].name)
    slots = {k: list(v) if isinstance(v, tuple) else v for k, v in wish.slots.items()}
    return turn.button(label, "wish", intent=wish.intent, slots=slots)


def _helpful(turn: Turn, ring: str = "ring_me") -> list[tuple[Button, ...]]:
    return [
        (turn.button(turn._("What's on"), "whats_on"),
         turn.button(turn._("Help and advice"), "topics")),
        (turn.button(turn._("Ask a person to ring me"), ring),),
    ]  # fmt: skip


def _keep(turn: Turn, text: str) -> None:
    """For staff to see what we can't answer; not what may be no more than somebody's name."""
    if len(text) > NAME_ALONE and not turn.talk.urgent and not _NAME.fullmatch(text):
        enquiries.keep_question(turn.db, text, lang=turn.adult.lang, on=turn.today)

"""First contact, the menu, and kind answers to what we can't take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.conversation import forms
from bot.conversation.flows import waiting
from bot.conversation.turn import Turn, act, on_command, on_intent
from bot.outbox.message import Button
from bot.understanding.reading import Wish
from bot.wording.words import paragraphs

_WHO_ARE_YOU = re.compile(
    r"\b(?:ro)?bots?\b|\bai\b|\bhuman\b|\breal\b|\bcomputer\b|\bautomat|\bwho (?:are|r|am|is|made)\b",
    re.I,
)


@act("menu")
def menu(turn: Turn, _args: Mapping[str, Any]) -> None:
    show(turn)


@on_command("menu", "help")
def menu_command(turn: Turn, _argument: str) -> None:
    show(turn)


@on_intent("help")
def menu_wish(turn: Turn, _wish: Wish) -> None:
    if _WHO_ARE_YOU.search(turn.incoming.text):
        welcome(turn)
    else:
        show(turn)


def show(turn: Turn) -> None:
    """What can be done here, as buttons. Leaves an open form, letting go of what it held."""
    forms.close(turn)
    _ = turn._
    turn.plain = True
    turn.say(_("What would you like to do? Tap a button, or just type a question."), *_rows(turn))


@on_intent("greeting")
def hello(turn: Turn, _wish: Wish) -> None:
    welcome(turn)


def welcome(turn: Turn) -> None:
    """Who this is, that it is automatic, what it can do."""
    _, council = turn._, turn.content.council
    turn.plain = True
    turn.say(
        paragraphs(
            turn.words.fill(
                _("Hello! I'm the <b>%(assistant)s</b> of the %(service)s, %(council)s."),
                assistant=turn.words.said(council.assistant),
                service=turn.words.said(council.service),
                council=turn.words.said(council.council),
            ),
            _("I'm an automatic service, not a person. I can tell you what's on for babies and "
              "children under five, book you a place, remind you, and tell you if a session "
              "changes."),
            _("Ask me in your own words, like “What's on tomorrow for my 9 month old?”, or tap "
              "a button."),
            turn.words.fill(_("<b>In an emergency call 999.</b>")),
        ),
        *_rows(turn),
    )  # fmt: skip


@on_intent("thanks")
def thanks(turn: Turn, _wish: Wish) -> None:
    turn.say(turn._("You're welcome! Is there anything else?"))


@on_intent("bye")
def bye(turn: Turn, _wish: Wish) -> None:
    turn.say(turn._("Bye for now. Write any time."))


@on_intent("affirm", "deny")
def yes_or_no(turn: Turn, wish: Wish) -> None:
    """To an offer that waits for an answer, else to nothing that we asked."""
    if (waiting.say_yes if wish.intent == "affirm" else waiting.say_no)(turn):
        return
    turn.say(turn._("Okay. What would you like to do next?"), *_rows(turn))
    turn.plain = True


def no_files(turn: Turn) -> None:
    """A photo, voice message or file: we can't look at it, and say so kindly."""
    turn.say(
        turn._("Thank you, but I can't open photos, voice messages or files, and nobody has seen "
               "it. Please type your question, or tap a button.")
    )  # fmt: skip


def old_button(turn: Turn) -> None:
    """A button that isn't known any more, or is somebody else's."""
    turn.say(turn._("That button is too old, or isn't yours. Here is where you can go from here."))
    show(turn)


def _rows(turn: Turn) -> list[tuple[Button, ...]]:
    _, b = turn._, turn.button
    rows = [
        (b(_("What's on"), "whats_on"), b(_("My bookings"), "my_bookings")),
        (b(_("Courses to book"), "courses"), b(_("Help and advice"), "topics")),
        (b(_("Ask a person to ring me"), "ring_me"), b(_("Register my family"), "register")),
        (b(_("Settings and privacy"), "settings"),),
    ]
    if len(turn.desk.languages) > 1:
        rows[-1] = (*rows[-1], b("🌐 " + _("Language"), "language"))
    return [*rows, (b(_("Urgent help"), "urgent"),)]

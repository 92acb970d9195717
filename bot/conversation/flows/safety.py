"""A person in danger: the fixed card from any state, and nothing else.

The person's words are never stored, logged or repeated. Source of the words: content/safety.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from markupsafe import Markup, escape

from bot.content.values import Card, Contact, Content, OpeningHours
from bot.conversation import forms
from bot.conversation.turn import Turn, act, on_command, on_intent
from bot.outbox import service as outbox
from bot.outbox.models import Outbox
from bot.understanding.reading import Reading, Wish
from bot.wording.words import Words, lines, paragraphs

GENERAL = "general"
_DAYS_AHEAD = 14


def heed(turn: Turn, reading: Reading) -> bool:
    """Show the card where there is danger; whether it was shown. Possible danger moves the button."""
    if reading.crisis:
        turn.talk.danger_said += [m for m in [turn.incoming.message_id] if m]
        forms.keep_apart(turn, reading.said)
        show_card(turn, reading.crisis, lang=reading.lang)
        return True
    turn.talk.urgent = turn.talk.urgent or reading.urgent
    return False


@on_intent("crisis")
def crisis(turn: Turn, _wish: Wish) -> None:
    show_card(turn, GENERAL)


@act("urgent")
def urgent(turn: Turn, _args: Mapping[str, Any]) -> None:
    """The button that is everywhere: the general card."""
    show_card(turn, GENERAL)


@on_command("urgent")
def urgent_command(turn: Turn, _argument: str) -> None:
    show_card(turn, GENERAL)


def show_card(turn: Turn, risk: str, *, lang: str = "") -> None:
    """The fixed card for a risk. The open form is left alone, unseen, and nothing else is said.

    To somebody who wrote in another language, `lang`, the card is in that one; where we don't speak
    it, that language's own words with the emergency numbers come first.
    """
    cards = turn.content.safety.cards
    card = cards.get(risk) or cards[GENERAL]
    short = lang.partition("-")[0]
    spoken = short in turn.desk.languages
    words = turn.desk.words(short) if spoken else turn.words
    turn.dangerous = True
    turn.said.clear()
    turn.talk.urgent = True
    if turn.talk.form is not None:
        turn.talk.form.waiting = True
    turn.say(
        paragraphs(
            "" if spoken else said_in(turn, lang),
            card_text(words, card, turn.content.contacts, turn.content.council.hours, turn.now),
        ),
        (turn.button(words._("Ask a person to contact me"), "contact_me"),),
        (turn.button(words._("Hide this"), "hide"),),
        protected=True,
    )


@act("hide")
def hide(turn: Turn, _args: Mapping[str, Any]) -> None:
    """Take the exchange off the screen for good, and say what may remain."""
    take_off(turn)
    forms.leave(turn)
    turn.plain = True
    note = (
        turn._("Hidden. Notices on your phone, and other phones where you use Telegram, may still "
               "show it for a moment. To clear everything, delete this chat in Telegram.")
        if turn.channel == "telegram"
        else turn._("Hidden. Your browser's history still shows that you opened this website. "
                    "“Exit this page” leaves at once.")
    )  # fmt: skip
    turn.say(note, (turn.button(turn._("Menu"), "menu"),))


def take_off(turn: Turn) -> None:
    """Remove the exchange from our tables and, where the channel can, from the screen."""
    outbox.hide(turn.db, turn.talk.danger, now=turn.now)
    turn.hide += [*_shown_ids(turn), *turn.talk.danger_said]
    turn.talk.danger, turn.talk.danger_said, turn.talk.urgent = [], [], False


def card_text(
    words: Words,
    card: Card,
    contacts: Mapping[str, Contact],
    hours: OpeningHours,
    now: datetime,
) -> Markup:
    """The card word for word, then its numbers. `{opens}` becomes when people are next there."""
    said = words.said(card.text).replace("{opens}", opens(words, hours, now))
    numbers = [contact_line(words, contacts[c]) for c in card.contacts if c in contacts]
    parts: list[Markup] = []
    for paragraph in (escape(p) for p in said.splitlines() if p):
        if paragraph.endswith(":") and numbers:
            parts.append(lines(paragraph, *numbers))
            numbers = []
        else:
            parts.append(paragraph)
    return paragraphs(*parts, lines(*numbers))


def said_in(turn: Turn, tag: str) -> str:
    """In a language we recognise but don't speak: emergency numbers, our languages, the phone."""
    said, content = turn.content.safety.unsupported, turn.content
    text = said.get(tag) or said.get(tag.partition("-")[0]) or ""
    offered = [x.name for x in content.council.languages if x.tag in turn.desk.languages]
    return text.replace("{languages}", ", ".join(offered)).replace("{line}", line(content).phone)


def line(content: Content) -> Contact:
    """The contact given for everything we can't answer."""
    return content.contacts[content.council.line]


def contact_line(words: Words, contact: Contact) -> Markup:
    """Name, number and hours. Numbers keep their order in right-to-left text."""
    ways = [w for w in (contact.phone, contact.text, contact.web) if w]
    isolated = ", ".join(f"\u2068{w}\u2069" if words.direction == "rtl" else w for w in ways)
    hours = words.said(contact.hours)
    return Markup("{}: <b>{}</b>{}").format(
        words.said(contact.label), isolated, f" ({hours})" if hours else ""
    )


def opens(words: Words, hours: OpeningHours, now: datetime) -> str:
    """When somebody is next there to read a request: a day and an hour, never "soon"."""
    local = now.astimezone(words.zone)
    for ahead in range(_DAYS_AHEAD):
        day = local.date() + timedelta(days=ahead)
        span = hours.days.get(day.weekday())
        if span is None or day in hours.closed:
            continue
        begins, ends = span
        if ahead == 0 and local.time() >= ends:
            continue
        if ahead == 0 and local.time() >= begins:
            return words._("today until %(time)s") % {"time": words.time(ends)}
        return words._("%(day)s at %(time)s") % {"day": words.day(day), "time": words.time(begins)}
    return words.time(time(9))


def _shown_ids(turn: Turn) -> list[str]:
    """The channel's ids of the cards on the screen."""

    ids: list[str] = []
    for outbox_id in turn.talk.danger:
        row = turn.db.get(Outbox, outbox_id)
        if row is not None and row.external_id:
            ids += row.external_id.split(",")
    return ids

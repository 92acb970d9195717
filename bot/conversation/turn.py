"""One turn: one thing a person did and everything it causes, in one transaction.

In order: seen before? who is it? danger, before anything else; then a tapped button, a command,
the open form, or what the text was read to mean. The replies are outbox rows; only `delivery`
sends them, after the commit.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup
from sqlmodel import Session

from bot.bookings.policy import Policy
from bot.content.values import Content
from bot.conversation.incoming import Incoming
from bot.conversation.talk import Talk
from bot.families.models import Adult
from bot.outbox.message import Button, Message, Pin
from bot.timetable.importing import is_sample
from bot.understanding.reading import Reading, TalkTurn, Wish
from bot.wording.words import Words, paragraphs

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True)
class Desk:
    """What every turn needs and none changes: words, data and settings of this council."""

    content: Content
    zone: ZoneInfo
    address: str  # of our pages
    demo: bool
    mail: bool  # whether e-mail can be sent
    resolve: Callable[[Reading, tuple[TalkTurn, ...]], Reading]
    _words: dict[str, Words] = field(default_factory=dict)

    def words(self, lang: str) -> Words:
        offered = lang if lang in self.languages else "en"
        if offered not in self._words:
            self._words[offered] = Words(offered, self.zone)
        return self._words[offered]

    @property
    def policy(self) -> Policy:
        """How places are given."""
        return Policy.of(self.content.council, self.zone)

    @property
    def languages(self) -> tuple[str, ...]:
        """Tags that may be chosen: in live mode only those a person approved."""
        return tuple(
            x.tag
            for x in self.content.council.languages
            if x.tag == "en" or self.demo or x.approved.given
        )


@dataclass
class Turn:
    """What the flows work with: who, what they did, and the answers said so far."""

    db: Session
    desk: Desk
    adult: Adult
    talk: Talk
    incoming: Incoming
    words: Words
    now: datetime
    said: list[Message] = field(default_factory=list)
    hide: list[str] = field(default_factory=list)
    toast: str = ""
    dangerous: bool = False  # the card and nothing else
    from_timetable: bool = False  # what is said next comes from the timetable
    timetable_at: int | None = None  # the last message that did
    plain: bool = False  # no footer below the answer
    aside: bool = False  # a question in the middle of a form, which stays open

    @property
    def content(self) -> Content:
        return self.desk.content

    @property
    def today(self) -> date:
        """The local date."""
        return self.now.astimezone(self.desk.zone).date()

    @property
    def channel(self) -> str:
        return self.incoming.sender.channel

    def _(self, text: str) -> str:
        return self.words._(text)

    def say(
        self,
        text: Markup | str,
        *rows: tuple[Button, ...],
        pin: Pin | None = None,
        protected: bool = False,
    ) -> None:
        """Add a message to the answer; plain text is escaped."""
        if self.from_timetable:
            self.timetable_at, self.from_timetable = len(self.said), False
        self.said.append(
            Message(
                Markup("") + text,
                rows=tuple(r for r in rows if r),
                pin=pin,
                protected=protected,
            )
        )

    def say_before(self, place: int, text: str) -> None:
        """Add a message before the one at `place`."""
        self.say(text)
        self.said.insert(place, self.said.pop())
        if self.timetable_at is not None and self.timetable_at >= place:
            self.timetable_at += 1

    def button(self, label: str, act: str, **args: Any) -> Button:
        return Button(label, act=act, args=args)

    def answers(self) -> list[Message]:
        """The messages in their final form: sample note, footer, urgent help first where it matters."""
        if not self.said:
            return []
        done = list(self.said)
        at = self.timetable_at
        if at is not None and not self.dangerous and is_sample(self.db):
            note = Markup("<i>{}</i>").format(
                self._("Sample timetable for trying out: these are not real sessions.")
            )
            done[at] = dataclasses.replace(done[at], text=paragraphs(done[at].text, note))
        last = done[-1]
        if not self.plain and not self.dangerous:
            urgent = self.button(self._("Urgent help"), "urgent")
            menu = self.button(self._("Menu"), "menu")
            if self.talk.urgent:
                last = dataclasses.replace(last, rows=((urgent,), *last.rows, (menu,)))
            else:
                last = dataclasses.replace(last, rows=(*last.rows, (menu, urgent)))
        done[-1] = last
        return done


Act = Callable[[Turn, Mapping[str, Any]], None]
OnIntent = Callable[[Turn, Wish], None]
ACTS: dict[str, Act] = {}
INTENTS: dict[str, OnIntent] = {}
COMMANDS: dict[str, Callable[[Turn, str], None]] = {}


def act(name: str) -> Callable[[Act], Act]:
    """Register what a button does."""

    def register(work: Act) -> Act:
        ACTS[name] = work
        return work

    return register


def on_intent(*names: str) -> Callable[[OnIntent], OnIntent]:
    """Register what a wish brings."""

    def register(work: OnIntent) -> OnIntent:
        INTENTS.update(dict.fromkeys(names, work))
        return work

    return register


def on_command(*names: str) -> Callable[[Callable[[Turn, str], None]], Callable[[Turn, str], None]]:
    """Register a command, with what follows it."""

    def register(work: Callable[[Turn, str], None]) -> Callable[[Turn, str], None]:
        COMMANDS.update(dict.fromkeys(names, work))
        return work

    return register


def wishes(reading: Reading) -> list[Wish]:
    """What is wished, two at most. Who they are is heard with a booking and is no wish beside it."""
    first, *others = (reading.wish, *reading.also)[:2]
    if first.intent in ("book", "join_waiting_list"):
        others = [wish for wish in others if wish.intent != "update_details"]
    return [first, *others]

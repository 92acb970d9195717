"""What Telegram knows: people, chats, taps, the bot's own settings. No HTTP here."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.emulator.chats import Bubble, BubbleButton, Chat, Person, message_json
from tests.emulator.clock import Clock
from tests.emulator.markup import Refused, bad
from tests.emulator.updates import Updates

BOT_ID = 123456789
DELETE_WITHIN = 48 * 3600  # seconds


@dataclass(slots=True)
class Tap:
    query_id: str
    person: int
    made_at: float
    answered: int = 0
    toast: str = ""


@dataclass(slots=True)
class Profile:
    """What the bot has set about itself; by language code, '' for everybody else."""

    commands: dict[str, dict[str, str]] = field(default_factory=dict)
    texts: dict[str, dict[str, str]] = field(default_factory=dict)


class World:
    """All of Telegram's state for one bot. `changed(chat_id)` is called when a chat changes."""

    def __init__(self, clock: Clock, updates: Updates, *, everyone_known: bool) -> None:
        self.clock = clock
        self.updates = updates
        self.everyone_known = everyone_known
        self.tap_lives = 150.0
        self.message_lives = 86_400.0
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.taps: dict[str, Tap] = {}
        self.profile = Profile()
        self.left: list[int] = []
        self.changed: Callable[[int], None] = lambda _chat_id: None
        self._message_ids = itertools.count(1)
        self._seq = itertools.count(1)

    @property
    def bot(self) -> dict[str, Any]:
        return {
            "id": BOT_ID,
            "is_bot": True,
            "first_name": "Family Assistant",
            "username": "family_assistant_bot",
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def seq(self) -> int:
        return next(self._seq)

    def person(self, user_id: int) -> Person:
        return self.people.setdefault(user_id, Person(user_id))

    def chat(self, chat_id: int) -> Chat:
        """The chat, made if need be (a private one for a positive id)."""
        found = self.chats.get(chat_id)
        if found is None:
            person = self.person(chat_id) if chat_id > 0 else None
            kind = "private" if chat_id > 0 else "group"
            found = self.chats[chat_id] = Chat(chat_id, kind=kind, person=person)
        return found

    def reachable(self, raw: object) -> Chat:
        """The chat that the bot may write to. Raises Refused."""
        if raw in (None, ""):
            raise bad("chat_id is empty")
        try:
            chat_id = int(str(raw))
        except ValueError:
            raise bad("chat not found") from None
        chat = self.chats.get(chat_id)
        if chat is None and self.everyone_known and chat_id > 0:
            chat = self.chat(chat_id)
            chat.started = True
        if chat is None:
            raise bad("chat not found")
        if chat.kind != "private":
            if not chat.member:
                raise Refused(403, f"Forbidden: bot is not a member of the {chat.kind} chat")
            return chat
        if chat.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if not chat.started:
            raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    def show(self, chat: Chat, bubble: Bubble) -> Bubble:
        chat.bubbles[bubble.message_id] = bubble
        return bubble

    def new_bubble(self, chat: Chat, *, mine: bool, text: str = "", kind: str = "text") -> Bubble:
        bubble = Bubble(
            message_id=next(self._message_ids),
            chat_id=chat.id,
            mine=mine,
            text=text,
            kind=kind,
            date=self.clock.now(),
            seq=self.seq(),
        )
        return self.show(chat, bubble)

    def json(self, chat: Chat, bubble: Bubble) -> dict[str, Any]:
        sender = self.bot if bubble.mine or chat.person is None else chat.person.to_json()
        return message_json(bubble, chat, sender)

    def find(self, chat: Chat, raw: object, *, doing: str) -> Bubble:
        try:
            message_id = int(str(raw))
        except ValueError:
            raise bad("message identifier is not specified") from None
        bubble = chat.bubbles.get(message_id)
        if bubble is None:
            raise bad(f"message to {doing} not found")
        return bubble

    def may_delete(self, bubble: Bubble) -> bool:
        return self.clock.now() - bubble.date < DELETE_WITHIN


def rows_of(keyboard: list[list[dict[str, Any]]]) -> list[list[BubbleButton]]:
    return [
        [BubbleButton(b["text"], b.get("callback_data", ""), b.get("url", "")) for b in row]
        for row in keyboard
    ]

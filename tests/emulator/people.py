"""What people do to the bot, as updates with Telegram's own shapes and queues."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any

from tests.emulator.chats import Bubble, BubbleButton, Chat
from tests.emulator.updates import MEMBERSHIP, TAPS
from tests.emulator.world import Tap, World

_SHIFT = 33  # Telegram's: a queue's number is the chat's or person's id plus its kind << 33


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a person did. `update_id` is 0 where the bot did not ask for such updates."""

    update_id: int
    message_id: int = 0
    query_id: str = ""


class People:
    """The verbs of the driver that people use. Mixed into Emulator."""

    world: World

    def __init__(self) -> None:
        self._query_ids = itertools.count(4_000_000_000)

    def meets(
        self,
        user_id: int,
        *,
        name: str = "Somebody",
        lang: str = "en",
        username: str = "",
        started: bool = False,
    ) -> None:
        """Say who a person is. With `started` the bot may write to them already."""
        person = self.world.person(user_id)
        person.name, person.lang, person.username = name, lang, username
        chat = self.world.chat(user_id)
        chat.started = chat.started or started

    async def says(self, user_id: int, text: str) -> Act:
        """Type a message (one that starts with "/" is a command, as in Telegram)."""
        entities = []
        if found := re.match(r"/[A-Za-z0-9_]+(@[A-Za-z0-9_]+)?", text):
            entities = [{"type": "bot_command", "offset": 0, "length": found.end()}]
        bubble = self._writes(user_id, text=text)
        bubble.entities = entities
        return self._posts(bubble)

    async def command(self, user_id: int, command: str, argument: str = "") -> Act:
        """`command(7, "start", "BOOK12")` is a tap on a deep link."""
        return await self.says(user_id, f"/{command.lstrip('/')} {argument}".strip())

    async def taps(self, user_id: int, label: str) -> Act:
        """Tap the newest button whose label is, or else holds, `label`. Fails if there is none."""
        bubble, button = self.find_button(user_id, label)
        if not button.data:
            raise AssertionError(f"{label!r} opens {button.url}; it is not for the bot")
        return self._tapped(user_id, button.data, bubble)

    async def sends_token(
        self, user_id: int, data: str, *, message_id: int | None = None, made_by: int | None = None
    ) -> Act:
        """A tap with any data, as a changed app could send it; `made_by` is another's chat."""
        chat = self.world.chat(made_by or user_id)
        bubbles = [b for b in chat.bubbles.values() if b.mine]
        if message_id is not None:
            bubbles = [b for b in bubbles if b.message_id == message_id]
        return self._tapped(user_id, data, bubbles[-1] if bubbles else None)

    async def location(self, user_id: int, latitude: float, longitude: float) -> Act:
        bubble = self._writes(user_id, kind="location")
        bubble.pin = {"latitude": latitude, "longitude": longitude, "title": "", "address": ""}
        return self._posts(bubble)

    async def photo(self, user_id: int, caption: str = "", *, album: str = "") -> Act:
        """Send a photo; those of one `album` were chosen together and come one by one."""
        bubble = self._writes(user_id, text=caption, kind="photo")
        size = {"file_id": "AgAC", "file_unique_id": "u", "width": 90, "height": 60}
        return self._posts(
            bubble, {"photo": [size], **({"media_group_id": album} if album else {})}
        )

    async def voice(self, user_id: int) -> Act:
        bubble = self._writes(user_id, kind="voice")
        return self._posts(
            bubble, {"voice": {"file_id": "Aw", "file_unique_id": "v", "duration": 3}}
        )

    async def file(self, user_id: int, caption: str = "") -> Act:
        bubble = self._writes(user_id, text=caption, kind="document")
        return self._posts(bubble, {"document": {"file_id": "BQ", "file_unique_id": "d"}})

    async def sticker(self, user_id: int) -> Act:
        bubble = self._writes(user_id, kind="sticker")
        sticker = {
            "file_id": "CA",
            "file_unique_id": "s",
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
        }
        return self._posts(bubble, {"sticker": sticker})

    async def contact(self, user_id: int, phone: str, *, of: int | None = None) -> Act:
        """Share a number: one's own, or somebody else's (`of` is their id; 0 is an unknown)."""
        bubble = self._writes(user_id, kind="contact")
        card: dict[str, Any] = {"phone_number": phone, "first_name": "A"}
        owner = user_id if of is None else of
        if owner:
            card["user_id"] = owner
        return self._posts(bubble, {"contact": card})

    async def edits(self, user_id: int, text: str, *, message_id: int | None = None) -> Act:
        """Change one's own newest message, or that one."""
        chat = self.world.chat(user_id)
        own = [b for b in chat.bubbles.values() if not b.mine and b.kind == "text"]
        if message_id is not None:
            own = [b for b in own if b.message_id == message_id]
        if not own:
            raise AssertionError("there is no message to edit")
        bubble = own[-1]
        bubble.text, bubble.edited, bubble.seq = text, True, self.world.seq()
        chat.last_act, chat.owed = bubble.seq, 0
        body = self.world.json(chat, bubble)
        return Act(self._queue("edited_message", body, chat, user_id), bubble.message_id)

    async def blocks(self, user_id: int) -> Act:
        chat = self.world.chat(user_id)
        chat.blocked = True
        return self._membership(chat, user_id, "member", "kicked")

    async def unblocks(self, user_id: int) -> Act:
        chat = self.world.chat(user_id)
        chat.blocked = False
        return self._membership(chat, user_id, "kicked", "member")

    async def adds_to_group(
        self, user_id: int, *, group_id: int = -4001, kind: str = "group", title: str = "Mums"
    ) -> Act:
        chat = self.world.chat(group_id)
        chat.kind, chat.title, chat.member = kind, title, True
        return self._membership(chat, user_id, "left", "member")

    async def says_in_group(self, user_id: int, group_id: int, text: str) -> Act:
        """A message in a group of which the bot is (still) a member."""
        chat = self.world.chat(group_id)
        bubble = self.world.new_bubble(chat, mine=False, text=text)
        body = self.world.json(chat, bubble)
        body["from"] = self.world.person(user_id).to_json()
        return Act(self._queue("message", body, chat, user_id), bubble.message_id)

    async def sends_update(self, body: Any, *, user_id: int = 0) -> Act:
        """Any JSON as an update."""
        return Act(self.world.updates.add_raw(body, person=user_id, lives=self.world.message_lives))

    def find_button(self, user_id: int, label: str) -> tuple[Bubble, BubbleButton]:
        """The newest button of that label; if none is so called, one whose label holds it."""
        bubbles = sorted(self.world.chat(user_id).bubbles.values(), key=lambda b: -b.message_id)
        for fits in (str.__eq__, str.__contains__):
            for bubble in bubbles:
                for button in bubble.buttons:
                    if fits(button.label, label):
                        return bubble, button
        seen = [bubble.labels for bubble in bubbles if bubble.labels]
        raise AssertionError(f"no button {label!r} on the screen; there are {seen}")

    def _writes(self, user_id: int, *, text: str = "", kind: str = "text") -> Bubble:
        chat = self.world.chat(user_id)
        chat.started = True
        bubble = self.world.new_bubble(chat, mine=False, text=text, kind=kind)
        chat.last_act, chat.owed = bubble.seq, 1
        return bubble

    def _posts(self, bubble: Bubble, more: dict[str, Any] | None = None) -> Act:
        chat = self.world.chat(bubble.chat_id)
        body = {**self.world.json(chat, bubble), **(more or {})}
        return Act(self._queue("message", body, chat, bubble.chat_id), bubble.message_id)

    def _tapped(self, user_id: int, data: str, bubble: Bubble | None) -> Act:
        chat = self.world.chat(user_id)
        chat.started = True
        chat.last_act, chat.owed = self.world.seq(), 0
        query_id = str(next(self._query_ids))
        self.world.taps[query_id] = Tap(query_id, user_id, self.world.clock.now())
        body: dict[str, Any] = {
            "id": query_id,
            "from": self.world.person(user_id).to_json(),
            "chat_instance": str(user_id),
            "data": data,
        }
        if bubble is not None:
            body["message"] = self.world.json(self.world.chat(bubble.chat_id), bubble)
        update_id = self.world.updates.add(
            "callback_query",
            body,
            queue=user_id + (TAPS << _SHIFT),
            person=user_id,
            lives=self.world.tap_lives,
        )
        return Act(update_id, bubble.message_id if bubble else 0, query_id)

    def _membership(self, chat: Chat, user_id: int, old: str, new: str) -> Act:
        def member(status: str) -> dict[str, Any]:
            body: dict[str, Any] = {"user": self.world.bot, "status": status}
            return {**body, "until_date": 0} if status == "kicked" else body

        chat.last_act, chat.owed = self.world.seq(), 0
        body = {
            "chat": chat.to_json(),
            "from": self.world.person(user_id).to_json(),
            "date": int(self.world.clock.now()),
            "old_chat_member": member(old),
            "new_chat_member": member(new),
        }
        update_id = self.world.updates.add(
            "my_chat_member",
            body,
            queue=chat.id + (MEMBERSHIP << _SHIFT),
            person=user_id,
            lives=self.world.message_lives,
        )
        return Act(update_id)

    def _queue(self, kind: str, body: dict[str, Any], chat: Chat, user_id: int) -> int:
        return self.world.updates.add(
            kind, body, queue=chat.id, person=user_id, lives=self.world.message_lives
        )

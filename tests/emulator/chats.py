"""Who there is, and what each chat shows on its screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class BubbleButton:
    label: str
    data: str = ""
    url: str = ""


@dataclass(slots=True)
class Bubble:
    """One message as it is on the screen now."""

    message_id: int
    chat_id: int
    mine: bool  # written by the bot
    text: str  # as shown
    html: str = ""  # as sent
    entities: list[dict[str, Any]] = field(default_factory=list)
    rows: list[list[BubbleButton]] = field(default_factory=list)
    protected: bool = False
    preview: bool = True  # whether links may be previewed
    pin: dict[str, Any] | None = None  # latitude, longitude, title, address
    kind: str = "text"
    date: float = 0.0
    edited: bool = False
    seq: int = 0  # place in the emulator's order of events

    @property
    def buttons(self) -> list[BubbleButton]:
        return [button for row in self.rows for button in row]

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.buttons]

    @property
    def links(self) -> dict[str, str]:
        """Words of each link in the text, with its address."""
        encoded = self.text.encode("utf-16-le")
        return {
            encoded[e["offset"] * 2 : (e["offset"] + e["length"]) * 2].decode("utf-16-le"): e["url"]
            for e in self.entities
            if "url" in e
        }

    def to_json(self) -> dict[str, Any]:
        body = {name: getattr(self, name) for name in self.__slots__}
        body["rows"] = [[[b.label, b.data, b.url] for b in row] for row in self.rows]
        return body

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Bubble:
        rows = [[BubbleButton(*button) for button in row] for row in body["rows"]]
        return cls(**{**body, "rows": rows})


@dataclass(slots=True)
class Person:
    id: int
    name: str = "Somebody"
    lang: str = "en"
    username: str = ""

    def to_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"id": self.id, "is_bot": False, "first_name": self.name}
        if self.lang:
            body["language_code"] = self.lang
        if self.username:
            body["username"] = self.username
        return body


@dataclass(slots=True)
class Chat:
    """One chat with the bot. `bubbles` are those still on the screen, by id."""

    id: int
    kind: str = "private"
    title: str = ""
    person: Person | None = None
    started: bool = False
    blocked: bool = False
    member: bool = True
    bubbles: dict[int, Bubble] = field(default_factory=dict)
    last_act: int = 0  # seq of the person's last act
    owed: int = 0  # replies that the last act calls for

    def to_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"id": self.id, "type": self.kind}
        if self.kind == "private":
            body["first_name"] = self.person.name if self.person else ""
        else:
            body["title"] = self.title
        return body


def message_json(bubble: Bubble, chat: Chat, sender: dict[str, Any]) -> dict[str, Any]:
    """A Message of the Bot API."""
    body: dict[str, Any] = {
        "message_id": bubble.message_id,
        "from": sender,
        "chat": chat.to_json(),
        "date": int(bubble.date),
    }
    if bubble.kind == "text":
        body["text"] = bubble.text
        if bubble.entities:
            body["entities"] = bubble.entities
    elif bubble.pin is not None:
        point = {"latitude": bubble.pin["latitude"], "longitude": bubble.pin["longitude"]}
        body["location"] = point
        if bubble.kind == "venue":
            body["venue"] = {
                "location": point,
                "title": bubble.pin["title"],
                "address": bubble.pin["address"],
            }
    elif bubble.text:
        body["caption"] = bubble.text
    if bubble.edited:
        body["edit_date"] = int(bubble.date)
    if bubble.protected:
        body["has_protected_content"] = True
    if bubble.rows:
        body["reply_markup"] = {"inline_keyboard": [[_button(b) for b in r] for r in bubble.rows]}
    return body


def _button(button: BubbleButton) -> dict[str, Any]:
    if button.url:
        return {"text": button.label, "url": button.url}
    return {"text": button.label, "callback_data": button.data}

"""What reaches a turn: one thing a person did, whatever the channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.outbox.message import Message


class Kind(StrEnum):
    TEXT = "text"
    TAP = "tap"  # a button; `text` holds its token
    COMMAND = "command"  # `text` is the command without its slash, `argument` what follows
    LOCATION = "location"
    EDITED = "edited"  # an earlier message was changed; `text` is the new one
    FILE = "file"  # a photo, voice, file or sticker: never downloaded
    CONTACT = "contact"  # the sender's own number, as `text`
    BLOCKED = "blocked"  # the person stopped us
    UNBLOCKED = "unblocked"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who did it. `external` is the Telegram user id, or the hash of a web visitor's cookie."""

    channel: str  # telegram | web
    external: str
    lang: str = ""  # what the person's app or browser asks for


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing a person did. `key` is unique for it: doing it again must not act again."""

    sender: Sender
    kind: Kind
    key: str
    text: str = ""
    argument: str = ""
    point: tuple[float, float] | None = None  # latitude, longitude
    inbox_id: int | None = None  # marked processed in the turn's own transaction
    message_id: str = ""  # the channel's id of what the person sent, so that it can be hidden
    album: str = ""  # of photos sent together: each comes by itself


@dataclass(frozen=True, slots=True)
class Reply:
    """One outbox row of this turn, ready to be shown."""

    outbox_id: int
    message: Message


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What a turn made. `hide` are the channel's ids of messages to take off the screen."""

    replies: tuple[Reply, ...] = ()
    hide: tuple[str, ...] = ()
    repeated: bool = False  # the key was used before: these are the stored replies
    toast: str = ""  # a word for the tap itself, where the channel shows one
    extra: dict[str, str] = field(default_factory=dict)

"""From a Telegram update to what a person did. Nothing is downloaded, nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from telegram import CallbackQuery, ChatMember, ChatMemberUpdated, Location, Message, Update, User
from telegram.constants import ChatType

from bot.conversation.incoming import Incoming, Kind, Sender

#: The updates that we ask Telegram for; each holds who did it under "from".
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")

CHANNEL = "telegram"

#: Characters that a database or UTF-8 can't take; real Telegram never sends them.
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)

_UNREAD = (
    "caption_entities",
    "entities",
    "external_reply",
    "forward_origin",
    "link_preview_options",
    "quote",
    "reply_markup",
    "reply_to_message",
    "via_bot",
)

_OUTSIDE = (ChatMember.LEFT, ChatMember.BANNED)


def read(update: Update, *, inbox_id: int | None = None) -> Incoming | None:
    """What the person did, or None where it calls for no turn.

    Only private chats count: in a group a reply would show a family's data to others.
    """
    if update.callback_query is not None:
        kind, message_id, fields = _tap(update.callback_query)
    elif update.message is not None:
        kind, message_id, fields = _message(update.message)
    elif update.edited_message is not None:
        kind, message_id, fields = _edited(update.edited_message)
    elif update.my_chat_member is not None:
        kind, message_id, fields = _membership(update.my_chat_member)
    else:
        return None
    user, chat = update.effective_user, update.effective_chat
    if kind is None or user is None or user.is_bot:
        return None
    if chat is None or chat.type != ChatType.PRIVATE or chat.id != user.id or not _is_id(user.id):
        return None
    return Incoming(
        sender=_sender(user),
        kind=kind,
        key=f"tg:{update.update_id}",
        inbox_id=inbox_id,
        message_id=message_id if message_id.isdecimal() else "",
        **fields,
    )


def enters(change: ChatMemberUpdated) -> bool:
    """Whether somebody has just put us into a chat."""
    return (
        change.old_chat_member.status in _OUTSIDE and change.new_chat_member.status not in _OUTSIDE
    )


def update_id_of(body: Any) -> int | None:
    """The id of a parsed update; None if there is none that a database can hold."""
    found = body.get("update_id") if isinstance(body, Mapping) else None
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < 2**63:
        return None
    return found


def person_of(body: Mapping[str, Any]) -> str:
    """Whose order of doing things an update belongs to: messages and taps of one person are one.

    Works on the bare JSON, whatever it holds. An update of nobody's is in an order of its own.
    """
    for kind in ALLOWED:
        part = body.get(kind)
        sender = part.get("from") if isinstance(part, Mapping) else None
        found = sender.get("id") if isinstance(sender, Mapping) else None
        if _is_id(found):
            return str(found)
    return f"update {update_id_of(body)}"


def lean(body: Any) -> Any:
    """The parsed update without what we never read, so that the library need not build it.

    A tap brings along the whole message that it is under, a reply the one that it answers, a
    forwarded text the name of who wrote it: time, and other people's data.
    """
    if not isinstance(body, dict):
        return body
    body = {k: body[k] for k in ("update_id", *ALLOWED) if k in body}
    query = body.get("callback_query")
    if isinstance(query, dict) and isinstance(under := query.get("message"), dict):
        # Without its date the library takes it for one that can't be read any more.
        query["message"] = {k: under[k] for k in ("message_id", "chat") if k in under} | {"date": 0}
    for kind in ("message", "edited_message"):
        if isinstance(message := body.get(kind), dict):
            for name in _UNREAD:
                message.pop(name, None)
    return body


Parts = tuple[Kind | None, str, dict[str, Any]]


def _tap(query: CallbackQuery) -> Parts:
    message = query.message
    if message is None or not query.data:
        return None, "", {}
    return Kind.TAP, str(message.message_id), {"text": _clean(query.data)}


def _message(message: Message) -> Parts:
    message_id = str(message.message_id)
    if message.text is not None:
        text = _clean(message.text)
        if command := _COMMAND.fullmatch(text):
            name, argument = command.groups()
            return (
                Kind.COMMAND,
                message_id,
                {"text": name.lower(), "argument": (argument or "").strip()},
            )
        return Kind.TEXT, message_id, {"text": text}
    if message.location is not None:
        point = _point(message.location)
        return Kind.LOCATION if point else None, message_id, {"point": point}
    contact, sender = message.contact, message.from_user
    if contact is not None and sender is not None and contact.user_id == sender.id:
        return Kind.CONTACT, message_id, {"text": _clean(contact.phone_number)}
    if message.effective_attachment is not None:
        # What is written under a photo may be the point of it, or a cry for help.
        said = {"text": _clean(message.caption or ""), "album": _clean(message.media_group_id)[:40]}
        return Kind.FILE, message_id, said
    return None, message_id, {}  # a service message: the chat's own news, not the person's


def _edited(message: Message) -> Parts:
    text = message.text if message.text is not None else message.caption
    if text is None:  # a live location that moves
        return None, "", {}
    return Kind.EDITED, str(message.message_id), {"text": _clean(text)}


def _membership(change: ChatMemberUpdated) -> Parts:
    if enters(change):
        return Kind.UNBLOCKED, "", {}
    return (Kind.BLOCKED if change.new_chat_member.status in _OUTSIDE else None), "", {}


def _sender(user: User) -> Sender:
    lang = _clean(user.language_code)
    return Sender(CHANNEL, str(user.id), lang=lang if _LANGUAGE.fullmatch(lang) else "")


def _clean(text: object) -> str:
    """The library does not check what it reads: where a text should be there may be anything."""
    return _UNKEEPABLE.sub("\ufffd", text) if isinstance(text, str) else ""


def _is_id(found: object) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and 0 < found < 2**63


def _point(location: Location) -> tuple[float, float] | None:
    lat: Any = location.latitude
    lon: Any = location.longitude
    if not (isinstance(lat, int | float) and isinstance(lon, int | float)):
        return None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # also where one is no number at all
        return None
    return float(lat), float(lon)

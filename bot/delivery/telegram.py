"""Telegram as a way of reaching people: a Message becomes HTML, an inline keyboard and a pin.

Telegram has no idempotency key, so a send whose answer was lost may or may not have arrived; it is
said to be UNKNOWN, and the policy of the notice decides whether it is sent again. Links are never
previewed: Telegram would fetch them, and a preview shows more than the sender meant.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

from telegram import Bot
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.delivery.channel import Outcome, Result
from bot.delivery.parts import parts_of
from bot.outbox.message import TEXT_LIMIT, Button, Message, Pin

# The library turns seconds into timedeltas, and until one says yes it warns at every flood error.
os.environ.setdefault("PTB_TIMEDELTA", "true")

#: Telegram deletes at most so many messages at a time.
LOT = 100

#: Seconds between tries to take messages off the screen: it matters, and it is done while waiting.
ERASE_PAUSES = (0.3, 1.0)

#: Seconds after which a token that Telegram refuses is tried again: somebody has to mend it first.
TOKEN_PAUSE = 60.0

#: Refusals by which Telegram says that there is nobody there.
_NOBODY = ("chat not found", "user not found", "peer_id_invalid", "chat_id is empty")

#: Refusals worth naming to staff; the rest of the words may quote what was sent.
_KNOWN = (
    "message is too long",
    "message text is empty",
    "can't parse entities",
    "button_data_invalid",
    "inline keyboard button url",
    "wrong location",
)


class AnswerLostError(NetworkError):
    """The connection broke after the request was written: Telegram may have acted on it."""


class AnswerTimedOutError(AnswerLostError, TimedOut):
    """The request was written and no answer came in time: Telegram may have acted on it."""


@runtime_checkable
class Api(Protocol):
    """The Bot API without the library's objects: reading back a sent message as one of them costs
    as much time as all the rest of sending it, and nothing here needs more than its id.
    """

    async def call(self, method: str, parameters: Mapping[str, Any]) -> Any:
        """The `result` of a method. Raises TelegramError; AnswerLostError where it may have
        been carried out all the same.
        """
        ...


class TelegramChannel:
    """Sends as the bot. `to` is the chat's id, which for a private chat is the person's."""

    name = "telegram"

    def __init__(
        self, bot: Bot, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        api = bot.request
        if not isinstance(api, Api):
            raise TypeError("the bot's request cannot call methods by name")
        self._api: Api = api
        self._pause = pause

    async def send(self, to: str, message: Message, *, reference: str) -> Result:
        """See Channel. A long text goes in several parts, the buttons under the last.

        A fault between two parts ends the send as that fault does, and after it or a crash the whole
        is tried again: the first part may be seen twice, the last is never missing. A pin is sent
        after the text; if only it fails, the message is sent.
        """
        shown: list[str] = []
        try:
            for body in _texts(message):
                shown.append(await self._show("sendMessage", to, body, message))
        except TelegramError as error:
            return _result_of(error)
        try:
            if message.pin is not None:
                shown.append(await self._show("sendVenue", to, _pin(message.pin), message))
        except TelegramError as error:
            reason = f"without its map: {_result_of(error).reason}"
            return Result(Outcome.SENT, ",".join(shown), reason=reason)
        return Result(Outcome.SENT, ",".join(shown))

    async def erase(self, to: str, external_ids: Sequence[str]) -> int:
        """See Channel. Telegram keeps what is older than 48 hours; that is counted out."""
        ids = [int(part) for ids in external_ids for part in ids.split(",") if part.isdecimal()]
        gone = 0
        for start in range(0, len(ids), LOT):
            gone += await self._erase_lot(to, ids[start : start + LOT])
        return gone

    async def _show(
        self, method: str, to: str, parameters: dict[str, Any], message: Message
    ) -> str:
        if message.protected:
            parameters["protect_content"] = True
        sent = await self._api.call(method, {"chat_id": to, **parameters})
        try:
            return str(int(sent["message_id"]))
        except (KeyError, TypeError, ValueError):
            raise AnswerLostError("the answer names no message") from None

    async def _erase_lot(self, to: str, ids: list[int]) -> int:
        """One message that must stay makes Telegram keep the whole lot: then go one by one."""
        if await self._delete(to, ids):
            return len(ids)
        if len(ids) == 1:
            return 0
        return sum([await self._delete(to, [one]) for one in ids])

    async def _delete(self, to: str, ids: list[int]) -> bool:
        for wait in (*ERASE_PAUSES, None):
            try:
                if len(ids) == 1:
                    await self._api.call("deleteMessage", {"chat_id": to, "message_id": ids[0]})
                else:
                    await self._api.call("deleteMessages", {"chat_id": to, "message_ids": ids})
            except (BadRequest, Forbidden):
                return False
            except TelegramError as error:
                if wait is None:
                    return False
                asked = _result_of(error).retry_after or 0.0
                if asked > 10 * wait:
                    return False
                await self._pause(max(wait, asked))
            else:
                return True
        return False


def _texts(message: Message) -> list[dict[str, Any]]:
    """What sendMessage takes, once for each part of the text."""
    bodies: list[dict[str, Any]] = [
        {
            "text": str(part),
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        }
        for part in parts_of(message.text, TEXT_LIMIT)
    ]
    rows = [[_button(b) for b in row if _can_be_opened(b)] for row in message.rows]
    if rows := [row for row in rows if row]:
        bodies[-1]["reply_markup"] = {"inline_keyboard": rows}
    return bodies


def _button(button: Button) -> dict[str, str]:
    if button.url:
        return {"text": button.label, "url": button.url}
    return {"text": button.label, "callback_data": button.token}


def _can_be_opened(button: Button) -> bool:
    """Telegram refuses the whole message for a link to "localhost", which a trial run has."""
    if not button.url:
        return True
    try:
        parts = urlsplit(button.url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme == "tg" or (
        parts.scheme in {"http", "https"} and ("." in host or ":" in host)
    )


def _pin(pin: Pin) -> dict[str, Any]:
    return {
        "latitude": pin.lat,
        "longitude": pin.lon,
        "title": pin.title,
        "address": pin.address,
    }


def _result_of(error: TelegramError) -> Result:
    if isinstance(error, RetryAfter):
        return Result(
            Outcome.RETRY, retry_after=_seconds(error), reason="Telegram asks us to slow down"
        )
    if isinstance(error, Forbidden):
        return Result(Outcome.GONE, reason="blocked the bot, or left Telegram")
    if isinstance(error, BadRequest):
        words = error.message.lower()
        if any(known in words for known in _NOBODY):
            return Result(Outcome.GONE, reason="no such chat")
        why = next((known for known in _KNOWN if known in words), "not accepted")
        return Result(Outcome.REFUSED, reason=f"refused by Telegram: {why}")
    if isinstance(error, AnswerLostError):
        return Result(Outcome.UNKNOWN, reason="cut off before Telegram's answer came")
    if isinstance(error, InvalidToken):
        return Result(
            Outcome.RETRY, retry_after=TOKEN_PAUSE, reason="Telegram refuses the bot's token"
        )
    if isinstance(error, NetworkError):
        return Result(Outcome.RETRY, reason="Telegram could not be reached")
    return Result(Outcome.RETRY, reason=f"failed at Telegram: {type(error).__name__}")


def _seconds(error: RetryAfter) -> float:
    wait = error.retry_after
    return float(wait) if isinstance(wait, int) else wait.total_seconds()

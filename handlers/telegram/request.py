"""How python-telegram-bot reaches the Bot API: one aiohttp session, sole holder of the token.

The library is given a stand-in for the token, because it writes addresses into its logs and the
token into the text of an error; the real one is put into the address here, at the last moment, and
no error raised from here carries aiohttp's own, which quote the address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
from aiohttp import payload
from aiohttp.abc import AbstractStreamWriter
from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.delivery.telegram import AnswerLostError, AnswerTimedOutError

#: Seconds. Telegram answers a send in well under one; a slow answer must not hold a person's turn.
READ = 10.0
CONNECT = 5.0
POOL = 5.0

#: Seconds that an idle connection is kept; Telegram drops them later than that, so that a request
#: seldom meets a connection that is being closed, which looks like a lost answer.
KEEP = 15.0

CONNECTIONS = 128

#: Seconds that we let ourselves be told to wait at most; no calendar holds some of the numbers.
LONGEST_WAIT = 86_400

#: What the library knows in place of the token.
STAND_IN = "0:kept-by-the-request"

#: A number, None, or the library's mark for "your own default".
Seconds = Any

_JSON = {"Content-Type": "application/json"}


class NotWrittenError(NetworkError):
    """No connection came about, so Telegram has not seen the request."""


class AiohttpRequest(BaseRequest):
    """Calls methods of the Bot API at `api_url` with `token`. Fetches no files."""

    __slots__ = ("_base", "_read", "_session", "_timeouts", "_urls")

    def __init__(self, *, api_url: str, token: str, read_timeout: float = READ) -> None:
        self._base = f"{api_url.rstrip('/')}/bot{token}/"
        self._read = read_timeout
        self._session: aiohttp.ClientSession | None = None
        self._urls: dict[str, URL] = {}
        self._timeouts: dict[tuple[float, float], aiohttp.ClientTimeout] = {}

    def __repr__(self) -> str:
        return "AiohttpRequest(...)"

    @property
    def read_timeout(self) -> float:
        return self._read

    async def initialize(self) -> None:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=CONNECTIONS, keepalive_timeout=KEEP, ttl_dns_cache=300
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(
        self, method: str, parameters: Mapping[str, Any], *, read_timeout: float | None = None
    ) -> Any:
        """The plain `result` of a method. Raises TelegramError as the library's own methods do.

        AnswerLostError says that the method may have been carried out; NotWrittenError, that it
        was not.
        """
        status, body = await self._exchange(
            method,
            json.dumps(parameters).encode(),
            read=self._read if read_timeout is None else read_timeout,
            connect=CONNECT + POOL,
        )
        if 200 <= status <= 299 and "result" in (answer := self.parse_json_payload(body)):
            return answer["result"]
        raise _refusal(status, body)

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Seconds = BaseRequest.DEFAULT_NONE,
        write_timeout: Seconds = BaseRequest.DEFAULT_NONE,
        connect_timeout: Seconds = BaseRequest.DEFAULT_NONE,
        pool_timeout: Seconds = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """See BaseRequest. Only the last part of `url`, the method's name, is used."""
        if method != "POST" or (request_data is not None and request_data.contains_files):
            raise NotWrittenError("files are neither fetched nor sent")
        parameters = request_data.parameters if request_data is not None else {}
        return await self._exchange(
            url.rpartition("/")[2],
            json.dumps(parameters).encode(),
            read=_or_default(read_timeout, self._read),
            connect=_or_default(connect_timeout, CONNECT) + _or_default(pool_timeout, POOL),
        )

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """See BaseRequest, which would log the whole body. Raises AnswerLostError."""
        try:
            body = json.loads(payload)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict) or not ("result" in body or body.get("ok") is False):
            raise AnswerLostError("the answer could not be read")
        return body

    async def _exchange(
        self, method: str, body: bytes, *, read: float, connect: float
    ) -> tuple[int, bytes]:
        """Status and body of the answer.

        The bodies are small: what is written is written at once, and only the wait for the answer
        needs a limit.
        """
        session = self._session
        if session is None:
            raise NotWrittenError("the request is not initialised")
        sent = _Body(body, headers=_JSON)
        failure: TelegramError
        try:
            async with session.post(
                self._url(method),
                data=sent,
                timeout=self._timeout(read, connect),
                allow_redirects=False,
            ) as response:
                return response.status, await response.read()
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            failure = _failure(error, written=sent.written)
        # Raised out here, so that it does not carry aiohttp's error, and with it the address.
        raise failure

    def _url(self, method: str) -> URL:
        url = self._urls.get(method)
        if url is None:
            url = self._urls[method] = URL(self._base + method)
        return url

    def _timeout(self, read: float, connect: float) -> aiohttp.ClientTimeout:
        found = self._timeouts.get((read, connect))
        if found is None:
            # One limit for all of it: setting one anew for each part that comes in costs time.
            found = self._timeouts[read, connect] = aiohttp.ClientTimeout(
                total=read, connect=connect
            )
        return found


def request_of(bot: Bot) -> AiohttpRequest:
    """The request that `bot` was built with, for methods whose arguments no log may see."""
    request = bot.request
    if not isinstance(request, AiohttpRequest):
        raise TypeError("the bot needs our own request")
    return request


class _Body(payload.BytesPayload):
    """A body that knows whether it was handed to a connection."""

    written = False

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        self.written = True
        await super().write_with_length(writer, content_length)


def _or_default(value: Seconds, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default


def _failure(error: BaseException, *, written: bool) -> TelegramError:
    name = type(error).__name__
    late = isinstance(error, TimeoutError)
    if not written:
        return TimedOut(f"no connection in time ({name})") if late else NotWrittenError(name)
    return AnswerTimedOutError(f"no answer in time ({name})") if late else AnswerLostError(name)


def _refusal(status: int, body: bytes) -> TelegramError:
    """The library's error for an answer that is not 2xx, as BaseRequest maps them.

    Only Telegram's own words count: a proxy that forbids us says nothing about a person or a token.
    """
    words = f"HTTP {status}"
    try:
        answer = json.loads(body)
        if answer.get("ok") is not False:
            return NetworkError(words)
        words = str(answer.get("description") or words)
        parameters = answer.get("parameters") or {}
        if wait := parameters.get("retry_after"):
            return RetryAfter(int(min(max(wait, 0), LONGEST_WAIT)))
        if moved := parameters.get("migrate_to_chat_id"):
            return ChatMigrated(int(moved))
    except (ValueError, AttributeError, RecursionError):  # no object of Telegram's
        return NetworkError(words)
    except (TypeError, ArithmeticError):  # nonsense in its parameters
        pass
    if status == HTTPStatus.FORBIDDEN:
        return Forbidden(words)
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.UNAUTHORIZED):
        return InvalidToken(words)
    if status == HTTPStatus.BAD_REQUEST:
        return BadRequest(words)
    if status == HTTPStatus.CONFLICT:
        return Conflict(words)
    return NetworkError(words)

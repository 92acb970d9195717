"""Answers that are not Telegram's own, or that no calendar holds: none is taken for a verdict."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.delivery.telegram import AnswerLostError
from handlers.telegram.request import LONGEST_WAIT, AiohttpRequest
from tests.emulator import TOKEN

HTML = "<html><body>Access denied by the council's proxy</body></html>"


@asynccontextmanager
async def answering(status: int, body: str) -> AsyncIterator[AiohttpRequest]:
    """A request to a server that has one answer for everything."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    request = AiohttpRequest(api_url=f"http://127.0.0.1:{runner.addresses[0][1]}", token=TOKEN)
    await request.initialize()
    try:
        yield request
    finally:
        await request.shutdown()
        await runner.cleanup()


def refused(**more: object) -> str:
    return json.dumps({"ok": False, "description": "as Telegram says it", **more})


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (403, refused(), Forbidden),
        (403, HTML, NetworkError),
        (400, refused(), BadRequest),
        (400, HTML, NetworkError),
        (401, refused(), InvalidToken),
        (401, HTML, NetworkError),
        (404, HTML, NetworkError),
        (404, '{"message": "no such backend"}', NetworkError),
        (502, "[1]", NetworkError),
        (502, "[" * 100_000, NetworkError),
        (429, refused(), NetworkError),
        (429, refused(parameters={"retry_after": "soon"}), NetworkError),
        (429, refused(parameters=[1]), NetworkError),
        (200, refused(), NetworkError),
        (200, "[" * 100_000, AnswerLostError),
        (204, "", AnswerLostError),
    ],
)
async def test_which_error_it_is(status: int, body: str, expected: type[TelegramError]) -> None:
    async with answering(status, body) as request:
        with pytest.raises(TelegramError) as caught:
            await request.call("sendMessage", {"chat_id": 7, "text": "hello"})
    assert type(caught.value) is expected


@pytest.mark.parametrize(
    ("asked", "kept"), [("3", 3), ("1e30", LONGEST_WAIT), ("1e400", LONGEST_WAIT), ("-5", 0)]
)
async def test_a_wait_is_one_that_a_clock_can_hold(asked: str, kept: int) -> None:
    body = f'{{"ok": false, "parameters": {{"retry_after": {asked}}}}}'
    async with answering(429, body) as request:
        with pytest.raises(RetryAfter) as caught:
            await request.call("sendMessage", {"chat_id": 7, "text": "hello"})
    assert caught.value._retry_after.total_seconds() == kept

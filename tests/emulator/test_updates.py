"""How the emulator hands updates over: order, patience, expiry, conflicts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.emulator import Emulator, RemoteEmulator


@dataclass
class Bot:
    """A webhook that answers as told and keeps what it got."""

    url: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    answers: list[int | web.Response] = field(default_factory=list)
    during: Callable[[dict[str, Any]], Any] | None = None

    async def receive(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        self.got.append(body)
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""))
        if self.during is not None:
            await self.during(body)
        answer = self.answers.pop(0) if self.answers else 200
        return web.Response(status=answer) if isinstance(answer, int) else answer

    @property
    def texts(self) -> list[str]:
        return [body["message"]["text"] for body in self.got if "message" in body]


@asynccontextmanager
async def hooked(emulator: Emulator) -> AsyncIterator[Bot]:
    bot = Bot()
    app = web.Application()
    app.router.add_post("/", bot.receive)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bot.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await call(emulator, "setWebhook", url=bot.url, secret_token="s3cret")
    try:
        yield bot
    finally:
        emulator.updates.set_webhook(None)
        await runner.cleanup()


async def call(emulator: Emulator | RemoteEmulator, method: str, **args: Any) -> Any:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{emulator.url}/bot{emulator.token}/{method}", json=args) as response,
    ):
        return await response.json()


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(speed=200) as emulator:
        yield emulator


async def test_it_is_sent_with_the_secret_and_once(emulator: Emulator) -> None:
    async with hooked(emulator) as bot:
        await emulator.says(7, "hello")
        await emulator.until(lambda: not emulator.updates.pending())
    assert (bot.texts, bot.secrets) == (["hello"], ["s3cret"])


async def test_what_is_not_taken_comes_again_after_0_2_4_8_seconds(emulator: Emulator) -> None:
    emulator.clock.speed = 20
    async with hooked(emulator) as bot:
        bot.answers = [500, 404, 302, 503, 200]
        await emulator.says(7, "hello")
        await emulator.until(lambda: not emulator.updates.pending(), timeout=20)
        at = [d.real * 20 for d in emulator.deliveries]
    gaps = [later - earlier for earlier, later in pairwise(at)]
    assert bot.texts == ["hello"] * 5
    for gap, expected in zip(gaps, (0, 2, 4, 8), strict=True):
        assert expected - 0.01 <= gap < expected + 3


async def test_retry_after_is_honoured(emulator: Emulator) -> None:
    async with hooked(emulator) as bot:
        bot.answers = [web.Response(status=503, headers={"Retry-After": "30"})]
        await emulator.says(7, "hello")
        await emulator.until(lambda: len(bot.got) == 2)
        first, second = (d.real * 200 for d in emulator.deliveries[:2])
    assert second - first >= 30


async def test_one_chat_waits_for_its_own_and_for_nobody_elses(emulator: Emulator) -> None:
    async with hooked(emulator) as bot:
        gate = asyncio.Event()

        async def holds_seven(body: dict[str, Any]) -> None:
            if body.get("message", {}).get("text") == "first":
                await gate.wait()

        bot.during = holds_seven
        await emulator.says(7, "first")
        await emulator.says(7, "second")
        await emulator.says(8, "other")
        await emulator.sends_token(7, "tap")  # another queue: at the same time
        await emulator.until(lambda: len(bot.got) == 3)
        assert bot.texts == ["first", "other"]
        gate.set()
        await emulator.until(lambda: len(bot.got) == 4)
        assert bot.texts == ["first", "other", "second"]


async def test_a_tap_is_lost_after_150_seconds_and_a_message_is_not(emulator: Emulator) -> None:
    async with hooked(emulator) as bot:
        bot.answers = [500] * 4
        tap = await emulator.sends_token(7, "tap")
        await emulator.says(7, "hello")
        await emulator.until(lambda: not bot.answers)
        emulator.clock.advance(200)
        await emulator.until(lambda: not emulator.updates.pending())
        assert tap.update_id in emulator.updates.dropped
        assert bot.texts[-1] == "hello"
        answer = await call(emulator, "answerCallbackQuery", callback_query_id=tap.query_id)
        assert answer["description"].startswith("Bad Request: query is too old")


async def test_what_came_before_the_webhook_is_sent_to_it(emulator: Emulator) -> None:
    await emulator.says(7, "early")
    async with hooked(emulator) as bot:
        await emulator.until(lambda: bot.texts == ["early"])


async def test_polling_gives_again_until_the_offset_moves(emulator: Emulator) -> None:
    first = await emulator.says(7, "one")
    second = await emulator.says(7, "two")
    for _ in range(2):
        got = (await call(emulator, "getUpdates"))["result"]
        assert [u["update_id"] for u in got] == [first.update_id, second.update_id]
    got = (await call(emulator, "getUpdates", offset=second.update_id))["result"]
    assert [u["message"]["text"] for u in got] == ["two"]
    got = (await call(emulator, "getUpdates", offset=second.update_id + 1))["result"]
    assert (got, emulator.updates.pending()) == ([], [])


async def test_a_negative_offset_forgets_all_but_the_last(emulator: Emulator) -> None:
    for text in ("one", "two", "three"):
        await emulator.says(7, text)
    got = (await call(emulator, "getUpdates", offset=-1))["result"]
    assert [u["message"]["text"] for u in got] == ["three"]


async def test_long_polling_returns_as_soon_as_there_is_something(emulator: Emulator) -> None:
    emulator.clock.speed = 1
    polling = asyncio.create_task(call(emulator, "getUpdates", timeout=30))
    await emulator.until(lambda: bool(emulator.calls("getUpdates")))
    await emulator.says(7, "hello")
    assert len((await asyncio.wait_for(polling, 2))["result"]) == 1


async def test_two_pollers_and_a_webhook_beside_a_poller_conflict(emulator: Emulator) -> None:
    emulator.clock.speed = 1
    first = asyncio.create_task(call(emulator, "getUpdates", timeout=30))
    await emulator.until(lambda: len(emulator.calls("getUpdates")) == 1)
    second = asyncio.create_task(call(emulator, "getUpdates", timeout=30))
    assert "terminated by other getUpdates request" in (await first)["description"]
    async with hooked(emulator):
        assert (await second)["error_code"] == 409
        answer = await call(emulator, "getUpdates")
        assert "can't use getUpdates method while webhook is active" in answer["description"]


async def test_updates_that_were_not_asked_for_are_not_kept(emulator: Emulator) -> None:
    await call(emulator, "getUpdates", allowed_updates=["callback_query"])
    assert (await emulator.says(7, "hello")).update_id == 0
    assert emulator.updates.pending() == []

"""The webhook: who may call, what is stored, and when it is said to be stored."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Sequence
from typing import Any

import aiohttp
import pytest

from bot.inbox.rules import Arrival
from handlers.telegram.webhook import BODY_LIMIT, webhook
from tests.emulator import Emulator
from tests.telegram.service import SECRET, MemoryInbox, Service, running

HEADER = "X-Telegram-Bot-Api-Secret-Token"


def update(update_id: int, text: str = "hello", person: int = 7) -> dict[str, Any]:
    user = {"id": person, "is_bot": False, "first_name": "A"}
    return {
        "update_id": update_id,
        "message": {
            "message_id": update_id,
            "from": user,
            "chat": {"id": person, "type": "private", "first_name": "A"},
            "date": 1790000000,
            "text": text,
        },
    }


async def post(
    service: Service, body: bytes, *, secret: str | None = SECRET, chunked: bool = False
) -> int:
    async def in_parts() -> Any:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    headers = {} if secret is None else {HEADER: secret}
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            service.url, data=in_parts() if chunked else io.BytesIO(body), headers=headers
        ) as response,
    ):
        await response.read()
        return response.status


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "pässword"])
async def test_nobody_without_the_secret_gets_in(service: Service, secret: str | None) -> None:
    assert await post(service, json.dumps(update(1)).encode(), secret=secret) == 403
    assert service.inbox.by_update == {}


async def test_an_empty_secret_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="secret"):
        webhook(secret="", store=MemoryInbox().store, wake=lambda: None)


async def test_the_same_update_twice_is_one_row_and_one_turn(service: Service) -> None:
    body = json.dumps(update(5)).encode()
    assert [await post(service, body), await post(service, body)] == [200, 200]
    await service.runner.idle()
    assert await post(service, body) == 200
    await service.runner.idle()
    assert len(service.turns.taken) == 1


async def test_telegram_sends_again_what_it_did_not_hear_us_take(service: Service) -> None:
    emulator = service.emulator
    emulator.loses_answers(3)
    await emulator.says(7, "hello")
    await service.done()
    assert [d.note for d in emulator.deliveries] == ["answer lost"] * 3 + [""]
    assert len(service.turns.taken) == 1
    assert len(emulator.said(7)) == 1


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit_is_refused(service: Service, chunked: bool) -> None:
    body = json.dumps(update(1, "x" * (BODY_LIMIT + 10))).encode()
    assert await post(service, body, chunked=chunked) == 413
    assert service.inbox.by_update == {}


async def test_a_body_just_under_the_limit_is_taken(service: Service) -> None:
    room = BODY_LIMIT - len(json.dumps(update(1, "")).encode())
    assert await post(service, json.dumps(update(1, "x" * room)).encode()) == 200
    assert list(service.inbox.by_update) == [1]


@pytest.mark.parametrize("ending", [b"{", b"5\r\nabc"], ids=["cut short", "cut chunk"])
async def test_a_body_that_breaks_off_leaves_no_trace(
    service: Service, caplog: pytest.LogCaptureFixture, ending: bytes
) -> None:
    head = b"Content-Length: 99" if ending == b"{" else b"Transfer-Encoding: chunked"
    port = int(service.url.split(":")[2].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"POST /telegram HTTP/1.1\r\nHost: a\r\n"
        + f"{HEADER}: {SECRET}\r\n".encode()
        + head
        + b"\r\n\r\n"
        + ending
    )
    await writer.drain()
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await service.emulator.says(7, "hello")
    await service.done()
    assert not answer.startswith(b"HTTP/1.1 5")
    assert len(service.turns.taken) == 1
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"3",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"update_id": true}',
        b'{"update_id": "5"}',
        b'{"update_id": -1}',
        b'{"update_id": 9223372036854775808}',
        b'{"update_id": 1e3}',
        b'{"update_id": ' + b"9" * 5000 + b"}",
    ],
)
async def test_rubbish_is_taken_off_telegrams_hands_and_not_kept(
    service: Service, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert await post(service, body) == 200
    assert service.inbox.by_update == {}
    assert "could not be read" in caplog.text


async def test_while_the_store_is_away_telegram_is_asked_to_come_again(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(emulator) as service:
        service.inbox.away = True
        await emulator.says(7, "a secret of mine")
        await emulator.until(lambda: any(d.status == 503 for d in emulator.deliveries))
        service.inbox.away = False
        emulator.clock.advance(5)
        await service.done()
        assert [t.text for t in service.turns.taken] == ["a secret of mine"]
    assert "a secret of mine" not in caplog.text


async def test_a_turn_starts_only_after_the_update_is_stored_and_answered(
    emulator: Emulator,
) -> None:
    inbox = MemoryInbox()
    gate, asked = asyncio.Event(), asyncio.Event()
    store = inbox.store

    async def slow_store(updates: Sequence[Arrival]) -> bool:
        asked.set()
        await gate.wait()
        return await store(updates)

    inbox.store = slow_store
    async with running(emulator, inbox=inbox) as service:
        await emulator.says(7, "hello")
        await asked.wait()
        assert emulator.deliveries == []
        assert service.turns.taken == []
        gate.set()
        await service.done()
        assert [d.status for d in emulator.deliveries] == [200]
        assert len(service.turns.taken) == 1


async def test_nothing_that_people_wrote_is_logged(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def breaks(_incoming: Any) -> Any:
        raise ValueError("could not understand 'he hits me'")

    async with running(emulator) as service:
        await emulator.says(7001002, "he hits me")
        await service.done()
        service.turns.answer = breaks
        await emulator.says(7001002, "he hits me")
        await service.done()
        await service.emulator.sends_update({"update_id": 5, "message": {"text": "he hits me"}})
        await service.done()
    ours = [r for r in caplog.records if not r.name.startswith(("asyncio", "tests"))]
    assert len(ours) >= 3
    text = caplog.text + "".join(str(r.__dict__) for r in ours)
    assert "he hits me" not in text
    assert "7001002" not in text

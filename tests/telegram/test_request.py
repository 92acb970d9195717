"""Our request: errors told apart by whether Telegram may have acted, and the token kept in."""

from __future__ import annotations

import asyncio
import logging
import socket
import traceback
from collections.abc import AsyncIterator

import pytest
from telegram import Bot
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.delivery.telegram import AnswerLostError, AnswerTimedOutError
from handlers.telegram.application import TokenRefusedError, build, connect, disconnect
from handlers.telegram.request import STAND_IN, AiohttpRequest, NotWrittenError
from tests.emulator import TOKEN, Emulator, Fault
from tests.telegram.service import SECRET, FakeTurns, MemoryInbox, running

SECRET_PART = TOKEN.partition(":")[2]


@pytest.fixture
async def request_(emulator: Emulator) -> AsyncIterator[AiohttpRequest]:
    request = AiohttpRequest(api_url=emulator.url + "/", token=emulator.token, read_timeout=0.3)
    await request.initialize()
    emulator.meets(7, started=True)
    yield request
    await request.shutdown()


FAULTS = [
    (Fault.blocked(), Forbidden),
    (Fault.not_found(), BadRequest),
    (Fault.flood(1), RetryAfter),
    (Fault.server_error(502), NetworkError),
    (Fault.server_error(409), Conflict),
    (Fault.unauthorised(), InvalidToken),
    (Fault.cut_before(), AnswerLostError),
    (Fault.cut_after(), AnswerLostError),
    (Fault.garbage(), AnswerLostError),
    (Fault.slow(0.6), AnswerTimedOutError),
]


@pytest.mark.parametrize(("fault", "expected"), FAULTS, ids=lambda v: getattr(v, "name", None))
async def test_a_fault_is_the_same_error_by_both_ways(
    emulator: Emulator, request_: AiohttpRequest, fault: Fault, expected: type[TelegramError]
) -> None:
    emulator.breaks("sendMessage", fault, times=2)
    bot = Bot(STAND_IN, request=request_, get_updates_request=request_)
    with pytest.raises(expected) as by_library:
        await bot.send_message(7, "hello")
    with pytest.raises(expected) as by_name:
        await request_.call("sendMessage", {"chat_id": 7, "text": "hello"})
    assert type(by_library.value) is type(by_name.value) is expected
    for caught in (by_library.value, by_name.value):
        _has_no_token(caught)
        assert caught.__context__ is None or "aiohttp" not in type(caught.__context__).__module__


async def test_a_refused_connection_was_not_written(emulator: Emulator) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    request = AiohttpRequest(api_url=url, token=TOKEN)
    await request.initialize()
    with pytest.raises(NotWrittenError) as caught:
        await request.call("getMe", {})
    _has_no_token(caught.value)
    assert not isinstance(caught.value, AnswerLostError)
    await request.shutdown()


async def test_no_connection_in_time_was_not_written() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        host, port = deaf.getsockname()
        filling = [socket.socket() for _ in range(4)]
        for one in filling:
            one.setblocking(False)
            one.connect_ex((host, port))
        request = AiohttpRequest(api_url=f"http://{host}:{port}", token=TOKEN)
        await request.initialize()
        bot = Bot(STAND_IN, request=request, get_updates_request=request)
        with pytest.raises(TimedOut) as caught:
            await bot.get_me(connect_timeout=0.05, pool_timeout=0.05)
        assert not isinstance(caught.value, AnswerLostError)
        _has_no_token(caught.value)
        await request.shutdown()
        for one in filling:
            one.close()


async def test_an_address_that_is_none_tells_nothing() -> None:
    request = AiohttpRequest(api_url="http://[::bad", token=TOKEN)
    await request.initialize()
    with pytest.raises(NetworkError) as caught:
        await request.call("getMe", {})
    _has_no_token(caught.value)
    assert TOKEN not in repr(request)
    await request.shutdown()


async def test_it_says_so_before_it_is_initialised() -> None:
    with pytest.raises(NotWrittenError):
        await AiohttpRequest(api_url="http://127.0.0.1:9", token=TOKEN).call("getMe", {})


async def test_connections_are_used_again(emulator: Emulator, request_: AiohttpRequest) -> None:
    for _ in range(5):
        await request_.call("getMe", {})
    server = emulator._runner.server if emulator._runner else None
    assert server is not None
    assert len(server.connections) == 1


async def test_text_of_any_kind_arrives_as_written(
    emulator: Emulator, request_: AiohttpRequest
) -> None:
    for text in ("żółć", "مرحبا", "👩‍👧 ok", "a\nb", '{"a": [1]}', "null", "5"):
        await request_.call("sendMessage", {"chat_id": 7, "text": text})
        assert emulator.newest(7).text == text


async def test_a_token_that_telegram_refuses_is_said_plainly_and_not_shown(
    emulator: Emulator,
) -> None:
    wrong = "987654321:AAwrongwrongwrongwrongwrongwrongwrong"
    application = build(wrong, emulator.url, FakeTurns(MemoryInbox()))
    with pytest.raises(TokenRefusedError) as caught:
        await connect(application, menus={}, stop=asyncio.Event())
    await disconnect(application)
    said = "".join(traceback.format_exception(caught.value))
    assert wrong not in said
    assert "TELEGRAM_TOKEN" in caught.value.sentence(str)


async def test_it_starts_when_telegram_comes_into_reach(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.telegram.application.CONNECT_PAUSES", (0.01,))
    await emulator.goes_down()
    application = build(TOKEN, emulator.url, FakeTurns(MemoryInbox()))
    connecting = asyncio.create_task(connect(application, menus={}, stop=asyncio.Event()))
    await asyncio.sleep(0.05)
    assert not connecting.done()
    await emulator.comes_up()
    assert await asyncio.wait_for(connecting, 5) is True
    await disconnect(application)


async def test_a_stop_ends_the_wait_for_telegram(emulator: Emulator) -> None:
    await emulator.goes_down()
    application = build(TOKEN, emulator.url, FakeTurns(MemoryInbox()))
    stop = asyncio.Event()
    connecting = asyncio.create_task(connect(application, menus={}, stop=stop))
    await asyncio.sleep(0.05)
    stop.set()
    assert await asyncio.wait_for(connecting, 1) is False
    await disconnect(application)


async def test_menus_are_set_for_each_language(emulator: Emulator) -> None:
    menus = {
        "": {"start": "Start again", "help": "Help"},
        "ar": {"start": "ابدأ من جديد"},
        "pl": {"start": "Zacznij od nowa"},
    }
    application = build(TOKEN, emulator.url, FakeTurns(MemoryInbox()))
    emulator.breaks("setMyCommands", Fault.server_error(), skip=1)
    assert await connect(application, menus=menus, stop=asyncio.Event())
    assert emulator.commands == {"": menus[""], "pl": menus["pl"]}  # one failed: we start anyway
    assert {c.args["scope"]["type"] for c in emulator.calls("setMyCommands")} == {
        "all_private_chats"
    }
    await disconnect(application)


@pytest.mark.parametrize("polling", [False, True])
async def test_the_token_is_in_no_log_and_no_traceback(
    emulator: Emulator, caplog: pytest.LogCaptureFixture, polling: bool
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("telegram", "telegram.Bot", "telegram.ext.ExtBot", "aiohttp", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    asyncio.get_running_loop().set_debug(True)
    async with running(emulator, polling=polling) as service:
        # What `build` turned off is turned on again: the token must not be there to be written.
        caplog.set_level(logging.DEBUG, logger="telegram")
        await emulator.says(7, "hello")
        await service.done()
        for fault, _ in FAULTS:
            emulator.breaks("*", fault)
            await emulator.says(7, "hello")
            await emulator.until(lambda: not emulator._faults._planned, timeout=20)
        emulator.mends()
        await emulator.goes_down()
        await emulator.comes_up()
        await service.done()
    assert caplog.records
    assert service.application.bot.token == STAND_IN
    for record in caplog.records:
        text = caplog.handler.format(record) + repr(record.__dict__)
        if record.exc_info:
            text += "".join(traceback.format_exception(*record.exc_info))
        assert SECRET_PART not in text, record.name
        assert SECRET not in text, record.name


def _has_no_token(error: BaseException) -> None:
    seen: list[BaseException | None] = [error]
    while (last := seen[-1]) is not None:
        assert SECRET_PART not in f"{last!r} {last} {last.args}"
        seen.append(last.__cause__ or last.__context__)
    assert SECRET_PART not in "".join(traceback.format_exception(error))

"""Polling: what is fetched is stored before Telegram may forget it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest
from telegram import Bot
from telegram.error import RetryAfter

from bot.inbox.rules import Arrival
from handlers.telegram.polling import LONGEST_PAUSE, Poller
from handlers.telegram.request import STAND_IN, AiohttpRequest
from tests.emulator import TOKEN, Emulator, Fault
from tests.emulator.updates import Webhook
from tests.telegram.service import MemoryInbox, running


async def test_a_webhook_left_behind_is_taken_down_first(emulator: Emulator) -> None:
    emulator.updates.set_webhook(Webhook("http://127.0.0.1:9/gone"))
    async with running(emulator, polling=True) as service:
        await emulator.says(7, "hello")
        await service.done()
        assert emulator.updates.webhook is None
        assert len(service.turns.taken) == 1


async def test_the_offset_moves_only_over_what_is_stored(emulator: Emulator) -> None:
    for n in range(5):
        await emulator.says(7, str(n))
    inbox = MemoryInbox()
    store, fails = inbox.store, [2]

    async def failing(updates: Sequence[Arrival]) -> bool:
        if fails[0]:
            fails[0] -= 1
            raise ConnectionError("the database is away")
        return await store(updates)

    inbox.store = failing
    async with running(emulator, polling=True, inbox=inbox) as service:
        await service.done()
        assert [t.text for t in service.turns.taken] == ["0", "1", "2", "3", "4"]
        first = min(inbox.by_update)
        offsets = [call.args.get("offset") for call in emulator.calls("getUpdates")]
        assert offsets[:4] == [0, 0, 0, first + 5]


async def test_it_asks_only_for_the_updates_that_it_handles(emulator: Emulator) -> None:
    async with running(emulator, polling=True) as service:
        await emulator.says(7, "hello")
        await service.done()
        (asked,) = {tuple(call.args["allowed_updates"]) for call in emulator.calls("getUpdates")}
        assert asked == ("message", "edited_message", "callback_query", "my_chat_member")


@pytest.mark.parametrize(
    "fault",
    [
        Fault.server_error(),
        Fault.flood(0),
        Fault.cut_before(),
        Fault.cut_after(),
        Fault.garbage(),
        Fault.unauthorised(),
    ],
    ids=lambda fault: fault.name,
)
async def test_it_goes_on_after_a_fault(emulator: Emulator, fault: Fault) -> None:
    emulator.breaks("getUpdates", fault, times=3)
    async with running(emulator, polling=True) as service:
        await emulator.says(7, "hello")
        await service.done()
        assert len(service.turns.taken) == 1


async def test_a_token_that_is_refused_is_said_once_with_what_to_do(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    emulator.breaks("getUpdates", Fault.unauthorised(), times=5)
    async with running(emulator, polling=True) as service:
        await emulator.says(7, "hello")
        await service.done()
    [said] = [r for r in caplog.records if r.message == "telegram is off"]
    assert "Get the right one from @BotFather" in said.reason


async def test_it_goes_on_when_telegram_comes_back(emulator: Emulator) -> None:
    async with running(emulator, polling=True) as service:
        await emulator.goes_down()
        act = await emulator.says(7, "hello")
        await asyncio.sleep(0.05)
        assert act.update_id in emulator.updates.pending()
        await emulator.comes_up()
        await service.done()
        assert len(service.turns.taken) == 1


async def test_another_poller_does_not_end_it(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(emulator, polling=True) as service:
        await emulator.until(lambda: bool(emulator.calls("getUpdates")))
        await emulator.updates.poll(0, 100, 0)  # somebody else's, once
        await emulator.says(7, "hello")
        await service.done()
        assert len(service.turns.taken) == 1
    assert "another process polls" in caplog.text


async def test_an_update_without_an_id_does_not_make_it_spin(emulator: Emulator) -> None:
    async with running(emulator, polling=True) as service:
        await emulator.sends_update({"update_id": "none"})
        await emulator.until(lambda: len(emulator.calls("getUpdates")) >= 3)
        await emulator.says(7, "hello")
        await emulator.until(lambda: len(service.turns.taken) == 1)


async def test_what_telegram_does_not_forget_does_not_make_it_spin(emulator: Emulator) -> None:
    inbox = MemoryInbox()
    async with running(emulator, polling=True, inbox=inbox) as service:
        await emulator.sends_update({"update_id": 5})  # the emulator has another number for it
        await emulator.until(lambda: bool(inbox.by_update))
        await asyncio.sleep(0.2)
        assert len(emulator.calls("getUpdates")) < 50  # a pause of 0.01 s after each
        await emulator.says(7, "hello")
        await emulator.until(lambda: len(service.turns.taken) == 1)


async def test_after_a_quiet_time_updates_may_be_numbered_from_anywhere(
    emulator: Emulator,
) -> None:
    emulator.clock.speed = 200  # so that a long poll soon ends with nothing
    async with running(emulator, polling=True):
        await emulator.says(7, "hello")
        await emulator.until(lambda: len(_offsets(emulator)) >= 4)
    first = emulator.calls("getUpdates")[-1]
    assert first.args["offset"] == 0
    assert max(_offsets(emulator)) > 0


async def test_telegram_cannot_make_it_deaf_for_a_day(emulator: Emulator) -> None:
    poller = Poller(_bot(emulator), store=MemoryInbox().store, wake=lambda: None)
    assert poller._pause_after(RetryAfter(86_400)) == LONGEST_PAUSE
    assert poller._pause_after(RetryAfter(3)) == 3


async def test_it_stops_within_a_second(emulator: Emulator) -> None:
    emulator.clock.speed = 1  # so that the long poll is one
    async with running(emulator, polling=True) as service:
        await emulator.says(7, "hello")
        await service.done()
        began = time.monotonic()
    assert time.monotonic() - began < 1


async def test_what_comes_while_it_stops_is_kept_for_the_next(emulator: Emulator) -> None:
    inbox = MemoryInbox()
    async with running(emulator, polling=True, inbox=inbox) as service:
        await emulator.says(7, "one")
        await service.done()
    await emulator.says(7, "two")
    async with running(emulator, polling=True, inbox=inbox) as service:
        await service.done()
        assert [t.text for t in service.turns.taken] == ["two"]


def test_a_foreign_request_is_refused() -> None:
    with pytest.raises(TypeError):
        Poller(Bot(TOKEN), store=MemoryInbox().store, wake=lambda: None)


def _offsets(emulator: Emulator) -> list[int]:
    return [call.args["offset"] for call in emulator.calls("getUpdates")]


def _bot(emulator: Emulator) -> Bot:
    request = AiohttpRequest(api_url=emulator.url, token=TOKEN)
    return Bot(STAND_IN, request=request, get_updates_request=request)

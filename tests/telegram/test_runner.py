"""The inbox runner: order for one, no waiting for the others, nothing lost, poison parked."""

from __future__ import annotations

import asyncio
import json

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from bot.conversation.incoming import Incoming, TurnResult
from bot.inbox.rules import Arrival
from handlers.telegram.runner import describe
from tests.emulator import Emulator
from tests.telegram.service import MemoryInbox, Service, running
from tests.telegram.test_webhook import update


async def test_a_turn_that_fails_is_tried_three_times_and_then_parked(service: Service) -> None:
    tries: list[str] = []

    async def poisoned(incoming: Incoming) -> TurnResult:
        tries.append(incoming.text)
        if incoming.text == "poison":
            raise RuntimeError("a bug")
        return TurnResult()

    service.turns.answer = poisoned
    await service.emulator.says(7, "poison")
    await service.emulator.says(7, "after")
    await service.emulator.says(8, "other")
    await service.done()
    assert tries.count("poison") == 3
    assert tries.index("after") > max(i for i, text in enumerate(tries) if text == "poison")
    assert sorted(service.inbox.processed) == [2, 3]
    (reason,) = service.inbox.parked.values()
    assert reason.startswith("RuntimeError at test_runner.py:")
    assert "a bug" not in reason


async def test_a_turn_that_fails_once_is_made_at_the_second_try(service: Service) -> None:
    fails = [True]

    async def once(incoming: Incoming) -> TurnResult:
        if fails.pop() if fails else False:
            raise ConnectionError
        return await service.turns.echo(incoming)

    service.turns.answer = once
    await service.emulator.says(7, "hello")
    await service.done()
    assert service.inbox.parked == {}
    assert len(service.emulator.said(7)) == 1


async def test_a_person_whose_turn_hangs_keeps_nobody_else_waiting(service: Service) -> None:
    gate = asyncio.Event()

    async def hangs(incoming: Incoming) -> TurnResult:
        if incoming.sender.external == "7":
            await gate.wait()
        return await service.turns.echo(incoming)

    service.turns.answer = hangs
    await service.emulator.says(7, "slow")
    await service.emulator.says(7, "slow too")
    await service.emulator.says(8, "quick")
    await service.emulator.sees(8, "quick")
    assert service.emulator.said(7) == []
    gate.set()
    await service.done()
    assert [t.text for t in service.turns.taken] == ["slow", "quick", "slow too"]


async def test_one_persons_flood_hides_nobody(emulator: Emulator) -> None:
    inbox = MemoryInbox()
    for n in range(1, 701):
        await inbox.store([Arrival(str(n), "7", json.dumps(update(n, f"flood {n}")).encode())])
    await inbox.store([Arrival("701", "8", json.dumps(update(701, "me", person=8)).encode())])
    emulator.meets(7, started=True)
    emulator.meets(8, started=True)
    async with running(emulator, inbox=inbox) as service:
        await emulator.sees(8, "me")
        before = [t.text for t in service.turns.taken].index("me")
        assert before < 10
        service.turns.answer = _nothing
        await service.runner.idle()
    assert len(inbox.processed) == 701


async def test_what_was_stored_before_a_crash_is_done_at_the_start(emulator: Emulator) -> None:
    inbox = MemoryInbox()
    await inbox.store([Arrival("1", "7", json.dumps(update(1, "before the crash")).encode())])
    emulator.meets(7, started=True)
    async with running(emulator, inbox=inbox) as service:
        await service.runner.idle()
        assert [b.text for b in emulator.screen(7)] == ["text: before the crash"]


async def test_it_looks_for_itself_when_nobody_wakes_it(service: Service) -> None:
    service.emulator.meets(7, started=True)
    await service.inbox.store([Arrival("1", "7", json.dumps(update(1)).encode())])
    await service.emulator.sees(7, "hello")


async def test_while_the_store_is_away_nothing_is_lost_or_parked(service: Service) -> None:
    async def takes_it_away(incoming: Incoming) -> TurnResult:
        if not service.inbox.away and len(service.turns.taken) == 1:
            service.inbox.away = True
            raise ConnectionError
        return await service.turns.echo(incoming)

    service.turns.answer = takes_it_away
    await service.emulator.says(7, "hello")
    await service.emulator.until(lambda: service.inbox.away)
    await asyncio.sleep(0.1)  # several looks at a store that is away
    service.inbox.away = False
    await service.emulator.sees(7, "hello")
    await service.done()
    assert service.inbox.parked == {}
    assert service.inbox.processed == [1]


async def test_a_database_that_goes_away_in_the_middle_of_turns_parks_nothing(
    service: Service,
) -> None:
    fails = [5]  # more often than a row that is at fault is tried

    async def ended(incoming: Incoming) -> TurnResult:
        if fails[0]:
            fails[0] -= 1
            raise OperationalError(None, None, psycopg.errors.AdminShutdown())
        return await service.turns.echo(incoming)

    service.turns.answer = ended
    await service.emulator.says(7, "hello")
    await service.emulator.sees(7, "hello")
    await service.done()
    assert service.inbox.parked == {}
    assert len(service.emulator.said(7)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"update_id": 1, "message": {"text": "no chat"}},
        {"update_id": 1, "message": 5},
        {"update_id": 1, "callback_query": []},
        {"update_id": 1, "my_chat_member": {"chat": {}}},
    ],
)
async def test_an_update_that_the_library_cannot_read_is_parked_at_once(
    service: Service, body: dict[str, object]
) -> None:
    await service.inbox.store([Arrival("1", "?", json.dumps(body).encode())])
    await service.runner.idle()
    (reason,) = service.inbox.parked.values()
    assert reason.startswith("unreadable update (")


@pytest.mark.parametrize(
    "body",
    [
        {"update_id": 1},
        {"update_id": 1, "something_new": {"from": {"id": 7}}},
        {"update_id": 1, "poll": {"id": "1", "question": "?", "options": []}},
        {"update_id": 1, "poll_answer": {"of a shape": "that we do not know"}},
        {"update_id": 1, "poll": 5},
    ],
)
async def test_an_update_that_calls_for_nothing_is_ticked_off(
    service: Service, body: dict[str, object]
) -> None:
    await service.inbox.store([Arrival("1", "?", json.dumps(body).encode())])
    await service.runner.idle()
    assert service.inbox.rows == {}
    assert service.turns.taken == []


async def test_turns_under_way_finish_before_it_stops(emulator: Emulator) -> None:
    async with running(emulator) as service:
        started, gate = asyncio.Event(), asyncio.Event()

        async def slowly(incoming: Incoming) -> TurnResult:
            started.set()
            await gate.wait()
            return await service.turns.echo(incoming)

        service.turns.answer = slowly
        await emulator.says(7, "first")
        await emulator.says(7, "second")
        await started.wait()
        await emulator.until(lambda: not emulator.updates.pending())
        asyncio.get_running_loop().call_later(0.05, gate.set)
    assert [b.text for b in emulator.said(7)] == ["text: first"]
    assert service.inbox.processed == [1]
    assert list(service.inbox.rows) == [2]  # waits for the next start


def test_an_error_is_described_by_its_place_and_not_its_words() -> None:
    try:
        int("what a person wrote")
    except ValueError as error:
        said = describe(error)
    assert said.startswith("ValueError at test_runner.py:")
    assert "person" not in said


async def _nothing(_incoming: Incoming) -> TurnResult:
    return TurnResult()

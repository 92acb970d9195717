"""The emulator's methods, faults, waiting and its life as a process."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.emulator import Emulator, Fault, RemoteEmulator
from tests.emulator.test_updates import call


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        emulator.meets(7, started=True)
        yield emulator


async def say(
    emulator: Emulator | RemoteEmulator, text: str = "hi", chat_id: Any = 7, **more: Any
) -> Any:
    return await call(emulator, "sendMessage", chat_id=chat_id, text=text, **more)


async def test_whom_the_bot_may_write_to(emulator: Emulator) -> None:
    emulator.meets(8)
    assert (await say(emulator, chat_id=9))["description"] == "Bad Request: chat not found"
    assert (await say(emulator, chat_id="x"))["description"] == "Bad Request: chat not found"
    assert (await say(emulator, chat_id=""))["description"] == "Bad Request: chat_id is empty"
    assert "can't initiate" in (await say(emulator, chat_id=8))["description"]
    await emulator.blocks(7)
    assert (await say(emulator))["description"] == "Forbidden: bot was blocked by the user"
    await emulator.unblocks(7)
    assert (await say(emulator))["ok"]


async def test_edit_and_delete_change_the_screen(emulator: Emulator) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "g"}]]}
    sent = (await say(emulator, "one", reply_markup=json.dumps(keyboard)))["result"]
    where = {"chat_id": 7, "message_id": sent["message_id"]}
    assert emulator.screen(7)[0].labels == ["Go"]
    assert (await call(emulator, "editMessageText", **where, text="two"))["ok"]
    again = await call(emulator, "editMessageText", **where, text="two")
    assert again["description"].startswith("Bad Request: message is not modified")
    assert (await call(emulator, "editMessageReplyMarkup", **where, reply_markup=keyboard))["ok"]
    assert (emulator.newest(7).text, emulator.newest(7).labels) == ("two", ["Go"])
    assert (await call(emulator, "deleteMessage", **where))["ok"]
    gone = await call(emulator, "deleteMessage", **where)
    assert gone["description"] == "Bad Request: message to delete not found"
    assert emulator.screen(7) == []


async def test_one_message_that_must_stay_keeps_the_whole_lot(emulator: Emulator) -> None:
    old = (await say(emulator))["result"]["message_id"]
    emulator.clock.advance(48 * 3600 + 1)
    new = (await say(emulator))["result"]["message_id"]
    both = await call(emulator, "deleteMessages", chat_id=7, message_ids=[old, new])
    assert both["description"] == "Bad Request: message can't be deleted for everyone"
    assert (await call(emulator, "deleteMessages", chat_id=7, message_ids=[new, 999]))["ok"]
    many = await call(emulator, "deleteMessages", chat_id=7, message_ids=list(range(101)))
    assert not many["ok"]
    assert [b.message_id for b in emulator.screen(7)] == [old]


@pytest.mark.parametrize(
    ("method", "args", "words"),
    [
        ("sendVenue", {"chat_id": 7, "latitude": 1, "longitude": 2, "title": "a"}, "address"),
        ("sendLocation", {"chat_id": 7, "latitude": 91, "longitude": 2}, "wrong location"),
        ("setMyCommands", {"commands": [{"command": "A B", "description": "x"}]}, "COMMAND"),
        ("setMyCommands", {"commands": [{"command": "a", "description": ""}]}, "DESCRIPTION"),
        ("setWebhook", {"url": "http://example.org"}, "HTTPS"),
        ("setWebhook", {"url": "https://a.org", "secret_token": "a b"}, "secret token"),
        ("answerCallbackQuery", {"callback_query_id": "1"}, "query is too old"),
        ("leaveChat", {"chat_id": 7}, "private"),
        ("sendChatAction", {"chat_id": 7, "action": "dance"}, "wrong parameter action"),
        ("doSomething", {}, "method not found"),
    ],
)
async def test_refusals(emulator: Emulator, method: str, args: dict[str, Any], words: str) -> None:
    answer = await call(emulator, method, **args)
    assert not answer["ok"]
    assert words in answer["description"]


async def test_a_form_is_read_as_json_is(emulator: Emulator) -> None:
    data = {"chat_id": "7", "text": "<b>hi</b>", "parse_mode": "HTML", "protect_content": "true"}
    url = f"{emulator.url}/bot{emulator.token}/sendMessage"
    async with aiohttp.ClientSession() as session, session.post(url, data=data) as response:
        assert response.status == 200
    assert (emulator.newest(7).text, emulator.newest(7).protected) == ("hi", True)


async def test_a_wrong_token_is_refused(emulator: Emulator) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{emulator.url}/bot1:wrong/getMe") as response,
    ):
        assert response.status == 401


async def test_faults_come_as_ordered(emulator: Emulator) -> None:
    emulator.breaks("sendMessage", Fault.flood(3), chat_id=7, times=2, skip=1)
    answers = [await say(emulator) for _ in range(4)]
    assert [a.get("error_code", 200) for a in answers] == [200, 429, 429, 200]
    assert answers[1]["parameters"] == {"retry_after": 3}
    emulator.breaks("*", Fault.server_error(503), times=None)
    assert (await call(emulator, "getMe"))["error_code"] == 503
    emulator.mends()
    assert (await call(emulator, "getMe"))["ok"]
    assert [c.note for c in emulator.calls("sendMessage")] == ["", "flood", "flood", ""]


@pytest.mark.parametrize(("fault", "shown"), [(Fault.cut_before(), 0), (Fault.cut_after(), 1)])
async def test_a_cut_is_before_or_after(emulator: Emulator, fault: Fault, shown: int) -> None:
    emulator.breaks("sendMessage", fault)
    with pytest.raises(aiohttp.ClientError):
        await say(emulator)
    assert len(emulator.screen(7)) == shown


async def test_waiting_fails_with_what_is_missing(emulator: Emulator) -> None:
    await emulator.says(7, "hello")
    with pytest.raises(AssertionError, match="were not taken"):
        await emulator.settled(7, timeout=0.05)
    emulator.updates.forget_all()
    with pytest.raises(AssertionError, match="no answer to 7"):
        await emulator.settled(7, timeout=0.05)
    with pytest.raises(AssertionError, match="'yes' is not on"):
        await emulator.sees(7, "yes", timeout=0.05)
    with pytest.raises(AssertionError, match="no button 'Book'"):
        await emulator.taps(7, "Book")
    await say(emulator, "yes")
    await emulator.settled(7)
    assert [b.text for b in emulator.said(7)] == ["yes"]


async def test_as_a_process_it_has_the_same_verbs(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    async with RemoteEmulator.started(ledger=ledger) as emulator:
        await emulator.meets(7, lang="pl", started=True)
        act = await emulator.says(7, "hello")
        assert act.update_id in await emulator.pending()
        keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "g"}]]}
        await say(emulator, "<b>hi</b>", parse_mode="HTML", reply_markup=keyboard)
        bubble = await emulator.sees(7, "hi")
        assert (bubble.labels, await emulator.said(7)) == (["Go"], [bubble])
        tap = await emulator.taps(7, "Go")
        assert await emulator.toast(tap) is None
        await emulator.breaks("sendMessage", Fault.blocked(), chat_id=7)
        assert (await say(emulator))["error_code"] == 403
        assert [c.status for c in await emulator.calls("sendMessage")] == [200, 403]
        with pytest.raises(AssertionError, match="no button"):
            await emulator.taps(7, "Nothing")
        rows = [json.loads(line) for line in ledger.read_text().splitlines()]
        assert [r["status"] for r in rows if r["what"] == "call"] == [200, 403]
        os.kill(emulator.pid, signal.SIGKILL)
    assert len(ledger.read_text().splitlines()) == 2

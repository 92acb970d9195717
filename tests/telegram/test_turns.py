"""What people do in Telegram becomes turns, and turns become what they see."""

from __future__ import annotations

import asyncio

import pytest

from bot.conversation.incoming import Incoming, Kind, TurnResult
from tests.emulator import Emulator
from tests.telegram.service import Service, says


async def test_a_message_becomes_a_turn_and_its_reply_is_on_the_screen(either: Service) -> None:
    emulator = either.emulator
    emulator.meets(7, lang="pl")
    act = await emulator.says(7, "is there <b>massage</b> & tea?")
    await emulator.settled(7)
    assert [b.text for b in emulator.said(7)] == ["text: is there <b>massage</b> & tea?"]
    (incoming,) = either.turns.taken
    assert incoming == Incoming(
        sender=incoming.sender,
        kind=Kind.TEXT,
        key=f"tg:{act.update_id}",
        text="is there <b>massage</b> & tea?",
        inbox_id=1,
        message_id=str(act.message_id),
    )
    assert (incoming.sender.channel, incoming.sender.external, incoming.sender.lang) == (
        "telegram",
        "7",
        "pl",
    )
    await either.done()
    assert either.inbox.processed == [1]


@pytest.mark.parametrize(
    ("typed", "name", "argument"),
    [
        ("/start", "start", ""),
        ("/start BOOK_12-x", "start", "BOOK_12-x"),
        ("/start BCDF-GHJK", "start", "BCDF-GHJK"),
        ("/start search-friday-baby_massage", "start", "search-friday-baby_massage"),
        ("/Help@family_assistant_bot", "help", ""),
        ("/stop  please now ", "stop", "please now"),
    ],
)
async def test_commands_and_deep_links(
    service: Service, typed: str, name: str, argument: str
) -> None:
    await service.emulator.says(7, typed)
    await service.done()
    (incoming,) = service.turns.taken
    assert (incoming.kind, incoming.text, incoming.argument) == (Kind.COMMAND, name, argument)


async def test_a_path_is_not_a_command(service: Service) -> None:
    await service.emulator.says(7, "/etc/passwd")
    await service.done()
    assert service.turns.kinds == [Kind.TEXT]


async def test_a_tap_is_a_turn_with_the_buttons_token_and_is_answered(either: Service) -> None:
    emulator = either.emulator
    await emulator.says(7, "hello")
    await emulator.settled(7)
    act = await emulator.taps(7, "More")
    await emulator.settled(7)
    assert either.turns.taken[-1].kind is Kind.TAP
    assert either.turns.taken[-1].text == "token-More"
    assert emulator.toast(act) == "Noted"
    assert [b.text for b in emulator.said(7)] == ["tap: token-More"]


async def test_a_tap_is_answered_even_when_its_turn_fails(service: Service) -> None:
    async def fails(_incoming: Incoming) -> TurnResult:
        raise RuntimeError("a bug")

    emulator = service.emulator
    await emulator.says(7, "hello")
    await service.done()
    service.turns.answer = fails
    act = await emulator.taps(7, "More")
    await service.done()
    assert emulator.toast(act) == ""
    assert list(service.inbox.parked) == [2]


async def test_a_tap_that_is_too_old_to_be_answered_is_still_a_turn(
    service: Service, emulator: Emulator
) -> None:
    await emulator.says(7, "hello")
    await service.done()
    emulator.world.tap_lives = 0.5  # dropped by Telegram before it is answered, not before sent

    async def slow(incoming: Incoming) -> TurnResult:
        emulator.clock.advance(10)
        return await service.turns.echo(incoming)

    service.turns.answer = slow
    act = await emulator.taps(7, "More")
    await service.done()
    assert service.turns.kinds[-1] is Kind.TAP
    assert emulator.toast(act) is None
    assert service.inbox.parked == {}


async def test_places_files_contacts_and_edits(service: Service) -> None:
    emulator = service.emulator
    await emulator.location(7, 51.4815, 0.1785)
    await emulator.photo(7, "is this rash bad?")
    await emulator.voice(7)
    await emulator.sticker(7)
    await emulator.file(7)
    await emulator.contact(7, "+447700900123")
    await emulator.contact(7, "+447700900999", of=8)
    await emulator.contact(7, "+447700900888", of=0)
    await emulator.says(7, "tommorow")
    await emulator.edits(7, "tomorrow")
    await service.done()
    taken = service.turns.taken
    assert [t.kind for t in taken] == [
        Kind.LOCATION,
        Kind.FILE,
        Kind.FILE,
        Kind.FILE,
        Kind.FILE,
        Kind.CONTACT,
        Kind.FILE,
        Kind.FILE,
        Kind.TEXT,
        Kind.EDITED,
    ]
    assert taken[0].point == (51.4815, 0.1785)
    assert taken[1].text == "is this rash bad?"
    assert taken[5].text == "+447700900123"
    assert not any("900999" in t.text or "900888" in t.text for t in taken)
    assert taken[9].text == "tomorrow"
    assert taken[9].message_id == taken[8].message_id
    assert emulator.calls("getFile") == []


async def test_the_photos_of_an_album_can_be_told_to_belong_together(service: Service) -> None:
    await service.emulator.photo(7, "our letter", album="12345")
    await service.emulator.photo(7, album="12345")
    await service.emulator.photo(7)
    await service.done()
    assert [(t.kind, t.album) for t in service.turns.taken] == [
        (Kind.FILE, "12345"), (Kind.FILE, "12345"), (Kind.FILE, ""),
    ]  # fmt: skip


async def test_stopping_and_starting_again(service: Service) -> None:
    emulator = service.emulator
    await emulator.says(7, "hello")
    await service.done()
    await emulator.blocks(7)
    await service.done()
    await emulator.unblocks(7)
    await service.done()
    assert service.turns.kinds == [Kind.TEXT, Kind.BLOCKED, Kind.UNBLOCKED]
    assert {t.sender.external for t in service.turns.taken} == {"7"}


async def test_in_a_group_it_says_that_it_works_in_private_and_leaves(service: Service) -> None:
    emulator = service.emulator
    emulator.meets(7, lang="ar")
    await emulator.adds_to_group(7, group_id=-4001)
    await service.done()
    assert [b.text for b in emulator.screen(-4001)] == ["I work in private chats only (ar)"]
    assert emulator.left == [-4001]
    assert service.turns.taken == []
    assert service.inbox.skipped == [1]


async def test_a_group_that_it_is_still_in_is_left_without_a_turn(service: Service) -> None:
    emulator = service.emulator
    await emulator.says_in_group(7, -4002, "anything on today?")
    await service.done()
    assert emulator.left == [-4002]
    assert [b.mine for b in emulator.screen(-4002)] == [False]
    assert service.turns.taken == []


async def test_a_tap_in_a_group_is_answered_and_is_no_turn(service: Service) -> None:
    emulator = service.emulator
    await emulator.adds_to_group(7, group_id=-4001)
    await service.done()
    act = await emulator.sends_token(7, "token-of-another", made_by=-4001)
    await service.done()
    assert emulator.toast(act) == ""
    assert service.turns.taken == []


async def test_what_is_to_be_hidden_leaves_the_screen(service: Service) -> None:
    emulator = service.emulator
    said = await emulator.says(7, "something I do not want seen")
    await service.done()
    card = emulator.newest(7)

    async def hides(_incoming: Incoming) -> TurnResult:
        ids = (str(said.message_id), str(card.message_id))
        return says("All clear", toast="Hidden", hide=ids)

    service.turns.answer = hides
    act = await emulator.taps(7, "More")
    await service.done()
    assert [b.text for b in emulator.screen(7)] == ["All clear"]
    assert emulator.toast(act) == "Hidden"


async def test_one_persons_messages_and_taps_keep_their_order(service: Service) -> None:
    emulator = service.emulator
    await emulator.says(7, "0")
    await service.done()
    order: list[str] = []

    async def slowly(incoming: Incoming) -> TurnResult:
        for _ in range(3):
            await asyncio.sleep(0)
        order.append(incoming.text)
        return TurnResult()

    service.turns.answer = slowly
    for n in range(1, 30):
        await emulator.says(7, str(n))
    await service.done()
    assert order == [str(n) for n in range(1, 30)]


async def test_people_are_served_at_the_same_time(service: Service) -> None:
    emulator = service.emulator
    together = asyncio.Barrier(8)

    async def meets(_incoming: Incoming) -> TurnResult:
        await asyncio.wait_for(together.wait(), 5)
        return TurnResult()

    service.turns.answer = meets
    for person in range(1, 9):
        await emulator.says(person, "hello")
    await service.done()
    assert len(service.inbox.processed) == 8

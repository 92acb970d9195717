"""The Telegram channel: what a Message looks like there, and how each send may end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from telegram import Bot

from bot.delivery.channel import Channel, Outcome
from bot.delivery.parts import parts_of
from bot.delivery.telegram import TelegramChannel
from bot.outbox.message import TEXT_LIMIT, Button, Message, Pin
from handlers.telegram.request import STAND_IN, AiohttpRequest
from tests.emulator import TOKEN, Emulator, Fault
from tests.emulator.markup import read_text

HELLO = Message(Markup("Hello"))


@pytest.fixture
async def channel(emulator: Emulator) -> AsyncIterator[TelegramChannel]:
    request = AiohttpRequest(api_url=emulator.url, token=emulator.token, read_timeout=0.3)
    await request.initialize()
    emulator.meets(7, started=True)
    yield TelegramChannel(Bot(STAND_IN, request=request), pause=_no_pause)
    await request.shutdown()


async def test_a_message_with_everything(channel: Channel, emulator: Emulator) -> None:
    message = Message(
        Markup('<b>{}</b>\n<i>{}</i> <a href="{}">map</a>').format(
            "Stay & Play", "it's <free>", "https://example.org/?a=1&b=2"
        ),
        rows=(
            (Button("Book", token="abc"), Button("Page", url="https://example.org/s/1")),
            (Button("Menu", token="x" * 64),),
        ),
        pin=Pin(51.48, 0.17, "The Hall", "1 High Street"),
        protected=True,
    )
    result = await channel.send("7", message, reference="1")
    text, pin = emulator.screen(7)
    assert result.outcome is Outcome.SENT
    assert result.external_id == f"{text.message_id},{pin.message_id}"
    assert text.text == "Stay & Play\nit's <free> map"
    assert text.links == {"map": "https://example.org/?a=1&b=2"}
    assert [e["type"] for e in text.entities] == ["bold", "italic", "text_link"]
    assert [[(b.label, b.data, b.url) for b in row] for row in text.rows] == [
        [("Book", "abc", ""), ("Page", "", "https://example.org/s/1")],
        [("Menu", "x" * 64, "")],
    ]
    assert pin.pin == {
        "latitude": 51.48,
        "longitude": 0.17,
        "title": "The Hall",
        "address": "1 High Street",
    }
    assert (text.protected, pin.protected) == (True, True)
    assert not text.preview


async def test_a_plain_message_is_not_protected_and_never_previewed(
    channel: Channel, emulator: Emulator
) -> None:
    await channel.send("7", HELLO, reference="1")
    (bubble,) = emulator.screen(7)
    assert (bubble.protected, bubble.preview, bubble.rows) == (False, False, [])


@pytest.mark.parametrize(
    "url", ["http://localhost:8080/s/1", "http://[bad", "tel:+44", "javascript:alert(1)", "s/1"]
)
async def test_a_link_that_telegram_would_refuse_is_left_out(
    channel: Channel, emulator: Emulator, url: str
) -> None:
    message = Message(
        Markup("Hello"), rows=((Button("Page", url=url),), (Button("Book", token="abc"),))
    )
    result = await channel.send("7", message, reference="1")
    assert result.outcome is Outcome.SENT
    assert emulator.screen(7)[0].labels == ["Book"]


@pytest.mark.parametrize(
    ("fault", "outcome", "wait", "arrives"),
    [
        (Fault.blocked(), Outcome.GONE, None, False),
        (Fault.deactivated(), Outcome.GONE, None, False),
        (Fault.not_found(), Outcome.GONE, None, False),
        (Fault.refused("PEER_ID_INVALID"), Outcome.GONE, None, False),
        (Fault.refused("something new"), Outcome.REFUSED, None, False),
        (Fault.flood(7), Outcome.RETRY, 7.0, False),
        (Fault.server_error(502), Outcome.RETRY, None, False),
        (Fault.server_error(500), Outcome.RETRY, None, False),
        (Fault.unauthorised(), Outcome.RETRY, 60.0, False),
        (Fault.cut_before(), Outcome.UNKNOWN, None, False),
        (Fault.cut_after(), Outcome.UNKNOWN, None, True),
        (Fault.garbage(), Outcome.UNKNOWN, None, True),
        (Fault.slow(0.5), Outcome.UNKNOWN, None, True),
    ],
    ids=lambda value: getattr(value, "name", None),
)
async def test_how_a_send_ends(
    channel: Channel,
    emulator: Emulator,
    fault: Fault,
    outcome: Outcome,
    wait: float | None,
    arrives: bool,
) -> None:
    emulator.breaks("sendMessage", fault, chat_id=7)
    result = await channel.send("7", HELLO, reference="1")
    assert (result.outcome, result.retry_after) == (outcome, wait)
    assert result.reason
    assert "7" not in result.reason.replace("48", "")
    assert TOKEN not in result.reason
    await emulator.until(lambda: bool(emulator.calls("sendMessage")[0].done) == arrives)
    assert (await channel.send("7", HELLO, reference="1")).outcome is Outcome.SENT


async def test_without_a_connection_it_was_not_delivered(
    channel: Channel, emulator: Emulator
) -> None:
    await channel.send("7", HELLO, reference="1")
    await emulator.goes_down()
    results = [await channel.send("7", HELLO, reference="1") for _ in range(2)]
    # The first may meet the connection that was kept from before; then nobody can tell.
    assert results[0].outcome in {Outcome.RETRY, Outcome.UNKNOWN}
    assert results[1].outcome is Outcome.RETRY


async def test_an_address_that_is_none(channel: Channel) -> None:
    assert (await channel.send("nobody", HELLO, reference="1")).outcome is Outcome.GONE
    assert (await channel.send("999", HELLO, reference="1")).outcome is Outcome.GONE


LONG = Message(
    Markup("\n\n").join(Markup("<b>{}.</b> {}").format(n, "words " * 100) for n in range(1, 15)),
    rows=((Button("Book", token="abc"),),),
    pin=Pin(51.48, 0.17, "The Hall", "1 High Street"),
    protected=True,
)


async def test_a_long_message_goes_in_parts_with_the_buttons_under_the_last(
    channel: Channel, emulator: Emulator
) -> None:
    result = await channel.send("7", LONG, reference="1")
    *texts, pin = emulator.screen(7)
    assert result.outcome is Outcome.SENT
    assert result.external_id == ",".join(str(b.message_id) for b in (*texts, pin))
    assert len(texts) == 3
    assert [b.text.split()[0] for b in texts] == ["1.", "7.", "13."]
    assert all(len(b.text) <= TEXT_LIMIT and b.protected for b in texts)
    assert [b.labels for b in texts] == [[], [], ["Book"]]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [(Fault.flood(3), Outcome.RETRY), (Fault.cut_after(), Outcome.UNKNOWN),
     (Fault.blocked(), Outcome.GONE)],
    ids=lambda value: getattr(value, "name", None),
)  # fmt: skip
async def test_a_message_that_breaks_off_between_its_parts_is_sent_again_whole(
    channel: Channel, emulator: Emulator, fault: Fault, outcome: Outcome
) -> None:
    emulator.breaks("sendMessage", fault, skip=1)
    broken = await channel.send("7", LONG, reference="1")
    assert (broken.outcome, broken.external_id) == (outcome, "")
    emulator.mends()
    before = len(emulator.screen(7))
    assert before >= 1
    if outcome is not Outcome.GONE:
        assert (await channel.send("7", LONG, reference="1")).outcome is Outcome.SENT
        assert len(emulator.screen(7)) == before + 4


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", [""]),
        ("one\n\ntwo", ["one\n\ntwo"]),
        ("1234\n\n567890\n\nabc", ["1234", "567890", "abc"]),
        ("12\n\n34\n\n567890", ["12\n\n34", "567890"]),
        ("12345\n67890", ["12345", "67890"]),
        ("12345 67890", ["12345", "67890"]),
        ("12345678901", ["12345678901"]),
        ("<b>123</b>\n\n<i>456</i>", ["<b>123</b>\n\n<i>456</i>"]),
        ("<b>12345\n\n67890</b>", ["<b>12345\n\n67890</b>"]),
        ('<a href="https://a.example/b">12345</a> 67890', ['<a href="https://a.example/b">12345</a>', "67890"]),
        ("&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;", ["&lt;" * 10]),
        ("🙂🙂🙂🙂 🙂🙂", ["🙂🙂🙂🙂", "🙂🙂"]),
        ("12345678\n\n\n\n12345678", ["12345678", "12345678"]),
    ],
)  # fmt: skip
def test_where_a_text_is_cut(text: str, parts: list[str]) -> None:
    assert [str(p).strip("\n") for p in parts_of(Markup(text), 10)] == parts


@given(
    st.lists(st.text("ab<>& \n🙂ä", max_size=30).filter(str.strip), min_size=1, max_size=12),
    st.integers(5, 60),
)
def test_no_word_is_lost_and_every_part_can_be_shown(words: list[str], limit: int) -> None:
    text = Markup("\n\n").join(Markup("<b>{}</b> {}").format(w, w) for w in words)
    parts = parts_of(text, limit)
    assert "".join("".join(parts).split()) == "".join(str(text).split())
    for part in parts:
        read_text(str(part).replace(" ", "x"), "HTML", limit=10_000)  # its tags are whole


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (Message(Markup("x" * 4097)), "message is too long"),
        (Message(Markup("")), "message text is empty"),
        (Message(Markup("<b>open")), "can't parse entities"),
        (Message(Markup("a"), rows=((Button("b", token="x" * 65),),)), "button_data_invalid"),
    ],
)
async def test_what_telegram_refuses_is_named_without_its_text(
    channel: Channel, message: Message, why: str
) -> None:
    result = await channel.send("7", message, reference="1")
    assert result.outcome is Outcome.REFUSED
    assert result.reason == f"refused by Telegram: {why}"


async def test_a_pin_that_fails_does_not_send_the_text_again(
    channel: Channel, emulator: Emulator
) -> None:
    emulator.breaks("sendVenue", Fault.flood(3))
    message = Message(Markup("Hello"), pin=Pin(51.48, 0.17, "The Hall", "1 High Street"))
    result = await channel.send("7", message, reference="1")
    assert result.outcome is Outcome.SENT
    assert result.external_id == str(emulator.screen(7)[0].message_id)
    assert result.reason.startswith("without its map")


async def test_erase_takes_off_what_it_can(channel: Channel, emulator: Emulator) -> None:
    old = await channel.send("7", HELLO, reference="1")
    emulator.clock.advance(49 * 3600)
    sent = [await channel.send("7", HELLO, reference=str(n)) for n in range(120)]
    ids = [old.external_id, *(r.external_id for r in sent[:60]), "not a number"]
    ids.append(",".join(r.external_id for r in sent[60:]))
    assert await channel.erase("7", ids) == 120
    assert [str(b.message_id) for b in emulator.screen(7)] == [old.external_id]
    assert await channel.erase("7", []) == 0
    assert max(len(c.args["message_ids"]) for c in emulator.calls("deleteMessages")) == 100


@pytest.mark.parametrize(
    "fault", [Fault.server_error(), Fault.cut_before(), Fault.cut_after(), Fault.flood(1)]
)
async def test_erase_is_tried_again(channel: Channel, emulator: Emulator, fault: Fault) -> None:
    sent = [await channel.send("7", HELLO, reference="1") for _ in range(3)]
    emulator.breaks("deleteMessages", fault, times=2)
    assert await channel.erase("7", [r.external_id for r in sent]) == 3
    assert emulator.screen(7) == []


async def test_erase_never_raises(channel: Channel, emulator: Emulator) -> None:
    sent = await channel.send("7", HELLO, reference="1")
    emulator.breaks("*", Fault.server_error(), times=None)
    assert await channel.erase("7", [sent.external_id]) == 0
    emulator.mends()
    await emulator.blocks(7)
    assert await channel.erase("7", [sent.external_id]) == 0


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200).filter(lambda text: text.replace("\0", "").strip() != ""))
def test_whatever_a_person_is_called_shows_as_it_is_written(name: str) -> None:
    shown, entities = read_text(str(Markup("<b>Hello {}</b>!").format(name)), "HTML")
    assert shown == f"Hello {name}!".replace("\0", "")
    assert [e["type"] for e in entities] == ["bold"]


async def _no_pause(_seconds: float) -> None:
    return

"""Whatever JSON Telegram (or somebody with the secret) sends, it stops nothing else."""

from __future__ import annotations

import asyncio
import copy
import json
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.conversation.incoming import Incoming
from handlers.telegram import inbound
from tests.emulator import Emulator
from tests.telegram.service import running
from tests.telegram.test_webhook import post, update

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["\x00", "\ud800", "/start \x00", "private", "kicked", "message", 7, -1, 0])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)

USER = {"id": 7, "is_bot": False, "first_name": "A", "language_code": "en"}
CHAT = {"id": 7, "type": "private", "first_name": "A"}
MEMBER = {"user": {"id": 1, "is_bot": True, "first_name": "B"}, "status": "member"}
SENT = update(0)["message"]
WELL_FORMED: list[dict[str, Any]] = [
    {"update_id": 0, "message": SENT},
    {"update_id": 0, "message": {**SENT, "text": "/start CODE"}},
    {"update_id": 0, "edited_message": {**SENT, "edit_date": 1790000001}},
    {
        "update_id": 0,
        "message": {
            **{k: v for k, v in SENT.items() if k != "text"},
            "location": {"latitude": 51.4, "longitude": 0.1},
            "contact": {"phone_number": "+44", "first_name": "A", "user_id": 7},
        },
    },
    {
        "update_id": 0,
        "message": {
            **{k: v for k, v in SENT.items() if k != "text"},
            "photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}],
            "caption": "help",
        },
    },
    {
        "update_id": 0,
        "callback_query": {
            "id": "1",
            "from": USER,
            "chat_instance": "1",
            "data": "token",
            "message": SENT,
        },
    },
    {
        "update_id": 0,
        "my_chat_member": {
            "chat": CHAT,
            "from": USER,
            "date": 1790000000,
            "old_chat_member": MEMBER,
            "new_chat_member": {**MEMBER, "status": "kicked", "until_date": 0},
        },
    },
]


@st.composite
def bent(draw: st.DrawFn) -> Any:
    """A well-formed update with one to three places replaced or taken out."""
    body = copy.deepcopy(draw(st.sampled_from(WELL_FORMED)))
    for _ in range(draw(st.integers(1, 3))):
        if not (places := list(_places(body))):
            break
        holder, key = draw(st.sampled_from(places))
        if isinstance(holder, dict) and draw(st.booleans()):
            holder.pop(key, None)
        else:
            holder[key] = draw(JSON)
    return body


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(st.lists(bent() | JSON, min_size=1, max_size=12))
@example([{"update_id": 0, "message": {**SENT, "text": "a\x00b\ud800c"}}])
@example([{"update_id": 0, "message": {**SENT, "from": {**USER, "language_code": []}}}])
@example([{"update_id": 0, "message": {**SENT, "text": []}}])
def test_any_update_stops_nothing_else(bodies: list[Any]) -> None:
    asyncio.run(_nothing_stops(bodies))


@settings(max_examples=300)
@given(bent() | JSON)
def test_whose_an_update_is_can_be_told_of_any_json(body: Any) -> None:
    update_id = inbound.update_id_of(body)
    if update_id is not None:
        assert 0 <= update_id < 2**63
        assert inbound.person_of(body)


async def _nothing_stops(bodies: list[Any]) -> None:
    async with Emulator() as emulator, running(emulator) as service:
        for number, body in enumerate(bodies, 1):
            if isinstance(body, dict) and body.get("update_id") == 0:
                body["update_id"] = number
            assert await post(service, json.dumps(body).encode()) == 200
        await emulator.says(99, "and me?")
        await emulator.sees(99, "and me?")
        await service.runner.idle()
        assert service.inbox.rows == {}
        for taken in service.turns.taken:
            _is_keepable(taken)


def _is_keepable(incoming: Incoming) -> None:
    """Whatever came in, a turn is given what its types promise and a database can hold."""
    for text in (incoming.text, incoming.argument, incoming.sender.lang):
        assert isinstance(text, str)
        assert "\x00" not in text
        text.encode()
    assert incoming.sender.external.isdecimal()
    assert incoming.message_id.isdecimal() or incoming.message_id == ""
    if incoming.point is not None:
        lat, lon = incoming.point
        assert -90 <= lat <= 90
        assert -180 <= lon <= 180


def _places(body: Any) -> Any:
    if isinstance(body, dict | list):
        items = body.items() if isinstance(body, dict) else enumerate(body)
        for key, value in list(items):
            yield body, key
            yield from _places(value)

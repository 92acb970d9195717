"""The emulator's verbs over HTTP, for when it runs as a process of its own."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

from aiohttp import web

from tests.emulator.emulator import Act, Emulator
from tests.emulator.faults import Fault
from tests.emulator.load import closed_loop, open_loop

#: What people do; each answers with an Act.
ACTS = frozenset(
    [
        "says",
        "command",
        "taps",
        "sends_token",
        "location",
        "photo",
        "voice",
        "file",
        "sticker",
        "contact",
        "edits",
        "blocks",
        "unblocks",
        "adds_to_group",
        "says_in_group",
        "sends_update",
    ]
)
VERBS = ACTS | {
    "meets",
    "screen",
    "said",
    "newest",
    "toast",
    "calls",
    "breaks",
    "mends",
    "goes_down",
    "comes_up",
    "loses_answers",
    "redelivers",
    "settled",
    "sees",
}


def add_control(app: web.Application, emulator: Emulator) -> None:
    """POST /emulator/<verb> with the verb's arguments as a JSON object."""

    async def control(request: web.Request) -> web.Response:
        verb, args = request.match_info["verb"], await request.json()
        try:
            return web.json_response({"result": await _do(emulator, verb, args)})
        except AssertionError as error:
            return web.json_response({"failed": str(error)}, status=409)

    app.router.add_post("/emulator/{verb}", control)


async def _do(emulator: Emulator, verb: str, args: dict[str, Any]) -> Any:
    if verb == "advance":
        emulator.clock.advance(args["seconds"])
        return None
    if verb == "configure":
        emulator.latency = args.get("latency", emulator.latency)
        emulator.clock.speed = args.get("speed", emulator.clock.speed)
        emulator.world.tap_lives = args.get("tap_lives", emulator.world.tap_lives)
        return None
    if verb == "commands":
        return emulator.commands
    if verb == "left":
        return emulator.left
    if verb == "pending":
        return emulator.updates.pending(args.get("user_id"))
    if verb == "forget_ledger":
        emulator.ledger.clear()
        emulator.deliveries.clear()
        return None
    if verb == "load":
        loop = open_loop if "rate" in args else closed_loop
        return _plain(await loop(emulator, **args))
    if verb not in VERBS:
        raise AssertionError(f"no such verb: {verb}")
    if "fault" in args:
        args["fault"] = Fault(**args["fault"])
    if "act" in args:
        args["act"] = Act(**args["act"])
    result = getattr(emulator, verb)(**args)
    return _plain(await result if inspect.isawaitable(result) else result)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if hasattr(value, "to_json"):
        return value.to_json()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return value

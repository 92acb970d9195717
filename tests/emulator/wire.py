"""Requests and answers of the Bot API as they go over HTTP."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from tests.emulator.markup import Refused


async def read_args(request: web.Request) -> dict[str, Any]:
    """A call's arguments, whether they come as JSON, as a form, with files or in the address."""
    args: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        body = json.loads(await request.read() or b"{}")
        args.update(body if isinstance(body, dict) else {})
    elif request.method == "POST":
        for name, value in (await request.post()).items():
            args[name] = value if isinstance(value, str) else "<file>"
    for name in ("reply_markup", "link_preview_options", "message_ids", "commands", "scope"):
        args[name] = _parsed(args[name]) if name in args else None
    args["allowed_updates"] = _parsed(args.get("allowed_updates"))
    return {name: value for name, value in args.items() if value is not None}


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def answer(result: Any) -> web.Response:
    if not isinstance(result, Refused):
        body: dict[str, Any] = {"ok": True, "result": result}
        return web.Response(body=json.dumps(body).encode(), content_type="application/json")
    body = {"ok": False, "error_code": result.status, "description": result.description}
    if result.parameters:
        body["parameters"] = result.parameters
    return web.Response(
        body=json.dumps(body).encode(), content_type="application/json", status=result.status
    )


def cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()

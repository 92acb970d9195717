"""Telegram calls us: the secret is checked, the update stored and committed, then we say 200.

The library's own webhook server says 200 from memory, so that a crash loses the update; it also
compares the secret in a time that depends on it and logs bodies.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from telegram import Bot

from bot.inbox.rules import Arrival
from handlers.http.forms import BROKEN_OFF
from handlers.telegram import inbound
from handlers.telegram.request import request_of
from handlers.telegram.turns import Store

#: Bytes. Telegram's updates are a few kB.
BODY_LIMIT = 2**20

#: Seconds after which Telegram is asked to come again when we could not store.
COME_AGAIN = "1"

#: Connections that Telegram may open to us at a time.
CONNECTIONS = 40

_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def webhook(*, secret: str, store: Store, wake: Callable[[], None]) -> Handler:
    """The handler for POSTs of Telegram. `wake` is told when there is something new.

    `secret` is what was given to `open_webhook`; it may not be empty.
    """
    if not secret:
        raise ValueError("a webhook without a secret would take updates from anybody")
    expected = secret.encode()

    async def receive(request: web.Request) -> web.StreamResponse:
        sent = request.headers.get(_SECRET, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(sent, expected):
            return web.Response(status=403)
        try:
            body = await _read(request)
        except BROKEN_OFF:
            return web.Response(status=400)  # broken off: nobody is there to read this
        if body is None:
            return web.Response(status=413)
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            update = None
        update_id = inbound.update_id_of(update)
        if update_id is None:
            log.warning("an update could not be read", extra={"count": len(body)})
            return web.Response()  # sending it again would not mend it
        try:
            new = await store([Arrival(str(update_id), inbound.person_of(update), body)])
        except Exception as error:
            # Its words may quote the update. Telegram keeps it and comes again.
            problem = {"error": type(error).__name__}
            log.error("an update could not be stored", extra=problem)  # noqa: TRY400  # its trace may quote it
            return web.Response(status=503, headers={"Retry-After": COME_AGAIN})
        if new:
            wake()
        return web.Response()

    return receive


async def open_webhook(bot: Bot, *, url: str, secret: str) -> None:
    """Ask Telegram to call `url`. What waits already is kept. Raises TelegramError."""
    parameters = {
        "url": url,
        "secret_token": secret,
        "allowed_updates": inbound.ALLOWED,
        "max_connections": CONNECTIONS,
    }
    await request_of(bot).call("setWebhook", parameters)


async def _read(request: web.Request) -> bytes | None:
    """The body, or None if it is too long; then the rest is not read."""
    if (request.content_length or 0) > BODY_LIMIT:
        return None
    parts, size = [], 0
    async for part in request.content.iter_any():
        size += len(part)
        if size > BODY_LIMIT:
            return None
        parts.append(part)
    return b"".join(parts)

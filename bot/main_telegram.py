"""Telegram's part of the composition root: loaded only where a token is set."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import logging
from collections.abc import AsyncIterator, Callable, Sequence

import sqlalchemy as sa
from telegram.error import TelegramError

from bot.core.settings import Settings
from bot.delivery.telegram import TelegramChannel
from bot.families.service import TELEGRAM
from bot.inbox import queries as inbox_queries
from bot.inbox import service as inbox
from bot.inbox.rules import Arrival
from bot.opening import Opened
from bot.store.engine import DBAPIError
from bot.store.locks import own_connection, try_lock
from handlers.http.site import Site
from handlers.telegram.application import (
    Menus,
    TokenRefusedError,
    build,
    connect,
    disconnect,
)
from handlers.telegram.polling import Poller
from handlers.telegram.runner import InboxRunner
from handlers.telegram.turns import Turns
from handlers.telegram.waiting import stopped_within
from handlers.telegram.webhook import Handler, open_webhook, webhook

log = logging.getLogger(__name__)

DRAIN_SECONDS = 8.0
POLLER_LOCK = 727502
WEBHOOK_PAUSE = 10.0  # seconds between two tries to open the webhook
LOCK_LOOK = 5.0  # seconds between two looks whether the lock is still ours
AGAIN = 5.0  # seconds after which Telegram is begun anew when a fault ended it
TOKEN_AGAIN = 30.0  # the same where it refused the token
FRESH = 1000  # updates kept in memory between storing and taking them


class TelegramInbox:
    """Telegram's side of the inbox: updates kept before they are acknowledged."""

    def __init__(self, opened: Opened) -> None:
        self._store, self._clock = opened.store, opened.clock
        self._fresh: dict[int, bytes] = {}  # just stored: no need to read them back

    async def __call__(self, updates: Sequence[Arrival]) -> bool:
        stored = await self._store.write(
            inbox.store_all, updates, channel=TELEGRAM, now=self._clock()
        )
        for update in updates:
            new = stored.get(update.external_id)
            if new is not None and len(self._fresh) < FRESH:
                self._fresh[new] = update.body
        return bool(stored)

    async def waiting(self, limit: int) -> list[tuple[int, str]]:
        return await self._store.read(inbox_queries.waiting, channel=TELEGRAM, limit=limit)

    async def load(self, inbox_id: int) -> bytes | None:
        if (fresh := self._fresh.pop(inbox_id, None)) is not None:
            return fresh
        return await self._store.read(inbox_queries.body_of, inbox_id)

    async def failed(self, inbox_id: int, reason: str) -> None:
        await self._store.write(inbox.park, inbox_id, reason=reason, now=self._clock())

    async def ignored(self, inbox_id: int) -> None:
        await self._store.write(inbox.ignore, inbox_id, now=self._clock())


class TelegramSide:
    """All that one process does on Telegram: what comes in, and the channel out."""

    WEBHOOK_PATH = "/telegram/webhook"

    def __init__(self, opened: Opened, turns: Turns) -> None:
        settings = opened.settings
        self._opened, self._over = opened, asyncio.Event()
        self._application = build(
            settings.telegram_token.get_secret_value(), settings.telegram_api_url, turns,
            only_private=_only_private(opened),
        )  # fmt: skip
        self._inbox = TelegramInbox(opened)
        self._runner = InboxRunner(self._application, self._inbox)
        self.channel = TelegramChannel(self._application.bot)

    async def close(self) -> None:
        await disconnect(self._application)

    def webhook(self) -> Handler:
        """What answers at WEBHOOK_PATH."""
        secret = webhook_secret(self._opened.settings)
        return webhook(secret=secret, store=self._inbox, wake=self._runner.wake)

    @contextlib.asynccontextmanager
    async def talking(self, site: Site | None) -> AsyncIterator[None]:
        """Connects, then takes updates by webhook or by polling, one poller among all processes."""
        task = asyncio.create_task(self._keep_talking(site), name="telegram")
        try:
            yield
        finally:
            self._over.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), DRAIN_SECONDS)

    async def _keep_talking(self, site: Site | None) -> None:
        """Talk to the end of the service: what ended it may be mended meanwhile, a database that was
        away, or a proxy that answered in Telegram's place."""
        said = ""
        while not self._over.is_set():
            try:
                await self._talk(site)
                said = ""
            except Exception as problem:
                if (why := type(problem).__name__) != said:
                    _say_why_it_is_off(problem)
                said = why
                pause = TOKEN_AGAIN if isinstance(problem, TokenRefusedError) else AGAIN
                await stopped_within(self._over, pause)

    async def _talk(self, site: Site | None) -> None:
        bot, over = self._application.bot, self._over
        # Nothing is taken from the inbox before Telegram answers: a turn could not reply.
        if not await connect(self._application, menus=_menus(self._opened), stop=over):
            return
        if site is not None:
            site.telegram = bot.link
        async with _only_one(self._opened, over) as ended:
            taking = asyncio.create_task(self._runner.run(ended))
            if self._opened.settings.public_url:
                await self._open_webhook()
            else:
                await Poller(bot, store=self._inbox, wake=self._runner.wake).run(ended)
            await taking

    async def _open_webhook(self) -> None:
        """Ask Telegram to call us, as often as it takes."""
        settings = self._opened.settings
        url, secret = settings.public_url + self.WEBHOOK_PATH, webhook_secret(settings)
        while not self._over.is_set():
            try:
                await open_webhook(self._application.bot, url=url, secret=secret)
            except TelegramError as problem:
                log.warning("no webhook yet", extra={"error": type(problem).__name__})
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._over.wait(), WEBHOOK_PAUSE)
            else:
                return


def webhook_secret(settings: Settings) -> str:
    """The secret Telegram must send, set or made from the token."""
    if given := settings.telegram_secret.get_secret_value():
        return given
    token = settings.telegram_token.get_secret_value().encode()
    return hmac.new(token, b"webhook", hashlib.sha256).hexdigest()


@contextlib.asynccontextmanager
async def _only_one(opened: Opened, over: asyncio.Event) -> AsyncIterator[asyncio.Event]:
    """Holds the advisory lock that makes this process the one that takes updates, in order.

    Gives what is set when that has to end: at the end of the service, or when the database let go
    of the lock, as in its restart, and another process may have it.
    """
    if opened.settings.sqlite:
        yield over
        return
    async with own_connection(opened.store) as connection:
        while not over.is_set():
            if await asyncio.to_thread(try_lock, connection, POLLER_LOCK):
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), 5)
        ended = asyncio.Event()
        watching = asyncio.create_task(_watch(connection, over, ended))
        try:
            yield ended
        finally:
            watching.cancel()


async def _watch(connection: sa.Connection, over: asyncio.Event, ended: asyncio.Event) -> None:
    """Set `ended` when `over` is set or the connection, and with it its lock, is lost."""
    try:
        while not await stopped_within(over, LOCK_LOOK):
            await asyncio.to_thread(try_lock, connection, POLLER_LOCK)  # ours already: it counts up
    except DBAPIError:
        log.warning("the lock is lost: telegram is begun anew")
    finally:
        ended.set()


def _menus(opened: Opened) -> Menus:
    """The command menu in each language on offer."""
    menus: dict[str, dict[str, str]] = {}
    for tag in opened.desk.languages:
        _ = opened.desk.words(tag)._
        menus["" if tag == "en" else tag] = {
            "menu": _("What I can do"),
            "whatson": _("What's on"),
            "bookings": _("My bookings"),
            "family": _("My family"),
            "urgent": _("Urgent help"),
            "language": _("Language"),
            "privacy": _("How we use your information"),
            "feedback": _("Tell us what you think"),
            "stop": _("Stop messages"),
            "forget": _("Delete what you know about me"),
        }
    return menus


def _only_private(opened: Opened) -> Callable[[str], str]:
    def say(lang: str) -> str:
        return opened.desk.words(lang)._(
            "I only work in a private chat, so that nobody else sees your family's questions. "
            "Please write to me there."
        )

    return say


def _say_why_it_is_off(error: Exception) -> None:
    if isinstance(error, TokenRefusedError):  # the sentence says all there is to do
        log.error("telegram is off", extra={"reason": error.sentence(str)})
    else:
        log.error("telegram is off", extra={"error": type(error).__name__}, exc_info=error)

"""The composition root: puts the service together, runs it, and takes it down in order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import hmac
import logging
import signal
from collections.abc import AsyncIterator, Callable, Sequence

from aiohttp import web
from sqlmodel import Session
from telegram.error import TelegramError

from bot.bookings import queue, tending
from bot.core.settings import Settings
from bot.delivery.channel import Channel
from bot.delivery.mail import MailChannel
from bot.delivery.telegram import TelegramChannel
from bot.delivery.worker import Delivery
from bot.families.service import TELEGRAM
from bot.inbox import queries as inbox_queries
from bot.inbox import service as inbox
from bot.inbox.rules import Arrival
from bot.opening import Opened, lay_out_content, open_all
from bot.outbox import service as outbox
from bot.outreach import service as outreach
from bot.outreach.notices import Voice
from bot.retention import keep_no_longer
from bot.staff import service as staff
from bot.store.locks import lock_file, own_connection, share_lock, try_lock
from bot.timetable.importing import is_sample
from handlers.http.app import build_app
from handlers.http.site import SITE, Site
from handlers.http.turns import Turns
from handlers.jobs import table as jobs
from handlers.staff import add_staff
from handlers.telegram.application import App, Menus, build, connect, disconnect
from handlers.telegram.polling import Poller
from handlers.telegram.runner import InboxRunner
from handlers.telegram.webhook import open_webhook, webhook
from handlers.web.routes import ROUTES

log = logging.getLogger(__name__)

DRAIN_SECONDS = 8.0
POLLER_LOCK, SERVING_LOCK = 727502, 727503
WEBHOOK_PATH = "/telegram/webhook"
WEBHOOK_PAUSE = 10.0  # seconds between two tries to open the webhook
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


async def serve(
    settings: Settings, *, only: str = "", announce: Callable[[str], None] = print
) -> None:
    """Run until SIGTERM or Ctrl-C: web, Telegram and worker, or `only` web or worker.

    Raises what `open_all` raises, AlreadyRunningError.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(settings, only=only) as opened:
        link = await opened.store.write(staff.make_link, now=opened.clock())
        sample = await opened.store.read(is_sample)
        announce(_greeting(settings, link=link, sample=sample, only=only))
        await stop.wait()
        log.info("stopping")


@contextlib.asynccontextmanager
async def running(settings: Settings, *, only: str = "") -> AsyncIterator[Opened]:
    """The whole service, up and answering; taken down in order at the end."""
    async with contextlib.AsyncExitStack() as stack:
        if settings.sqlite:
            stack.callback(lock_file(settings.database).close)
        opened = await asyncio.to_thread(open_all, settings)
        stack.push_async_callback(asyncio.to_thread, opened.store.close)
        await _start(opened, stack, only=only)
        gc.freeze()  # what stays for good is not searched for garbage while somebody waits
        stack.callback(gc.unfreeze)
        yield opened


async def _start(opened: Opened, stack: contextlib.AsyncExitStack, *, only: str) -> None:
    settings, store, clock = opened.settings, opened.store, opened.clock
    token = settings.telegram_token.get_secret_value()
    channels: dict[str, Channel] = {}
    voice = Voice(opened.content, opened.desk.words, settings.address)
    delivery = Delivery(store=store, channels=channels, voice=voice, clock=clock)
    turns = Turns(
        store=store, desk=opened.desk, reader=opened.reader, delivery=delivery, clock=clock
    )
    stack.callback(turns.close)

    async def drain() -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(delivery.drain(), DRAIN_SECONDS)

    if smtp := settings.smtp_url.get_secret_value():
        channels["email"] = MailChannel(
            url=smtp, sender=settings.mail_from, booking_page=f"{settings.address}/booking",
            signature=opened.content.council.service["en"],
        )  # fmt: skip
    await stack.enter_async_context(_serving(opened))
    application = runner = None
    updates = TelegramInbox(opened)
    if token:
        application = build(
            token, settings.telegram_api_url, turns, only_private=_only_private(opened)
        )
        channels[TELEGRAM] = TelegramChannel(application.bot)
        stack.push_async_callback(disconnect, application)
        stack.push_async_callback(drain)
        runner = InboxRunner(application, updates)
    if only != "web":
        await stack.enter_async_context(_worker(opened, delivery))
    site: Site | None = None
    if only != "worker":
        # Before Telegram: the webhook must answer when it is opened.
        site = await stack.enter_async_context(_web(opened, turns, updates, runner))
    if application is not None and runner is not None and only != "web":
        await stack.enter_async_context(_telegram(opened, application, runner, updates, site))


@contextlib.asynccontextmanager
async def _worker(opened: Opened, delivery: Delivery) -> AsyncIterator[None]:
    """The sender and the bell."""
    settings, content = opened.settings, opened.content

    async def remind() -> None:
        made = await opened.store.write(
            outreach.plan_reminders, content=content, now=opened.clock(), zone=settings.zone
        )
        if made:
            delivery.wake()

    async def tend() -> None:
        """What time alone changes for waiting lists, one activity a transaction."""
        asked = 0
        for activity in await opened.store.read(queue.waited_activities):
            asked += await opened.store.write(
                tending.tend, activity, policy=opened.desk.policy, now=opened.clock()
            )
        if asked:
            delivery.wake()

    async def lay_out() -> None:
        await opened.store.write(
            lay_out_content, content=content, settings=settings, now=opened.clock()
        )

    async def tidy() -> None:
        await keep_no_longer(
            opened.store, content.council.keep, clock=opened.clock, zone=settings.zone
        )

    await remind()
    table = jobs.job_table(
        remind=remind, tend=tend, lay_out=lay_out, tidy=tidy, zone=settings.zone,
        quick=bool(settings.test_clock),
    )  # fmt: skip
    scheduler = jobs.start(table, settings.zone)
    task = asyncio.create_task(delivery.run(), name="delivery")
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
        delivery.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(task, DRAIN_SECONDS)


@contextlib.asynccontextmanager
async def _telegram(
    opened: Opened,
    application: App,
    runner: InboxRunner,
    updates: TelegramInbox,
    site: Site | None,
) -> AsyncIterator[None]:
    """Connects, then takes updates by webhook or by polling, one poller among all processes."""
    over = asyncio.Event()

    async def talk() -> None:
        # Nothing is taken from the inbox before Telegram answers: a turn could not reply.
        if not await connect(application, menus=_menus(opened), stop=over):
            return
        if site is not None:
            site.telegram = application.bot.link
        async with _only_one(opened, over):
            taking = asyncio.create_task(runner.run(over))
            if webhook_url := _webhook_url(opened.settings):
                await _open_webhook(application, webhook_url, opened.settings, over)
            else:
                await Poller(application.bot, store=updates, wake=runner.wake).run(over)
            await taking

    task = asyncio.create_task(talk(), name="telegram")
    task.add_done_callback(_say_why_it_ended)
    try:
        yield
    finally:
        over.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), DRAIN_SECONDS)


async def _open_webhook(
    application: App, url: str, settings: Settings, over: asyncio.Event
) -> None:
    """Ask Telegram to call us, as often as it takes."""
    while not over.is_set():
        try:
            await open_webhook(application.bot, url=url, secret=webhook_secret(settings))
        except TelegramError as problem:
            log.warning("no webhook yet", extra={"error": type(problem).__name__})
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), WEBHOOK_PAUSE)
        else:
            return


@contextlib.asynccontextmanager
async def _web(
    opened: Opened, turns: Turns, updates: TelegramInbox, runner: InboxRunner | None
) -> AsyncIterator[Site]:
    settings = opened.settings
    app = build_app(
        settings=settings, content=opened.content, store=opened.store, turns=turns,
        clock=opened.clock,
    )  # fmt: skip
    app.add_routes(ROUTES)
    add_staff(app)
    if settings.telegram_token.get_secret_value() and runner is not None:
        receive = webhook(secret=webhook_secret(settings), store=updates, wake=runner.wake)
        app.router.add_post(WEBHOOK_PATH, receive)
    site = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_SECONDS)
    await site.setup()
    await web.TCPSite(site, settings.host, settings.port).start()
    try:
        yield app[SITE]
    finally:
        await site.cleanup()


@contextlib.asynccontextmanager
async def _serving(opened: Opened) -> AsyncIterator[None]:
    """Stands among the processes that serve; the first frees what a killed one had leased."""
    store, now = opened.store, opened.clock()
    if opened.settings.sqlite:
        await store.write(outbox.release_leases, now=now)
        yield
        return
    async with own_connection(opened.store) as connection:
        alone = await asyncio.to_thread(try_lock, connection, SERVING_LOCK)
        if alone:
            await store.write(outbox.release_leases, now=now)
        await asyncio.to_thread(share_lock, connection, SERVING_LOCK, was_alone=alone)
        yield


@contextlib.asynccontextmanager
async def _only_one(opened: Opened, over: asyncio.Event) -> AsyncIterator[None]:
    """Holds the advisory lock that makes this process the one that takes updates, in order."""
    if opened.settings.sqlite:
        yield
        return
    async with own_connection(opened.store) as connection:
        while not over.is_set():
            if await asyncio.to_thread(try_lock, connection, POLLER_LOCK):
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), 5)
        yield


def webhook_secret(settings: Settings) -> str:
    """The secret Telegram must send, set or made from the token."""
    if given := settings.telegram_secret.get_secret_value():
        return given
    token = settings.telegram_token.get_secret_value().encode()
    return hmac.new(token, b"webhook", hashlib.sha256).hexdigest()


def make_staff_link(opened: Opened) -> str:
    """A one-time address of the staff page."""

    def made(db: Session) -> str:
        return staff.make_link(db, now=opened.clock())

    return f"{opened.settings.address}/staff/enter/{opened.store.write_now(made)}"


def _webhook_url(settings: Settings) -> str:
    return settings.public_url + WEBHOOK_PATH if settings.public_url else ""


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


def _greeting(settings: Settings, *, link: str, sample: bool, only: str) -> str:
    """What the console says once everything answers."""
    at = settings.address
    said = ["", "The service is running. Stop it with Ctrl-C.", ""]
    if only != "worker":
        said += [
            f"  Chat       {at}/chat",
            f"  Timetable  {at}/timetable",
            f"  Staff      {at}/staff/enter/{link}",
            "             (opens once, within 10 minutes; for another: python -m bot staff link)",
            "",
        ]
    if settings.telegram_token.get_secret_value():
        said.append("Telegram is on.")
    else:
        said.append("Telegram is off: TELEGRAM_TOKEN is not set.")
    if sample:
        said.append("The programme is a sample: these are not real sessions.")
    return "\n".join(said)


def _say_why_it_ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("telegram is off", extra={"error": type(error).__name__}, exc_info=error)

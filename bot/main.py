"""The composition root: puts the service together, runs it, and takes it down in order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from aiohttp import web
from sqlmodel import Session

from bot.bookings import queue, tending
from bot.bookings.missing import missing_names
from bot.core.errors import Kind, PlannedError, Translate
from bot.core.settings import Settings
from bot.delivery.channel import Channel
from bot.delivery.mail import MailChannel
from bot.delivery.worker import Delivery
from bot.families.service import TELEGRAM
from bot.opening import Opened, lay_out_content, open_all
from bot.outbox import service as outbox
from bot.outreach import service as outreach
from bot.outreach.notices import Voice
from bot.retention import keep_no_longer
from bot.staff import service as staff
from bot.store.engine import is_away
from bot.store.locks import lock_file, own_connection, share_lock, try_lock
from bot.timetable.importing import is_sample
from handlers.http.app import build_app
from handlers.http.site import SITE, Site
from handlers.http.turns import Turns
from handlers.jobs import table as jobs
from handlers.staff import add_staff
from handlers.web.routes import ROUTES

if TYPE_CHECKING:
    from bot.main_telegram import TelegramSide

log = logging.getLogger(__name__)

DRAIN_SECONDS = 8.0
SERVING_LOCK = 727503


class NowhereToListenError(PlannedError):
    """HOST is no address of this machine, or PORT is taken or not ours to take."""

    kind = Kind.UNAVAILABLE

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where, self.why = where, why

    def sentence(self, _: Translate) -> str:
        return _("Can't listen on %(where)s: %(why)s. Stop what uses it, or set HOST and PORT.") % {
            "where": self.where, "why": self.why,
        }  # fmt: skip


async def serve(
    settings: Settings, *, only: str = "", announce: Callable[[str], None] = print
) -> None:
    """Run until SIGTERM or Ctrl-C: web, Telegram and worker, or `only` web or worker.

    Raises what `open_all` raises, AlreadyRunningError, NowhereToListenError; ContentError also
    where a phrase list can't be read, so that nobody is left writing to a service that is deaf.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(settings, only=only) as opened:
        loading = asyncio.create_task(asyncio.to_thread(_load_reader, opened))
        loading.add_done_callback(lambda done: stop.set() if done.exception() else None)
        link = await opened.store.write(staff.make_link, now=opened.clock())
        sample = await opened.store.read(is_sample)
        announce(_greeting(settings, link=link, sample=sample, only=only))
        for line in await opened.store.read(missing_names, opened.content, now=opened.clock()):
            announce(line)
        await stop.wait()
        log.info("stopping")
        await loading


@contextlib.asynccontextmanager
async def running(settings: Settings, *, only: str = "") -> AsyncIterator[Opened]:
    """The whole service, up and answering; taken down in order at the end."""
    async with contextlib.AsyncExitStack() as stack:
        if settings.sqlite:
            stack.callback(lock_file(settings.database).close)
        opened = await asyncio.to_thread(open_all, settings)
        stack.push_async_callback(asyncio.to_thread, opened.store.close)
        await _start(opened, stack, only=only)
        stack.callback(gc.unfreeze)
        yield opened


def _load_reader(opened: Opened) -> None:
    """Load the word lists while pages and buttons are served; a message waits for them."""
    opened.reader()
    gc.freeze()  # what stays for good is not searched for garbage while somebody waits


async def _start(opened: Opened, stack: contextlib.AsyncExitStack, *, only: str) -> None:
    settings, store, clock = opened.settings, opened.store, opened.clock
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
    telegram: TelegramSide | None = None
    if settings.telegram_token.get_secret_value():
        from bot.main_telegram import TelegramSide  # noqa: PLC0415  # 15 MB, where it is not used

        telegram = TelegramSide(opened, turns)
        channels[TELEGRAM] = telegram.channel
        stack.push_async_callback(telegram.close)
        stack.push_async_callback(drain)
    if only != "web":
        await stack.enter_async_context(_worker(opened, delivery))
    site: Site | None = None
    if only != "worker":
        # Before Telegram: the webhook must answer when it is opened.
        site = await stack.enter_async_context(_web(opened, turns, telegram))
    if telegram is not None and only != "web":
        await stack.enter_async_context(telegram.talking(site))


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
        if await tend_all(opened):
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


async def tend_all(opened: Opened) -> int:
    """What time alone changes for waiting lists, one activity a transaction; how many were asked.

    One that fails keeps the families who wait for another from nothing.
    """
    asked = 0
    for activity in await opened.store.read(queue.waited_activities):
        try:
            asked += await opened.store.write(
                tending.tend, activity, policy=opened.desk.policy, now=opened.clock()
            )
        except Exception as problem:
            if is_away(problem):
                raise
            log.exception("a waiting list could not be tended")
    return asked


@contextlib.asynccontextmanager
async def _web(opened: Opened, turns: Turns, telegram: TelegramSide | None) -> AsyncIterator[Site]:
    settings = opened.settings
    app = build_app(
        settings=settings, content=opened.content, store=opened.store, turns=turns,
        clock=opened.clock,
    )  # fmt: skip
    app.add_routes(ROUTES)
    add_staff(app)
    if telegram is not None:
        app.router.add_post(telegram.WEBHOOK_PATH, telegram.webhook())
    site = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_SECONDS)
    await site.setup()
    try:
        await _listen(site, settings)
        yield app[SITE]
    finally:
        await site.cleanup()


async def _listen(site: web.AppRunner, settings: Settings) -> None:
    """Raises NowhereToListenError."""
    try:
        await web.TCPSite(site, settings.host, settings.port).start()
    except OSError as problem:
        why = (problem.strerror or "").rpartition(": ")[2]
        raise NowhereToListenError(f"{settings.host}:{settings.port}", why) from None


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


def make_staff_link(opened: Opened) -> str:
    """A one-time address of the staff page."""

    def made(db: Session) -> str:
        return staff.make_link(db, now=opened.clock())

    return f"{opened.settings.address}/staff/enter/{opened.store.write_now(made)}"


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
        said.append(
            "Telegram is on as soon as it answers; if it refuses the token, the log says so."
        )
    else:
        said.append("Telegram is off: TELEGRAM_TOKEN is not set.")
    if sample:
        said.append("The programme is a sample: these are not real sessions.")
    return "\n".join(said)

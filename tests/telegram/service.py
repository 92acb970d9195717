"""The Telegram side of the service as it really is, with the turns and the inbox in memory.

The Application, the webhook or the poller, the runner and the channel are the real ones and speak
HTTP with the emulator; only what lies behind `Turns` and the inbox is a fake.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from markupsafe import Markup

from bot.conversation.incoming import Incoming, Kind, Reply, TurnResult
from bot.delivery.channel import Result
from bot.delivery.telegram import TelegramChannel
from bot.inbox.rules import Arrival
from bot.outbox.message import Button, Message
from handlers.telegram.application import App, build, connect, disconnect
from handlers.telegram.polling import Poller
from handlers.telegram.runner import InboxRunner
from handlers.telegram.webhook import open_webhook, webhook
from tests.emulator import Emulator

SECRET = "secret-for-tests_only-0123456789"

Answer = Callable[[Incoming], Awaitable[TurnResult]]


@dataclass
class MemoryInbox:
    """Rows in the order of arrival. `away` makes every use fail, as a dead database would."""

    rows: dict[int, Arrival] = field(default_factory=dict)
    by_update: dict[int, int] = field(default_factory=dict)
    processed: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    parked: dict[int, str] = field(default_factory=dict)
    away: bool = False

    async def store(self, updates: Sequence[Arrival]) -> bool:
        self._check()
        new = [u for u in updates if int(u.external_id) not in self.by_update]
        for update in new:
            inbox_id = len(self.by_update) + 1
            self.by_update[int(update.external_id)] = inbox_id
            self.rows[inbox_id] = update
        return bool(new)

    async def waiting(self, limit: int) -> list[tuple[int, str]]:
        self._check()
        return [(inbox_id, row.person) for inbox_id, row in list(self.rows.items())[:limit]]

    async def load(self, inbox_id: int) -> bytes | None:
        self._check()
        row = self.rows.get(inbox_id)
        return row.body if row else None

    async def failed(self, inbox_id: int, reason: str) -> None:
        self._check()
        self.parked[inbox_id] = reason
        del self.rows[inbox_id]

    async def ignored(self, inbox_id: int) -> None:
        self._check()
        self.skipped.append(inbox_id)
        del self.rows[inbox_id]

    def finish(self, inbox_id: int | None) -> None:
        if inbox_id is not None and self.rows.pop(inbox_id, None) is not None:
            self.processed.append(inbox_id)

    def _check(self) -> None:
        if self.away:
            raise ConnectionError("the database is away")


@dataclass
class FakeTurns:
    """Echoes, and does what `answer` says instead where it is set."""

    inbox: MemoryInbox
    channel: TelegramChannel | None = None
    answer: Answer | None = None
    taken: list[Incoming] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    async def take(self, incoming: Incoming) -> TurnResult:
        self.taken.append(incoming)
        result = await (self.answer or self.echo)(incoming)
        self.inbox.finish(incoming.inbox_id)
        assert self.channel is not None
        for reply in result.replies:
            self.results.append(
                await self.channel.send(
                    incoming.sender.external, reply.message, reference=str(reply.outbox_id)
                )
            )
        return result

    async def echo(self, incoming: Incoming) -> TurnResult:
        if incoming.kind in {Kind.BLOCKED, Kind.UNBLOCKED}:
            return TurnResult()
        toast = "Noted" if incoming.kind is Kind.TAP else ""
        return says(f"{incoming.kind}: {incoming.text}", toast=toast)

    @property
    def kinds(self) -> list[Kind]:
        return [incoming.kind for incoming in self.taken]


def says(text: str, *labels: str, toast: str = "", hide: tuple[str, ...] = ()) -> TurnResult:
    """A result with one message whose buttons carry their label as token."""
    rows = tuple((Button(label, token=f"token-{label}"),) for label in labels or ("More",))
    message = Message(Markup("{}").format(text), rows=rows)
    return TurnResult(replies=(Reply(1, message),), toast=toast, hide=hide)


@dataclass
class Service:
    emulator: Emulator
    inbox: MemoryInbox
    turns: FakeTurns
    application: App
    runner: InboxRunner
    url: str = ""

    async def done(self) -> None:
        """Everything that was sent to us is dealt with and answered."""
        await self.emulator.until(lambda: not self.emulator.updates.pending())
        await asyncio.wait_for(self.runner.idle(), 20)
        await self.emulator.settled(replies=0, quiet=0.02)


@asynccontextmanager
async def running(
    emulator: Emulator,
    *,
    polling: bool = False,
    inbox: MemoryInbox | None = None,
    api_url: str = "",
    pauses: tuple[float, ...] = (0.001, 0.002),
) -> AsyncIterator[Service]:
    """The service, started and stopped. Times between tries are short: nothing here sleeps."""
    inbox = inbox or MemoryInbox()
    turns = FakeTurns(inbox)
    application = build(
        emulator.token,
        api_url or emulator.url,
        turns,
        only_private=lambda lang: f"I work in private chats only ({lang})",
    )
    turns.channel = TelegramChannel(application.bot, pause=_at_once)
    runner = InboxRunner(application, inbox, pauses=pauses, look_again=0.05)
    service = Service(emulator, inbox, turns, application, runner)
    stop = asyncio.Event()
    assert await connect(application, menus={}, stop=stop)
    tasks = [asyncio.create_task(runner.run(stop))]
    web_runner: web.AppRunner | None = None
    if polling:
        poller = Poller(
            application.bot,
            store=inbox.store,
            wake=runner.wake,
            pauses=(0.01,),
            conflict_pause=0.01,
        )
        tasks.append(asyncio.create_task(poller.run(stop)))
    else:
        app = web.Application()
        receive = webhook(secret=SECRET, store=inbox.store, wake=runner.wake)
        app.router.add_post("/telegram", receive)
        web_runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await web_runner.setup()
        await web.TCPSite(web_runner, "127.0.0.1", 0).start()
        service.url = f"http://127.0.0.1:{web_runner.addresses[0][1]}/telegram"
        await open_webhook(application.bot, url=service.url, secret=SECRET)
    try:
        yield service
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 5)
        if web_runner is not None:
            emulator.updates.set_webhook(None)
            await web_runner.cleanup()
        await disconnect(application)


async def _at_once(_seconds: float) -> None:
    await asyncio.sleep(0)

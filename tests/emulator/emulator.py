"""The emulator itself: the HTTP server, the ledger, the faults. See the package."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from aiohttp import web

from tests.emulator.chats import Bubble, BubbleButton, Person
from tests.emulator.clock import Clock
from tests.emulator.faults import Fault, Faults
from tests.emulator.ledger import Call, Delivery
from tests.emulator.markup import Refused
from tests.emulator.methods import Methods
from tests.emulator.people import Act, People
from tests.emulator.updates import Updates
from tests.emulator.waiting import Waiting
from tests.emulator.wire import answer, cut, read_args
from tests.emulator.world import World

__all__ = ["TOKEN", "Act", "Call", "Delivery", "Emulator"]

TOKEN = "123456789:AAEmulatorTokenOnlyForTests_0123456789"
_AT_ONCE = frozenset({"getupdates"})  # their answer is not delayed by `latency`


class Emulator(Waiting, People):
    """See the package's docstring. An async context manager."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        host: str = "127.0.0.1",
        port: int = 0,
        latency: float = 0.0,
        speed: float = 1.0,
        everyone_known: bool = False,
        ledger: Path | None = None,
    ) -> None:
        super().__init__()
        self.token = token
        self.latency = latency
        self.clock = Clock(speed)
        self.updates = Updates(self.clock, self._tried)
        self.world = World(self.clock, self.updates, everyone_known=everyone_known)
        self.ledger: list[Call] = []
        self.deliveries: list[Delivery] = []
        self._faults = Faults()
        self._methods = Methods(self.world)
        self._host = host
        self._port = port
        self._ledger_path = ledger
        self._ledger_file: IO[str] | None = None
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    # --- running -------------------------------------------------------------------------------

    async def __aenter__(self) -> Emulator:
        await self.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.stop()

    async def start(self, extra: Callable[[web.Application], None] | None = None) -> None:
        if self._ledger_path is not None:
            self._ledger_file = self._ledger_path.open("a", encoding="utf-8", buffering=1)
        app = web.Application(client_max_size=60 * 2**20)
        if extra is not None:
            extra(app)
        app.router.add_route("*", "/{bot:bot[^/]*}/{method}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await self.comes_up()

    async def stop(self) -> None:
        await self.updates.close()
        if self._runner is not None:
            self._drop_connections()
            await self._runner.cleanup()
        if self._ledger_file is not None:
            self._ledger_file.close()

    async def comes_up(self) -> None:
        """Listen (again, on the same port)."""
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, self._host, self._port, reuse_address=True)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    async def goes_down(self) -> None:
        """Refuse new connections and drop those that stand."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        self._drop_connections()

    @property
    def url(self) -> str:
        """What TELEGRAM_API_URL is to be set to."""
        return f"http://{self._host}:{self._port}"

    # --- what is seen --------------------------------------------------------------------------

    def said(self, chat_id: int) -> list[Bubble]:
        """The bot's bubbles since the person's last act."""
        last = self.world.chat(chat_id).last_act
        return [b for b in self.screen(chat_id) if b.mine and b.seq > last]

    def newest(self, chat_id: int) -> Bubble:
        """The bot's newest bubble."""
        own = [b for b in self.screen(chat_id) if b.mine]
        if not own:
            raise AssertionError(f"the bot has said nothing to {chat_id}")
        return own[-1]

    def button(self, chat_id: int, label: str) -> BubbleButton:
        return self.find_button(chat_id, label)[1]

    def toast(self, act: Act) -> str | None:
        """The word shown for a tap; None while it is not answered."""
        tap = self.world.taps[act.query_id]
        return tap.toast if tap.answered else None

    def calls(self, method: str | None = None, chat_id: int | None = None) -> list[Call]:
        """The ledger, in order, without getUpdates unless asked for."""
        return [
            call
            for call in self.ledger
            if (call.method != "getUpdates" if method is None else call.method == method)
            and (chat_id is None or call.chat_id == chat_id)
        ]

    @property
    def commands(self) -> dict[str, dict[str, str]]:
        """Command menus by language code ('' is the one for everybody else)."""
        return self.world.profile.commands

    @property
    def left(self) -> list[int]:
        return self.world.left

    def person(self, user_id: int) -> Person:
        return self.world.person(user_id)

    # --- faults --------------------------------------------------------------------------------

    def breaks(
        self,
        method: str,
        fault: Fault,
        *,
        chat_id: int | None = None,
        times: int | None = 1,
        skip: int = 0,
    ) -> None:
        """The next `times` such calls go wrong, after the first `skip` of them."""
        self._faults.add(method, fault, chat_id=chat_id, times=times, skip=skip)

    def mends(self) -> None:
        """Forget all faults."""
        self._faults.clear()

    def loses_answers(self, times: int = 1) -> None:
        """The bot's next answers to the webhook are lost on the way."""
        self.updates.answers_to_lose = times

    def redelivers(self, act: Act) -> None:
        """Send an update once more (to a webhook; a poller that has confirmed it never sees it)."""
        self.updates.again(act.update_id)

    def _tried(self, update_id: int, status: int, note: str) -> None:
        delivery = Delivery(update_id, time.monotonic(), status, note)
        self.deliveries.append(delivery)
        self._happened(None)
        self._write({"what": "update", **{n: getattr(delivery, n) for n in delivery.__slots__}})

    # --- HTTP ----------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["bot"] != f"bot{self.token}":
            return answer(Refused(401, "Unauthorized"))
        args = await read_args(request)
        chat_id = self._chat_id(args)
        call = Call(self.world.seq(), self.clock.now(), time.monotonic(), method, chat_id, args)
        self.ledger.append(call)
        watches = [self._anything]
        if chat_id is not None:
            watches.append(self._watch(chat_id))
        quietly = method.lower() == "getupdates"
        for watch in watches:
            watch.under_way += not quietly
        try:
            return await self._carry_out(request, call)
        finally:
            for watch in watches:
                watch.under_way -= not quietly
            if not quietly:
                self._happened(chat_id)
            self._write({"what": "call", **call.to_json()})

    async def _carry_out(self, request: web.Request, call: Call) -> web.StreamResponse:
        fault = self._faults.take(call.method, call.chat_id)
        call.note = fault.name if fault else ""
        if fault is not None and fault.name == "slow":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.name == "cut_before":
            return cut(request)
        result: Any
        if fault is not None and fault.status:
            parameters = {"retry_after": fault.retry_after} if fault.retry_after else None
            result = Refused(fault.status, fault.description, parameters)
        else:
            result = await self._result(call)
        if self.latency > 0 and call.method.lower() not in _AT_ONCE:
            self._happened(call.chat_id)
            await asyncio.sleep(self.latency)
        if fault is not None and fault.name == "cut_after":
            return cut(request)
        if fault is not None and fault.name == "garbage":
            call.status = 200
            return web.Response(body=b"<html>", content_type="text/html")
        call.status = result.status if isinstance(result, Refused) else 200
        return answer(result)

    async def _result(self, call: Call) -> Any:
        try:
            if call.method.lower() == "getupdates":
                self._methods._allow(call.args)
                return await self.updates.poll(
                    int(call.args.get("offset") or 0),
                    int(call.args.get("limit") or 100),
                    float(call.args.get("timeout") or 0),
                )
            result = self._methods.call(call.method, call.args)
        except Refused as refused:
            call.note = call.note or refused.description
            return refused
        call.done = True
        if isinstance(result, dict):
            call.message_id = int(result.get("message_id", 0))
        return result

    def _chat_id(self, args: dict[str, Any]) -> int | None:
        raw = args.get("chat_id")
        if raw is None and "callback_query_id" in args:
            tap = self.world.taps.get(str(args["callback_query_id"]))
            return tap.person if tap else None
        try:
            return int(raw)
        except (TypeError, ValueError):
            return None

    def _drop_connections(self) -> None:
        assert self._runner is not None
        server = self._runner.server
        for connection in list(server.connections if server else ()):
            if connection.transport is not None:
                connection.transport.abort()

    def _write(self, row: dict[str, Any]) -> None:
        if self._ledger_file is not None and not self._ledger_file.closed:
            self._ledger_file.write(json.dumps(row, ensure_ascii=False) + "\n")

"""An emulator in a process of its own, driven with the same verbs.

For benchmarks (so that it takes no time from the bot's process) and for crash loops that must
outlive the test. `async with RemoteEmulator.started(ledger=path) as emulator:` starts one;
`RemoteEmulator(url)` drives one that runs already.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.emulator.chats import Bubble
from tests.emulator.control import ACTS
from tests.emulator.emulator import TOKEN, Act, Call
from tests.emulator.faults import Fault

ROOT = Path(__file__).resolve().parents[2]
_POSITIONS = {
    "says": ("user_id", "text"),
    "command": ("user_id", "command", "argument"),
    "taps": ("user_id", "label"),
    "sends_token": ("user_id", "data"),
    "location": ("user_id", "latitude", "longitude"),
    "contact": ("user_id", "phone"),
    "edits": ("user_id", "text"),
    "says_in_group": ("user_id", "group_id", "text"),
    "sends_update": ("body",),
    "sees": ("chat_id", "text"),
    "breaks": ("method", "fault"),
    "calls": ("method", "chat_id"),
    "screen": ("chat_id",),
    "said": ("chat_id",),
    "newest": ("chat_id",),
    "advance": ("seconds",),
    "loses_answers": ("times",),
    "redelivers": ("act",),
    "toast": ("act",),
    "photo": ("user_id", "caption"),
    "file": ("user_id", "caption"),
}


class RemoteEmulator:
    """Each verb of Emulator as a coroutine; beside them `configure`, `advance`, `load`."""

    def __init__(self, url: str, *, token: str = TOKEN) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.pid = 0
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    @asynccontextmanager
    async def started(
        cls, *, ledger: Path | None = None, token: str = TOKEN, options: tuple[str, ...] = ()
    ) -> AsyncIterator[RemoteEmulator]:
        """Start a process and stop it at the end."""
        command = [sys.executable, "-m", "tests.emulator", "--token", token, *options]
        if ledger is not None:
            command += ["--ledger", str(ledger)]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, env=dict(os.environ)
        )
        assert process.stdout is not None
        try:
            line = (await process.stdout.readline()).decode().strip()
            emulator = cls(line.rpartition(" ")[2], token=token)
            emulator.pid = process.pid
            try:
                yield emulator
            finally:
                await emulator.close()
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def __getattr__(self, verb: str) -> Any:
        if verb.startswith("_"):
            raise AttributeError(verb)

        async def do(*args: Any, **named: Any) -> Any:
            names = _POSITIONS.get(verb, ("user_id",))
            return await self._do(verb, {**dict(zip(names, args, strict=False)), **named})

        return do

    async def _do(self, verb: str, args: dict[str, Any]) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        plain = {
            name: {n: getattr(value, n) for n in value.__slots__}
            if isinstance(value, (Act, Fault))
            else value
            for name, value in args.items()
        }
        async with self._session.post(f"{self.url}/emulator/{verb}", json=plain) as response:
            body = await response.json()
        if "failed" in body:
            raise AssertionError(body["failed"])
        result = body["result"]
        if verb in ACTS:
            return Act(**result)
        if verb in {"screen", "said"}:
            return [Bubble.from_json(item) for item in result]
        if verb in {"newest", "sees"}:
            return Bubble.from_json(result)
        if verb == "calls":
            return [Call(**item) for item in result]
        return result

"""The real service as a process of its own, with a clock that tests set: started, killed, restarted."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import sqlalchemy as sa

from tests.forking import Fork

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 40


class Serving:
    """`python -m bot serve` on a database of its own. `now` is the time it believes it is.

    `forked` starts it from a process that has its code loaded: for loops that start it many times.
    """

    def __init__(
        self, folder: Path, database: str, *, forked: bool = False, **settings: str
    ) -> None:
        self._forked = forked
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._database = database
        self._clock = folder / "clock"
        self.log_path = folder / "service.log"
        self.env = {
            **{k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "PYTHONUTF8")},
            "PORT": str(self.port),
            "DATA_DIR": str(folder / "data"),
            "KEY_FILE": str(folder / "keys" / "seal.keys"),
            "DATABASE_URL": database.replace("postgresql+psycopg://", "postgresql://"),
            "TEST_CLOCK": str(self._clock),
            **settings,
        }
        self._process: asyncio.subprocess.Process | Fork | None = None
        self.back_at: float | None = None  # monotonic: since when it answers; None while it is down
        self.set_clock(datetime(2026, 3, 10, 10, tzinfo=UTC))

    def set_clock(self, now: datetime) -> None:
        """Make it that time for the service, from its next look."""
        self.now = now
        part = self._clock.with_suffix(".part")
        part.write_text(now.astimezone(UTC).isoformat())
        part.replace(self._clock)

    async def start(self) -> None:
        if "postgresql" in self.env["DATABASE_URL"] and not Path(self.env["KEY_FILE"]).exists():
            code, out = await self.command("keys", "make")
            assert code == 0, out
        self._process = await self._run(["serve"], self.log_path)
        await self._ready()
        self.back_at = time.monotonic()

    async def kill(self) -> None:
        """As if the power went: no warning, nothing flushed."""
        self.back_at = None
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()

    async def stop(self) -> int:
        """As an orchestrator stops it; its exit code."""
        if self._process is None:
            return 0
        if self._process.returncode is None:
            self._process.terminate()
        return await asyncio.wait_for(self._process.wait(), 20)

    async def restart(self) -> None:
        await self.kill()
        await self.start()

    async def settled(self) -> None:
        """What people have been sent is recorded as sent, too: a step is over, and a kill from now
        on repeats nothing."""
        engine = sa.create_engine(self._database, poolclass=sa.NullPool)
        sending = sa.text("SELECT count(*) FROM outbox WHERE state = 'sending'")
        async with asyncio.timeout(20):
            while True:
                with engine.connect() as db:
                    if not db.scalar(sending):
                        return
                await asyncio.sleep(0.05)

    async def command(self, *arguments: str) -> tuple[int, str]:
        """Another command beside it: exit code and what it printed."""
        out = self.log_path.with_name("command.out")
        out.unlink(missing_ok=True)
        process = await self._run(arguments, out)
        return await process.wait(), out.read_text()

    async def _run(self, arguments: Sequence[str], out: Path) -> asyncio.subprocess.Process | Fork:
        if self._forked:
            return Fork(arguments, self.env, out)
        with out.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", *arguments,
                cwd=ROOT, env=self.env, stdout=log, stderr=log,
            )  # fmt: skip

    async def _ready(self) -> None:
        async with aiohttp.ClientSession() as web:
            for _ in range(READY_SECONDS * 10):
                if self._process is None or self._process.returncode is not None:
                    break
                try:
                    async with web.get(f"{self.url}/readyz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)
        raise AssertionError("the service did not start:\n" + self.log_path.read_text()[-3000:])


def free_port() -> int:
    """A port outside the range that outgoing connections are given, free at this moment: it must
    still be ours when the service comes back from a kill."""
    while True:
        port = secrets.randbelow(12000) + 20000
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port

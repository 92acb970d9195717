"""What a process costs, by /proc, and the processes that are measured."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.emulator import RemoteEmulator
from tests.serving import ROOT, Serving

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads, so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mb(pid: int) -> float:
    """Resident memory in MB (10^6 bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise AssertionError("no VmRSS")


class Service(Serving):
    """The service on SQLite as `make run` starts it, polling an emulator; on the real clock."""

    def __init__(self, folder: Path, emulator: RemoteEmulator) -> None:
        super().__init__(
            folder,
            f"sqlite:///{folder}/data/bot.sqlite3",
            TEST_CLOCK="",
            TELEGRAM_TOKEN=emulator.token,
            TELEGRAM_API_URL=emulator.url,
            LOG_LEVEL="warning",
        )
        self.emulator = emulator

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def timed_start(self) -> float:
        """Seconds from the command to the first page that is answered."""
        began = time.monotonic()
        await self.start()
        return time.monotonic() - began

    async def end(self) -> None:
        """Stop it; where that takes too long, kill it: nothing is left running."""
        try:
            await self.stop()
        except TimeoutError:
            await self.kill()


@asynccontextmanager
async def echo_bot(python: Path, kind: str, emulator: RemoteEmulator) -> AsyncIterator[int]:
    """An echo bot that answers; its process id."""
    process = await asyncio.create_subprocess_exec(
        str(python), str(Path(__file__).with_name("echo.py")), kind, emulator.url, emulator.token,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        await emulator.says(1, "are you there?")
        await emulator.settled(1, timeout=30.0)
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 15)
        except TimeoutError:
            process.kill()
            await process.wait()

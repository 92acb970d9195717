"""The service forked from a process that has loaded it already: a process of its own with its own
memory, killed like any other, that starts in a fraction of the time.

The kill loops start it more than a hundred times. That a fresh `python -m bot serve` starts and
works is told by the tests that use no forks.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path


class Fork:
    """`python -m bot ARGUMENTS` in a fork; what it says is added to `out`. Killed and waited for like a subprocess of asyncio."""

    def __init__(self, arguments: Sequence[str], env: Mapping[str, str], out: Path) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.loaded"])
        self._process: ForkServerProcess = context.Process(
            target=_serve, args=(list(arguments), dict(env), str(out))
        )
        self._process.start()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid or 0, number)

    def terminate(self) -> None:
        self._process.terminate()

    async def wait(self) -> int:
        """Its exit code, below 0 for the signal that ended it."""
        await asyncio.to_thread(self._process.join)
        return self._process.exitcode or 0


def _serve(arguments: list[str], env: dict[str, str], out: str) -> None:
    from bot.cli import main  # noqa: PLC0415  # loaded in the process it is forked from

    os.environ.clear()
    os.environ.update(env)
    with Path(out).open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.exit(main(arguments))

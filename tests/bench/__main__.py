"""`make bench`: see the package. The table goes to standard output, progress to standard error.

Ends by itself within six minutes and takes only its own processes down.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from bot.content import load
from bot.core.clock import system_clock
from bot.understanding.reader import Reader
from tests.bench import places
from tests.bench.cache import peers_python, town
from tests.bench.measuring import Bot
from tests.bench.mix import SAID, TEXTS
from tests.bench.processes import Service, echo_bot, memory_mb
from tests.bench.table import Starts, aims, machine, table
from tests.emulator import RemoteEmulator
from tests.serving import ROOT

BOUND = 335.0  # seconds for everything but taking it down
ENDING = 25.0  # what is left to do after the last round
ROUNDS = 3
_KNOWN = ("--everyone-known",)  # reminders of the town's people are sent too


async def bench() -> None:
    began, load_before = time.monotonic(), os.getloadavg()[0]
    python, environment = await peers_python()
    kept = await town()
    _say("booking alone, on both databases")
    booking = await places.measure()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))

        async def emulator() -> RemoteEmulator:
            return await stack.enter_async_context(RemoteEmulator.started(options=_KNOWN))

        _say("starting the service in an empty folder, again, and in the town")
        small = Service(_made(folder / "small"), await emulator())
        stack.push_async_callback(small.end)
        cold = await small.timed_start()
        await small.stop()
        warm = await small.timed_start()
        shutil.copytree(kept, folder / "large")
        big = Service(folder / "large", await emulator())
        stack.push_async_callback(big.end)
        starts = Starts(cold, warm, await big.timed_start())
        sizes = {0: 300, 50: 300}
        bots = [
            Bot("The service", small.emulator, small.pid, sizes),
            Bot("20,000 families, 200,000 bookings", big.emulator, big.pid, sizes),
        ]
        for kind, name, turns in (
            ("aiohttp", "Echo bot, our aiohttp request", {0: 1500, 50: 1500}),
            ("stock", "Echo bot, stock", {0: 600, 50: 150}),
        ):
            api = await emulator()
            bots.append(
                Bot(name, api, await stack.enter_async_context(echo_bot(python, kind, api)), turns)
            )
        await asyncio.sleep(3)  # what a start sets going has ended
        for each in bots:
            each.memory_mb = memory_mb(each.pid)
        for each in bots:
            await each.warm_up()
        rounds_began = time.monotonic()
        for number in range(1, ROUNDS + 1):
            for each in bots:
                _say(f"round {number}: {each.name}")
                await each.round()
            now = time.monotonic()
            if now + (now - rounds_began) / number > began + BOUND - ENDING:
                break
        await bots[0].without_text()
        print(table(bots, starts))
        print("\n" + places.table(booking))
        print(f"\n`make bench` on {machine()}; load average {load_before:.1f} when it began.")
        print(f"Medians of {number} rounds, bot after bot; the echo bots in {environment}.")
        _say("\n" + aims(bots))
        _say(places.aims(booking))
        _say(_shares(bots[0]))
        if late := {b.name: b.unanswered for b in bots if b.unanswered}:
            _say(f"turns without an answer: {late}")


def _shares(ours: Bot) -> str:
    """What the reading of texts costs, measured alone, and a turn without any."""
    reader, now = Reader.from_content(load(ROOT / "content")), system_clock()
    for text in SAID:
        reader.read(text, now=now)
    began = time.process_time()
    for text in SAID * 5:
        reader.read(text, now=now)
    each = 1000 * (time.process_time() - began) / len(SAID) / 5
    return (
        f"reading a text {each:.1f} ms, so {each * TEXTS:.1f} ms of each turn's CPU; "
        f"taps and commands alone {ours.typical('cpu without text'):.1f} ms a turn"
    )


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


async def main() -> None:
    try:
        async with asyncio.timeout(BOUND):
            await bench()
    except TimeoutError:
        raise SystemExit("the machine is too busy: it did not end in time") from None


if __name__ == "__main__":
    asyncio.run(main())

"""The emulator as a process: `python -m tests.emulator --port 8081 --ledger calls.jsonl`.

Prints one line, "Bot API emulator on http://127.0.0.1:8081", when it listens. Every call and every
try to hand over an update is a JSON line of the ledger, written before the answer leaves. Ends on
SIGTERM or SIGINT. Verbs: POST /emulator/<verb>, see `control.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path

from tests.emulator.control import add_control
from tests.emulator.emulator import TOKEN, Emulator


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ledger", type=Path)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds for each answer")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast the clock runs")
    parser.add_argument("--everyone-known", action="store_true")
    options = parser.parse_args()
    emulator = Emulator(
        token=options.token,
        port=options.port,
        latency=options.latency,
        speed=options.speed,
        everyone_known=options.everyone_known,
        ledger=options.ledger,
    )
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ended.set)
    await emulator.start(lambda app: add_control(app, emulator))
    try:
        print(f"Bot API emulator on {emulator.url}", flush=True)
        await ended.wait()
    finally:
        await emulator.stop()


if __name__ == "__main__":
    asyncio.run(main())

"""One process of the crowd: `python -m tests.races.crowd KEYS`.

Each line of its input is a rush, as JSON: the database, whether they are careless, and what is done, four
at a time. It answers with one line: what became of each, in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bot.opening  # noqa: F401  # every table is known from here on
from bot.core.errors import PlannedError
from bot.core.sealing import read_keys
from bot.store.columns import use_keys
from bot.store.engine import Store
from tests.races.acts import ACTS, Act

AT_ONCE = 4
_PATIENCE = 10.0  # seconds that one of the careless waits for the others to have looked


def main() -> None:
    use_keys(read_keys(Path(sys.argv[1])))
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(rush(**json.loads(line))), flush=True)


def rush(database: str, careless: bool, doing: list[list[str]]) -> list[str]:
    """Do it all at once, each in one transaction, through the writers that the service has.

    Careless, each looks in one transaction and takes in the next, once all of four have looked: as
    a program would that doesn't lock.
    """
    store = Store(database, durable=False)
    acts = [ACTS[name](*about) for name, *about in doing]
    if careless:
        all_looked = threading.Barrier(AT_ONCE)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ends = list(pool.map(lambda act: _take(store, act, all_looked), acts))
    else:
        ends = asyncio.run(_at_once(store, acts))
    store.close()
    return ends


async def _at_once(store: Store, acts: list[Act]) -> list[str]:
    ends = await asyncio.gather(*(store.write(a.guarded) for a in acts), return_exceptions=True)
    return [e if isinstance(e, str) else _word(e) for e in ends]


def _take(store: Store, act: Act, all_looked: threading.Barrier) -> str:
    try:
        seen = store.read_now(act.looks)
        with contextlib.suppress(threading.BrokenBarrierError):
            all_looked.wait(_PATIENCE)
        return store.write_now(act.takes, seen) if seen else "no"
    except Exception as problem:
        return _word(problem)


def _word(problem: BaseException) -> str:
    """The rule that refused it; anything else is a fault."""
    known = isinstance(problem, PlannedError)
    return type(problem).__name__ if known else f"BUG {problem!r}"[:500]


if __name__ == "__main__":
    main()

"""`python -m tests.bench.readers`: our reader beside two that anybody could have tried first.

The same messages (tests/understanding/*.tsv) in one run: ours; the nearest line of our example
bank by rapidfuzz; hassil, the parser of Home Assistant, with every line of the bank as a template
and the council's names as its lists. Neither learns more from the bank than its own lines.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rapidfuzz import fuzz, process

from bot.understanding import bank
from bot.understanding.clean import clean
from bot.understanding.reader import Reader
from tests.bench.cache import own_python
from tests.understanding.judge import HARMLESS, NOW, Judged, judged
from tests.understanding.stand_in import stand_in

_HASSIL = ("hassil==3.12.1",)
_WORKER = Path(__file__).with_name("hassil_worker.py")


def main() -> None:
    reader = Reader.from_content(stand_in())
    messages = [
        j
        for name in ("unseen.tsv", "fresh.tsv")
        for j in judged(reader, name)
        if j.label not in {"crisis", HARMLESS}
    ]
    rows = [
        ("ours", *_timed(lambda text: reader.read(text, now=NOW).intent, messages)),
        ("rapidfuzz, nearest line of the bank", *_timed(_nearest(), messages)),
        ("hassil, the bank as templates", *asyncio.run(_hassil(messages))),
    ]
    print("| | English | other languages | p50 | p95 |\n| --- | ---: | ---: | ---: | ---: |")
    for name, said, ms in rows:
        english, others = (
            [intent in m.accept for intent, m in zip(said, messages, strict=True) if (m.lang == "en") == en]
            for en in (True, False)
        )  # fmt: skip
        times = sorted(ms)
        print(
            f"| {name} | {_share(english)} | {_share(others)} |"
            f" {times[len(times) // 2]:.1f} ms | {times[int(len(times) * 0.95)]:.1f} ms |"
        )


def _nearest() -> Callable[[str], str]:
    lines = {clean(e.text).flat: e.label.partition(" ")[0] for e in bank.intents()}
    texts = list(lines)

    def read(text: str) -> str:
        best = process.extractOne(clean(text).flat, texts, scorer=fuzz.token_set_ratio)
        return lines[best[0]]

    return read


def _timed(read: Callable[[str], str], messages: Sequence[Judged]) -> tuple[list[str], list[float]]:
    said: list[str] = []
    ms: list[float] = []
    for message in messages:
        began = time.process_time()
        said.append(read(message.text))
        ms.append(1000 * (time.process_time() - began))
    return said, ms


async def _hassil(messages: Sequence[Judged]) -> tuple[list[str], list[float]]:
    """Its answers from a process of its own. Raises SystemExit where pip can't fetch it."""
    python = await own_python("hassil", _HASSIL)
    if python is None:
        raise SystemExit("hassil could not be installed")
    council = stand_in()
    job = {
        "lines": [[e.label.partition(" ")[0], clean(e.text).flat] for e in bank.intents()],
        "what": [a.name["en"] for a in council.activities.values()],
        "where": [p.name["en"] for p in (*council.areas.values(), *council.venues.values())],
        "messages": [clean(m.text).flat for m in messages],
    }
    worker = await asyncio.create_subprocess_exec(
        str(python), str(_WORKER), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await worker.communicate(json.dumps(job).encode())
    told = json.loads(out)
    return told["intents"], told["ms"]


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right) / max(1, len(right)):.0%} of {len(right)}"


if __name__ == "__main__":
    sys.exit(main())

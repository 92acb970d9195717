"""Runs in hassil's own environment: a job on standard input, intents and times on standard output."""

from __future__ import annotations

import json
import re
import sys
import time

from hassil import Intents, TextSlotList, recognize_best

_SPECIAL = re.compile(r"[\[\]()<>|{}:;]")
_SLOT = re.compile(r"\{(?:what|where|elsewhere)\}")


def main() -> None:
    job = json.load(sys.stdin)
    by_intent: dict[str, list[str]] = {}
    for intent, line in job["lines"]:
        parts = re.split(r"(\{(?:what|where|elsewhere)\})", line)
        text = "".join(
            p.replace("elsewhere", "where") if _SLOT.fullmatch(p) else _SPECIAL.sub(" ", p)
            for p in parts
        )
        if re.search(r"\w", text):
            by_intent.setdefault(intent, []).append(text)
    intents = Intents.from_dict(
        {
            "language": "en",
            "intents": {k: {"data": [{"sentences": v}]} for k, v in by_intent.items()},
        }
    )
    lists = {name: TextSlotList.from_strings(job[name], name=name) for name in ("what", "where")}
    said: list[str] = []
    ms: list[float] = []
    for text in job["messages"]:
        began = time.process_time()
        found = recognize_best(text, intents, slot_lists=lists)
        ms.append(1000 * (time.process_time() - began))
        said.append(found.intent.name if found else "unclear")
    json.dump({"intents": said, "ms": ms}, sys.stdout)


main()

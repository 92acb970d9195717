"""Logs without personal data: one JSON object a line, and only fields from an allow-list.

A message is a fixed event name; what varies goes in `extra`. Anything not on the list is left
out, so that a careless call can't leak a name. Tracebacks keep their frames but lose the text of
exceptions we did not plan, since that text may quote a message or a row.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO

from bot.core.errors import PlannedError
from bot.core.settings import TELEGRAM_TOKEN

#: The only fields a log line may carry. None of them can hold what a person wrote or who they are.
FIELDS = frozenset(
    {
        "action", "address", "attempt", "channel", "count", "error", "handler", "inbox", "job",
        "kind", "lang", "method", "mode", "ms", "outbox", "outcome", "path", "reason", "rows",
        "seconds", "state", "status", "version",
    }
)  # fmt: skip

_OURS = ("bot", "handlers")


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object, leaving out all that is not on the list."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        line.update({k: v for k, v in record.__dict__.items() if k in FIELDS and _plain(v)})
        if record.exc_info and record.exc_info[1] is not None:
            line["traceback"] = _frames(record.exc_info[1])
        return TELEGRAM_TOKEN.sub("<token>", json.dumps(line, default=str))


def set_up(level: str = "info", stream: TextIO | None = None) -> None:
    """Send every logger through `JsonLines`; keep chatty libraries at warning."""
    logging.raiseExceptions = False  # else a line that can't be written is shown, arguments and all
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    # aiohttp quotes what it could not parse, and python-telegram-bot what people write.
    for name in ("aiohttp.server", "telegram"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in _OURS:
        logging.getLogger(name).setLevel(level.upper())


def _event(record: logging.LogRecord) -> str:
    """What happened, in words that were in the code before anybody wrote to us.

    Other libraries also fill their messages before they log them (asyncio does, with the text of
    the exception): then only the place is said.
    """
    if record.args or record.name.split(".")[0] in _OURS:
        return str(record.msg)
    return f"{record.module}.{record.funcName}"


def _plain(value: object) -> bool:
    return isinstance(value, int | float | bool | str) or value is None


def _frames(error: BaseException) -> list[str]:
    """Where it happened and the class of what happened; planned errors also say their words."""
    lines = [
        f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}"
        for f in traceback.extract_tb(error.__traceback__)
    ]
    said = f": {error}" if isinstance(error, PlannedError) else ""
    return [*lines, type(error).__name__ + said]

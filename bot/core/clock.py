"""What time it is. Handed to whoever needs it; nothing below the edges asks by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, aware UTC."""
    return datetime.now(UTC)


def file_clock(path: Path) -> Clock:
    """A clock for tests of whole processes: the time written in a file, read at every look."""

    def now() -> datetime:
        return datetime.fromisoformat(path.read_text().strip()).astimezone(UTC)

    return now


def to_utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A local wall-clock time as aware UTC.

    A time that the spring change skips (01:30) becomes the moment an hour later on the clock; one
    that the autumn change repeats is the first of the two.
    """
    local = datetime.combine(day, at, zone)
    back = local.astimezone(UTC).astimezone(zone)
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):
        local = back
    return local.astimezone(UTC)

"""What time it is. Handed to whoever needs it; nothing below the edges asks by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
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


def quiet_until(
    now: datetime, *, zone: ZoneInfo, quiet_from: time, quiet_to: time
) -> datetime | None:
    """The end of the quiet hours that `now` is in, or None where it isn't in any."""
    local = now.astimezone(zone)
    at, day = local.time(), local.date()
    if quiet_from <= quiet_to:
        quiet = quiet_from <= at < quiet_to
    else:
        quiet = at >= quiet_from or at < quiet_to
    if not quiet:
        return None
    if at >= quiet_to:
        day += timedelta(days=1)
    return to_utc(day, quiet_to, zone)

"""When people are told things. Local wall times in, aware UTC out."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.clock import to_utc
from bot.outbox.rules import Kind

AHEAD = timedelta(hours=40)  # how far ahead reminders are laid out as rows
SOON = timedelta(hours=2)
NOT_BEFORE = time(8)  # local
TOO_LATE = timedelta(minutes=20)  # before the start there is nothing left to remind of


def reminder_times(
    starts_at: datetime, *, zone: ZoneInfo, evening_hour: int
) -> dict[Kind, datetime]:
    """When each reminder of a session is due: the evening before at the council's hour, and two
    hours before but never before 08:00. One that would come after the start is left out."""
    local = starts_at.astimezone(zone)
    eve = to_utc(local.date() - timedelta(days=1), time(evening_hour), zone)
    soon = max(starts_at - SOON, to_utc(local.date(), NOT_BEFORE, zone))
    times = {Kind.REMINDER_EVE: eve}
    if soon <= starts_at - TOO_LATE:
        times[Kind.REMINDER_SOON] = soon
    return times


def reminder_key(claim: int, occurrence: str, version: int, kind: Kind) -> str:
    """What makes a reminder the only one: a change of the session makes another."""
    return f"reminder:{claim}:{occurrence}:{version}:{kind.value}"


def still_useful(kind: Kind, *, due: datetime, starts_at: datetime, now: datetime) -> bool:
    """Whether a reminder that is late, after an outage, still helps."""
    if kind is Kind.REMINDER_EVE:
        return now < starts_at - SOON
    return due <= now < starts_at

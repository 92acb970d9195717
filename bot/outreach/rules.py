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

"""How long a family has to answer an offer, by the council's table and its quiet hours. Pure.

Source: `places` in content/council.yaml; docs/bookings.md, "The waiting list".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.content.values import Council, OfferWindow, PlacesPolicy
from bot.core.clock import quiet_until, to_utc


@dataclass(frozen=True, slots=True)
class Policy:
    """How this council gives places, with the hours in which it wakes nobody."""

    zone: ZoneInfo
    quiet_from: time
    quiet_to: time
    places: PlacesPolicy

    @classmethod
    def of(cls, council: Council, zone: ZoneInfo) -> Policy:
        return cls(zone, council.quiet_from, council.quiet_to, council.places)

    def window(self, *, starts_at: datetime, now: datetime) -> OfferWindow:
        """The row of the table that holds so long before the start."""
        left = starts_at - now
        rows = self.places.offers
        return next((w for w in rows if left > timedelta(days=w.days_left)), rows[-1])

    def last_call(self, starts_at: datetime) -> datetime:
        """From when on nothing more is offered."""
        return starts_at - timedelta(minutes=self.places.last_call)

    def awake(self, now: datetime) -> datetime:
        """Now, or the end of the quiet hours that now is in."""
        quiet = {"quiet_from": self.quiet_from, "quiet_to": self.quiet_to}
        return quiet_until(now, zone=self.zone, **quiet) or now

    def answer_by(self, *, starts_at: datetime, now: datetime) -> datetime | None:
        """Until when a family may answer an offer made now, aware UTC. None in the last row of
        the table, where nothing is held. Never in the quiet hours, never after the last call."""
        window = self.window(starts_at=starts_at, now=now)
        if window.tell_first:
            return None
        end, rest = self.awake(now), timedelta(hours=window.hours)
        while window.waking and (night := self._night(end)) - end < rest:
            rest -= night - end
            end = self.awake(night)
        return min(_on_the_quarter(self.awake(end + rest)), self.last_call(starts_at))

    def gather_until(self, *, starts_at: datetime, now: datetime) -> datetime | None:
        """Until when a place is kept for a family that needs more. None where it is too late: when
        nothing is held for an answer, nothing is kept for this either."""
        held = [w.days_left for w in self.places.offers if not w.tell_first]
        if not held:
            return None
        end = min(
            now + timedelta(hours=self.places.gather_hours),
            starts_at - timedelta(days=held[-1]),
            self.last_call(starts_at),
        )
        return end if end > now else None

    def _night(self, awake: datetime) -> datetime:
        """When the quiet hours after a waking moment begin."""
        day = awake.astimezone(self.zone).date()
        begins = to_utc(day, self.quiet_from, self.zone)
        if begins <= awake:
            begins = to_utc(day + timedelta(days=1), self.quiet_from, self.zone)
        return begins


def _on_the_quarter(at: datetime) -> datetime:
    """The next quarter of an hour: a time that can be read out."""
    late = timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)
    return at + (timedelta(minutes=15) - late if late else timedelta(0))

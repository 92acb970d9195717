"""Says a wish in words: "Wednesday 11 March", "Erith", "9 months". What was understood is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.content.naming import who
from bot.content.values import Content
from bot.timetable.searching import ages_of
from bot.understanding.reading import NOT, SlotValue
from bot.understanding.when import spans
from bot.wording.words import Words

_WORKING_WEEK = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class WishWords:
    """Names the parts of a wish in one language, as of one moment."""

    content: Content
    words: Words
    now: datetime
    zone: ZoneInfo

    def part(self, part: str, value: SlotValue) -> str:
        """One wish in words."""
        items = value if isinstance(value, tuple) else (value,)
        words, _ = self.words, self.words._
        match part:
            case "when":
                return self.when(value)
            case "daypart":
                return words.list([self.daypart(v) for v in items])
            case "where":
                return words.list([self.place(v) for v in items])
            case "what":
                known = self.content.activities
                return words.list([words.said(known[v].name) for v in items if v in known])
            case "age_m":
                ages = ages_of(value)
                return words.list(
                    [words.months(a) if a == b else words.ages(a, b) for a, b in ages]
                )
            case "who":
                return words.list([who(words, v) for v in items])
            case "price":
                return _("Free")
        return _("Drop-in") if value == "drop_in" else _("To book")

    def when(self, value: SlotValue) -> str:
        """The dates that were understood, as dates where they are dates."""
        words, _ = self.words, self.words._
        days = spans(value, now=self.now, calendar=self.content.calendar, zone=self.zone)
        today = self.now.astimezone(self.zone).date()
        if days.single is not None:
            return words.day(days.single, today=today)
        weekdays = self._weekdays(days.weekdays)
        if days.weekdays and days.ranges == ((today, None),):
            return weekdays
        parts = []
        for first, last in days.ranges[:3]:
            if last is None:
                parts.append(_("from %(day)s") % {"day": words.day(first)})
            elif first == last:
                parts.append(words.day(first))
            else:
                both = {"first": words.day(first), "last": words.day(last)}
                parts.append(_("%(first)s to %(last)s") % both)
        label = words.list(parts)
        return f"{label}, {weekdays}" if days.weekdays else label

    def _weekdays(self, days: frozenset[int]) -> str:
        """Saturday; Monday to Friday; not Thursday."""
        words, _ = self.words, self.words._
        if days == _WORKING_WEEK:
            return _("%(first)s to %(last)s") % {
                "first": words.weekday(0),
                "last": words.weekday(4),
            }
        left_out = frozenset(range(7)) - days
        if len(left_out) < 3:
            return _("not %(days)s") % {
                "days": words.list([words.weekday(d) for d in sorted(left_out)])
            }
        return words.list([words.weekday(d) for d in sorted(days)])

    def daypart(self, part: str) -> str:
        """morning, after 3pm, 10am to midday."""
        _ = self.words._
        named = {
            "morning": _("morning"),
            "afternoon": _("afternoon"),
            "evening": _("evening"),
            "now": _("now"),
        }
        if part in named:
            return named[part]
        kind, _sep, clock = part.partition(":")
        try:
            if kind == "after":
                return _("after %(time)s") % {"time": self.words.time(time.fromisoformat(clock))}
            if kind == "before":
                return _("before %(time)s") % {"time": self.words.time(time.fromisoformat(clock))}
            begin, _sep, end = part.partition("-")
            return _("%(begin)s to %(end)s") % {
                "begin": self.words.time(time.fromisoformat(begin)),
                "end": self.words.time(time.fromisoformat(end)),
            }
        except ValueError:
            return part

    def place(self, place: str) -> str:
        """A venue, an area, "near me" or the postcode as it was typed; or not that one."""
        if place.startswith(NOT):
            return self.words._("not %(place)s") % {"place": self.place(place.removeprefix(NOT))}
        venue = self.content.venues.get(place)
        if venue is not None:
            return self.words.said(venue.name)
        area = self.content.areas.get(place.removeprefix("area:"))
        if area is not None and place.startswith("area:"):
            return self.words.said(area.name)
        return self.words._("Near me") if place == "me" else place.removeprefix("pc:")


def plain(wish: Mapping[str, SlotValue]) -> str:
    """A wish as staff see it in the list of empty searches; full postcodes are cut to their half."""
    parts = []
    for part, value in sorted(wish.items()):
        items = value if isinstance(value, tuple) else (value,)
        text = ",".join(i.split()[0] if i.removeprefix(NOT).startswith("pc:") else i for i in items)
        parts.append(f"{part}={text}")
    return " ".join(parts)

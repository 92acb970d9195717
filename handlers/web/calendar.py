"""Calendar files. Times are local, so that 10:00 stays 10:00 when the clocks change.

The UID of a session never changes and SEQUENCE grows with every change, so that opening a newer
file corrects the older entry. A sensitive session is called by its neutral name: a calendar is
seen by others. Source: RFC 5545; trust notes on iCalendar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.timetable import telling
from bot.timetable.queries import Slot
from handlers.http.look import Look

if TYPE_CHECKING:
    from icalendar import Event

CALENDAR_TYPE = "text/calendar"
ALARM = timedelta(hours=2)  # before the start


def calendar_of(
    look: Look, slots: Sequence[Slot], *, changed: Mapping[str, datetime] | None = None
) -> bytes:
    """The sessions as an .ics file. `changed` says by id when staff last changed one."""
    from icalendar import Calendar  # noqa: PLC0415  # see _event

    made = Calendar()
    made.add("prodid", "-//Family Assistant//Calendar//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    for slot in slots:
        made.add_component(_event(look, slot, (changed or {}).get(slot.id)))
    if slots:
        # Whole years: a calendar may keep this zone and use it for a session that is moved later.
        first = date(min(s.starts_at for s in slots).year, 1, 1)
        last = date(max(s.ends_at for s in slots).year + 1, 12, 31)
        made.add_missing_timezones(first_date=first, last_date=last)
    body: bytes = made.to_ical()
    return body


def _event(look: Look, slot: Slot, changed: datetime | None) -> Event:
    content, words = look.content, look.words
    sensitive = content.activities[slot.activity].sensitive
    title = telling.discreet_name(slot, content, words)
    place = telling.place(slot, content, words)
    from icalendar import Alarm, Event  # noqa: PLC0415  # slow to load, and seldom asked for

    event = Event()
    event.add("uid", f"{slot.id}@{content.council.id}.family-assistant")
    event.add("dtstamp", look.now)
    event.add("dtstart", slot.starts_at.astimezone(look.zone))
    event.add("dtend", slot.ends_at.astimezone(look.zone))
    event.add("summary", title)
    event.add("location", ", ".join(p for p in (place, telling.address(slot, content)) if p))
    event.add("sequence", slot.version)
    event.add("status", "CANCELLED" if slot.cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    if changed is not None:
        event.add("last-modified", changed)
    if sensitive:
        event.add("class", "PRIVATE")
    elif look.address:
        event.add("url", f"{look.address}/session/{slot.id}")
    if not slot.cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", -ALARM)
        event.add_component(alarm)
    return event

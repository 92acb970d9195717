"""Says a session in words: one voice for chat, pages, notices and calendars."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from math import asin, cos, radians, sin, sqrt
from typing import Any

from bot.content.values import Content, Counts, Mode, Point
from bot.timetable.queries import Slot
from bot.wording.words import Words

EARTH_KM = 6371.0


def name(slot: Slot, content: Content, words: Words) -> str:
    """What it is called: the series' own name, else the activity's."""
    return words.english(slot.name) or words.said(content.activities[slot.activity].name)


def discreet_name(slot: Slot, content: Content, words: Words) -> str:
    """What reminders, previews and calendars call it: never a sensitive activity's own name."""
    activity = content.activities[slot.activity]
    if not activity.sensitive:
        return name(slot, content, words)
    return words.said(activity.neutral) or words._("Your session")


def when(slot: Slot, words: Words, *, today: date | None = None) -> str:
    """tomorrow, Wednesday 11 March, 10am to 11:30am"""
    day = slot.starts_at.astimezone(words.zone).date()
    return words._("%(day)s, %(hours)s") % {
        "day": words.day(day, today=today),
        "hours": words.hours(slot.starts_at, slot.ends_at),
    }


def short_when(slot: Slot, words: Words) -> str:
    """Wed 11 Mar, 10am: for buttons."""
    day = slot.starts_at.astimezone(words.zone).date()
    return words._("%(day)s, %(time)s") % {
        "day": words.short_day(day),
        "time": words.time(slot.starts_at),
    }


def place(slot: Slot, content: Content, words: Words) -> str:
    return words.said(content.venues[slot.venue].name)


def address(slot: Slot, content: Content) -> str:
    """Street and postcode as far as known."""
    venue = content.venues[slot.venue]
    return ", ".join(p for p in (venue.address, venue.postcode) if p)


def where(slot: Slot, content: Content, words: Words) -> str:
    """The place with its street and postcode."""
    parts = (place(slot, content, words), words.english(address(slot, content)))
    return ", ".join(p for p in parts if p)


def moved_from(slot: Slot, before: Mapping[str, Any], content: Content, words: Words) -> str:
    """When and where a session was first planned, as far as that differs from now; else ""."""
    was = datetime.fromisoformat(before["starts_at"]).astimezone(words.zone)
    old = content.venues.get(before["venue"])
    elsewhere = words.said(old.name) if old is not None and old.id != slot.venue else ""
    if was == slot.starts_at:
        return words._("Moved from %(place)s.") % {"place": elsewhere} if elsewhere else ""
    at = {"day": words.day(was.date()), "time": words.time(was), "place": elsewhere}
    if elsewhere:
        return words._("Moved from %(day)s, %(time)s, %(place)s.") % at
    return words._("Moved from %(day)s, %(time)s.") % at


def nothing_more(slot: Slot, content: Content, words: Words) -> str:
    """What is said of a place that the council's folder no longer names, else ""."""
    gone = content.venues[slot.venue].gone
    return words._("We have nothing more about this place.") if gone else ""


def cost(slot: Slot, content: Content, words: Words) -> str:
    if slot.cost:
        return words.english(slot.cost)
    said = words.said(content.activities[slot.activity].cost)
    return said or (words._("Free") if slot.free else words._("Ask about the cost"))


def ages(slot: Slot, content: Content, words: Words) -> str:
    """Who may come, by age; a note such as "until your baby crawls" goes before numbers."""
    said = words.said(content.activities[slot.activity].age_note)
    return said or words.ages(slot.age_from, slot.age_to)


def short_ages(slot: Slot, content: Content, words: Words) -> str:
    """The first sentence of who may come, for lists."""
    note = content.activities[slot.activity].age_note or {}
    said = words.said({tag: text.partition(". ")[0].rstrip(".") for tag, text in note.items()})
    first = said or words.ages(slot.age_from, slot.age_to)
    return first[:1].upper() + first[1:]


def way_in(slot: Slot, words: Words, *, left: int | None) -> str:
    """How to get in, with places left where it is booked."""
    _ = words._
    match slot.mode:
        case Mode.DROP_IN:
            return _("Drop in, no need to book")
        case Mode.REFERRAL:
            return _("Ask to be referred")
        case Mode.PARTNER:
            return _("Run by a partner: ask them how to come")
    if left is None:
        return _("Book a place")
    if left == 0:
        return _("Full")
    if slot.counts is Counts.CHILDREN:
        return words.ngettext(
            "%(num)d place left (one for each child)",
            "%(num)d places left (one for each child)",
            left,
        ) % {"num": left}
    return words.ngettext("%(num)d place left", "%(num)d places left", left) % {"num": left}


def course_length(slot: Slot, words: Words, *, begun: bool = False) -> str:
    """ "" where it isn't a course. `begun`: it has, and can still be joined."""
    if not slot.weeks:
        return ""
    length = words.ngettext(
        "A course of %(num)d week, booked once",
        "A course of %(num)d weeks, booked once",
        slot.weeks,
    ) % {"num": slot.weeks}
    if begun:
        return words._("%(length)s. It has begun, and you can still join.") % {"length": length}
    return length


def kilometres(a: Point, b: Point) -> float:
    """Great-circle distance."""
    la, lb = radians(a.lat), radians(b.lat)
    h = sin((lb - la) / 2) ** 2 + cos(la) * cos(lb) * sin(radians(b.lon - a.lon) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(h))

"""A session as schema.org describes it, so that search engines say when one is called off."""

from __future__ import annotations

from typing import Any

from bot.timetable import telling
from bot.timetable.queries import Slot
from handlers.http.look import Look


def event_of(look: Look, slot: Slot) -> dict[str, Any]:
    """The JSON-LD of an Event. Times carry their offset."""
    content, words = look.content, look.words
    venue = content.venues[slot.venue]
    begin, end = slot.starts_at.astimezone(look.zone), slot.ends_at.astimezone(look.zone)
    address = {"@type": "PostalAddress", "addressCountry": "GB"}
    if venue.address:
        address["streetAddress"] = venue.address
    if venue.postcode:
        address["postalCode"] = venue.postcode
    state = "EventCancelled" if slot.cancelled else "EventScheduled"
    return {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": telling.name(slot, content, words),
        "description": words.said(content.activities[slot.activity].summary),
        "startDate": begin.isoformat(),
        "endDate": end.isoformat(),
        "eventStatus": f"https://schema.org/{state}",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "isAccessibleForFree": slot.free,
        "location": {"@type": "Place", "name": words.said(venue.name), "address": address},
        "organizer": {
            "@type": "Organization",
            "name": slot.run_by or words.said(content.council.service),
        },
    }

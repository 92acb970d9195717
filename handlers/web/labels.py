"""Short words for choices that are the same on several pages."""

from __future__ import annotations

from handlers.http.look import Look


def when(look: Look, name: str) -> str:
    """A stretch of days."""
    _ = look.words._
    return {
        "today": _("Today"),
        "tomorrow": _("Tomorrow"),
        "week": _("This week"),
        "weekend": _("This weekend"),
        "next-week": _("Next week"),
    }[name]


def part(look: Look, name: str) -> str:
    """A time of day."""
    _ = look.words._
    return {
        "morning": _("Morning"),
        "afternoon": _("Afternoon"),
        "evening": _("Evening"),
    }[name]


def booking(look: Look, name: str) -> str:
    """How to get in."""
    _ = look.words._
    return {"drop_in": _("Drop-in"), "bookable": _("To book")}[name]


def age(look: Look, months: int) -> str:
    """An age, or newborn."""
    return look.words._("Newborn") if months == 0 else look.words.months(months)

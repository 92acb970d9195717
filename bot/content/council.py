"""council.yaml and contacts.yaml: who this is, in which languages, and whom to ring."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.content import scalars
from bot.content.fields import Context, Fields
from bot.content.keeping import NAMES, Keep, Period, parse_period
from bot.content.tree import Spot
from bot.content.values import (
    Approval,
    Contact,
    Council,
    Language,
    OfferWindow,
    OpeningHours,
    PlacesPolicy,
)  # fmt: skip

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}")
_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_DAY = Period(1, "day")  # stands for a period that can't be read
_LEAST_CONTRAST = 4.5  # WCAG 2.2, level AA, text of ordinary size


@dataclass(frozen=True, slots=True)
class ProgrammeFile:
    """Where the programme is, and whether it is only a sample."""

    file: str
    name: str
    sample: bool


def language_tags(spot: Spot) -> tuple[str, ...]:
    """The languages of council.yaml, read before everything else; nothing is noted."""
    languages = spot.value.get("languages") if isinstance(spot.value, dict) else None
    tags = tuple(languages.value) if languages and isinstance(languages.value, dict) else ()
    return tuple(dict.fromkeys(("en", *tags)))


def read_council(context: Context, spot: Spot) -> tuple[Council, ProgrammeFile]:
    top = Fields(context, spot, "the council")
    council = Council(
        id=top.text("id"),
        council=top.said("council"),
        service=top.said("service"),
        assistant=top.said("assistant"),
        borough=top.text("borough"),
        line=top.id("line", "contact"),
        timezone=_timezone(top),
        hours=_hours(top),
        languages=_languages(top),
        colour=_colour(top, "colour"),
        ink=_colour(top, "ink"),
        reminder_hour=top.number("reminder_hour", 0, 23, 18),
        quiet_from=top.clock("quiet_from"),
        quiet_to=top.clock("quiet_to"),
        exit_url=top.text("exit_url"),
        privacy_contact=top.id("privacy_contact", "contact"),
        keep=_keep(top),
        places=_places(top),
    )
    contrast = _contrast(council.colour, council.ink)
    if contrast < _LEAST_CONTRAST:
        top.note(
            f"“ink” on “colour” has a contrast of {contrast:.1f}",
            f"at least {_LEAST_CONTRAST}",
            at="ink",
        )
    if not re.fullmatch(r"https://[^\s?#]+", council.exit_url):
        top.note(
            "“exit_url”", "an https:// address of a harmless page, without ? or #", at="exit_url"
        )
    programme = _programme(top)
    top.finish()
    return council, programme


def read_contacts(context: Context, spot: Spot) -> dict[str, Contact]:
    """Each number or address. Source, checked date and owner have to be there."""
    top = Fields(context, spot, "contacts")
    found = {}
    for ident in top.names():
        if (each := top.inner(ident)) is None:
            continue
        contact = Contact(
            id=ident,
            label=each.said("label"),
            phone=each.parse("phone", scalars.parse_phone, "", ""),
            text=each.parse("text", scalars.parse_phone, "", ""),
            web=each.text("web", ""),
            email=each.text("email", ""),
            hours=each.said("hours", {"en": ""}),
            source=each.text("source"),
            checked=each.day("checked"),
            owner=each.text("owner"),
            note=each.text("note", ""),
        )
        if contact.web and not re.fullmatch(r"https://[^\s\"'<>]+", contact.web):
            each.note(
                f"web address “{contact.web}”", "an address that begins with https://", at="web"
            )
        if contact.email and not _EMAIL.fullmatch(contact.email):
            each.note(f"e-mail “{contact.email}”", "an e-mail address", at="email")
        each.finish()
        found[ident] = contact
    return found


def _timezone(top: Fields) -> str:
    name = top.text("timezone", "Europe/London")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        top.note(f"time zone “{name}”", "a zone such as Europe/London", at="timezone")
    return name


def _hours(top: Fields) -> OpeningHours:
    inner = top.inner("hours")
    if inner is None:
        top.note("no “hours”", "opening hours by day, under “hours”")
        return OpeningHours({})
    closed = frozenset(inner.days("closed"))
    sure, source = inner.flag("sure", default=True), inner.text("source", "")
    days: dict[int, tuple[time, time]] = {}
    for name in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"):
        if inner.has(name):
            pair = inner.clocks(name)
            if len(pair) != 2 or pair[0] >= pair[1]:
                inner.note(f"hours of {name}", "[09:00, 17:00]", at=name)
            else:
                days[scalars.parse_day(name)] = (pair[0], pair[1])
    inner.finish()
    if not days:
        inner.note("no day with hours", "at least one day, such as monday: [09:00, 17:00]")
    return OpeningHours(days, closed, sure, source)


def _keep(top: Fields) -> Keep:
    inner = top.inner("keep")
    if inner is None:
        top.note("no “keep”", "how long things are kept, under “keep”: " + ", ".join(NAMES))
        return Keep(**dict.fromkeys(NAMES, _DAY))
    found = Keep(**{name: inner.parse(name, parse_period, None, _DAY) for name in NAMES})
    inner.finish()
    return found


def _languages(top: Fields) -> tuple[Language, ...]:
    inner = top.inner("languages")
    if inner is None:
        top.note("no “languages”", "at least en: {name: English}")
        return ()
    found = []
    for tag in inner.names():
        each = inner.inner(tag)
        if each is None or not _TAG.fullmatch(tag):
            inner.note(f"language “{tag}”", "a tag such as pl, and under it its name", at=tag)
            continue
        approved = Approval(each.text("approved_by", ""), each.maybe_day("approved_on"))
        direction = each.one_of("direction", ("ltr", "rtl"), "ltr")
        found.append(Language(tag, each.text("name"), direction, approved))
        each.finish()
    if not found or found[0].tag != "en":
        inner.note("the first language is not English", "en: first")
    return tuple(found)


def _places(top: Fields) -> PlacesPolicy:
    inner = top.inner("places")
    if inner is None:
        return PlacesPolicy()
    offers = []
    for row in inner.inners("offers"):
        window = OfferWindow(
            row.number("days_left", 0, 60), row.number("hours", 0, 72, 0),
            row.flag("waking"), row.number("tell_first", 0, 50, 0),
        )  # fmt: skip
        if bool(window.hours) == bool(window.tell_first):
            row.note("an offer", "either “hours” to answer or “tell_first”, how many are told")
        row.finish()
        offers.append(window)
    left = [o.days_left for o in offers]
    if offers and (left != sorted(set(left), reverse=True) or left[-1] != 0):
        inner.note("“offers”", "most days left first, the last one 0", at="offers")
    known = PlacesPolicy()
    found = PlacesPolicy(
        inner.number("most_courses", 1, 50, known.most_courses),
        inner.number("last_call", 0, 1440, known.last_call),
        inner.number("gather_hours", 0, 168, known.gather_hours),
        tuple(offers) or known.offers,
    )
    inner.finish()
    return found


def _colour(top: Fields, name: str) -> str:
    typed = top.text(name)
    if not _COLOUR.fullmatch(typed):
        top.note(f"“{name}” is “{typed}”", "a colour such as #5b2a6e, in quotes", at=name)
        return "#000000" if name == "colour" else "#ffffff"
    return typed


def _programme(top: Fields) -> ProgrammeFile:
    inner = top.inner("programme")
    if inner is None:
        top.note("no “programme”", "programme: {file: programme.csv, name: …, sample: yes or no}")
        return ProgrammeFile("programme.csv", "", sample=True)
    found = ProgrammeFile(inner.file("file"), inner.text("name"), inner.flag("sample"))
    inner.finish()
    return found


def _contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

"""areas.yaml and venues.yaml: where things happen."""

from __future__ import annotations

import re

from bot.content.fields import Context, Fields
from bot.content.tree import Spot
from bot.content.values import Area, Outcode, Point, Venue

KINDS = ("centre", "library", "school", "community", "health")
_OUTCODE = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?")
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}")


def read_areas(context: Context, spot: Spot) -> dict[str, Area]:
    top = Fields(context, spot, "areas")
    found = {}
    for ident in top.names():
        if (each := top.inner(ident)) is None:
            continue
        found[ident] = Area(
            id=ident,
            name=each.said("name"),
            point=each.point("point"),
            outcodes=each.texts("outcodes"),
            source=each.text("source"),
            nicknames=each.texts("nicknames"),
            outside=each.flag("outside"),
        )
        for outcode in found[ident].outcodes:
            if not _OUTCODE.fullmatch(outcode):
                each.note(
                    f"outcode “{outcode}” of area {ident}",
                    "the first half of a postcode, such as DA8",
                    at="outcodes",
                )
        each.finish()
    return found


def read_outcodes(context: Context, spot: Spot) -> dict[str, Outcode]:
    top = Fields(context, spot, "outcodes")
    found = {}
    for ident in top.names():
        if (each := top.inner(ident)) is None:
            continue
        if not _OUTCODE.fullmatch(ident):
            each.note(f"outcode “{ident}”", "the first half of a postcode, such as DA8")
        found[ident] = Outcode(
            id=ident,
            point=each.point("point"),
            area=each.id("area", "area"),
            source=each.text("source"),
        )
        each.finish()
    return found


def read_venues(context: Context, spot: Spot) -> dict[str, Venue]:
    top = Fields(context, spot, "venues")
    found = {}
    for ident in top.names():
        if (each := top.inner(ident)) is None:
            continue
        found[ident] = Venue(
            id=ident,
            name=each.said("name"),
            kind=each.one_of("kind", KINDS),
            address=each.text("address", ""),
            postcode=_postcode(each),
            area=each.id("area", "area"),
            point=_sure_point(each),
            access=each.saids("access"),
            about=each.said("about", {"en": ""}),
            contact=each.id("contact", "contact", ""),
            run_by=each.text("run_by", ""),
            nicknames=each.texts("nicknames"),
            former=each.flag("former"),
            source=each.text("source"),
            sure=each.flag("sure"),
        )
        each.finish()
    return found


def _postcode(each: Fields) -> str:
    typed = each.text("postcode", "")
    if typed and not _POSTCODE.fullmatch(typed):
        each.note(
            f"postcode “{typed}”", "a whole postcode, such as DA8 1LW, or none", at="postcode"
        )
    return typed


def _sure_point(each: Fields) -> Point | None:
    return each.maybe_point("point") if each.has("point") else None

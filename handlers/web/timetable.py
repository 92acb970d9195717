"""The timetable: what is on, by day, with filters that live in the page's address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from aiohttp import web
from sqlmodel import Session

from bot.content import naming
from bot.timetable import wishes
from bot.timetable.queries import Slot
from bot.timetable.searching import fitting
from bot.timetable.service import count_empty_search
from handlers.http.address import client_network
from handlers.http.limits import Rule, TooManyError
from handlers.http.look import Look, Told
from handlers.http.pages import PUBLIC, read, render, write
from handlers.http.site import site_of
from handlers.web import labels
from handlers.web.cards import Day, by_day, cards_of, local_day
from handlers.web.filters import AGES, BOOKINGS, PARTS, WHENS, Filters, days_of

SCREENFUL = 30  # sessions after which a page ends, at the end of a day
#: Searches without a find that are counted: one alike an hour, and those from one address.
SAME_WISH = Rule("same-wish", 1, 3600.0)
WISHES = Rule("wishes", 20, 60.0)

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list to choose from."""

    value: str
    label: Told
    chosen: bool


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to another choice of filters. `count` says how many sessions are there."""

    label: str
    url: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class TimetablePage:
    """Sessions by day. `removals` take one filter away, `relaxed` those that stand in the way."""

    template: ClassVar[str] = "timetable.html"
    title: str
    filters: Filters
    wrong: dict[str, str]
    example: str  # a postcode that we know
    quick: tuple[Link, ...]
    whens: tuple[Choice, ...]
    parts: tuple[Choice, ...]
    areas: tuple[Choice, ...]
    venues: tuple[Choice, ...]
    ages: tuple[Choice, ...]
    whos: tuple[Choice, ...]
    whats: tuple[Choice, ...]
    bookings: tuple[Choice, ...]
    removals: tuple[Link, ...]
    span: str  # the dates that were understood
    count: int
    days: tuple[Day, ...]
    relaxed: tuple[Link, ...]
    later: str
    earlier: str
    unmet: str = ""  # what was looked for where nothing was found, as staff read it


@routes.get("/timetable")
async def timetable(request: web.Request) -> web.Response:
    look, page = await read(request, timetable_page)
    if page.unmet and request.method == "GET" and _counts(request, page.unmet):
        await write(request, count_unmet, page.unmet)
    return render(request, look, page, cache=PUBLIC)


def timetable_page(db: Session, look: Look) -> TimetablePage:
    """One screenful of whole days. Cancelled sessions are shown as cancelled, not left out."""
    filters, wrong = Filters.read(look.asked.query, look.content)
    wish = filters.wishes(look.today)
    found = fitting(
        db, wish, content=look.content, now=look.now, zone=look.zone, cancelled_too=True
    )
    km = found.km
    start = date.fromisoformat(filters.start) if filters.start else look.today
    slots = sorted(
        (s for s in found.slots if local_day(look, s) >= start),
        key=lambda s: (local_day(look, s), round(km.get(s.venue, 0.0)), s.starts_at, s.id),
    )
    shown = _whole_days(look, slots)
    rest = slots[len(shown) :]
    cards = cards_of(db, look, shown, km)
    return TimetablePage(
        title=look._("What's on"),
        filters=filters,
        wrong=wrong,
        example=next(iter(look.content.outcodes), "SW1A"),
        quick=_quick(look, filters),
        whens=tuple(_choice(w, labels.when(look, w), filters.when) for w in WHENS),
        parts=tuple(_choice(p, labels.part(look, p), filters.part) for p in PARTS),
        areas=_areas(look, filters),
        venues=_venues(look, filters),
        ages=_ages(look, filters),
        whos=_whos(look, filters),
        whats=_whats(look, filters),
        bookings=tuple(_choice(b, labels.booking(look, b), filters.booking) for b in BOOKINGS),
        removals=tuple(
            Link(_label(look, filters, name), _url(look, filters.without(name)))
            for name in filters.active
        ),
        span=_span(look, filters, shown),
        count=len(shown),
        days=by_day(look, zip((local_day(look, s) for s in shown), cards, strict=True)),
        relaxed=() if shown else _relaxed(db, look, filters),
        later=_url(look, filters, start=local_day(look, rest[0]).isoformat()) if rest else "",
        earlier=_url(look, filters) if filters.start else "",
        unmet="" if found.slots or wrong else wishes.plain(wish),
    )


def count_unmet(db: Session, look: Look, wish: str) -> None:
    """Count a search that found nothing, for staff, as the chat does: without who looked."""
    count_empty_search(db, wish, on=look.today)


def _counts(request: web.Request, wish: str) -> bool:
    """Whether to count it: looking again within the hour is no new wish, and a program that tries
    everything is not a crowd of parents. Who looked is only in memory."""
    limits, network = site_of(request).limits, client_network(request)
    try:
        limits.take(WISHES, network)
        limits.take(SAME_WISH, f"{network} {wish}")
    except TooManyError:
        return False
    return True


def _whole_days(look: Look, slots: Sequence[Slot]) -> list[Slot]:
    shown: list[Slot] = []
    for slot in slots:
        same_day = shown and local_day(look, shown[-1]) == local_day(look, slot)
        if len(shown) >= SCREENFUL and not same_day:
            break
        shown.append(slot)
    return shown


def _span(look: Look, filters: Filters, shown: Sequence[Slot]) -> str:
    """The dates that were asked for, else those on the page."""
    words, today = look.words, look.today
    if filters.on:
        return words.day(date.fromisoformat(filters.on), today=today)
    if filters.when:
        first, last = days_of(filters.when, today)
    elif shown:
        first, last = local_day(look, shown[0]), local_day(look, shown[-1])
    else:
        return ""
    if first == last:
        return words.day(first, today=today)
    return look._("%(first)s to %(last)s") % {"first": words.day(first), "last": words.day(last)}


def _relaxed(db: Session, look: Look, filters: Filters) -> tuple[Link, ...]:
    """Each filter that alone stands in the way, with how many sessions there are without it."""
    links = []
    for name in filters.active:
        fewer = filters.without(name)
        found = fitting(
            db, fewer.wishes(look.today), content=look.content, now=look.now, zone=look.zone
        )
        if found.slots:
            label = _label(look, filters, name)
            links.append(Link(label, _url(look, fewer), count=len(found.slots)))
    return tuple(links)


def _quick(look: Look, filters: Filters) -> tuple[Link, ...]:
    return tuple(
        Link(
            labels.when(look, when),
            look.url("/timetable", **filters.query(when=when, on="")),
            current=filters.when == when,
        )
        for when in WHENS
    )


def _label(look: Look, filters: Filters, name: str) -> str:
    """One filter in words."""
    value = getattr(filters, name)
    content, words = look.content, look.words
    match name:
        case "when":
            return labels.when(look, value)
        case "on":
            return words.day(date.fromisoformat(value))
        case "part":
            return labels.part(look, value)
        case "where":
            area = value.removeprefix("area:")
            named = content.areas[area] if value != area else content.venues[value]
            return words.said(named.name)
        case "age":
            return labels.age(look, int(value))
        case "who":
            return naming.who(look.words, value)
        case "what":
            return words.said(content.activities[value].name)
        case "booking":
            return labels.booking(look, value)
        case "free":
            return look._("Free")
        case _:
            return str(value)


def _areas(look: Look, filters: Filters) -> tuple[Choice, ...]:
    used = {v.area for v in look.content.venues.values() if not v.former}
    return _sorted(
        Choice(f"area:{a.id}", look.told(a.name), filters.where == f"area:{a.id}")
        for a in look.content.areas.values()
        if a.id in used
    )


def _venues(look: Look, filters: Filters) -> tuple[Choice, ...]:
    return _sorted(
        Choice(v.id, look.told(v.name), filters.where == v.id)
        for v in look.content.venues.values()
        if not v.former or filters.where == v.id
    )


def _ages(look: Look, filters: Filters) -> tuple[Choice, ...]:
    months = sorted({*AGES, *([int(filters.age)] if filters.age else [])})
    return tuple(_choice(str(m), labels.age(look, m), filters.age) for m in months)


def _whos(look: Look, filters: Filters) -> tuple[Choice, ...]:
    used = {slug for a in look.content.activities.values() if a.offered for slug in a.who}
    return _sorted(
        _choice(slug, naming.who(look.words, slug), filters.who)
        for slug in {*used, filters.who} - {""}
    )


def _whats(look: Look, filters: Filters) -> tuple[Choice, ...]:
    return _sorted(
        Choice(a.id, look.told(a.name), filters.what == a.id)
        for a in look.content.activities.values()
        if a.offered or filters.what == a.id
    )


def _choice(value: str, label: str, chosen: str) -> Choice:
    return Choice(value, Told(label), value == chosen)


def _sorted(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    return tuple(sorted(choices, key=lambda c: c.label.text.casefold()))


def _url(look: Look, filters: Filters, **changes: str) -> str:
    return look.url("/timetable", **filters.query(**changes))

"""The first page, and the pages about this website itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from aiohttp import web
from markupsafe import Markup
from sqlmodel import Session

from bot.core.settings import Mode
from bot.timetable.searching import fitting
from handlers.http.look import Look, Told
from handlers.http.origin import machine
from handlers.http.pages import plain, show
from handlers.http.site import site_of
from handlers.web.cards import Card, cards_of, local_day
from handlers.web.markdown import to_html
from handlers.web.tokens import new_key

SOON = 4  # sessions on the first page
#: When the pages were last tested with axe, a keyboard, 320 px and no script; by tests/browser.
TESTED = date(2026, 11, 22)
KEPT = "privacy"  # the wording that is the privacy notice

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class HomePage:
    """Who we are, what is on next, and the ways in."""

    template: ClassVar[str] = "home.html"
    title: str
    soon: tuple[Card, ...]
    soon_on: str
    key: str


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    template: ClassVar[str] = "privacy.html"
    title: str
    text: Markup
    lang: str
    version: str
    approved: bool


@dataclass(frozen=True, slots=True)
class AccessibilityPage:
    template: ClassVar[str] = "accessibility.html"
    title: str
    tested: str
    place: Told


@routes.get("/")
async def home(request: web.Request) -> web.Response:
    return await show(request, home_page)


@routes.get("/privacy")
async def privacy(request: web.Request) -> web.Response:
    return await show(request, privacy_page)


@routes.get("/accessibility")
async def accessibility(request: web.Request) -> web.Response:
    return await show(request, accessibility_page)


@routes.get("/robots.txt")
@machine
async def robots(request: web.Request) -> web.Response:
    """Search engines may read the timetable of a live service, and nothing of anybody."""
    if site_of(request).settings.mode is Mode.DEMO:
        return plain("User-agent: *\nDisallow: /\n")
    return plain("User-agent: *\nDisallow: /chat\nDisallow: /booking\nDisallow: /staff\n")


def home_page(db: Session, look: Look) -> HomePage:
    """The first page, with the next few sessions of the first day that has any."""
    found = fitting(
        db,
        {"when": f"{look.today}/{look.today + timedelta(days=6)}"},
        content=look.content,
        now=look.now,
        zone=look.zone,
    )
    first = local_day(look, found.slots[0]) if found.slots else look.today
    slots = [s for s in found.slots if local_day(look, s) == first][:SOON]
    return HomePage(
        title=look.words.said(look.content.council.service),
        soon=tuple(cards_of(db, look, slots)),
        soon_on=look.words.day(first, today=look.today),
        key=new_key(),
    )


def privacy_page(_db: Session, look: Look) -> PrivacyPage:
    """The council's notice, in the exact words that agreements are recorded against."""
    wording = look.content.wordings.get(KEPT)
    own = wording is not None and look.words.lang in wording.text
    lang = look.words.lang if own else "en"
    return PrivacyPage(
        title=look._("Privacy"),
        text=to_html(wording.text[lang]) if wording else Markup(""),
        lang="" if lang == look.words.lang else lang,
        version=wording.version if wording else "",
        approved=wording is not None and lang in wording.approved and wording.approved[lang].given,
    )


def accessibility_page(_db: Session, look: Look) -> AccessibilityPage:
    """The statement in the form that the regulations ask for."""
    return AccessibilityPage(
        title=look._("Accessibility statement"),
        tested=look.words.day(TESTED, year=True),
        place=look.told(look.content.council.council),
    )

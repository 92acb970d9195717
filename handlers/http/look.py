"""How one request is answered: in which language, for whom, at what time, under which banner.

A page function is plain: it gets a database session and a `Look`, and returns the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web
from markupsafe import Markup, escape
from sqlmodel import Session

from bot.bookings.policy import Policy
from bot.content.values import Content, Language
from bot.core.settings import Mode
from bot.families.models import Adult
from bot.families.queries import find_address
from bot.families.rules import AdultState
from bot.families.service import WEB
from bot.timetable.importing import is_sample
from bot.wording.words import RIGHT_TO_LEFT, Words
from handlers.http.cookies import key_of, read_visitor
from handlers.http.languages import accepted, choose, offered
from handlers.http.site import Site, site_of


@dataclass(frozen=True, slots=True)
class Told:
    """Words of the council, and their language where it isn't the page's own."""

    text: str
    lang: str = ""

    def __html__(self) -> str:
        if not self.lang or not self.text:
            return escape(self.text)
        return Markup('<span lang="{}" dir="{}">{}</span>').format(
            self.lang, self.direction, self.text
        )

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def direction(self) -> str:
        return "rtl" if self.lang.partition("-")[0] in RIGHT_TO_LEFT else "ltr"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request itself says about who asks: hash of the cookie, wished languages, address."""

    path: str
    query: Mapping[str, str]
    key: str  # "" without a cookie
    lang: str  # `?lang=`, where we offer it
    accept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What every page needs. `adult_id` is the visitor, None for one we don't know."""

    words: Words
    languages: tuple[Language, ...]
    content: Content
    zone: ZoneInfo
    now: datetime
    demo: bool
    sample: bool
    telegram: str
    address: str
    asked: Asked
    adult_id: int | None = None
    remembered: bool = False  # the cookie stays on this phone

    @property
    def today(self) -> date:
        """The local date."""
        return self.now.astimezone(self.zone).date()

    @property
    def policy(self) -> Policy:
        """How places are given."""
        return Policy.of(self.content.council, self.zone)

    def _(self, text: str) -> str:
        return self.words._(text)

    def told(self, said: Mapping[str, str] | None) -> Told:
        """A council's words, marked as English where the page's language is missing."""
        if not said:
            return Told("")
        if own := said.get(self.words.lang):
            return Told(own)
        return self.english(said["en"])

    def english(self, text: str) -> Told:
        """Words that a council keeps in English only."""
        return Told(text, "" if self.words.lang == "en" else "en")

    def url(self, path: str, **query: str) -> str:
        """An address of ours that keeps the language chosen in this page's address."""
        if self.asked.lang:
            query["lang"] = self.asked.lang
        kept = urlencode({k: v for k, v in query.items() if v})
        path, hash_mark, fragment = path.partition("#")
        return path + (f"?{kept}" if kept else "") + hash_mark + fragment

    def in_language(self, tag: str) -> str:
        """This page in another language."""
        return self.asked.path + "?" + urlencode({**self.asked.query, "lang": tag})


def read_asked(request: web.Request) -> Asked:
    site = site_of(request)
    tags = {x.tag for x in offered(site.content, site.settings.mode)}
    lang = request.query.get("lang", "")
    token = read_visitor(request)
    # What a form posts to is no page: a link to another language goes to where it came from.
    query = {k: v.replace("\0", "") for k, v in request.query.items() if k != "lang"}
    return Asked(
        path=request.path,
        query=query if request.method in ("GET", "HEAD") else {},
        key=key_of(token) if token else "",
        lang=lang if lang in tags else "",
        accept=accepted(request.headers.get("Accept-Language", "")),
    )


def look_around(db: Session, site: Site, asked: Asked) -> Look:
    """The look of a request, with what the database knows: the visitor and their language."""
    now = site.clock()
    address = find_address(db, channel=WEB, key=asked.key) if asked.key else None
    adult = None
    if address is not None and (address.expires_at is None or address.expires_at > now):
        adult = db.get(Adult, address.adult_id)
        if adult is not None and adult.state is AdultState.ERASED:
            adult = None
    site.sample = is_sample(db)
    return _look(
        site,
        asked,
        now=now,
        adult=adult,
        remembered=adult is not None and address is not None and address.expires_at is not None,
    )


def look_of(request: web.Request) -> Look:
    """The look of a request without asking the database: for errors."""
    site = site_of(request)
    return _look(site, read_asked(request), now=site.clock())


def _look(
    site: Site,
    asked: Asked,
    *,
    now: datetime,
    adult: Adult | None = None,
    remembered: bool = False,
) -> Look:
    languages = offered(site.content, site.settings.mode)
    lang = choose(languages, asked.lang, adult.lang if adult else "", *asked.accept)
    zone = site.settings.zone
    return Look(
        words=Words(lang, zone).on(now),
        languages=languages,
        content=site.content,
        zone=zone,
        now=now,
        demo=site.settings.mode is Mode.DEMO,
        sample=site.sample,
        telegram=site.telegram,
        address=site.settings.public_url,
        asked=asked,
        adult_id=adult.id if adult else None,
        remembered=remembered,
    )

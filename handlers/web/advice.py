"""The help pages, and the page of numbers for when help is urgent.

What a page is about may be dangerous to have in a browser's history. A sensitive topic therefore
has neither a telling address nor a telling title, and nothing of it is kept by the browser.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from aiohttp import web
from markupsafe import Markup
from sqlmodel import Session

from bot.content import naming
from bot.content.values import Activity, Contact, Topic
from bot.conversation.flows.safety import GENERAL, opens
from handlers.http.look import Look, Told
from handlers.http.pages import NOT_KEPT, PUBLIC, read, render, show
from handlers.web.markdown import to_html

_GROUPS = ("play", "health", "money", "home", "send", "worries")

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class TopicLink:
    name: Told
    path: str


@dataclass(frozen=True, slots=True)
class TopicGroup:
    name: str
    topics: tuple[TopicLink, ...]


@dataclass(frozen=True, slots=True)
class HelpPage:
    template: ClassVar[str] = "help.html"
    title: str
    groups: tuple[TopicGroup, ...]


@dataclass(frozen=True, slots=True)
class TopicPage:
    """One help page with how far to trust it. `lang` is set where the text is not in the reader's
    language."""

    template: ClassVar[str] = "topic.html"
    title: str
    name: Told
    discreet: bool
    text: Markup
    lang: str
    sure: bool
    contacts: tuple[Contact, ...]
    activities: tuple[Activity, ...]
    source: str
    checked: str
    owner: str


@dataclass(frozen=True, slots=True)
class UrgentPage:
    """The general card, word for word, and its numbers."""

    template: ClassVar[str] = "urgent.html"
    title: str
    paragraphs: tuple[Told, ...]
    contacts: tuple[Contact, ...]
    approved: bool


@routes.get("/help")
async def help_list(request: web.Request) -> web.Response:
    return await show(request, help_page)


@routes.get("/help/{id}")
async def topic(request: web.Request) -> web.Response:
    look, page = await read(request, topic_page, request.match_info["id"])
    return render(request, look, page, cache=NOT_KEPT if page.discreet else PUBLIC)


@routes.get("/urgent")
async def urgent(request: web.Request) -> web.Response:
    look, page = await read(request, urgent_page)
    return render(request, look, page)


def topic_path(topic: Topic) -> str:
    """The address of a help page; of a sensitive one it says nothing."""
    return "/help/" + (discreet_id(topic.id) if topic.sensitive else topic.id)


def discreet_id(topic: str) -> str:
    """A short name that can't be read."""
    return "p" + hashlib.sha256(f"topic:{topic}".encode()).hexdigest()[:8]


def help_page(_db: Session, look: Look) -> HelpPage:
    """Every topic, by group."""
    topics = sorted(
        look.content.topics.values(),
        key=lambda t: (_place(t.group), look.words.said(t.name).casefold()),
    )
    groups = tuple(
        TopicGroup(
            naming.topic_group(look.words, name),
            tuple(TopicLink(look.told(t.name), topic_path(t)) for t in found),
        )
        for name, found in groupby(topics, key=lambda t: t.group)
    )
    return HelpPage(title=look._("Help and advice"), groups=groups)


def topic_page(_db: Session, look: Look, ident: str) -> TopicPage:
    """Raises HTTPNotFound. A sensitive topic is only found by its discreet name."""
    content, words = look.content, look.words
    found = next((t for t in content.topics.values() if topic_path(t) == f"/help/{ident}"), None)
    if found is None:
        raise web.HTTPNotFound
    own = found.pages.get(words.lang)
    return TopicPage(
        title=look._("Information for you") if found.sensitive else words.said(found.name),
        name=look.told(found.name),
        discreet=found.sensitive,
        text=to_html(own or found.pages["en"]),
        lang="" if own else ("en" if words.lang != "en" else ""),
        sure=found.sure,
        contacts=tuple(content.contacts[c] for c in found.contacts),
        activities=tuple(a for i in found.activities if (a := content.activities[i]).offered),
        source=found.source,
        checked=words.day(found.checked, year=True) if found.checked else "",
        owner=found.owner,
    )


def urgent_page(_db: Session, look: Look) -> UrgentPage:
    """The same card as in the chat."""
    content, words = look.content, look.words
    card = content.safety.cards[GENERAL]
    lang = words.lang if words.lang in card.text else "en"
    when = opens(words, content.council.hours, look.now)
    said = card.text[lang].replace("{opens}", when)
    return UrgentPage(
        title=look._("Useful numbers"),
        paragraphs=tuple(
            Told(p, "" if lang == words.lang else lang) for p in said.splitlines() if p
        ),
        contacts=tuple(content.contacts[c] for c in card.contacts),
        approved=lang in card.approved and card.approved[lang].given,
    )


def _place(group: str) -> int:
    return _GROUPS.index(group) if group in _GROUPS else len(_GROUPS)

"""From a page to an answer: one hop to the database, one template.

async def venues(request): return await show(request, venues_page)
def venues_page(db: Session, look: Look) -> VenuesPage: ...
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Concatenate, ParamSpec, Protocol, TypeVar

from aiohttp import web
from sqlmodel import Session

from handlers.http.look import Look, look_around, read_asked
from handlers.http.site import Site, site_of

P = ParamSpec("P")
T = TypeVar("T")


class Page(Protocol):
    """What one template shows. Its title is also its one h1."""

    template: ClassVar[str]

    @property
    def title(self) -> str: ...


PageWork = Callable[Concatenate[Session, Look, P], T]

#: Public pages may be kept, but are asked for again: a session may be cancelled at any time.
PUBLIC = "private, no-cache"
#: Nothing of these may stay behind on a shared phone.
NOT_KEPT = "no-store"


async def show(
    request: web.Request,
    build: PageWork[P, Page],
    *args: P.args,
    **kwargs: P.kwargs,
) -> web.Response:
    """Read a page from the database and render it. It may be kept by the browser."""
    look, page = await read(request, build, *args, **kwargs)
    return render(request, look, page, cache=PUBLIC)


async def read(
    request: web.Request, work: PageWork[P, T], *args: P.args, **kwargs: P.kwargs
) -> tuple[Look, T]:
    """Run a page function in one reading hop."""
    site, asked = site_of(request), read_asked(request)

    def hop(db: Session) -> tuple[Look, T]:
        look = look_around(db, site, asked)
        return look, work(db, look, *args, **kwargs)

    return await site.store.read(hop)


async def write(
    request: web.Request, work: PageWork[P, T], *args: P.args, **kwargs: P.kwargs
) -> tuple[Look, T]:
    """Run a page function in one writing hop; what it raises undoes all it did."""
    site, asked = site_of(request), read_asked(request)

    def hop(db: Session) -> tuple[Look, T]:
        look = look_around(db, site, asked)
        return look, work(db, look, *args, **kwargs)

    return await site.store.write(hop)


def render(
    request: web.Request, look: Look, page: Page, *, status: int = 200, cache: str = NOT_KEPT
) -> web.Response:
    """A page as an answer."""
    text = fill(site_of(request), look, page)
    answer = web.Response(text=text, content_type="text/html", charset="utf-8", status=status)
    answer.headers["Cache-Control"] = cache
    answer.headers["Vary"] = "Accept-Language, Cookie"
    answer.headers["Content-Language"] = look.words.lang
    answer.enable_compression()
    return answer


def fill(site: Site, look: Look, page: Page) -> str:
    return site.templates.render(page.template, look.words, **context(site, look, page))


def context(site: Site, look: Look, page: Page | None = None) -> dict[str, Any]:
    """What every template is given."""
    return {
        "page": page,
        "look": look,
        "url": look.url,
        "told": look.told,
        "asset": site.assets.url,
        "council": look.content.council,
        "line": look.content.contacts[look.content.council.line],
    }


def plain(text: str, *, status: int = 200, content_type: str = "text/plain") -> web.Response:
    """A few words for a program."""
    return web.Response(text=text, status=status, content_type=content_type, charset="utf-8")

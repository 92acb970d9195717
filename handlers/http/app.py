"""The web application: its middle layers, its files and its health; pages come as route tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa
from aiohttp import web
from aiohttp.typedefs import Middleware
from sqlmodel import Session

from bot.content.values import Content
from bot.core.clock import Clock
from bot.core.settings import Settings
from bot.store.engine import Store
from bot.store.migrate import pending
from bot.timetable.importing import is_sample
from handlers.http.assets import Assets, answer
from handlers.http.errors import show_errors
from handlers.http.headers import add_headers
from handlers.http.origin import guard, machine
from handlers.http.pages import plain
from handlers.http.site import SITE, Site, Turns, site_of
from handlers.http.templates import Templates

#: The content that ships: templates and files that another council's folder doesn't replace.
SHIPPED = Path(__file__).resolve().parents[2] / "content"
LARGEST_BODY = 1024 * 1024  # bytes; forms and the webhook have their own, smaller limits

MIDDLEWARES: tuple[Middleware, ...] = (show_errors, guard)


def build_app(
    *,
    settings: Settings,
    content: Content,
    store: Store,
    turns: Turns,
    clock: Clock,
    routes: Iterable[web.AbstractRouteDef] = (),
) -> web.Application:
    """The application with health, files and the given routes; more may be added."""
    folders = [content.folder, SHIPPED]
    app = web.Application(middlewares=MIDDLEWARES, client_max_size=LARGEST_BODY)
    assets = Assets([f / "static" for f in folders], content.council)
    app[SITE] = Site(
        settings=settings,
        content=content,
        store=store,
        turns=turns,
        clock=clock,
        templates=Templates([f / "pages" for f in folders]),
        assets=assets,
    )
    app.on_response_prepare.append(add_headers)
    app.on_startup.append(_look_at_the_programme)
    app.router.add_get("/static/{name}", assets.serve)
    app.router.add_get("/favicon.ico", _icon)
    app.router.add_get("/healthz", _alive)
    app.router.add_get("/readyz", _ready)
    app.add_routes(routes)
    return app


async def _look_at_the_programme(app: web.Application) -> None:
    app[SITE].sample = await app[SITE].store.read(is_sample)


async def _icon(request: web.Request) -> web.Response:
    asset = site_of(request).assets.get("icon.svg")
    return answer(request, asset, cache="public, max-age=86400")


@machine
async def _alive(_request: web.Request) -> web.Response:
    """The process answers."""
    return plain("ok\n")


@machine
async def _ready(request: web.Request) -> web.Response:
    """The database answers, and has the tables that this program expects."""
    try:
        behind = await site_of(request).store.read(_behind)
    except Exception:  # whatever it is, we are not ready; the page that needs it will say more
        return plain("database does not answer\n", status=503)
    return plain("tables are old\n", status=503) if behind else plain("ready\n")


def _behind(db: Session) -> bool:
    db.execute(sa.text("SELECT 1"))
    bind = db.get_bind()
    return pending(bind if isinstance(bind, sa.Engine) else bind.engine)

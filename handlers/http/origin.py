"""Refuses forms that another website sends in a visitor's name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from bot.core.errors import Kind, PlannedError, Translate
from handlers.http.address import client_network
from handlers.http.limits import PAGES
from handlers.http.site import site_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
#: What a page needs to look right, and the way out of here: both work for whoever asks too often.
_UNCOUNTED = ("/static/", "/exit")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignFormError(PlannedError):
    """The form did not come from one of our pages."""

    kind = Kind.FORBIDDEN

    def sentence(self, _: Translate) -> str:
        return _(
            "That form did not come from this website. Please open the page here, then try again."
        )


def machine(handler: Handler) -> Handler:
    """Mark a handler that programs call (a webhook, a health check): no Origin, no page limits.

    It has to check for itself who calls.
    """
    handler.machine = True  # type: ignore[attr-defined]  # a function takes attributes
    return handler


def is_machine(request: web.Request) -> bool:
    handler = request.match_info.handler
    return getattr(getattr(handler, "__func__", handler), "machine", False)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count the request against its address, and check where a form came from."""
    if is_machine(request):
        return await handler(request)
    if not request.path.startswith(_UNCOUNTED):
        site_of(request).limits.take(PAGES, client_network(request))
    if request.method not in _SAFE:
        check_origin(request)
    return await handler(request)


def check_origin(request: web.Request) -> None:
    """Raise ForeignFormError unless a browser says that one of our own pages sent this.

    A request with neither header is let through only without a cookie: no browser of the last
    years sends a form like that, and without a cookie there is nobody to act as.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        raise ForeignFormError
    if origin is None:
        if site is None and "Cookie" in request.headers:
            raise ForeignFormError
        return
    public = site_of(request).settings.public_url
    ours = {request.host.lower()}
    if public:
        ours.add(urlsplit(public).netloc.lower())
    try:
        sender = urlsplit(origin).netloc.lower()
    except ValueError:
        sender = ""
    if not sender or sender not in ours:
        raise ForeignFormError

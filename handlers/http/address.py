"""Where a request comes from, behind as many proxies as the settings trust."""

from __future__ import annotations

from aiohttp import web

from handlers.http.limits import network_of
from handlers.http.site import site_of


def client_network(request: web.Request) -> str:
    """The network of the client.

    Each trusted proxy adds one address at the end of X-Forwarded-For; what stands before those is
    whatever the client made up.
    """
    trusted = site_of(request).settings.trusted_proxies
    if trusted:
        chain = [
            part.strip()
            for line in request.headers.getall("X-Forwarded-For", [])
            for part in line.split(",")
        ]
        if len(chain) >= trusted:
            return network_of(chain[-trusted].strip("[]"))
    return network_of(request.remote or "")

"""Headers of every answer: pages, files, errors and redirects alike."""

from __future__ import annotations

from aiohttp import web

from bot.core.settings import Mode
from handlers.http.site import site_of

#: Nothing inline, nothing from elsewhere, no frame around us.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

_FIXED = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: browsers would then send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "web",  # which library and version it is helps only an attacker
}
_A_YEAR = 365 * 24 * 3600


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Runs just before any answer leaves."""
    for name, value in _FIXED.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
    settings = site_of(request).settings
    if settings.secure:
        response.headers["Strict-Transport-Security"] = f"max-age={_A_YEAR}; includeSubDomains"
    if settings.mode is Mode.DEMO:
        response.headers["X-Robots-Tag"] = "noindex"

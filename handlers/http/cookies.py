"""Cookies: who a web visitor is, and nothing else about them.

A visitor is a random 256-bit value that lives in the cookie; the database only knows its SHA-256.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta

from aiohttp import web

from handlers.http.site import site_of

VISITOR = "visitor"
REMEMBERED = timedelta(days=30)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """256 random bits, as 43 letters that a cookie can hold."""
    return secrets.token_urlsafe(32)


def key_of(token: str) -> str:
    """What the database knows of a cookie."""
    return hashlib.sha256(token.encode()).hexdigest()


def read_cookie(request: web.Request, name: str) -> str:
    """A cookie's value, or "" where there is none."""
    return request.cookies.get(_full(request, name), "")


def read_visitor(request: web.Request) -> str:
    """The visitor's token, or "" where there is none that we could have made."""
    token = read_cookie(request, VISITOR)
    return token if _TOKEN.fullmatch(token) else ""


def give_cookie(
    request: web.Request,
    response: web.StreamResponse,
    name: str,
    value: str,
    *,
    life: timedelta | None = None,
) -> None:
    """Set a cookie that scripts can't read. Without `life` it ends with the browser."""
    response.set_cookie(
        _full(request, name),
        value,
        max_age=None if life is None else int(life.total_seconds()),
        path="/",
        secure=site_of(request).settings.secure,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(request: web.Request, response: web.StreamResponse, name: str) -> None:
    """Take a cookie back."""
    response.del_cookie(
        _full(request, name),
        path="/",
        secure=site_of(request).settings.secure,
        httponly=True,
        samesite="Lax",
    )


def _full(request: web.Request, name: str) -> str:
    # With the prefix a browser takes it only over https, from this very host, for every path.
    return f"__Host-{name}" if site_of(request).settings.secure else name

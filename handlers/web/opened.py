"""The code that is open on this device: sealed in a cookie for half an hour, never in an address."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta

from aiohttp import web

from bot.core.sealing import SealBrokenError
from bot.store.columns import keys
from handlers.http.cookies import give_cookie, read_cookie
from handlers.http.look import read_asked
from handlers.http.site import site_of

BOOKING = "booking"  # the cookie
OPEN_FOR = timedelta(minutes=30)
_SEALED_AS = "cookie.booking"


def opened_code(request: web.Request) -> str:
    """The code in the cookie while it is good, else ""."""
    try:
        blob = base64.urlsafe_b64decode(read_cookie(request, BOOKING))
        kept = keys().open(blob, context=_SEALED_AS)
        code, until = str(kept["code"]), datetime.fromisoformat(kept["until"])
    except (SealBrokenError, binascii.Error, ValueError, KeyError):
        return ""
    return code if until >= site_of(request).clock() else ""


def give_code(request: web.Request, response: web.StreamResponse, code: str, now: datetime) -> None:
    """Open this code on the device for half an hour."""
    blob = keys().seal({"code": code, "until": (now + OPEN_FOR).isoformat()}, context=_SEALED_AS)
    give_cookie(request, response, BOOKING, base64.urlsafe_b64encode(blob).decode())


def back(request: web.Request) -> web.Response:
    """To the page that shows what became of it."""
    lang = read_asked(request).lang
    where = "/booking" + (f"?lang={lang}" if lang else "")
    return web.Response(status=303, headers={"Location": where})

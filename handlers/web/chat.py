"""The chat: a page that works as plain forms, and better with our script.

A visitor exists from the first thing they send; looking creates nothing. Every answer is read
from the outbox, so that a reload, another tab or a restart shows the same talk. What is to be
seen one time only is marked as shown in the transaction that reads it.
"""

from __future__ import annotations

from aiohttp import web

from bot.conversation.incoming import Incoming, Kind, Sender, TurnResult
from bot.families.service import WEB
from handlers.http.address import client_network
from handlers.http.cookies import (
    REMEMBERED,
    VISITOR,
    drop_cookie,
    give_cookie,
    key_of,
    new_token,
    read_visitor,
)
from handlers.http.forms import BadFormError, read_form
from handlers.http.limits import CHAT, CHAT_ADDRESS
from handlers.http.look import Look, read_asked
from handlers.http.pages import context, read, render, write
from handlers.http.site import site_of
from handlers.web.opened import BOOKING
from handlers.web.tokens import deed_key
from handlers.web.transcript import (
    ChatPage,
    answer_page,
    chat_page,
    clear_chat,
    kept,
    set_remembered,
)

LONGEST = 2000  # characters of one message
_LONGEST_TOKEN = 80

routes = web.RouteTableDef()


@routes.get("/chat")
async def chat(request: web.Request) -> web.Response:
    look, page = await read(request, chat_page)
    if page.once:
        look, page = await write(request, chat_page, mark=True)
    return render(request, look, page)


@routes.get("/chat/new")
async def newer(request: web.Request) -> web.Response:
    """What has come since a row that the page has, for the script."""
    after = request.query.get("after", "")
    if not (after.isascii() and after.isdigit() and len(after) < 16):
        raise BadFormError
    look, page = await read(request, chat_page, after=int(after))
    if page.once:
        look, page = await write(request, chat_page, after=int(after), mark=True)
    return _pieces(request, look, page)


@routes.post("/chat")
async def say(request: web.Request) -> web.Response:
    """Something typed, a button, a place, or the start that a link on another page asks for."""
    limits = site_of(request).limits
    limits.take(CHAT_ADDRESS, client_network(request))
    form = await read_form(request)
    token = read_visitor(request)
    if token:
        limits.take(CHAT, key_of(token))
    made = "" if token else new_token()
    incoming = _incoming(request, form, key_of(token or made))
    if incoming is None:
        return _back(request)
    result = await site_of(request).turns.take(incoming)
    response = await _answer(request, result)
    if made:
        give_cookie(request, response, VISITOR, made)
    return response


@routes.post("/chat/clear")
async def clear(request: web.Request) -> web.Response:
    """Forget the talk: off every screen, and out of the database."""
    await read_form(request)
    await write(request, clear_chat)
    return _back(request)


@routes.post("/chat/remember")
async def remember(request: web.Request) -> web.Response:
    """Keep the talk on this phone for thirty days, or only until the browser is closed."""
    keep = (await read_form(request)).get("keep") == "yes"
    token = read_visitor(request)
    _look, known = await write(request, set_remembered, keep=keep)
    response = _back(request)
    if token and known:
        give_cookie(request, response, VISITOR, token, life=REMEMBERED if keep else None)
    return response


@routes.get("/exit")
async def leave(request: web.Request) -> web.Response:
    """Off this website at once, without a trace that we can remove ourselves."""
    response = web.Response(status=303)
    response.headers["Location"] = site_of(request).content.council.exit_url
    response.headers["Clear-Site-Data"] = '"cookies", "storage"'
    response.headers["Cache-Control"] = "no-store"
    for name in (VISITOR, BOOKING):
        drop_cookie(request, response, name)
    return response


def _incoming(request: web.Request, form: dict[str, str], external: str) -> Incoming | None:
    """What was done, or None where an empty line was sent. Raises BadFormError."""
    asked = read_asked(request)
    sender = Sender(WEB, external, asked.lang or next(iter(asked.accept), ""))
    form_key = form.get("key", "")
    if "token" in form:
        token = form["token"][:_LONGEST_TOKEN]
        return Incoming(sender, Kind.TAP, deed_key(form_key, "token", token), text=token)
    if "start" in form:
        start = form["start"][:_LONGEST_TOKEN]
        return Incoming(
            sender, Kind.COMMAND, deed_key(form_key, "start", start), text="start", argument=start
        )
    if form.get("lat") and form.get("lon"):
        point = _point(form["lat"], form["lon"])
        return Incoming(sender, Kind.LOCATION, deed_key(form_key, "point"), point=point)
    text = form.get("text", "")[:LONGEST]
    if not text:
        return None
    return Incoming(sender, Kind.TEXT, deed_key(form_key, "text", text), text=text)


def _point(lat: str, lon: str) -> tuple[float, float]:
    try:
        point = float(lat), float(lon)
    except ValueError:
        raise BadFormError from None
    if not (-90 <= point[0] <= 90 and -180 <= point[1] <= 180):
        raise BadFormError
    return point


async def _answer(request: web.Request, result: TurnResult) -> web.Response:
    ids = [r.outbox_id for r in result.replies]
    once = [r.outbox_id for r in result.replies if r.message.protected]
    if wants_json(request):
        work = write if once else read
        look, page = await work(request, answer_page, result)
        return _pieces(request, look, page)
    look, all_kept = await read(request, kept, ids)
    if all_kept:
        return _back(request)
    # The last word to somebody who asked to be forgotten: it is said, and not kept.
    look, page = await read(request, answer_page, result)
    return render(request, look, page)


def _pieces(request: web.Request, look: Look, page: ChatPage) -> web.Response:
    """What the script puts on the page, and what it takes away."""
    site = site_of(request)
    made = context(site, look)
    html = "".join(
        site.templates.part("bubble.html", "bubble", look.words, b, **made) for b in page.bubbles
    )
    return web.json_response({"html": html, "hide": page.hidden, "last": page.last})


def wants_json(request: web.Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _back(request: web.Request) -> web.Response:
    lang = read_asked(request).lang
    where = "/chat" + (f"?lang={lang}" if lang else "") + "#latest"
    response = web.Response(status=303)
    response.headers["Location"] = where
    return response

"""What a person sees when something goes wrong: a clear page, in their language, never a trace."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from aiohttp import web

from bot.core.errors import Kind, PlannedError
from bot.store.engine import OperationalError, is_away
from handlers.http.forms import LARGEST
from handlers.http.limits import TooManyError
from handlers.http.look import Look, look_of
from handlers.http.origin import Handler, is_machine
from handlers.http.pages import plain, render

logger = logging.getLogger(__name__)

STATUS = {
    Kind.INVALID: 400,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_MANY: 429,
    Kind.UNAVAILABLE: 503,
}


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """One error. `sentence` says what happened and what to do."""

    template: ClassVar[str] = "error.html"
    title: str
    sentence: str
    status: int


@web.middleware
async def show_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into an answer; a bug is logged once, without its words."""
    try:
        return await handler(request)
    except web.HTTPException as problem:
        if problem.status < 400:
            raise
        kept = {k: v for k, v in problem.headers.items() if k in ("Allow", "Retry-After")}
        return answer(request, problem.status, headers=kept)
    except TooManyError as problem:
        return answer(request, 429, problem, headers={"Retry-After": str(problem.seconds)})
    except PlannedError as problem:
        return answer(request, STATUS[problem.kind], problem)
    except Exception as problem:
        if isinstance(problem, OperationalError) or is_away(problem):
            logger.exception("database unavailable", extra=_facts(request))
            return answer(request, 503)
        logger.exception("request failed", extra=_facts(request))
        return answer(request, 500)


def answer(
    request: web.Request,
    status: int,
    problem: PlannedError | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """An error for whoever asks: a page, JSON for our script, a few words for a program."""
    look = look_of(request)
    title, sentence = _words(look, status)
    if isinstance(problem, TooManyError):
        sentence = wait(look, problem.seconds)
    elif problem is not None:
        sentence = problem.sentence(look.words._)
    if is_machine(request):
        made = plain(f"{status}\n", status=status)
    elif "application/json" in request.headers.get("Accept", ""):
        made = web.json_response({"error": sentence}, status=status)
    else:
        made = render(request, look, ErrorPage(title, sentence, status), status=status)
    made.headers.update(headers or {})
    return made


def wait(look: Look, seconds: int) -> str:
    """When to try again."""
    if seconds <= 60:
        return look.words.ngettext(
            "That was a lot at once. Please try again in %(num)d second.",
            "That was a lot at once. Please try again in %(num)d seconds.",
            seconds,
        ) % {"num": seconds}
    minutes = math.ceil(seconds / 60)
    return look.words.ngettext(
        "That was a lot at once. Please try again in %(num)d minute.",
        "That was a lot at once. Please try again in %(num)d minutes.",
        minutes,
    ) % {"num": minutes}


def _words(look: Look, status: int) -> tuple[str, str]:
    _ = look.words._
    match status:
        case 403:
            return _("Not from here"), _("That did not come from this website.")
        case 404:
            return _("Page not found"), _(
                "There is no page at this address. It may have moved, or the link may be cut off."
            )
        case 405:
            return _("That can't be done here"), _(
                "This address works in another way. Please start from one of the links below."
            )
        case 409:
            return _("That can't be done now"), _("Please look at the page again.")
        case 413:
            return _("Too long"), _(
                "What you sent is too long. Please send less than %(size)d letters."
            ) % {"size": LARGEST // 10}
        case 429:
            return _("Please wait a little"), _("That was a lot at once. Please wait a little.")
        case 503:
            return _("Not available just now"), _(
                "We can't show this at the moment. Please try again in a few minutes."
            )
        case _ if status < 500:
            return _("That did not work"), _(
                "We could not read that. Please go back and try again."
            )
        case _:
            return _("Sorry, something went wrong"), _(
                "It is our fault, not yours. Please try again in a few minutes."
            )


def _facts(request: web.Request) -> dict[str, str]:
    resource = request.match_info.route.resource
    # The pattern, not the address: an address may tell which page somebody read.
    return {"method": request.method, "path": resource.canonical if resource else "?"}

"""What every web handler needs: one value, put into the application by `build_app`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web

from bot.content.values import Content
from bot.conversation.incoming import Incoming, TurnResult
from bot.core.clock import Clock
from bot.core.settings import Settings
from bot.store.engine import Store
from handlers.http.assets import Assets
from handlers.http.limits import Limits
from handlers.http.templates import Templates


class Turns(Protocol):
    """Takes turns: one transaction each, whose replies are on their way when it returns."""

    async def take(self, incoming: Incoming) -> TurnResult: ...


@dataclass
class Site:
    """Settings, content, store and the machinery of pages.

    `sample` is whether the programme on show is the sample, as last read; `telegram` is the
    address of our Telegram chat, "" while that is off.
    """

    settings: Settings
    content: Content
    store: Store
    turns: Turns
    clock: Clock
    templates: Templates
    assets: Assets
    limits: Limits = field(default_factory=Limits)
    sample: bool = True
    telegram: str = ""


SITE = web.AppKey("site", Site)


def site_of(request: web.Request) -> Site:
    """The site of the outermost application, also from a handler of a sub-application."""
    return request.config_dict[SITE]

"""The conversations, one file each. Importing them registers their buttons, wishes and commands."""

from __future__ import annotations

from bot.conversation.flows import (
    along,
    asking,
    booking,
    calls,
    cancelling,
    children,
    family,
    joining,
    links,
    menu,
    mine,
    moving,
    paging,
    people,
    privacy,
    registering,
    removing,
    safety,
    searching,
    session,
    settings,
    story,
    topics,
    unsure,
    waiting,
    ways,
)  # fmt: skip

__all__ = [
    "along", "asking", "booking", "calls", "cancelling", "children", "family", "joining", "links", "menu", "mine", "moving",
    "paging", "people", "privacy", "register", "registering", "removing", "safety", "searching", "session", "settings", "story", "topics",
    "unsure", "waiting", "ways",
]  # fmt: skip


def register() -> None:
    """Nothing to do: the imports above registered everything. Called to make that plain."""

"""The conversations, one file each. Importing them registers their buttons, wishes and commands."""

from __future__ import annotations

from bot.conversation.flows import (
    asking,
    booking,
    cancelling,
    children,
    family,
    links,
    menu,
    mine,
    moving,
    people,
    privacy,
    registering,
    safety,
    searching,
    session,
    settings,
    story,
    topics,
    unsure,
    waiting,
)  # fmt: skip

__all__ = [
    "asking", "booking", "cancelling", "children", "family", "links", "menu", "mine", "moving",
    "people", "privacy", "register", "registering", "safety", "searching", "session", "settings", "story", "topics",
    "unsure", "waiting",
]  # fmt: skip


def register() -> None:
    """Nothing to do: the imports above registered everything. Called to make that plain."""

"""The conversations, one file each. Importing them registers their buttons, wishes and commands."""

from __future__ import annotations

from bot.conversation.flows import (
    booking,
    menu,
    mine,
    people,
    privacy,
    registering,
    safety,
    searching,
    session,
    settings,
    topics,
    unsure,
)  # fmt: skip

__all__ = [
    "booking", "menu", "mine", "people", "privacy", "register", "registering", "safety",
    "searching", "session", "settings", "topics", "unsure",
]  # fmt: skip


def register() -> None:
    """Nothing to do: the imports above registered everything. Called to make that plain."""

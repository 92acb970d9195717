"""What the Telegram handlers need from the rest of the service, and the row being worked on."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from bot.conversation.incoming import Incoming, TurnResult
from bot.inbox.rules import Arrival


class Turns(Protocol):
    """Takes turns: one transaction each, whose replies are on their way when it returns."""

    async def take(self, incoming: Incoming) -> TurnResult:
        """Raises whatever made the turn fail; then nothing of it was kept."""
        ...


class Store(Protocol):
    """Keeps updates that came in, before anybody is told that we have them."""

    async def __call__(self, updates: Sequence[Arrival]) -> bool:
        """Return when all are committed, in their order: True if any is new, False if we had them."""
        ...


class Inbox(Protocol):
    """Updates that were stored and not dealt with yet."""

    async def waiting(self, limit: int) -> list[tuple[int, str]]:
        """The oldest rows neither processed nor parked: id and person, in the order of arrival."""
        ...

    async def load(self, inbox_id: int) -> bytes | None:
        """The body of a row; None if it is no longer waiting."""
        ...

    async def failed(self, inbox_id: int, reason: str) -> None:
        """Park a row that can't be dealt with, for staff to see."""
        ...

    async def ignored(self, inbox_id: int) -> None:
        """Mark a row processed that calls for no turn."""
        ...


@dataclass(slots=True)
class Row:
    """The inbox row that is being handled in this task, and how that went."""

    inbox_id: int
    taken: bool = False  # a turn was made of it, which marks it processed itself
    error: Exception | None = None


#: python-telegram-bot gives a handler nothing but the update, and swallows what a handler raises.
current_row: ContextVar[Row | None] = ContextVar("current_row", default=None)

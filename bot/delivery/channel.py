"""What a way of reaching people must do. One small protocol; adapters stand beside this file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.outbox.message import Message


class Outcome(StrEnum):
    SENT = "sent"
    RETRY = "retry"  # not delivered; try again after `retry_after`
    GONE = "gone"  # the person can't be reached there any more: blocked, no such chat or mailbox
    REFUSED = "refused"  # the channel will never take this message
    UNKNOWN = "unknown"  # it may have arrived: cut off after sending


@dataclass(frozen=True, slots=True)
class Result:
    """How one send ended. `reason` is for staff and holds no personal data."""

    outcome: Outcome
    external_id: str = ""  # the channel's own ids of what it shows, joined by commas
    retry_after: float | None = None  # seconds
    reason: str = ""


class Channel(Protocol):
    """A way of reaching people. `to` is the address in the channel's own form."""

    name: str

    async def send(self, to: str, message: Message, *, reference: str) -> Result:
        """Send once and say how it ended. Never raises for what the network or the channel does."""
        ...

    async def erase(self, to: str, external_ids: Sequence[str]) -> int:
        """Take messages off the person's screen as far as the channel allows; how many went."""
        ...

"""What the bot called, and what was handed to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Call:
    """One call of the bot. `status` is what was answered, 0 where the connection was cut."""

    seq: int
    at: float  # the emulator's clock
    real: float  # time.monotonic()
    method: str
    chat_id: int | None
    args: dict[str, Any]
    status: int = 0
    note: str = ""  # the fault, or Telegram's words of refusal
    message_id: int = 0
    done: bool = False  # whether it had its effect

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Delivery:
    """One try to hand an update to the bot. `status` is 0 where no answer came."""

    update_id: int
    real: float
    status: int
    note: str = ""

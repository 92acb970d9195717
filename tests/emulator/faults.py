"""Faults to order: which call goes wrong, how, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """How a call goes wrong. `status` 0 means that the fault is not an answer."""

    name: str
    status: int = 0
    description: str = ""
    retry_after: int = 0  # seconds
    seconds: float = 0.0  # real seconds

    @classmethod
    def blocked(cls) -> Fault:
        return cls("blocked", 403, "Forbidden: bot was blocked by the user")

    @classmethod
    def deactivated(cls) -> Fault:
        return cls("deactivated", 403, "Forbidden: user is deactivated")

    @classmethod
    def not_found(cls) -> Fault:
        return cls("not_found", 400, "Bad Request: chat not found")

    @classmethod
    def refused(cls, words: str) -> Fault:
        return cls("refused", 400, f"Bad Request: {words}")

    @classmethod
    def flood(cls, seconds: int) -> Fault:
        return cls(
            "flood", 429, f"Too Many Requests: retry after {seconds}", retry_after=int(seconds)
        )

    @classmethod
    def server_error(cls, status: int = 502) -> Fault:
        return cls("server_error", status, "Bad Gateway" if status == 502 else "Internal error")

    @classmethod
    def unauthorised(cls) -> Fault:
        return cls("unauthorised", 401, "Unauthorized")

    @classmethod
    def slow(cls, seconds: float) -> Fault:
        """Answer as usual, but only after that many real seconds."""
        return cls("slow", seconds=seconds)

    @classmethod
    def cut_before(cls) -> Fault:
        """The request was read; the connection breaks and nothing was done."""
        return cls("cut_before")

    @classmethod
    def cut_after(cls) -> Fault:
        """It was done; the connection breaks before the answer."""
        return cls("cut_after")

    @classmethod
    def garbage(cls) -> Fault:
        """It was done; the answer is no JSON."""
        return cls("garbage")

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class _Planned:
    method: str
    fault: Fault
    chat_id: int | None
    left: int | None  # None: for ever
    skip: int


class Faults:
    """The faults that are still to come, oldest first."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []

    def add(
        self, method: str, fault: Fault, *, chat_id: int | None, times: int | None, skip: int
    ) -> None:
        self._planned.append(_Planned(method.lower(), fault, chat_id, times, skip))

    def clear(self) -> None:
        self._planned.clear()

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        """The fault for this call, used up by being taken."""
        for planned in self._planned:
            if planned.method not in {"*", method.lower()}:
                continue
            if planned.chat_id is not None and planned.chat_id != chat_id:
                continue
            if planned.skip > 0:
                planned.skip -= 1
                continue
            if planned.left is not None:
                planned.left -= 1
                if planned.left <= 0:
                    self._planned.remove(planned)
            return planned.fault
        return None

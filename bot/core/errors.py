"""Planned failures: a fact and a sentence a person can be told. Anything else is a bug."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

Translate = Callable[[str], str]


class Kind(StrEnum):
    """What sort of failure it is; the edge picks the HTTP status from it."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    UNAVAILABLE = "unavailable"
    TOO_MANY = "too_many"


class PlannedError(Exception):
    """Base of every failure we planned for."""

    kind = Kind.INVALID

    def sentence(self, _: Translate) -> str:
        """What to tell the person, translated."""
        raise RuntimeError(f"{type(self).__name__} has no sentence")

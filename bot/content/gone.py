"""What rows still need and the folder no longer names: shown by its id, never a broken page.

Bookings, sessions and waiting lists keep the ids of venues and activities for years. Staff are told
which ones the folder has lost (`bot.bookings.missing`); until it is mended families read a plain
name, and that we have nothing more about the place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from bot.content.values import Activity, Venue

T = TypeVar("T")


class Kept(dict[str, T]):
    """Values by id. `kept[id]` stands in for what is gone; `in`, `get` and loops know only what the
    folder names, so that nothing that is gone is offered."""

    def __init__(self, named: Mapping[str, T], stand_in: Callable[[str], T]) -> None:
        super().__init__(named)
        self._stand_in = stand_in

    def __missing__(self, ident: str) -> T:
        return self._stand_in(ident)


def gone_venue(ident: str) -> Venue:
    return Venue(
        ident, _plain_name(ident), kind="", address="", postcode="", area="", point=None, gone=True
    )


def gone_activity(ident: str) -> Activity:
    """Sensitive, as it may have been: nobody can look it up any more."""
    nothing = {"en": ""}
    return Activity(ident, _plain_name(ident), nothing, neutral=nothing, offered=False, gone=True)


def _plain_name(ident: str) -> dict[str, str]:
    return {"en": ident.replace("_", " ").capitalize()}

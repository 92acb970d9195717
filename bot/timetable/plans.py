"""A series' plan as JSON in its row, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from bot.content.values import Mode, Repeat, SeriesPlan


def plan_to_json(plan: SeriesPlan) -> dict[str, Any]:
    """A plan as JSON, dates and times in ISO form. Where it came from in the file is left out."""

    def plain(value: object) -> object:
        if isinstance(value, date | time):
            return value.isoformat()
        return [plain(v) for v in value] if isinstance(value, tuple) else value

    return {k: plain(v) for k, v in dataclasses.asdict(plan).items() if k != "line"}


def plan_from_json(kept: Mapping[str, Any]) -> SeriesPlan:
    def day(value: str | None) -> date | None:
        return date.fromisoformat(value) if value else None

    return SeriesPlan(
        **{
            **kept,
            "line": 0,
            "repeat": Repeat(kept["repeat"]),
            "mode": Mode(kept["mode"]),
            "begins": time.fromisoformat(kept["begins"]),
            "ends": time.fromisoformat(kept["ends"]),
            "starts": day(kept["starts"]),
            "until": day(kept["until"]),
            "dates": tuple(date.fromisoformat(d) for d in kept["dates"]),
            "offsets": tuple(kept["offsets"]),
            "except_on": tuple(date.fromisoformat(d) for d in kept["except_on"]),
        }
    )

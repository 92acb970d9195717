"""A message read in the light of the talk so far: what carries over, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence

from bot.understanding.reading import Reading, TalkTurn


def resolve(reading: Reading, talk: Sequence[TalkTurn]) -> Reading:
    """The reading with what carries over from earlier turns, oldest first."""
    return reading

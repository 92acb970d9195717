"""The golden talks of tests/transcripts/reading.txt: what carries over, what is picked, what is dropped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.understanding.reader import Reader
from bot.understanding.reading import Shown, TalkTurn, Wish
from tests.understanding.stand_in import stand_in

GOLDEN = Path(__file__).parents[1] / "transcripts" / "reading.txt"
NOW = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Europe/London"))
READER = Reader.from_content(stand_in())


def talks() -> Iterator[tuple[str, list[str]]]:
    for part in GOLDEN.read_text("utf-8").split("\n## ")[1:]:
        title, *lines = part.strip().split("\n")
        yield title, [line for line in lines if line]


def told(wish: Wish) -> str:
    slots = (
        f"{k}={v if isinstance(v, str) else ','.join(v)}" for k, v in sorted(wish.slots.items())
    )
    return " ".join([wish.intent, *slots])


@pytest.mark.parametrize(("title", "lines"), list(talks()))
def test_a_talk_is_understood_as_written(title, lines):
    assert replayed(lines) == lines


def replayed(lines: list[str]) -> list[str]:
    """The talk with what the reader says now in place of what is written."""
    talk: list[TalkTurn] = []
    out: list[str] = []
    shown: list[Shown] = []
    asked = ""
    for line in lines:
        mark, _, text = line.partition(" ")
        if mark in {"|", "?"}:
            out.append(line)
            if mark == "|":
                shown.append(Shown(*text.split()))
            else:
                asked = text
            last = talk[-1]
            talk[-1] = TalkTurn(last.intent, last.slots, tuple(shown), asked, last.text)
        elif mark == ">":
            reading = READER.understand(text, now=NOW, talk=talk)
            out += [line, f"= {told(reading.wish)}", *(f"+ {told(w)}" for w in reading.also)]
            talk.append(TalkTurn(reading.intent, reading.slots, text=text))
            shown, asked = [], ""
    return out

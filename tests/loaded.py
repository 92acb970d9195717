"""What `tests.forking` loads once, before the first fork: the service's code, and the reader of the
shipped content, which never changes."""

from __future__ import annotations

import os
from pathlib import Path

import bot.cli  # noqa: F401  # loaded for what is forked
from bot.content import Content, load
from bot.understanding.reader import Reader

os.chdir(Path(__file__).resolve().parents[1])  # where `make run` starts it
SHIPPED = load(Path("content"))
READER = Reader.from_content(SHIPPED)


def _once(content: Content) -> Reader:
    return READER if content == SHIPPED else Reader(content)


Reader.from_content = _once  # forks read by the one reader

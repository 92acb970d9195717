"""Folders to load: Bexley's own, the small council's, and a copy that a test may spoil."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.content import Content, load

ROOT = Path(__file__).parents[2]
BEXLEY = ROOT / "content"
THORNBURY = ROOT / "tests" / "councils" / "thornbury_vale"

Spoil = Callable[[str, str, str], int]


def copy_into(place: Path) -> Path:
    """The small council's folder, laid out as here: it uses the danger lists of Bexley's."""
    phrases = place / "content" / "safety" / "phrases"
    phrases.mkdir(parents=True)
    shutil.copy(BEXLEY / "safety" / "phrases" / "en.yaml", phrases)
    folder = place / "tests" / "councils" / "thornbury_vale"
    shutil.copytree(THORNBURY, folder)
    return folder


@pytest.fixture(scope="session")
def bexley() -> Content:
    return load(BEXLEY)


@pytest.fixture(scope="session")
def thornbury() -> Content:
    return load(THORNBURY)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The small council's folder, in a place of its own."""
    return copy_into(tmp_path)


@pytest.fixture
def spoil(copy: Path) -> Spoil:
    """Replaces the one place where `old` stands, and says on which line that was."""

    def replace(file: str, old: str, new: str) -> int:
        path = copy / file
        text = path.read_bytes().decode("utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
        path.write_bytes(text.replace(old, new).encode("utf-8"))
        return text[: text.index(old)].count("\n") + 1

    return replace

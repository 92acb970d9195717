"""A desk to talk to, on a laid-out timetable."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.content import Content
from bot.store.engine import Store
from bot.understanding.reader import Reader
from tests.conftest import NOW
from tests.talker import Office, Talker


@pytest.fixture(scope="session")
def reader(content: Content) -> Reader:
    return Reader.from_content(content)


@pytest.fixture
def office(
    laid_template: Path, tmp_path: Path, content: Content, reader: Reader
) -> Iterator[Office]:
    path = tmp_path / "bot.sqlite3"
    shutil.copy(laid_template, path)
    store = Store(f"sqlite:///{path}", durable=False)
    yield Office(store, content, reader)
    store.close()


@pytest.fixture
def amina(office: Office) -> Talker:
    return office.talker("101", now=NOW)


@pytest.fixture
def ben(office: Office) -> Talker:
    return office.talker("102", now=NOW)


@pytest.fixture
def visitor(office: Office) -> Talker:
    """Somebody in the web chat."""
    return office.talker("a" * 64, channel="web", now=NOW)

"""Fixtures of the web tests: a prepared database copied for each, and a client that checks pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.opening import Opened
from bot.store.columns import keys, use_keys
from tests.web.client import PageClient
from tests.web.world import World, copy_of, prepare


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    before = keys()
    made = prepare(tmp_path_factory.mktemp("prepared"))
    use_keys(before)
    return made


@pytest.fixture
def world(prepared: Opened, tmp_path: Path) -> Iterator[World]:
    before = keys()
    made = copy_of(prepared, tmp_path)
    yield made
    made.close()
    use_keys(before)


@pytest.fixture
async def client(world: World) -> AsyncIterator[PageClient]:
    async with TestClient(TestServer(world.app())) as raw:
        yield PageClient(raw, world)

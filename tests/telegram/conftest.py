"""The emulator and the service on it, for the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.emulator import Emulator
from tests.telegram.service import Service, running


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(speed=50) as emulator:
        yield emulator


@pytest.fixture
async def service(emulator: Emulator) -> AsyncIterator[Service]:
    async with running(emulator) as service:
        yield service


@pytest.fixture(params=["webhook", "polling"])
async def either(emulator: Emulator, request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    """The service both ways that updates come in."""
    async with running(emulator, polling=request.param == "polling") as service:
        yield service

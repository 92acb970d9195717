"""Settings of a service of its own, with nothing taken from the environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.core.settings import Settings
from bot.store import columns
from tests.conftest import SHIPPED

MakeSettings = Callable[..., Settings]


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(autouse=True)
def _same_keys_afterwards() -> Iterator[None]:
    """Opening a service changes the keys of the process: other tests want theirs back."""
    kept = list(columns._ring)
    yield
    columns._ring[:] = kept


@pytest.fixture
def settings(tmp_path: Path) -> MakeSettings:
    """`settings(mode="live")`: on SQLite in a folder of its own, the keys in another."""

    def make(**changes: Any) -> Settings:
        return Settings(
            **{
                "data_dir": tmp_path / "data",
                "key_file": tmp_path / "keys" / "seal.keys",
                "content_dir": SHIPPED,
                **changes,
            }
        )

    return make

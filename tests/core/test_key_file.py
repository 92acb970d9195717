"""A key file is there whole or not at all, and never written over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.core.sealing import make_keys, read_keys, write_keys


def test_a_full_disk_leaves_no_half_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_keys(tmp_path / "seal.keys", make_keys())
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_is_there_stays(tmp_path: Path) -> None:
    path, first = tmp_path / "seal.keys", make_keys()
    write_keys(path, first)
    with pytest.raises(FileExistsError):
        write_keys(path, make_keys())
    assert read_keys(path) == first
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o600

"""The key file: made only where nothing is lost by it, kept apart, and proven at each start."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.core.sealing import KeyFileError, make_keys, read_keys, write_keys
from bot.core.settings import Settings
from bot.opening import fit_keys, open_all
from bot.store.engine import Store
from tests.wiring.conftest import MakeSettings

pytestmark = pytest.mark.long  # opens the service many times


@pytest.fixture
def start(sqlite_template: Path) -> Callable[[Settings], None]:
    """What a start does about keys, on a database that was migrated before."""

    def starting(chosen: Settings) -> None:
        path = Path(chosen.database.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            shutil.copy(sqlite_template, path)
        store = Store(chosen.database, durable=False)
        try:
            fit_keys(store, chosen)
        finally:
            store.close()

    return starting


def test_on_sqlite_a_key_is_made_at_the_first_start_and_used_again(settings):
    chosen = settings()
    open_all(chosen).store.close()
    first = chosen.key_file.read_bytes()
    assert read_keys(chosen.key_file).made_here
    open_all(chosen).store.close()
    assert chosen.key_file.read_bytes() == first


def test_only_its_owner_can_read_it(start, settings):
    before = os.umask(0)  # the worst one
    try:
        chosen = settings()
        start(chosen)
    finally:
        os.umask(before)
    assert stat.S_IMODE(chosen.key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(chosen.key_file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("inside", ["seal.keys", "deep/er/seal.keys", "../data/seal.keys"])
def test_a_key_below_the_data_is_refused(start, settings, tmp_path, inside):
    (tmp_path / "data").mkdir()
    with pytest.raises(KeyFileError) as refused:
        start(settings(key_file=tmp_path / "data" / inside))
    assert "Keep keys and data apart: set KEY_FILE" in refused.value.sentence(str)
    assert not (tmp_path / "data" / inside).exists()


def test_a_key_below_the_data_by_a_link_is_refused(start, settings, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "elsewhere").symlink_to(tmp_path / "data")
    with pytest.raises(KeyFileError):
        start(settings(key_file=tmp_path / "elsewhere" / "seal.keys"))


def test_a_missing_key_with_sealed_rows_is_refused_and_none_is_made(start, settings):
    chosen = settings()
    start(chosen)
    chosen.key_file.unlink()
    with pytest.raises(KeyFileError) as refused:
        start(chosen)
    said = refused.value.sentence(str)
    assert "holds sealed data" in said
    assert "Put the key file back" in said
    assert not chosen.key_file.exists()


def test_the_key_of_another_database_is_refused(start, settings):
    chosen = settings()
    start(chosen)
    chosen.key_file.unlink()
    write_keys(chosen.key_file, make_keys())
    with pytest.raises(KeyFileError) as refused:
        start(chosen)
    assert "doesn't fit this database" in refused.value.sentence(str)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("active ", "active x"),
        lambda text: "\n".join(x for x in text.splitlines() if not x.startswith("index")),
        lambda text: text.replace("seal ", "seal \x00"),
        lambda text: "\ud800",
    ],
    ids=["empty", "half", "another active", "no index", "rubbish", "not text"],
)
def test_a_damaged_key_file_is_refused_with_what_to_do(
    start, settings, damage: Callable[[str], str]
):
    chosen = settings()
    start(chosen)
    broken = damage(chosen.key_file.read_text())
    chosen.key_file.write_bytes(broken.encode("utf-8", "surrogatepass"))
    with pytest.raises(KeyFileError) as refused:
        start(chosen)
    assert str(chosen.key_file) in refused.value.sentence(str)


@pytest.mark.postgres
def test_on_postgresql_no_key_is_ever_made(settings: MakeSettings, postgres: Callable[[], str]):
    url = postgres().replace("postgresql+psycopg://", "postgresql://")
    chosen = settings(database_url=url)
    with pytest.raises(KeyFileError) as refused:
        open_all(chosen)
    assert "python -m bot keys make" in refused.value.sentence(str)
    assert not chosen.key_file.exists()
    write_keys(chosen.key_file, make_keys())
    open_all(chosen).store.close()


def test_a_key_file_is_never_written_over(tmp_path: Path):
    path = tmp_path / "seal.keys"
    write_keys(path, make_keys())
    kept = path.read_bytes()
    with pytest.raises(FileExistsError):
        write_keys(path, make_keys())
    assert path.read_bytes() == kept


def test_an_older_key_still_opens_and_the_new_one_seals(tmp_path: Path):
    """How a key is changed by hand: one more `seal` line, and `active` names it."""
    old, new = make_keys(), make_keys()
    sealed = old.seal({"name": "Amina"}, context="adult:1")
    path = tmp_path / "seal.keys"
    write_keys(path, old)
    added = tmp_path / "new.keys"
    write_keys(added, new)
    line = next(x for x in added.read_text().splitlines() if x.startswith("seal "))
    text = path.read_text().replace(f"active {old.active}", f"{line}\nactive {new.active}")
    path.write_text(text)
    both = read_keys(path)
    assert both.open(sealed, context="adult:1") == {"name": "Amina"}
    assert both.seal({"a": 1}, context="x").split(b".")[1].decode() == new.active

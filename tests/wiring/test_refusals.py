"""What keeps the service from starting or going on is one sentence that says what to do."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import cli, health, main_telegram
from bot.core import logs
from bot.core.sealing import make_keys, write_keys
from bot.main import NowhereToListenError, running
from bot.opening import open_all, tables
from bot.store.backup import restore_backup, write_backup
from bot.store.engine import Store
from bot.store.migrate import migrate
from tests.emulator import TOKEN, Emulator, Fault
from tests.serving import free_port
from tests.wiring.conftest import MakeSettings

pytestmark = pytest.mark.long
Refused = Callable[[], str]


@pytest.fixture
def refused(
    settings: MakeSettings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Refused:
    """What `doctor` complains of, in a folder where all was well once."""
    monkeypatch.setattr(logs, "set_up", lambda _level: None)
    monkeypatch.setattr(cli, "read_settings", settings)
    assert cli.main(["doctor"]) == 0

    def run() -> str:
        capsys.readouterr()
        assert cli.main(["doctor"]) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.count("\n") == 1
        return said.err

    return run


def test_a_damaged_database_file(refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "data" / "bot.sqlite3"
    path.write_bytes(b"this was a database once " * 400)
    assert "damaged" in (said := refused())
    assert "Bring back a backup" in said


def test_a_database_file_that_cannot_be_opened(refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "data" / "bot.sqlite3"
    path.unlink()
    path.mkdir()
    assert "unable to open database file" in (said := refused())
    assert "DATA_DIR" in said


@pytest.mark.parametrize("lost", ["alembic_version", "outbox"])
def test_tables_that_are_not_as_they_were_left(refused: Refused, tmp_path: Path, lost: str) -> None:
    with sqlite3.connect(tmp_path / "data" / "bot.sqlite3") as db:
        db.execute(f"DROP TABLE {lost}")
    db.close()
    assert "not as this program left them" in refused()


def test_a_folder_that_cannot_be(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    (tmp_path / "data").write_text("a file")
    assert refused().startswith(f"{tmp_path / 'data'}: ")


async def test_health_of_something_that_is_no_web_service(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail here\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as other:
        monkeypatch.setenv("PORT", f" {other.sockets[0].getsockname()[1]}\r")
        assert await asyncio.to_thread(health.main) == 1
    assert capsys.readouterr().err == "not ready: BadStatusLine\n"


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
async def test_where_nobody_can_listen(settings: MakeSettings, host: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(NowhereToListenError) as caught:
            async with running(settings(host=host, port=port)):
                pass
    assert caught.value.sentence(str).startswith(f"Can't listen on {host}:{port}: ")
    assert "set HOST and PORT" in caught.value.sentence(str)


@pytest.mark.parametrize("fault", [Fault.unauthorised(), Fault.garbage()], ids=lambda f: f.name)
async def test_telegram_is_begun_anew_when_what_ended_it_is_over(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr(main_telegram, "TOKEN_AGAIN", 0.01)
    async with Emulator() as emulator:
        emulator.breaks("getMe", fault, times=2)
        on = settings(port=free_port(), telegram_token=TOKEN, telegram_api_url=emulator.url)
        async with running(on):
            await emulator.says(7, "hello")
            await emulator.settled(7, timeout=30)


@pytest.mark.postgres
async def test_who_lost_the_lock_on_telegram_takes_it_again(
    settings: MakeSettings, postgres: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main_telegram, "LOCK_LOOK", 0.05)
    database = postgres()
    admin = sa.create_engine(database, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    holders = f"FROM pg_locks WHERE locktype = 'advisory' AND objid = {main_telegram.POLLER_LOCK}"
    async with Emulator() as emulator:
        on = settings(
            database_url=database.replace("postgresql+psycopg://", "postgresql://"),
            port=free_port(), telegram_token=TOKEN, telegram_api_url=emulator.url,
        )  # fmt: skip
        write_keys(on.key_file, make_keys())
        async with running(on):
            await emulator.says(7, "hello")
            await emulator.settled(7, timeout=30)
            with admin.connect() as db:
                first = db.scalar(sa.text(f"SELECT pid {holders}"))
                db.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": first})
                async with asyncio.timeout(20):
                    while db.scalar(sa.text(f"SELECT pid {holders}")) in (None, first):
                        await asyncio.sleep(0.02)
            await emulator.says(7, "hello again")
            await emulator.settled(7, timeout=30)


def test_two_backups_at_a_time_are_both_whole(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened = open_all(settings())
    now = datetime(2026, 3, 10, 10, tzinfo=UTC)
    folder, replace, begun = tmp_path / "backups", Path.replace, []

    def other_comes_first(part: Path, path: Path) -> Path:
        if not begun:
            begun.append(part)
            write_backup(opened.store, tables(), folder, now=now)
        return replace(part, path)

    monkeypatch.setattr(Path, "replace", other_comes_first)
    path = write_backup(opened.store, tables(), folder, now=now)
    assert list(folder.iterdir()) == [path]
    fresh = Store(f"sqlite:///{tmp_path}/fresh.sqlite3", durable=False)
    migrate(fresh.engine)
    assert restore_backup(fresh, tables(), path) > 0
    fresh.close()
    opened.store.close()

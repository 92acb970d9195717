"""The tables: all known, all made by migrations, on both databases, up and down and up again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from bot.opening import TABLES, tables
from bot.store import migrate as migrate_module
from bot.store.engine import Store
from bot.store.migrate import NewerDatabaseError, current_revision, downgrade, migrate, pending

SQLITE = "sqlite"


@pytest.fixture(params=[SQLITE, pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database without a table."""
    if request.param == SQLITE:
        store = Store(f"sqlite:///{tmp_path}/empty.sqlite3", durable=False)
    else:
        fresh: Callable[[], str] = request.getfixturevalue("postgres")
        store = Store(fresh())
        downgrade(store.engine, "base")
    yield store
    store.close()


def test_backups_and_checks_know_every_table():
    assert len(TABLES) == len(set(TABLES))
    assert {t.name for t in tables()} == set(SQLModel.metadata.tables)


def test_parents_come_before_their_children():
    before: set[str] = set()
    for table in tables():
        parents = {key.column.table.name for key in table.foreign_keys} - {table.name}
        assert parents <= before, f"{table.name} stands before {parents - before}"
        before.add(table.name)


def test_the_migrations_make_exactly_the_tables_of_the_models(empty):
    assert migrate(empty.engine)
    assert _differences(empty) == []
    assert not migrate(empty.engine)
    assert not pending(empty.engine)


def test_the_migrations_make_the_checks_and_indexes_of_the_models(empty):
    """Autogenerate doesn't compare CHECKs, and on SQLite not the conditions of an index."""
    migrate(empty.engine)
    found = sa.inspect(empty.engine)
    for table in tables():
        checks = {
            c.name
            for c in table.constraints
            if isinstance(c, sa.CheckConstraint) and isinstance(c.name, str)
        }
        made = {c["name"] for c in found.get_check_constraints(table.name)}
        assert checks <= made, f"{table.name} has no {checks - made}"
        partial = {
            i.name for i in table.indexes
            if i.dialect_options[empty.engine.dialect.name]["where"] is not None
        }  # fmt: skip
        where = f"{empty.engine.dialect.name}_where"
        kept = {i["name"] for i in found.get_indexes(table.name) if where in i["dialect_options"]}
        assert partial == kept


def test_down_to_nothing_and_up_again(empty):
    migrate(empty.engine)
    downgrade(empty.engine, "base")
    left = set(sa.inspect(empty.engine).get_table_names()) - {"alembic_version"}
    assert left == set()
    assert current_revision(empty.engine) is None
    assert migrate(empty.engine)
    assert _differences(empty) == []


def test_a_database_from_the_future_is_refused(empty):
    migrate(empty.engine)
    with empty.engine.begin() as db:
        db.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerDatabaseError) as refused:
        migrate(empty.engine)
    assert "newer version" in refused.value.sentence(str)


def _differences(store: Store) -> list[object]:
    with store.engine.connect() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))


def test_the_newest_revision_is_the_one_the_code_names() -> None:
    scripts = ScriptDirectory(str(Path(migrate_module.__file__).parent / "migrations"))
    assert scripts.get_current_head() == migrate_module.HEAD

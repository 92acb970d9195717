"""Brings a database to the tables this version of the code expects. Refuses one from the future."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from bot.core.errors import Kind, PlannedError, Translate

_FOLDER = Path(__file__).parent / "migrations"


class NewerDatabaseError(PlannedError):
    """The database was migrated by a newer version of this program."""

    kind = Kind.UNAVAILABLE

    def sentence(self, _: Translate) -> str:
        return _("This database belongs to a newer version of the program. Update the program.")


def migrate(engine: sa.Engine) -> bool:
    """Upgrade to the newest revision; whether anything had to be done. Raises NewerDatabaseError."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
        if current == head:
            return False
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # Two processes that start together take turns; the second finds nothing to do.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(727501)")
        config = _config()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as problem:
            raise NewerDatabaseError from problem
    return True


def downgrade(engine: sa.Engine, revision: str) -> None:
    """Go back to an earlier revision ("base" drops every table). For tests and emergencies."""
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def write_revision(engine: sa.Engine, message: str, revision: str) -> None:
    """Draft a migration from the difference between the models and the database."""
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True, rev_id=revision)


def current_revision(engine: sa.Engine) -> str | None:
    """The revision the database is at, None where it has no tables of ours."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def pending(engine: sa.Engine) -> bool:
    """Whether the database is behind the code."""
    return current_revision(engine) != ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config

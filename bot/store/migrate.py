"""Brings a database to the tables this version of the code expects. Refuses one from the future."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.core.errors import Kind, PlannedError, Translate

if TYPE_CHECKING:
    from alembic.config import Config

#: The newest revision in `migrations/`; a test keeps it true. Alembic itself is loaded only where
#: there is something to migrate: it costs a third of a second and 12 MB at every start.
HEAD = "0001"
_FOLDER = Path(__file__).parent / "migrations"


class NewerDatabaseError(PlannedError):
    """The database was migrated by a newer version of this program."""

    kind = Kind.UNAVAILABLE

    def sentence(self, _: Translate) -> str:
        return _("This database belongs to a newer version of the program. Update the program.")


def migrate(engine: sa.Engine) -> bool:
    """Upgrade to the newest revision; whether anything had to be done. Raises NewerDatabaseError."""
    if not pending(engine):
        return False
    from alembic import command  # noqa: PLC0415  # see HEAD
    from alembic.util import CommandError  # noqa: PLC0415  # see HEAD

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
    from alembic import command  # noqa: PLC0415  # see HEAD

    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def write_revision(engine: sa.Engine, message: str, revision: str) -> None:
    """Draft a migration from the difference between the models and the database."""
    from alembic import command  # noqa: PLC0415  # see HEAD

    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True, rev_id=revision)


def current_revision(engine: sa.Engine) -> str | None:
    """The revision the database is at, None where it has no tables of ours."""
    if not sa.inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
        revision: str | None = found.scalar_one_or_none()
        connection.rollback()
    return revision


def pending(engine: sa.Engine) -> bool:
    """Whether the database is behind the code."""
    return current_revision(engine) != HEAD


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415  # see HEAD

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config

"""Bring a database to the schema this code needs; harmless when it is there already.

Several processes may start at once: the first takes the write lock (SQLite) or
an advisory lock (PostgreSQL), the others wait and then find nothing to do. All
revisions run in one transaction, so a failure leaves the schema as it was.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, inspect, text

from catalog.database import Database
from yihu.errors import YihuError

HEAD = "0010"
LOCK_KEY = 0x79696875  # "yihu"
SEARCH_INDEX = "search_index"


class TooNewError(YihuError):
    """The database was written by a newer Yihu; install that version."""


def upgrade(database: Database) -> None:
    """Create or update every table, index and trigger.

    Raises `TooNewError` for a database of a later version and `Retryable` when
    the lock is not to be had.
    """
    with database.read() as session:
        if revision(session.connection()) == HEAD:
            return
    with database.write() as session:
        connection = session.connection()
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        if revision(connection) != HEAD:
            upgrade_within(connection)


def revision(connection: Connection) -> str | None:
    """The revision the database stands at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def is_ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Whether the models speak for this table; the search index's tables are the database's."""
    return not (kind == "table" and name is not None and name.startswith(SEARCH_INDEX))


def upgrade_within(connection: Connection) -> None:
    """Run the revisions that are missing in the caller's transaction, under the caller's lock."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "catalog:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise TooNewError(f"database schema {revision(connection)}: {error}") from error

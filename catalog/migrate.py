"""Bring a database to the schema this code needs; harmless when it is there already.

Several processes may start at once: the first takes the write lock (SQLite) or
an advisory lock (PostgreSQL), the others wait and then find nothing to do. All
revisions run in one transaction, so a failure leaves the schema as it was.

While servers are upgraded, old and new code work side by side. A revision says
in `oldest_code` the revision whose code may still work over it: its own, unless
all it does is to add what older code may leave alone. The database keeps this
mark beside its revision, so that code which knows nothing of the newer revision
can tell whether it may go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text

from catalog.database import Database
from yihu.errors import YihuError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0011"
SCRIPTS = "catalog:migrations"
LOCK_KEY = 0x79696875  # "yihu"
SEARCH_INDEX = "search_index"
MARK = "oldest_code"
"""The table of one row that says which code may work over the database."""


class TooNewError(YihuError):
    """The database was written by a newer Yihu; install that version."""


def upgrade(database: Database, *, beside_newer: bool = True) -> None:
    """Create or update every table, index and trigger.

    A database of a later version is left as it is where its revisions only add,
    unless the caller copies it whole (`beside_newer` False). Raises `TooNewError`
    where that is not so, and `Retryable` when the lock is not to be had.
    """
    fits = serves if beside_newer else _is_newest
    with database.read() as session:
        if fits(session.connection()):
            return
    with database.write() as session:
        connection = session.connection()
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        if not fits(connection):
            upgrade_within(connection)


def revision(connection: Connection) -> str | None:
    """The revision the database stands at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def serves(connection: Connection) -> bool:
    """Whether this code may work over the database as it stands."""
    return _is_newest(connection) or (
        is_newer(revision(connection) or "") and _oldest(connection) <= HEAD
    )


def _is_newest(connection: Connection) -> bool:
    return revision(connection) == HEAD


def is_newer(found: str) -> bool:
    """Whether a database of this revision is of a later version than this code.

    Revisions are four digits in rising order; what is anything else is no
    revision of any Yihu (`portable.UNFINISHED`), and no code serves it.
    """
    return found.isdecimal() and len(found) == len(HEAD) and found > HEAD


def _oldest(connection: Connection) -> str:
    """The oldest code that may work over the database; one later than any where none is named."""
    if not inspect(connection).has_table(MARK):
        return "9999"
    return str(connection.execute(text(f"SELECT revision FROM {MARK}")).scalar_one())  # noqa: S608 - our name


def is_ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Whether the models speak for this table.

    Those of the search index are the database's, the mark belongs to the revisions.
    """
    return not (
        kind == "table" and name is not None and (name == MARK or name.startswith(SEARCH_INDEX))
    )


def upgrade_within(connection: Connection) -> None:
    """Run the revisions that are missing in the caller's transaction, under the caller's lock."""
    from alembic import command
    from alembic.util import CommandError

    config = revisions()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise TooNewError(f"database schema {revision(connection)}: {error}") from error
    _mark(connection, config)


def revisions() -> Config:
    """How Alembic finds our revisions."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    return config


def _mark(connection: Connection, config: Config) -> None:
    """Keep beside the revision which code may work over it."""
    from alembic.script import ScriptDirectory

    newest = ScriptDirectory.from_config(config).get_revision(HEAD)
    if not inspect(connection).has_table(MARK):
        connection.execute(text(f"CREATE TABLE {MARK} (revision VARCHAR(32) NOT NULL)"))
    connection.execute(text(f"DELETE FROM {MARK}"))  # noqa: S608 - our name
    connection.execute(
        text(f"INSERT INTO {MARK} VALUES (:oldest)"),  # noqa: S608 - our name
        {"oldest": newest.module.oldest_code},
    )

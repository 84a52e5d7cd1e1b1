"""The catalogue moved between kinds of database: every row of every table, nothing changed.

`take` copies one consistent moment of a PostgreSQL catalogue into an SQLite
file; `bring` copies such a file into a PostgreSQL database in one transaction.
Rows stream in chunks, so memory stays flat. The ledger's hashes stay what they
were; only the search index, which each database keeps in its own way, is
built anew from the text.

While a restore is unfinished the database holds one table with a revision
that no Yihu knows (`hold_place`), so every other command refuses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Integer,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import DataError, OperationalError

from catalog import ledger, migrate, search, tallies
from catalog.database import Database
from catalog.models import Base, LedgerHead, RegisterState, Tally, table_of
from yihu import faults
from yihu.errors import Exit, Retryable, Usage, YihuError

UNFINISHED = "恢复未完成，请重新运行 yihu restore / unfinished restore: run `yihu restore` again"
CONTENT = ("event", "room", "arrival", "original", "household", "estate", "account")
_SEEDED = (LedgerHead, RegisterState)
_CHUNK = 500


class DoesNotFit(YihuError):
    """A row cannot stand in this kind of database; nothing was copied."""

    exit_code = Exit.COULD_NOT


def take(source: Database, target: Database) -> None:
    """Copy the catalogue as it stands at one moment into an empty one of the present schema.

    Writers go on meanwhile. Raises `Retryable` when a database does not answer.
    """
    with _moment(source) as rows, target.write() as session:
        found = migrate.revision(rows) or ""
        if migrate.is_newer(found):
            raise migrate.TooNewError(f"database schema {found}: back it up with that version")
        if found != migrate.HEAD:
            raise Retryable("the database's schema changed just now")
        _copy(rows, session.connection())
        tallies.recount(session)
        search.build_index(session)


def bring(source: Database, target: Database, anchor: str) -> None:
    """Copy a catalogue into the PostgreSQL database whose place is held: all of it or nothing.

    Raises `Usage` when the place is not held (any more), `DoesNotFit` when a row
    cannot stand there, `Retryable` when a database does not answer.
    """
    with source.read() as reading, target.write() as session:
        connection = session.connection()
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": migrate.LOCK_KEY})
        if migrate.revision(connection) != UNFINISHED:
            raise Usage("the database was filled meanwhile; restore into an empty one")
        connection.execute(text("DROP TABLE alembic_version"))
        migrate.upgrade_within(connection)
        _copy(reading.connection(), connection)
        tallies.recount(session)
        search.build_index(session)
        continue_numbers(connection)
        if str(ledger.anchor(session)) != anchor:
            raise DoesNotFit("the ledger does not end at the manifest's anchor")
        faults.point("restore.rows.copied")


def is_held(database: Database) -> bool:
    """Whether an unfinished restore holds this database's place."""
    with database.read() as session:
        return migrate.revision(session.connection()) == UNFINISHED


def hold_place(database: Database) -> None:
    """Make an empty PostgreSQL database one that every other command refuses.

    Raises `Usage` when it is not empty: rows of ours, or tables of somebody else.
    """
    with database.write() as session:
        connection = session.connection()
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": migrate.LOCK_KEY})
        if migrate.revision(connection) == UNFINISHED:
            return
        _must_be_empty(connection)
        for name in _ours_there(connection):
            connection.execute(text(f'DROP TABLE "{name}" CASCADE'))
        connection.execute(text("DROP FUNCTION IF EXISTS event_append_only()"))
        connection.execute(text("CREATE TABLE alembic_version (version_num text NOT NULL)"))
        connection.execute(
            text("INSERT INTO alembic_version VALUES (:unfinished)"), {"unfinished": UNFINISHED}
        )


def let_go(database: Database) -> None:
    """Take away what `hold_place` made, when the restore was refused."""
    with database.write() as session:
        if migrate.revision(session.connection()) == UNFINISHED:
            session.execute(text("DROP TABLE alembic_version"))


def must_be_empty(database: Database) -> None:
    """Raise `Usage` unless nothing stands in this database, or only what `yihu init` made."""
    with database.read() as session:
        _must_be_empty(session.connection())


def _must_be_empty(connection: Connection) -> None:
    there = set(inspect(connection).get_table_names())
    ours = set(_ours_there(connection))
    if there - ours:
        raise Usage(f"the database is not empty: table {min(there - ours)}; name an empty one")
    for name in CONTENT:
        if name in ours and connection.execute(text(f'SELECT 1 FROM "{name}" LIMIT 1')).first():  # noqa: S608 - our names
            raise Usage(f"the database is not empty: rows in {name}; name an empty one")


def _ours_there(connection: Connection) -> list[str]:
    known = {*Base.metadata.tables, migrate.SEARCH_INDEX, "alembic_version", migrate.MARK}
    return [
        name
        for name in inspect(connection).get_table_names()
        if name in known or name.startswith(migrate.SEARCH_INDEX)
    ]


@contextmanager
def _moment(source: Database) -> Iterator[Connection]:
    """A connection that sees one moment of a PostgreSQL database and writes nothing."""
    try:
        with source.engine.connect() as connection:
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            yield connection
    except OperationalError as error:
        raise Retryable(f"database: {error.orig}") from error


def _copy(source: Connection, target: Connection) -> None:
    for model in _SEEDED:  # the migration made their first rows
        target.execute(delete(table_of(model)))
    for table in Base.metadata.sorted_tables:
        if table is table_of(Tally):
            continue  # counted anew at the end
        try:
            _copy_table(source, target, table)
        except DataError as error:
            raise DoesNotFit(f"a row of {table.name} does not fit: {error.orig}") from error


def _copy_table(source: Connection, target: Connection, table: Table) -> None:
    query = select(*(_read(column, source) for column in table.columns))
    rows = source.execute(query, execution_options={"yield_per": _CHUNK})
    put = insert(table).values({column.name: _written(column, target) for column in table.columns})
    for part in rows.mappings().partitions(_CHUNK):
        target.execute(put, [{f"new_{name}": value for name, value in row.items()} for row in part])


def _read(column: Column[Any], source: Connection) -> Any:
    """The column as it is; JSON as its text, so that it is the same to the character."""
    if not isinstance(column.type, JSON):
        return column
    plain = type_coerce if source.dialect.name == "sqlite" else cast
    return plain(column, Text).label(column.name)


def _written(column: Column[Any], target: Connection) -> Any:
    value = bindparam(f"new_{column.name}", type_=column.type)
    if not isinstance(column.type, JSON):
        return value
    value = bindparam(f"new_{column.name}", type_=Text())
    return value if target.dialect.name == "sqlite" else cast(value, JSON)


def continue_numbers(connection: Connection) -> None:
    """Let every table's numbers go on after the highest that was given by hand."""
    if connection.dialect.name == "sqlite":
        return  # there they do so by themselves
    for table in Base.metadata.sorted_tables:
        for column in table.primary_key.columns:
            if not isinstance(column.type, Integer):
                continue
            last = connection.execute(select(func.max(column))).scalar()
            if last is not None:
                connection.execute(
                    text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"),
                    {"table": f'"{table.name}"', "column": column.name, "last": last},
                )

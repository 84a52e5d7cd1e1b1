"""Rows written straight into the tables, as fast as each kind of database takes them.

Indexes are made after the rows, the kept numbers are counted at the end. Nothing
is checked on the way and nothing is synced; only for a database that is
thrown away after it was measured.
"""

from __future__ import annotations

import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from catalog.database import Database
from catalog.models import Base, table_of

Row = dict[str, Any]


class Bulk(ABC):
    """Takes rows of a model; what a row leaves out gets the column's default."""

    def load(self, model: type[Base], rows: Iterable[Row]) -> None:
        """Write the rows, which all name the same columns."""
        found = iter(rows)
        first = next(found, None)
        if first is None:
            return
        defaults = _defaults(model)
        names = [*first, *(name for name in defaults if name not in first)]
        rest = tuple(self.value(defaults[name]) for name in names[len(first) :])
        value, own = self.value, list(first)
        ready = (tuple(value(row[n]) for n in own) + rest for row in chain([first], found))
        self.write(table_of(model).name, names, ready)

    def value(self, value: Any) -> Any:
        """A value as this database takes it."""
        return json.dumps(value) if isinstance(value, dict | list) else value

    @abstractmethod
    def write(self, table: str, names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
        """Write ready rows."""

    @abstractmethod
    def learn(self, texts: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Index the bigrams of texts, as `catalog.search` does one by one."""


class SqliteBulk(Bulk):
    """By `executemany` on a connection of its own that syncs nothing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        return super().value(value)

    def write(self, table: str, names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
        columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
        statement = f'INSERT INTO "{table}" ({columns}) VALUES ({marks})'  # noqa: S608 - our names
        self._connection.executemany(statement, rows)

    def learn(self, texts: Iterable[tuple[int, Sequence[str]]]) -> None:
        self._connection.executemany(
            "INSERT INTO search_index (rowid, grams) VALUES (?, ?)",
            ((number, " ".join(grams)) for number, grams in texts),
        )


class PostgresBulk(Bulk):
    """By COPY, with the checks of keys off; the word index is made after its rows."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def write(self, table: str, names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
        into = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
        )
        with self._connection.cursor() as cursor, cursor.copy(into) as copy:
            for row in rows:
                copy.write_row(row)

    def learn(self, texts: Iterable[tuple[int, Sequence[str]]]) -> None:
        rows = ((number, " ".join(sorted(set(grams)))) for number, grams in texts)
        self.write("search_index", ["document_id", "grams"], rows)


def _defaults(model: type[Base]) -> Row:
    """What the model itself puts into a column that a row leaves out."""
    found: Row = {}
    for column in table_of(model).columns:
        default = column.default
        if default is not None and (default.is_scalar or default.is_callable):
            found[column.name] = default.arg(None) if default.is_callable else default.arg  # type: ignore[attr-defined]
    return found


@contextmanager
def bulk(database: Database) -> Iterator[Bulk]:
    """Fast ways into this database during the block; at its end the planner's figures are new."""
    with (_sqlite if database.dialect == "sqlite" else _postgres)(database) as found:
        yield found


@contextmanager
def _sqlite(database: Database) -> Iterator[Bulk]:
    path = make_url(database.url).database
    assert path is not None
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -400000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN IMMEDIATE")
        with _aside_sqlite(connection):
            yield SqliteBulk(connection)
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


@contextmanager
def _postgres(database: Database) -> Iterator[Bulk]:
    url = make_url(database.url).set(drivername="postgresql").render_as_string(False)
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in (
            "synchronous_commit = off",
            "session_replication_role = replica",
            "maintenance_work_mem = '512MB'",
        ):
            connection.execute(f"SET {setting}".encode())
        with connection.transaction():
            with _aside_postgres(connection):
                yield PostgresBulk(connection)
            _go_on_counting(connection)
        connection.execute("VACUUM ANALYZE")


@contextmanager
def _aside_sqlite(connection: sqlite3.Connection) -> Iterator[None]:
    """Without indexes and the triggers of the kept numbers during the block."""
    found = connection.execute(
        "SELECT type, name, sql FROM sqlite_master "
        "WHERE sql IS NOT NULL AND (type = 'index' OR type = 'trigger' AND name LIKE 'tally%')"
    ).fetchall()
    for kind, name, _ in found:
        connection.execute(f'DROP {kind} "{name}"')
    yield
    for _, _, definition in found:
        connection.execute(definition)


@contextmanager
def _aside_postgres(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Without indexes during the block, but for those of keys; the triggers are off anyhow."""
    found = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    ).fetchall()
    for name, _ in found:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    yield
    for _, definition in found:
        connection.execute(definition.encode())


def _go_on_counting(connection: psycopg.Connection[Any]) -> None:
    """Let the sequences go on after the numbers that the rows brought along."""
    for table in Base.metadata.sorted_tables:
        if "id" not in table.c:
            continue
        name = table.name
        found = connection.execute("SELECT pg_get_serial_sequence(%s, 'id')", (name,)).fetchone()
        if found is not None and found[0] is not None:
            connection.execute(
                sql.SQL(
                    "SELECT setval({}, (SELECT coalesce(max(id), 0) + 1 FROM {}), false)"
                ).format(sql.Literal(found[0]), sql.Identifier(name))
            )

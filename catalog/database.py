"""Connections and transactions: SQLite in WAL with BEGIN IMMEDIATE, or PostgreSQL.

Only the request or task boundary opens a transaction (`write`, `read`); the
repositories take its session. Measured: a deferred BEGIN gives double claims
and instant "database is locked" errors, BEGIN IMMEDIATE gives none
(measured 3.1). Never put an SQLite home on a network share.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session, sessionmaker

from yihu.errors import NotFound, Retryable
from yihu.measures import DATABASE

BUSY_SECONDS = 20
IDLE_SECONDS = 1.0
ABSENT = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""When PostgreSQL counts as away (libpq's words, the last in ms): by itself a connection through
a cut network waits for hours."""


OUT_OF_RANGE = "22003"  # SQLSTATE numeric_value_out_of_range


class Database:
    """One database: `write()` and `read()` give a session inside one transaction."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @property
    def dialect(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self.engine.dialect.name

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that commits at the end and rolls back on any error.

        Raises `Retryable` when the database is locked, full or away.
        """
        with _translated(), self._sessions() as session, session.begin():
            session.connection(execution_options={"yihu_write": True})
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one consistent state and writes nothing."""
        with _translated(), self._sessions() as session:
            yield session
            session.expunge_all()  # what was read stays readable after the rollback
            session.rollback()

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except NoConnection as error:
        DATABASE.add("away")
        raise Retryable("database: every connection is in use") from error
    except DBAPIError as error:
        if _asks_too_high(error):
            raise NotFound("没有这个编号 / there is no such number") from error
        if not (
            error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
        ):
            raise
        DATABASE.add("locked" if "locked" in str(error.orig) else "away")
        raise Retryable(f"database: {error.orig}") from error


def _asks_too_high(error: DBAPIError) -> bool:
    """Whether PostgreSQL was asked for a number that its columns cannot hold: nobody has it."""
    asks = (error.statement or "").lstrip().upper().startswith(("SELECT", "WITH"))
    return asks and getattr(error.orig, "sqlstate", "") == OUT_OF_RANGE


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        engine = create_engine(
            url,
            connect_args=ABSENT,
            pool_size=8,
            max_overflow=8,
            hide_parameters=True,
        )
        _no_compiling(engine)
        _ask_the_idle(engine)
        return engine
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=8,
        max_overflow=16,
        hide_parameters=True,  # what is looked for or written never stands in an error
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we emit BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # a tick survives a power cut
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA cache_size = -8000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("yihu_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _no_compiling(engine: Engine) -> None:
    """Have PostgreSQL interpret our conditions, in one process: all are short.

    It compiles what it believes to be costly, as what an area may see of a
    thousand documents; measured, compiling took 300 ms and the query 20 ms. It
    starts helpers for what lies in one building; measured, they took 8 to 20 ms to
    start and the query 1 ms.
    """

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET jit = off")
            cursor.execute("SET max_parallel_workers_per_gather = 0")
        connection.commit()


def _ask_the_idle(engine: Engine) -> None:
    """Ask a connection that rested whether it still stands, before it is used again.

    One that was used just now is not asked: that would be a round trip for every
    transaction, and a server that went away in between is told as `Retryable`.
    """

    @event.listens_for(engine, "checkin")
    def _rests(connection: Any, record: Any) -> None:
        if connection is not None:
            record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _stands(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get("rests_since")
        if since is None or time.monotonic() - since < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

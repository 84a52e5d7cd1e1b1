"""What a question costs a database, counted instead of timed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from catalog.database import Database

Ask = Callable[[Session], object]


def analyse(database: Database) -> None:
    """Give the planner its figures."""
    with database.write() as session:
        session.execute(text("ANALYZE"))


def cost(database: Database, ask: Ask, *, by_index: bool = False) -> int:
    """What a question makes the database do: rows looked at, or on SQLite steps of its machine.

    PostgreSQL reads small tables whole, whatever indexes they have; `by_index` makes it
    look rows up one by one as it does in large ones, so a missing index shows.
    """
    if database.dialect == "sqlite":
        return _steps(database, ask)
    return _rows(database, ask, scans="off" if by_index else "on")


def _steps(database: Database, ask: Ask) -> int:
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    with database.read() as session:
        ask(session)  # prepared statements and schema are known from here on
        connection: Any = session.connection().connection.driver_connection
        connection.set_progress_handler(step, 1)
        try:
            ask(session)
        finally:
            connection.set_progress_handler(None, 1)
    return taken


def _rows(database: Database, ask: Ask, scans: str) -> int:
    with database.read() as session, statements(session) as seen:
        ask(session)
    total = 0
    with database.read() as session:
        for statement, parameters in seen:
            if statement.startswith("EXPLAIN"):
                continue  # what search asks the planner itself
            connection = session.connection()
            for way in ("seqscan", "hashjoin", "mergejoin"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = {scans}")
            explained = connection.exec_driver_sql(
                f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", parameters
            ).scalar_one()
            total += _looked_at(explained[0]["Plan"])
    return total


@contextmanager
def statements(session: Session) -> Iterator[list[tuple[str, Any]]]:
    """The statements a session sends during the block, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(connection, "before_cursor_execute", note)


def _looked_at(plan: dict[str, Any]) -> int:
    removed = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    below = sum(_looked_at(part) for part in plan.get("Plans", ()))
    return int((plan["Actual Rows"] + removed) * plan["Actual Loops"]) + below

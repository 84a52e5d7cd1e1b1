"""A PostgreSQL started anew is found again: after a rest at once, else when asked again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bench.servers import NotInstalled, Postgres, postgres
from catalog import database as connections
from catalog.database import Database
from yihu.errors import Retryable


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A PostgreSQL of its own, because it is killed."""
    folder = Path(tempfile.mkdtemp(prefix="yihu-pg-"))
    try:
        with postgres(folder) as server:
            yield server
    except NotInstalled as missing:
        pytest.skip(str(missing))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def one(database: Database) -> int:
    with database.read() as session:
        return int(session.execute(text("SELECT 1")).scalar_one())


def test_a_rested_connection_is_asked_and_a_fresh_one_is_told_of(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(server.create("rest"))
    assert one(database) == 1
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0.0)
    server.kill()
    server.start()
    assert one(database) == 1
    monkeypatch.setattr(connections, "IDLE_SECONDS", 3600.0)
    server.kill()
    server.start()
    with pytest.raises(Retryable):
        one(database)
    assert one(database) == 1
    database.dispose()


def test_postgresql_starts_no_helpers_for_a_short_question(server: Postgres) -> None:
    database = Database(server.create("alone"))
    with database.read() as session:
        for name, value in (("jit", "off"), ("max_parallel_workers_per_gather", "0")):
            assert session.execute(text(f"SHOW {name}")).scalar_one() == value
    database.dispose()

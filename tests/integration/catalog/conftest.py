"""A real database in a file, and short ways to put a register and documents into it."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.servers import NotInstalled, Postgres, postgres
from catalog.database import Database
from catalog.migrate import upgrade
from catalog.models import Arrival, Document, Household, Original, Room
from catalog.register import ImportReport, TableRow, import_register
from yihu.clock import now

Register = Callable[..., ImportReport]
Scan = Callable[..., tuple[int, str]]
Find = Callable[[str], int]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the present schema and nothing in it, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "yihu.db"
    opened = Database(f"sqlite:///{path}")
    upgrade(opened)
    opened.dispose()
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[Postgres]:
    """A real PostgreSQL with the present schema in the database `empty`, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="yihu-pg-"))
    with ExitStack() as stack:
        try:
            server = stack.enter_context(postgres(folder))
        except NotInstalled as missing:
            pytest.skip(str(missing))
        opened = Database(server.create("empty"))
        upgrade(opened)
        opened.dispose()
        yield server
    shutil.rmtree(server.folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A fresh database with the present schema: an SQLite file, then one of PostgreSQL."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("empty_database"), tmp_path / "yihu.db")
        opened = Database(f"sqlite:///{path}")
        yield opened
        opened.dispose()
        return
    server: Postgres = request.getfixturevalue("cluster")
    name = f"t{uuid.uuid4().hex[:12]}"
    opened = Database(server.create(name, "empty"))
    yield opened
    opened.dispose()
    server.drop(name)


@pytest.fixture
def register(database: Database) -> Register:
    """Import rows given as cells by field name."""

    def bring(
        *rows: dict[str, str], dry_run: bool = False, estate: str = "阳光花园"
    ) -> ImportReport:
        table = [TableRow(line, cells) for line, cells in enumerate(rows, start=2)]
        with database.write() as session:
            return import_register(session, table, estate=estate, actor="ann", dry_run=dry_run)

    return bring


@pytest.fixture
def household(database: Database) -> Find:
    """The id of the open household of a room number."""

    def find(room: str) -> int:
        with database.read() as session:
            return session.scalars(
                select(Household.id)
                .join(Room, Household.room_id == Room.id)
                .where(Room.room == room, Household.closed_at.is_(None))
            ).one()

    return find


@pytest.fixture
def scan(database: Database) -> Scan:
    """A document whose original is stored, or not."""

    def make(name: str, *, stored: bool = True) -> tuple[int, str]:
        with database.write() as session:
            return add_scan(session, name, stored=stored)

    return make


def add_scan(session: Session, name: str, *, stored: bool = True) -> tuple[int, str]:
    """A document of its own original; gives its id and hash."""
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    moment = now()
    arrival = Arrival(token=name[:40], path=name, sha256=sha256, received_at=moment)
    session.add(arrival)
    session.add(Original(sha256=sha256, size=1, stored_at=moment if stored else None))
    session.flush()
    document = Document(
        arrival_id=arrival.id,
        sha256=sha256,
        state="reading",
        since=moment,
        received_at=moment,
        reasons=[],
    )
    session.add(document)
    session.flush()
    return document.id, sha256

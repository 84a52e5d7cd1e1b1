"""The schema comes up once, from any number of processes, and is what the models say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from catalog import migrate, portable
from catalog.database import Database
from catalog.models import Base
from tests.integration.catalog.conftest import Scan
from tests.next_version import NEXT, upgrade_with_next

START = """
from catalog.database import Database
from catalog.migrate import upgrade
upgrade(Database({!r}))
"""


def test_migrations_and_models_agree(database: Database) -> None:
    with database.read() as session:
        context = MigrationContext.configure(
            session.connection(), opts={"include_object": migrate.is_ours, "compare_type": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_head_names_the_newest_revision() -> None:
    scripts = ScriptDirectory.from_config(migrate.revisions())
    assert scripts.get_current_head() == migrate.HEAD


def test_every_revision_says_which_code_may_work_over_it() -> None:
    for script in ScriptDirectory.from_config(migrate.revisions()).walk_revisions():
        assert script.revision.isdecimal()
        assert len(script.revision) == len(migrate.HEAD), "they are compared as text"
        if script.revision >= "0010":  # before, no code asked
            assert "0010" <= script.module.oldest_code <= script.revision


def test_upgrading_again_changes_nothing(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE register_state SET version = 7"))
    migrate.upgrade(database)
    with database.read() as session:
        assert session.scalar(text("SELECT version FROM register_state")) == 7


def test_code_of_the_version_before_works_on_over_a_newer_database_that_only_adds(
    database: Database, tmp_path: Path, scan: Scan
) -> None:
    upgrade_with_next(database, tmp_path / "scripts", migrate.HEAD)
    migrate.upgrade(database)
    number, _ = scan("written by the older code")
    with database.read() as session:
        connection = session.connection()
        assert migrate.serves(connection)
        assert migrate.revision(connection) == NEXT, "left as it is"
        found = text("SELECT colour FROM document WHERE id = :id")
        assert session.scalar(found, {"id": number}) == "red"


def test_what_copies_a_database_whole_refuses_a_newer_one(
    database: Database, tmp_path: Path
) -> None:
    upgrade_with_next(database, tmp_path / "scripts", migrate.HEAD)
    with pytest.raises(migrate.TooNewError):
        migrate.upgrade(database, beside_newer=False)
    copy = Database(f"sqlite:///{tmp_path / 'copy.db'}")
    migrate.upgrade(copy)
    if database.dialect == "postgresql":
        with pytest.raises(migrate.TooNewError, match=NEXT):
            portable.take(database, copy)
    copy.dispose()


def test_a_newer_database_that_older_code_would_harm_is_refused(
    database: Database, tmp_path: Path
) -> None:
    upgrade_with_next(database, tmp_path / "scripts", NEXT)
    with pytest.raises(migrate.TooNewError, match=NEXT):
        migrate.upgrade(database)


def test_a_newer_database_that_says_nothing_is_refused(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9998'"))
        session.execute(text(f"DROP TABLE {migrate.MARK}"))
    with pytest.raises(migrate.TooNewError):
        migrate.upgrade(database)


def test_processes_that_start_at_once_upgrade_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'yihu.db'}"
    root = Path(migrate.__file__).parents[1]
    started = [
        subprocess.Popen([sys.executable, "-c", START.format(url)], cwd=root) for _ in range(3)
    ]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0]
    database = Database(url)
    with database.read() as session:
        assert migrate.revision(session.connection()) == migrate.HEAD
        assert session.scalar(text("SELECT count(*) FROM ledger_head")) == 1
    database.dispose()

"""The schema comes up once, from any number of processes, and is what the models say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from catalog import migrate
from catalog.database import Database
from catalog.models import Base

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
    config = Config()
    config.set_main_option("script_location", "catalog:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.HEAD


def test_upgrading_again_changes_nothing(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE register_state SET version = 7"))
    migrate.upgrade(database)
    with database.read() as session:
        assert session.scalar(text("SELECT version FROM register_state")) == 7


def test_a_newer_database_is_refused(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
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

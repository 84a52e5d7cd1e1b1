"""Gives every home of a test run a PostgreSQL database in place of its SQLite file.

`pytest --database postgresql` puts this folder on PYTHONPATH, so that Python
imports it in every process a test starts. What names a database of its own
keeps it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os

SERVER = os.environ.get("TESTS_ON_POSTGRESQL")
"""postgresql://user@host:port of a server to make databases on."""


def url_of(home: str) -> str:
    """The SQLAlchemy URL of a home's database, which is made when it is asked for first."""
    import psycopg

    name = "home-" + hashlib.sha256(home.encode()).hexdigest()[:16]
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if found.fetchone() is None:
            with contextlib.suppress(  # another process of the home was first
                psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation
            ):
                connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "template0"'.encode())
    return f"{SERVER}/{name}".replace("postgresql:", "postgresql+psycopg:", 1)


if SERVER:
    from functools import cache

    from yihu.settings import Settings

    known = cache(url_of)

    def database(settings: Settings) -> str:
        """The URL in force."""
        url = settings.database_url.get_secret_value()
        return url or known(str(settings.home.absolute()))

    Settings.database = property(database)  # type: ignore[method-assign, assignment]

"""Opening a home: its folders and its database, created where missing; light to import."""

from __future__ import annotations

from catalog.database import Database
from catalog.migrate import upgrade
from yihu.settings import Settings


def open_home(settings: Settings) -> Database:
    """Create the home's folders and database where missing, and open the database."""
    for folder in (settings.inbox, settings.rejected, settings.claimed, settings.spool):
        folder.mkdir(parents=True, exist_ok=True)
    for folder in (settings.store, settings.run):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database)
    upgrade(database)
    return database

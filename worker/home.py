"""Opening a home: its folders, database and store, created where missing; light to import."""

from __future__ import annotations

from catalog import verifications
from catalog.database import Database
from catalog.migrate import upgrade
from storage import LocalStore
from yihu.settings import Settings


def open_home(settings: Settings) -> Database:
    """Create the home's folders and database where missing, and open the database."""
    for folder in (settings.inbox, settings.rejected, settings.claimed, settings.spool):
        folder.mkdir(parents=True, exist_ok=True)
    settings.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database)
    upgrade(database)
    return database


def open_store(settings: Settings, database: Database) -> LocalStore:
    """Open the home's store; created only while no original was ever kept.

    Later a store that is not there is one that is not mounted: an empty one in
    its place would take what comes and hide what was.
    """
    with database.read() as session:
        fresh = not verifications.any_original(session)
    if fresh and not settings.store.exists():
        settings.store.mkdir(mode=0o700, parents=True)
    return LocalStore(settings.store, create=fresh)

"""Where a restore goes: SQLite in the home or PostgreSQL, a folder in the home or a bucket.

A database target first holds its place, so that every other command refuses
the home, and takes the rows in at the very end, which makes the restore count.
A store target takes the originals before that and is believed only after it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from sqlalchemy.engine import make_url

from catalog import portable
from catalog.database import Database
from catalog.portable import UNFINISHED
from storage import LocalStore, ObjectStore
from storage.disk import sync_folder
from worker.home import KEY, bucket_of
from yihu.errors import Retryable, Usage
from yihu.settings import Settings

WORK, NAME = ".restoring", "yihu.db"
_OURS = ("run", "logs", WORK)


class DatabaseTarget(Protocol):
    """The database a restore fills."""

    def is_held(self) -> bool:
        """Whether an interrupted restore holds this place."""
        ...

    def must_be_empty(self) -> None:
        """Raise `Usage` unless nothing stands there, or only what `yihu init` made."""
        ...

    def hold_place(self, work: Path) -> None:
        """Make every other command refuse the home."""
        ...

    def take_in(self, prepared: Path, anchor: str) -> None:
        """Let the prepared SQLite catalogue count here: all of it or nothing."""
        ...

    def leave_nothing(self) -> None:
        """Take away what `hold_place` made."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...


class StoreTarget(Protocol):
    """The store a restore fills."""

    whole_first: bool
    """Whether all originals must be known to be good before the first is put."""

    def must_be_empty(self, work: Path) -> None:
        """Raise `Usage` unless nothing is there, or only what an interrupted restore put."""
        ...

    def open(self, work: Path) -> ObjectStore:
        """The store to put originals into; what an interrupted restore put is in it."""
        ...

    def move_in(self, work: Path) -> None:
        """Give the store its place, where it was filled elsewhere."""
        ...


def database_target(settings: Settings) -> DatabaseTarget:
    """The database these settings name; Usage for one that cannot be restored into."""
    if settings.database == f"sqlite:///{settings.home / NAME}":
        return _InHome(settings.home)
    if make_url(settings.database).drivername.startswith("postgresql"):
        return _Postgres(settings.database)
    raise Usage("restore fills the SQLite of a home, or PostgreSQL: see YIHU_DATABASE_URL")


def store_target(settings: Settings) -> StoreTarget:
    """The store these settings name."""
    return _Bucket(settings) if settings.store_url else _Folder(settings.store)


def must_be_empty(settings: Settings, database: DatabaseTarget, store: StoreTarget) -> None:
    """Usage unless home, database and store hold nothing yet, or only an interrupted restore's."""
    if not database.is_held():
        _home_must_be_empty(settings.home, isinstance(database, _InHome))
        database.must_be_empty()
    store.must_be_empty(settings.home / WORK)


def _home_must_be_empty(home: Path, database_in_home: bool) -> None:
    for folder, names, files in os.walk(home):
        if Path(folder) == home:
            names[:] = [name for name in names if name not in _OURS]
        for name in files:
            ours = name == KEY or (database_in_home and name.startswith(NAME))
            known = Path(folder) == home and ours
            if not known and Path(folder, name) != home / "store" / "STORE":
                raise Usage(f"the home is not empty: {Path(folder, name)}; restore into a new one")


class _InHome:
    """The SQLite file of the home."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._path = home / NAME

    def is_held(self) -> bool:
        return is_unfinished(self._home)

    def must_be_empty(self) -> None:
        if self._path.exists() and _has_rows(self._path):
            raise Usage(f"the home is not empty: {self._path}; restore into a new one")

    def hold_place(self, work: Path) -> None:
        if not self.is_held():
            half = work / "unfinished.db"
            half.unlink(missing_ok=True)
            with closing(sqlite3.connect(half)) as database, database:
                database.execute("CREATE TABLE alembic_version (version_num TEXT NOT NULL)")
                database.execute("INSERT INTO alembic_version VALUES (?)", (UNFINISHED,))
            settle(self._path)
            half.replace(self._path)
            sync_folder(self._home)

    def take_in(self, prepared: Path, anchor: str) -> None:  # noqa: ARG002 - compared already
        settle(self._path)
        prepared.replace(self._path)
        sync_folder(self._home)

    def leave_nothing(self) -> None:
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        pass


class _Postgres:
    """A PostgreSQL database, which must be there and empty."""

    def __init__(self, url: str) -> None:
        self._database = Database(url)

    def is_held(self) -> bool:
        return portable.is_held(self._database)

    def must_be_empty(self) -> None:
        portable.must_be_empty(self._database)

    def hold_place(self, work: Path) -> None:  # noqa: ARG002 - nothing is made in the home
        portable.hold_place(self._database)

    def take_in(self, prepared: Path, anchor: str) -> None:
        source = Database(f"sqlite:///{prepared}")
        try:
            portable.bring(source, self._database, anchor)
        finally:
            source.dispose()

    def leave_nothing(self) -> None:
        portable.let_go(self._database)

    def close(self) -> None:
        self._database.dispose()


class _Folder:
    """The folder of the home: filled in the work folder, then renamed."""

    whole_first = False

    def __init__(self, place: Path) -> None:
        self._place = place

    def must_be_empty(self, work: Path) -> None:
        """The home was looked through already."""

    def open(self, work: Path) -> ObjectStore:
        filled = work / "store"
        if self._place.exists():
            if filled.exists():
                _remove_empty_store(self._place)
            else:
                self._place.rename(filled)
        store = LocalStore(filled)
        filled.chmod(0o700)
        store.sweep_temporary(0)
        return store

    def move_in(self, work: Path) -> None:
        (work / "store").rename(self._place)


class _Bucket:
    """A bucket: filled in place, so a damaged backup must be found before."""

    whole_first = True

    def __init__(self, settings: Settings) -> None:
        self._bucket = bucket_of(settings)
        self._retain_days = settings.store_retain_days

    def must_be_empty(self, work: Path) -> None:
        note = work / "bucket"
        if note.exists() and note.read_text() == self._bucket.url:
            return
        if not self._bucket.is_empty():
            raise Usage(f"the bucket {self._bucket.url} is not empty; restore into a new one")

    def open(self, work: Path) -> ObjectStore:
        from storage.s3 import S3Store

        store = S3Store(self._bucket, work / "copies", retain_days=self._retain_days, kept=0)
        store.create()
        (work / "bucket").write_text(self._bucket.url)
        return store

    def move_in(self, work: Path) -> None:
        """It lies where it belongs."""


def is_unfinished(home: Path) -> bool:
    """Whether a restore into the SQLite of this home was interrupted."""
    path = home / NAME
    if not path.is_file():
        return False
    try:
        with closing(connect(path)) as database:
            found = database.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return False
    return bool(found) and found[0] == UNFINISHED


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a file that is there; never makes one."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True)  # a reader leaves its log


def settle(path: Path) -> None:
    """Leave a database that goes, or goes elsewhere, as one file without a log beside it."""
    if not path.exists():
        return
    try:
        with closing(connect(path)) as database:
            database.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise Retryable(f"another command uses {path} ({error}); try again") from error
    if Path(f"{path}-wal").exists():
        raise Retryable(f"another command uses {path}; try again")


def _has_rows(path: Path) -> bool:
    try:
        with closing(connect(path)) as database:
            return any(
                database.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()  # noqa: S608 - our names
                for table in portable.CONTENT
            )
    except sqlite3.Error:
        return True


def _remove_empty_store(store: Path) -> None:
    for path in store.rglob("*"):
        if not path.is_dir() and path != store / "STORE":
            raise Usage(f"the home is not empty: {path}")
    shutil.rmtree(store)

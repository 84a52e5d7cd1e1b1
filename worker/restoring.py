"""`restore`: a backup back into an empty home, believed only after every hash was compared.

Everything is made ready in `.restoring/` inside the home and renamed into
place at the end, the database last. Until then a database of a schema that no
Yihu knows stands in its place, so every other command refuses the home, and
the next `restore` finds what the interrupted one made and goes on.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog import documents, ledger
from catalog.database import Database
from catalog.migrate import upgrade
from catalog.models import Document, Original, Page
from ingest.inbox import actual
from ingest.inbox.names import numbered
from storage import FixityResult, LocalStore
from storage.disk import copy_and_hash, retryable, sync_folder
from worker.backup_folder import (
    DATABASE,
    BackupFolder,
    DamagedBackup,
    Loose,
    Manifest,
    hash_file,
    reading,
)
from worker.home import KEY
from worker.supervisor import lock
from yihu import faults
from yihu.clock import now
from yihu.errors import Invariant, NotFound, Retryable, Usage
from yihu.settings import Settings

UNFINISHED = "恢复未完成，请重新运行 yihu restore / unfinished restore: run `yihu restore` again"
_WORK, _NAME = ".restoring", "yihu.db"
_OURS = ("run", "logs", _WORK)
_BAD = (FixityResult.FAILED, FixityResult.MISSING)


@dataclass
class Restored:
    """What a restore did; with anything `damaged` and not accepted, nothing was restored.

    `damaged` names originals of the backup that are not what they were,
    `lacking` what the backup could not copy when it was made.
    """

    home: Path
    manifest: Manifest
    done: bool = True
    damaged: dict[str, str] = field(default_factory=dict)

    @property
    def lacking(self) -> dict[str, str]:
        """What the backup never had, and why."""
        return self.manifest.lacking

    def as_dict(self) -> dict[str, Any]:
        """The line of `yihu restore --json`."""
        return {
            "home": str(self.home),
            "generation": self.manifest.generation,
            "moment": self.manifest.moment,
            "restored": self.done,
            **self.manifest.counts,
            "waiting": len(self.manifest.loose),
            "lacking": len(self.manifest.lacking),
            "damaged": len(self.damaged),
            "anchor": self.manifest.anchor,
        }


def restore(
    settings: Settings, root: Path, *, generation: str = "", without_damaged: bool = False
) -> Restored:
    """Bring a generation (default: the newest) of the backup in `root` into an empty home.

    Raises Usage for a home that is not empty, AlreadyRunning for one that is
    served, `DamagedBackup` for a manifest or database that was altered.
    Damaged originals stop it too, unless `without_damaged` leaves them out.
    """
    if settings.database != f"sqlite:///{settings.home / _NAME}":
        raise Usage("restore brings an SQLite home back; unset YIHU_DATABASE_URL")
    backup = BackupFolder.open(root)
    with backup.locked(write=False):
        manifest = backup.manifest(generation)
        _check_database(backup, manifest)
        with retryable("use the home"), lock(settings.run):
            must_be_empty(settings.home)
            restored = _Restoring(settings, backup, manifest).run(without_damaged=without_damaged)
        if not restored.done:
            _leave_nothing(settings.home)
    return restored


def _check_database(backup: BackupFolder, manifest: Manifest) -> None:
    path = backup.folder(manifest.generation) / DATABASE
    try:
        with retryable("read the database of the backup"):
            found = hash_file(path)
    except Retryable as error:
        raise DamagedBackup(f"generation {manifest.generation}: {error}") from error
    if found != manifest.database_sha256:
        raise DamagedBackup(
            f"generation {manifest.generation}: the database was altered; nothing was restored. "
            f"There are the generations {backup.generations()}"
        )


def must_be_empty(home: Path) -> None:
    """Usage unless the home holds nothing yet, or only what an interrupted restore made."""
    if is_unfinished(home):
        return
    for folder, names, files in os.walk(home):
        if Path(folder) == home:
            names[:] = [name for name in names if name not in _OURS]
        for name in files:
            top = Path(folder) == home and (name.startswith(_NAME) or name == KEY)
            if not top and Path(folder, name) != home / "store" / "STORE":
                raise Usage(f"the home is not empty: {Path(folder, name)}; restore into a new one")
    if (home / _NAME).exists() and _has_rows(home / _NAME):
        raise Usage(f"the home is not empty: {home / _NAME}; restore into a new one")


def is_unfinished(home: Path) -> bool:
    """Whether a restore into this home was interrupted."""
    path = home / _NAME
    if not path.is_file():
        return False
    try:
        with closing(_connect(path)) as database:
            found = database.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return False
    return bool(found) and found[0] == UNFINISHED


def _has_rows(path: Path) -> bool:
    try:
        with closing(_connect(path)) as database:
            return any(
                database.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()  # noqa: S608 - our names
                for table in ("event", "room", "arrival", "original", "household", "estate")
            )
    except sqlite3.Error:
        return True


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True)  # a reader leaves its log


class _Restoring:
    """One restore: make ready in the work folder, then move in."""

    def __init__(self, settings: Settings, backup: BackupFolder, manifest: Manifest) -> None:
        self._settings, self._backup, self._manifest = settings, backup, manifest
        self._home = settings.home
        self._work = self._home / _WORK
        self._files = self._work / "files"
        self._damaged: dict[str, str] = {}

    def run(self, *, without_damaged: bool) -> Restored:
        """Restore; with damage that is not accepted, leave the work for `_leave_nothing`."""
        with retryable("restore"):
            self._work.mkdir(mode=0o700, exist_ok=True)
            self._hold_place()
            faults.point("restore.placeholder.after")
            store = self._open_store()
            database = self._backup.folder(self._manifest.generation) / DATABASE
            with reading(database) as session:
                self._originals(session, store)
            faults.point("restore.originals.after")
            shutil.rmtree(self._files, ignore_errors=True)
            for loose in self._manifest.loose:
                self._place(loose)
            done = without_damaged or not self._damaged
            if done:
                self._database(database)
                faults.point("restore.database.after")
                self._move_in()
        return Restored(self._home, self._manifest, done, self._damaged)

    def _hold_place(self) -> None:
        """Put a database into the home that every other command refuses, and say why."""
        if not is_unfinished(self._home):
            half = self._work / "unfinished.db"
            half.unlink(missing_ok=True)
            with closing(sqlite3.connect(half)) as database, database:
                database.execute("CREATE TABLE alembic_version (version_num TEXT NOT NULL)")
                database.execute("INSERT INTO alembic_version VALUES (?)", (UNFINISHED,))
            _settle(self._home / _NAME)
            half.replace(self._home / _NAME)
            sync_folder(self._home)

    def _open_store(self) -> LocalStore:
        """The store of the work folder; what an interrupted restore moved in comes back first."""
        work, home = self._work / "store", self._settings.store
        if home.exists():
            if work.exists():
                _remove_empty_store(home)
            else:
                home.rename(work)
        store = LocalStore(work)
        work.chmod(0o700)
        store.sweep_temporary(0)
        return store

    def _originals(self, session: Session, store: LocalStore) -> None:
        known = select(Original.sha256).where(Original.stored_at.is_not(None))
        for sha256 in session.scalars(known.order_by(Original.sha256)).all():
            if sha256 in self._manifest.lacking:
                continue
            faults.point("restore.original.before")
            try:
                with self._backup.originals.local_path(sha256) as path:
                    store.repair(path, sha256)
            except (NotFound, Retryable) as error:
                self._blame(sha256, error)

    def _blame(self, sha256: str, error: Exception) -> None:
        """Note damage of the backup; raise again when it is the home that cannot take it."""
        fixity = self._backup.originals.verify(sha256)
        if fixity.result not in _BAD:
            raise error
        self._damaged[sha256] = fixity.message

    def _place(self, loose: Loose) -> None:
        """Make ready a thing that lies outside the store."""
        relative = Path(actual(loose.place))
        first = relative.parts[0] if relative.parts else ""
        if relative.is_absolute() or ".." in relative.parts or first not in _LOOSE:
            raise Invariant(f"not a place for a file of a home: {loose.place!r}")
        target = self._files / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        if loose.link:
            target.symlink_to(actual(loose.link))
            return
        try:
            with self._backup.originals.open(loose.sha256) as source, target.open("xb") as copy:
                found, _ = copy_and_hash(source, copy)
                copy.flush()
                os.fsync(copy.fileno())
        except (NotFound, Retryable) as error:
            if loose.sha256 not in self._manifest.lacking:
                self._blame(loose.sha256, error)
            return
        if found != loose.sha256:
            target.unlink()
            self._damaged[loose.sha256] = f"{loose.place} was altered"

    def _database(self, source: Path) -> None:
        """The database, at this Yihu's schema, with nothing held by workers of another life."""
        path = self._work / _NAME
        for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            name.unlink(missing_ok=True)
        with source.open("rb") as original, path.open("xb") as copy:
            found, _ = copy_and_hash(original, copy)
        if found != self._manifest.database_sha256:
            raise DamagedBackup("the database changed while it was restored")
        database = Database(f"sqlite:///{path}")
        try:
            upgrade(database)
            with database.write() as session:
                if str(ledger.anchor(session)) != self._manifest.anchor:
                    raise DamagedBackup("the ledger does not end at the manifest's anchor")
                _let_go(session)
        finally:
            database.dispose()
        _settle(path)
        with path.open("rb") as file:
            os.fsync(file.fileno())

    def _move_in(self) -> None:
        """Rename everything into the home; the database last, which makes it count."""
        settings = self._settings
        for folder, target in (("claimed", settings.claimed), ("spool", settings.spool)):
            if target.exists():
                shutil.rmtree(target)  # empty folders, or an interrupted restore's
            if (self._files / folder).exists():
                (self._files / folder).rename(target)
            target.mkdir(exist_ok=True)
        faults.point("restore.claimed.after")
        settings.rejected.mkdir(parents=True, exist_ok=True)
        _merge(self._files / "inbox", settings.inbox)
        (self._work / "store").rename(settings.store)
        sync_folder(self._home)
        faults.point("restore.store.after")
        _settle(self._home / _NAME)
        (self._work / _NAME).replace(self._home / _NAME)
        sync_folder(self._home)
        faults.point("restore.moved.after")
        shutil.rmtree(self._work)


_LOOSE = ("claimed", "spool", "inbox")


def _let_go(session: Session) -> None:
    """Clear every lease, and make what was on its way due now."""
    documents.release(session, "")
    moment = now()
    session.execute(
        update(Document)
        .where(Document.stage != "", Document.due_at.is_not(None))
        .values(due_at=moment)
    )
    session.execute(update(Page).where(Page.state == "waiting").values(due_at=moment))


def _settle(path: Path) -> None:
    """Leave a database that goes, or goes elsewhere, as one file without a log beside it."""
    if not path.exists():
        return
    try:
        with closing(_connect(path)) as database:
            database.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise Retryable(f"another command uses {path} ({error}); try again") from error
    if Path(f"{path}-wal").exists():
        raise Retryable(f"another command uses {path}; try again")


def _merge(source: Path, target: Path) -> None:
    """Move files below `source` to the same place below `target`, never over another."""
    if not source.exists():
        return
    for folder, _, files in os.walk(source):
        into = target / Path(folder).relative_to(source)
        into.mkdir(parents=True, exist_ok=True)
        for name in files:
            _move(Path(folder, name), into)


def _move(path: Path, into: Path) -> None:
    number = 1
    while os.path.lexists(free := into / numbered(path.name, number)):
        same = free.is_file() and path.is_file() and hash_file(free) == hash_file(path)
        if same:  # moved by an interrupted restore, or dropped again meanwhile
            return
        number += 1
    path.rename(free)


def _remove_empty_store(store: Path) -> None:
    for path in store.rglob("*"):
        if not path.is_dir() and path != store / "STORE":
            raise Usage(f"the home is not empty: {path}")
    shutil.rmtree(store)


def _leave_nothing(home: Path) -> None:
    """Remove everything a refused restore made; folders of the home only where they are empty."""
    with retryable("clear up"):
        (home / _NAME).unlink(missing_ok=True)
        shutil.rmtree(home / _WORK, ignore_errors=True)
        (home / "run" / "supervisor.lock").unlink(missing_ok=True)
    with suppress(OSError):
        (home / "run").rmdir()
        home.rmdir()

"""`restore`: a backup back into an empty home, believed only after every hash was compared.

Everything is made ready in `.restoring/` inside the home and moved into place
at the end, the database last: a rename, or one transaction of PostgreSQL. Until
then a database of a schema that no Yihu knows stands in its place, so every
other command refuses the home, and the next `restore` goes on where the
interrupted one stopped. Where things go: `worker.restore_target`.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog import chores, documents, ledger, originals, records
from catalog.database import Database
from catalog.migrate import upgrade
from catalog.models import Document, Original, Page
from ingest.inbox import actual
from ingest.inbox.names import numbered
from storage import FixityResult
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
from worker.restore_target import (
    NAME,
    WORK,
    DatabaseTarget,
    StoreTarget,
    database_target,
    must_be_empty,
    settle,
    store_target,
)
from worker.supervisor import lock
from yihu import faults
from yihu.clock import now
from yihu.errors import Invariant, NotFound, Retryable
from yihu.settings import Settings

_NOTED_AT_ONCE = 500
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
    backup, store = BackupFolder.open(root), store_target(settings)
    with closing(database_target(settings)) as database, backup.locked(write=False):
        manifest = backup.manifest(generation)
        _check_database(backup, manifest)
        with retryable("use the home"), lock(settings.run):
            must_be_empty(settings, database, store)
            restoring = _Restoring(settings, backup, manifest, database, store)
            restored = restoring.run(without_damaged=without_damaged)
        if not restored.done:
            _leave_nothing(settings.home, database)
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


class _Restoring:
    """One restore: make ready in the work folder, then move in."""

    def __init__(
        self,
        settings: Settings,
        backup: BackupFolder,
        manifest: Manifest,
        database: DatabaseTarget,
        store: StoreTarget,
    ) -> None:
        self._settings, self._backup, self._manifest = settings, backup, manifest
        self._target, self._store = database, store
        self._home = settings.home
        self._work = self._home / WORK
        self._prepared = self._work / NAME
        self._files = self._work / "files"
        self._damaged: dict[str, str] = {}

    def run(self, *, without_damaged: bool) -> Restored:
        """Restore; with damage that is not accepted, leave the work for `_leave_nothing`."""
        with retryable("restore"):
            self._work.mkdir(mode=0o700, exist_ok=True)
            self._target.hold_place(self._work)
            faults.point("restore.placeholder.after")
            source = self._backup.folder(self._manifest.generation) / DATABASE
            self._prepare(source)
            faults.point("restore.database.after")
            shutil.rmtree(self._files, ignore_errors=True)
            for loose in self._manifest.loose:
                self._place(loose)
            with reading(source) as session:
                hashes = self._hashes(session)
            looks = self._store.whole_first and not without_damaged
            if looks:
                self._look_through(hashes)
            if not (looks and self._damaged):
                self._originals(hashes)
            faults.point("restore.originals.after")
            done = without_damaged or not self._damaged
            if done:
                self._move_in()
        return Restored(self._home, self._manifest, done, self._damaged)

    def _hashes(self, session: Session) -> list[str]:
        """The originals the backup holds."""
        known = select(Original.sha256).where(Original.stored_at.is_not(None))
        found = session.scalars(known.order_by(Original.sha256))
        return [sha256 for sha256 in found if sha256 not in self._manifest.lacking]

    def _look_through(self, hashes: list[str]) -> None:
        """Read every original of the backup before anything is put where it cannot be removed."""
        for sha256 in hashes:
            fixity = self._backup.originals.verify(sha256)
            if fixity.result in _BAD:
                self._damaged[sha256] = fixity.message
            elif not fixity.ok:
                raise Retryable(fixity.message)

    def _originals(self, hashes: list[str]) -> None:
        """Put every original into the store, and note under which version it was read back."""
        store = self._store.open(self._work)
        for start in range(0, len(hashes), _NOTED_AT_ONCE):
            versions: dict[str, str] = {}
            for sha256 in hashes[start : start + _NOTED_AT_ONCE]:
                faults.point("restore.original.before")
                try:
                    with self._backup.originals.local_path(sha256) as path:
                        versions[sha256] = store.repair(path, sha256).version_id
                except (NotFound, Retryable) as error:
                    self._blame(sha256, error)
            self._note(versions)

    def _note(self, versions: dict[str, str]) -> None:
        if not any(versions.values()):
            return
        database = Database(f"sqlite:///{self._prepared}")
        try:
            with database.write() as session:
                originals.note_versions(session, versions)
        finally:
            database.dispose()

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

    def _prepare(self, source: Path) -> None:
        """The database, at this Yihu's schema, with nothing held by workers of another life."""
        path = self._prepared
        for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            name.unlink(missing_ok=True)
        with source.open("rb") as original, path.open("xb") as copy:
            found, _ = copy_and_hash(original, copy)
        if found != self._manifest.database_sha256:
            raise DamagedBackup("the database changed while it was restored")
        database = Database(f"sqlite:///{path}")
        try:
            upgrade(database, beside_newer=False)  # older code would lose what it does not know
            with database.write() as session:
                if str(ledger.anchor(session)) != self._manifest.anchor:
                    raise DamagedBackup("the ledger does not end at the manifest's anchor")
                _let_go(session)
                originals.forget_versions(session)  # another store's mean nothing here
        finally:
            database.dispose()

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
        self._store.move_in(self._work)
        sync_folder(self._home)
        faults.point("restore.store.after")
        settle(self._prepared)
        with self._prepared.open("rb") as file:
            os.fsync(file.fileno())
        self._target.take_in(self._prepared, self._manifest.anchor)
        faults.point("restore.moved.after")
        shutil.rmtree(self._work)


_LOOSE = ("claimed", "spool", "inbox")


def _let_go(session: Session) -> None:
    """Clear every lease, and make what was on its way due now; records are written anew."""
    documents.release(session, "")
    chores.forget_done(session, records.KIND)
    moment = now()
    session.execute(
        update(Document)
        .where(Document.stage != "", Document.due_at.is_not(None))
        .values(due_at=moment)
    )
    session.execute(update(Page).where(Page.state == "waiting").values(due_at=moment))


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


def _leave_nothing(home: Path, database: DatabaseTarget) -> None:
    """Remove everything a refused restore made; folders of the home only where they are empty."""
    with retryable("clear up"):
        database.leave_nothing()
        shutil.rmtree(home / WORK, ignore_errors=True)
        (home / "run" / "supervisor.lock").unlink(missing_ok=True)
    with suppress(OSError):
        (home / "run").rmdir()
        home.rmdir()

"""`backup`: a consistent, incremental copy of a home that is being worked on.

The database is copied first, in one moment, into SQLite whatever kind it is, so
a backup of either profile can be restored into either. Every original it knows is then
copied by its hash unless the backup has it, read back and compared; so is what
is on its way and lies outside the store. The manifest comes last, by one
rename: a generation without it never counts, and the one before stays whole
(the folder's layout: `worker.backup_folder`).

The manifest's ledger anchor is what the ledger itself cannot keep (see
`catalog.ledger`): a chain that no longer holds the last anchor is refused.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import func, or_, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from catalog import documents, ledger, migrate, portable
from catalog.database import BUSY_SECONDS, Database
from catalog.models import Arrival, Document, Event, Holding, Household, Original
from ingest.inbox import Claim, actual, files_below, find, moment_of, shown, why_ignored
from storage import Damaged, Fixity, FixityResult, ObjectStore
from storage.disk import retryable
from worker.backup_folder import (
    DATABASE,
    BackupFolder,
    Loose,
    Manifest,
    NotContinued,
    hash_file,
    reading,
)
from worker.home import existing_store, open_home, versions_in
from yihu import faults
from yihu.clock import iso, now
from yihu.errors import NotFound, Retryable, Usage
from yihu.settings import Settings

KEPT_GENERATIONS = 7


@dataclass
class Report:
    """What a backup did: `copied` originals and their `bytes`, and what is `lacking`, and why."""

    folder: Path
    manifest: Manifest
    copied: int
    bytes: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """The line of `yihu backup --json`."""
        return {
            "backup": str(self.folder),
            "generation": self.manifest.generation,
            "moment": self.manifest.moment,
            **self.manifest.counts,
            "copied": self.copied,
            "bytes": self.bytes,
            "waiting": len(self.manifest.loose),
            "lacking": len(self.manifest.lacking),
            "anchor": self.manifest.anchor,
            "seconds": round(self.seconds, 3),
        }


def back_up(settings: Settings, root: Path, *, recheck: bool = False) -> Report:
    """Write one generation into `root`; `recheck` also re-reads the originals already there.

    Originals there that turn out wrong are set aside and copied again. Raises
    `Retryable` when something does not answer, `NotContinued` when the ledger
    is not the one that was backed up here.
    """
    must_be_there(settings)
    began = time.monotonic()
    backup = BackupFolder.prepare(root, settings.home)
    live = open_home(settings)
    try:
        with backup.locked(write=True), _scratch(settings) as copies:
            making = _Making(
                settings, backup, live, existing_store(settings, versions_in(live), copies)
            )
            manifest = making.run(recheck=recheck)
            backup.finish(manifest)
            backup.prune(KEPT_GENERATIONS)
    finally:
        live.dispose()
    return Report(root, manifest, making.copied, making.bytes, time.monotonic() - began)


def must_be_there(settings: Settings) -> None:
    """Usage unless these settings name a home that was made already."""
    url = make_url(settings.database)
    if url.drivername.startswith("sqlite"):
        there = bool(url.database) and Path(str(url.database)).is_file()
    else:
        database = Database(settings.database)
        try:
            with database.read() as session:
                there = migrate.revision(session.connection()) is not None
        finally:
            database.dispose()
    if not there:
        raise Usage(f"there is no home at {settings.home}")


@contextmanager
def _scratch(settings: Settings) -> Iterator[Path]:
    """A folder for what comes from elsewhere and is copied on."""
    settings.run.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.run, prefix="backup-") as folder:
        yield Path(folder)


def copy_database(live: Database, target: Path) -> None:
    """Copy a database in use, of either kind, as it stands at one moment into an SQLite file."""
    if live.dialect == "sqlite":
        snapshot(Path(str(live.engine.url.database)), target)
        return
    copy = Database(f"sqlite:///{target}")
    try:
        migrate.upgrade(copy)
        portable.take(live, copy)
    finally:
        copy.dispose()
    _check(target)


def snapshot(source: Path, target: Path) -> None:
    """Copy a database in use as it stands at one moment, check it, and bring it to the disk."""
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(str(source))}?mode=rw", uri=True)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
            live.backup(copy)  # all pages in one step: writers go on, none is seen half
    except sqlite3.Error as error:
        raise Retryable(f"database: {error}") from error
    _check(target)


def _check(target: Path) -> None:
    """Make the copy one file, see that it is whole, and bring it to the disk."""
    try:
        with closing(sqlite3.connect(target)) as copy:
            copy.execute("PRAGMA journal_mode = DELETE")
            (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise Retryable(f"database: {error}") from error
    if found != "ok":
        raise Retryable(f"the database is damaged and was not backed up: {found}")
    with target.open("rb") as file:
        os.fsync(file.fileno())


class _Making:
    """One run: the snapshot, then the originals it knows, then what lies outside the store."""

    def __init__(
        self, settings: Settings, backup: BackupFolder, live: Database, store: ObjectStore
    ) -> None:
        self._settings, self._backup, self._live = settings, backup, live
        self._store = store
        self._recheck = False
        self._loose: dict[str, Loose] = {}
        self._lacking: dict[str, str] = {}
        self.copied = self.bytes = 0

    def run(self, *, recheck: bool) -> Manifest:
        """Copy everything; gives the manifest, which is not yet written."""
        self._recheck = recheck
        generation = self._backup.begin()
        claimed = _tokens(self._settings.claimed)
        database = self._backup.folder(generation) / DATABASE
        faults.point("backup.snapshot.before")
        moment = now()
        with retryable("copy the database"):
            copy_database(self._live, database)
        faults.point("backup.snapshot.after")
        with reading(database) as session:
            self._must_continue(session)
            self._originals(session)
            faults.point("backup.originals.after")
            with retryable("copy what is on its way"):
                self._recorded(session)
                self._unrecorded(session, claimed)
                self._inbox()
            return Manifest(
                generation=generation,
                moment=iso(moment) or "",
                yihu=version("yihu"),
                schema=migrate.revision(session.connection()) or "",
                database_sha256=hash_file(database),
                anchor=str(ledger.anchor(session)),
                counts=counts_of(session),
                loose=tuple(self._loose.values()),
                lacking=self._lacking,
            )

    def _must_continue(self, session: Session) -> None:
        if not self._backup.generations():
            return
        last = ledger.Anchor.parse(self._backup.manifest().anchor)
        found = session.scalar(select(Event.hash).where(Event.seq == last.seq))
        if last.seq and found != last.hash:
            raise NotContinued(
                f"event {last.seq} is not what it was at the last backup in {self._backup.root}: "
                "another home, an older restored state, or a rewritten ledger. "
                "Look into it; a new folder takes a new line of backups"
            )

    def _originals(self, session: Session) -> None:
        rows = select(Original.sha256, Original.size).order_by(Original.sha256)
        for sha256, size in session.execute(rows).all():
            if not self._is_there(sha256, size):
                faults.point("backup.original.before")
                self._copy(session, sha256)

    def _is_there(self, sha256: str, size: int) -> bool:
        found = self._backup.originals.stat(sha256)
        if found is None or found.size != size:
            return False
        fixity = self._backup.originals.verify(sha256) if self._recheck else Fixity(FixityResult.OK)
        if fixity.result is FixityResult.COULD_NOT_CHECK:
            raise Retryable(fixity.message)
        return fixity.ok

    def _copy(self, session: Session, sha256: str) -> None:
        query = select(Arrival.place).where(Arrival.sha256 == sha256, Arrival.place != "")
        with self._live.read() as present:
            places = [*session.scalars(query), *present.scalars(query)]
        why = self._keep(sha256, [self._settings.home / place for place in places])
        if why:
            self._lacking[sha256] = why

    def _keep(self, sha256: str, places: list[Path]) -> str:
        """Bring these bytes into the backup from the store or from `places`; why not, else ""."""
        why = "neither in the store nor on its way"
        for _ in range(2):  # what is on its way may move while we look
            with ExitStack() as stack:
                found, damaged = self._stored(stack, sha256)
                why = damaged or why
                for path in (found, *places):
                    if path is None or path.is_symlink() or not path.is_file():
                        continue
                    try:
                        stored = self._backup.originals.repair(path, sha256)
                    except Retryable:
                        if _holds(path, sha256):
                            raise  # the bytes are good: it is the backup that cannot take them
                        why = f"{path.name} no longer has this hash"
                        continue
                    self.copied, self.bytes = self.copied + 1, self.bytes + stored.size
                    return ""
        return why

    def _stored(self, stack: ExitStack, sha256: str) -> tuple[Path | None, str]:
        """The original as a file while the stack is open, or None and what is wrong with it."""
        try:
            return stack.enter_context(self._store.local_path(sha256)), ""
        except NotFound:
            return None, ""
        except Damaged as error:
            return None, str(error)

    def _recorded(self, session: Session) -> None:
        """Files of documents that still have a way to go, or may be sent on it again."""
        rows = session.execute(
            select(Arrival.place, Arrival.sha256)
            .join(Document, Document.arrival_id == Arrival.id)
            .where(or_(Document.stage != "", Document.state == "failed"), Arrival.place != "")
            .distinct()
        )
        for place, sha256 in rows.all():
            if sha256:
                self._loose[place] = Loose(shown(place), sha256)
            else:  # could not be taken, and was never read
                self._add(place, self._settings.home / place)

    def _unrecorded(self, session: Session, before: set[str]) -> None:
        """Files taken from the inbox that the snapshot does not know."""
        tokens = sorted(before | _tokens(self._settings.claimed))
        for token in sorted(set(tokens) - documents.known_tokens(session, tokens)):
            for _ in range(3):
                claim = self._find(token)
                if claim is None:
                    self._since_recorded(token)
                    break
                try:
                    self._add(f"claimed/{token}/{actual(claim.path)}", claim.place, gone_ok=False)
                    break
                except FileNotFoundError:
                    continue

    def _find(self, token: str) -> Claim | None:
        return find(self._settings.claimed, token) or find(self._settings.spool, token)

    def _since_recorded(self, token: str) -> None:
        with self._live.read() as present:
            found = present.scalar(select(Arrival).where(Arrival.token == token))
        if found is not None and found.sha256:
            why = self._keep(found.sha256, [self._settings.home / found.place])
            place = f"claimed/{token}/{actual(found.path)}"
            if why:
                self._lacking[shown(place)] = why
            else:
                self._loose[place] = Loose(shown(place), found.sha256)

    def _inbox(self) -> None:
        """What lies quiet in the inbox, and what was given back to staff."""
        settings = self._settings
        quiet = time.time() - settings.settle_blind_seconds
        for path in files_below(settings.inbox):
            relative = path.relative_to(settings.inbox).as_posix()
            try:
                if not why_ignored(relative) and path.lstat().st_mtime < quiet:
                    self._add(f"inbox/{relative}", path)
            except FileNotFoundError:
                continue
        if settings.rejected.is_dir():
            for path in files_below(settings.rejected):
                self._add(path.relative_to(settings.home).as_posix(), path)

    def _add(self, place: str, path: Path, *, gone_ok: bool = True) -> None:
        """Copy a file that is not known by its hash."""
        try:
            if path.is_symlink():
                self._loose[place] = Loose(shown(place), link=shown(str(path.readlink())))
                return
            path.lstat()
            if not path.is_file():
                self._lacking[shown(place)] = "not a file"
                return
            sha256 = hash_file(path)
            known = self._backup.originals.stat(sha256) is not None
            why = "" if known and not self._recheck else self._keep(sha256, [path])
        except FileNotFoundError:
            if not gone_ok:
                raise
            return
        except PermissionError as error:
            why, sha256 = error.strerror or "permission denied", ""
        if not why:
            self._loose[place] = Loose(shown(place), sha256)
        elif not place.startswith("inbox/"):  # there it may be written to: not yet ours
            self._lacking[shown(place)] = why


def counts_of(session: Session) -> dict[str, int]:
    """How many documents, originals, households, holdings and events there are."""
    tables = {
        "documents": Document,
        "originals": Original,
        "households": Household,
        "holdings": Holding,
        "events": Event,
    }
    return {
        name: session.scalar(select(func.count()).select_from(table)) or 0
        for name, table in tables.items()
    }


def _tokens(claimed: Path) -> set[str]:
    found = set()
    for folder in claimed.iterdir() if claimed.is_dir() else ():
        try:
            moment_of(folder.name)
        except ValueError:
            continue
        found.add(folder.name)
    return found


def _holds(path: Path, sha256: str) -> bool:
    try:
        return hash_file(path) == sha256
    except OSError:
        return False

"""`rebuild`: a lost database made anew from the store: its originals and their records.

Everything is written in one transaction, so an interrupted rebuild leaves the
database as empty as it was. The store is only read; one that is not mounted or
holds nothing is never taken for an empty one. An original without a record, or
with one that does not verify, is read again.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog import migrate, records
from catalog.database import Database
from catalog.rebuilding import DAMAGED, Rebuilding
from catalog.template.loader import load_template
from ingest.inbox import actual
from storage import ObjectStore
from worker.findings import Finding
from worker.home import existing_store, open_home
from worker.records import read_mark, rebuilt_from
from worker.restore_target import database_target
from worker.supervisor import lock
from worker.verifying import Verification, verification
from yihu import faults
from yihu.errors import NotFound, Usage
from yihu.settings import Settings

_AT_ONCE = 200


@dataclass
class Rebuilt:
    """What a rebuild made, or would make; `findings` of the verification that ends it."""

    home: Path
    done: bool
    anchors: list[str]
    counts: Counter[str]
    damaged: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The line of `yihu rebuild --json`."""
        names = ("originals", "documents", "households", "ticks", "waivers", "to_read")
        return {
            "home": str(self.home),
            "rebuilt": self.done,
            **{name: self.counts[name] for name in names},
            "damaged_records": len(self.damaged),
            "findings": len(self.findings),
            "anchors": self.anchors,
        }


def rebuild(settings: Settings, actor: str, *, dry_run: bool = False) -> Rebuilt:
    """Make the catalogue anew in the empty database of these settings.

    `dry_run` makes it in a file that is thrown away. Raises Usage for a database
    that is not empty and a store without originals, AlreadyRunning for a home
    that is served, `Retryable` for a store that does not answer.
    """
    with closing(database_target(settings)) as target:
        if target.is_held():
            raise Usage("an unfinished restore holds the database; run `yihu restore` again")
        target.must_be_empty()
    versions: dict[str, str] = {}
    with _scratch() as folder:
        store = existing_store(settings, lambda sha256: versions.get(sha256, ""), folder)
        if next(store.keys(), None) is None:
            raise Usage("the store holds no original; there is nothing to rebuild from")
        with lock(settings.run):
            database = _throw_away(folder) if dry_run else open_home(settings)
            try:
                making = _Making(settings, store, versions)
                rebuilt = making.run(database, actor)
            finally:
                database.dispose()
    rebuilt.done = not dry_run
    if rebuilt.done:
        rebuilt.findings = list(_verify(settings))
    return rebuilt


def _verify(settings: Settings) -> Iterator[Finding]:
    run: Verification = verification(settings)
    yield from run.findings()


def _throw_away(folder: Path) -> Database:
    database = Database(f"sqlite:///{folder / 'dry.db'}")
    migrate.upgrade(database)
    return database


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="yihu-rebuild-") as folder:
        yield Path(folder)


class _Making:
    """One run over the store: household records, originals with records, the rest."""

    def __init__(self, settings: Settings, store: ObjectStore, versions: dict[str, str]) -> None:
        self._settings, self._store, self._versions = settings, store, versions
        self._damaged: dict[str, str] = {}
        self._again: list[tuple[str, str]] = []

    def run(self, database: Database, actor: str) -> Rebuilt:
        anchors = rebuilt_from(read_mark(self._store))
        with database.write() as session:
            making = Rebuilding(session, anchors, actor)
            names = self._households(making)
            session.expunge_all()
            for number, sha256 in enumerate(self._store.keys(), start=1):
                self._original(making, sha256)
                if number % _AT_ONCE == 0:
                    session.flush()
                    session.expunge_all()
            for name in names:
                making.add_papers(name, self._read(name, "household"))
            making.continue_numbers()
            for sha256, why in self._again:
                size, version = self._stat(sha256, "")
                making.add_unread(sha256, size, version, why)
            making.finish(load_template())
            faults.point("rebuild.commit")
        return Rebuilt(self._settings.home, True, anchors, making.counts, self._damaged)

    def _households(self, making: Rebuilding) -> list[str]:
        names = []
        for name in self._store.records(records.HOUSEHOLDS):
            try:
                body = self._read(name, "household")
                with making.apart():
                    making.add_household(name, body)
                names.append(name)
            except (records.DamagedRecord, KeyError) as error:
                self._damaged[name] = str(error)
        return names

    def _original(self, making: Rebuilding, sha256: str) -> None:
        name = records.name_of(sha256)
        try:
            body = self._read(name, "original")
            if body["sha256"] != sha256:
                raise records.DamagedRecord("the record is of another original")
            _, version = self._stat(sha256, body["original"]["version_id"])
            with making.apart():
                making.add_original(body, version, self._lies)
        except NotFound:
            self._again.append((sha256, "missing"))
        except (records.DamagedRecord, KeyError) as error:
            self._damaged[name] = str(error)
            self._again.append((sha256, DAMAGED))

    def _read(self, name: str, kind: str) -> dict[str, Any]:
        with self._store.open_record(name) as stream:
            return records.unseal(stream.read(), kind)

    def _stat(self, sha256: str, version: str) -> tuple[int, str]:
        """Size and version of the original: the version the record names if it is there."""
        for wanted in dict.fromkeys((version, "")):
            self._versions[sha256] = wanted
            found = self._store.stat(sha256)
            self._versions.pop(sha256)
            if found is not None:
                return found.size, found.version_id
        raise NotFound(f"{sha256} is not in the store")

    def _lies(self, place: str) -> bool:
        return (self._settings.home / actual(place)).is_file()

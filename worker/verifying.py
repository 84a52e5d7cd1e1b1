"""`verify`: does what is promised to be there agree, in every direction?

Originals are read again (fixity), index and store are compared both ways, the
ledger's chain and the ticks that follow from it are checked, and nothing may
lie forgotten in the inbox or the working folders. Every answer is one of three:
agrees, does not, could not be checked; the last is never a pass.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import audit, ledger, originals, verifications
from catalog.database import Database
from catalog.models import Arrival, Document, Original
from storage import FixityResult, ObjectStore
from worker.home import open_home, open_store
from yihu.clock import now
from yihu.errors import Retryable
from yihu.settings import MEGABYTE, Settings

FORGOTTEN = timedelta(minutes=10)
RESULTS = {
    FixityResult.FAILED: "failed",
    FixityResult.MISSING: "missing",
    FixityResult.COULD_NOT_CHECK: "could-not-check",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `yihu verify`: what was checked, of what, the result, and why in words."""

    check: str
    subject: str
    result: str
    message: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The line of the contract."""
        return {
            "check": self.check,
            "subject": self.subject,
            "result": self.result,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """The last line: how much was checked, how much was wrong, how much could not be checked."""

    checked: int
    failed: int
    could_not_check: int

    def as_dict(self) -> dict[str, Any]:
        """The line of the contract."""
        return {
            "check": "summary",
            "checked": self.checked,
            "failed": self.failed,
            "could_not_check": self.could_not_check,
        }


class Verification:
    """One run over a home: `findings` does the checks, `summary` counts what was done so far.

    `sample` re-reads only so many originals; `resume` goes on with the run that
    was interrupted and does not read again what agreed in it; `megabytes_a_second`
    lets others use the disk too; `fixity` False leaves the originals out.
    """

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        settings: Settings,
        *,
        sample: int | None = None,
        resume: bool = False,
        megabytes_a_second: float | None = None,
        fixity: bool = True,
    ) -> None:
        self._database, self._store, self._settings = database, store, settings
        self._sample, self._resume, self._fixity = sample, resume, fixity
        self._rate = megabytes_a_second
        self._checked = self._failed = self._could_not = 0

    @property
    def summary(self) -> Summary:
        """What was done so far."""
        return Summary(self._checked, self._failed, self._could_not)

    def findings(self) -> Iterator[Finding]:
        """Do every check and give what does not agree; the end is remembered for `doctor`."""
        with self._database.write() as session:
            whole = self._fixity and self._sample is None
            run = verifications.unfinished(session) if self._resume else None
            run = run or verifications.start(session, fixity=whole)
            run_id, since = run.id, run.started_at
        kept: list[dict[str, Any]] = []
        for check in self._checks(since):
            for item in check:
                self._checked += 1
                if item is None:
                    continue
                self._could_not += item.result == "could-not-check"
                self._failed += item.result != "could-not-check"
                if len(kept) < verifications.KEPT_FINDINGS:
                    kept.append(item.as_dict())
                yield item
        counts = (self._checked, self._failed, self._could_not)
        with self._database.write() as session:
            verifications.finish(session, run_id, counts, kept)

    def _checks(self, since: datetime) -> Iterator[Iterable[Finding | None]]:
        database, store = self._database, self._store
        if self._fixity:
            yield self._originals(since)
        yield orphans(database, store)
        yield index(database)
        yield chain(database)
        yield working_folders(database, self._settings)

    def _originals(self, since: datetime) -> Iterator[Finding | None]:
        """Read originals again and compare their hash; None for each that agrees."""
        with self._database.read() as session:
            hashes = originals.stored_originals(session)
            done = originals.seen_well_since(session, since) if self._resume else set()
        if self._sample is not None and self._sample < len(hashes):
            hashes = random.sample(hashes, self._sample)
        for sha256 in hashes:
            if sha256 in done:
                yield None
                continue
            began = time.monotonic()
            yield check_original(self._database, self._store, sha256)
            self._pause(sha256, time.monotonic() - began)

    def _pause(self, sha256: str, used: float) -> None:
        """Wait so long that no more than the allowed bytes a second are read."""
        if self._rate is None:
            return
        found = self._store.stat(sha256)
        size = found.size if found else 0
        time.sleep(max(0.0, size / (self._rate * MEGABYTE) - used))


def verification(settings: Settings, **options: Any) -> Verification:
    """A run over the home of these settings; `options` as of `Verification`."""
    database = open_home(settings)
    return Verification(database, open_store(settings, database), settings, **options)


def check_original(database: Database, store: ObjectStore, sha256: str) -> Finding | None:
    """Check one original and remember when and how that went.

    What was laid over a whole one in the bucket is a stranger in the store: the
    original stays well, and the finding names the key.
    """
    found = store.verify(sha256)
    with database.write() as session:
        originals.note(session, sha256, found.result.value)
    if found.ok:
        return Finding("orphan", sha256, "unknown", found.over) if found.over else None
    return Finding("fixity", sha256, RESULTS[found.result], found.message)


def orphans(database: Database, store: ObjectStore) -> Iterator[Finding | None]:
    """Objects in the store that the index does not know, and what is no object at all."""
    try:
        for name in store.strangers():
            message = "存储区里的外来文件 / not an original, yet it lies in the store"
            yield Finding("orphan", name, "unknown", message)
        for sha256 in store.keys():  # noqa: SIM118 - not a mapping
            with database.read() as session:
                known = session.get(Original, sha256) is not None
            message = "对象不在索引中 / the index does not know this object"
            yield None if known else Finding("orphan", sha256, "unknown", message)
    except Retryable as error:
        yield Finding("orphan", "store", "could-not-check", str(error))


def index(database: Database) -> Iterator[Finding | None]:
    """Documents whose original is not in the index's promise, and ticks that do not follow."""
    with database.read() as session:
        yield from _documents(session)
        for problem in audit.audit_ticks(session):
            check = "paper" if problem.medium == "paper" else "index"
            yield Finding(check, problem.subject, "failed", problem.message)
        for problem in audit.drift_audit(session):
            yield Finding("index", problem.subject, "failed", problem.message)


def _documents(session: Session) -> Iterator[Finding | None]:
    rows = session.execute(
        select(Document.id, Document.state, Document.stage, Original.stored_at)
        .outerjoin(Original, Original.sha256 == Document.sha256)
        .where(Document.state.in_(("filed", "review")))
        .order_by(Document.id)
    )
    for document_id, state, _stage, stored_at in rows:
        if stored_at is None:
            message = f"{state} 但原件不在库 / {state} without a stored original"
            yield Finding("index", f"document:{document_id}", "missing", message)
        else:
            yield None


def chain(database: Database) -> Iterator[Finding | None]:
    """The hash chain of the ledger."""
    with database.read() as session:
        count = 0
        for problem in ledger.verify_chain(session):
            count += 1
            yield Finding("chain", problem.subject, "failed", problem.message)
        if not count:
            yield None


def working_folders(database: Database, settings: Settings) -> Iterator[Finding | None]:
    """Claims nobody recorded, and documents that should have moved long ago."""
    moment = now()
    if settings.claimed.is_dir():
        for folder in sorted(settings.claimed.iterdir()):
            with database.read() as session:
                known = session.scalar(select(Arrival.id).where(Arrival.token == folder.name))
            old = moment.timestamp() - folder.stat().st_mtime > FORGOTTEN.total_seconds()
            message = "认领后未登记 / claimed but never recorded"
            forgotten = known is None and old
            yield Finding("inbox", folder.name, "unknown", message) if forgotten else None
    with database.read() as session:
        late = session.scalars(
            select(Document.id).where(Document.stage != "", Document.due_at < moment - FORGOTTEN)
        )
        for document_id in late:
            message = "长时间没有进展 / has not moved for long"
            yield Finding("inbox", f"document:{document_id}", "failed", message)

"""`verify`: does what is promised to be there agree, in every direction?

Originals are read again (fixity), index and store are compared both ways, the
ledger's chain is held against the points of it kept beside the originals, the
ticks against the ledger, and nothing may lie forgotten in the inbox or the
working folders. Every answer is one of three: agrees, does not, could not be
checked; the last is never a pass.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import audit, ledger, originals, rebuilding, verifications
from catalog.database import Database
from catalog.models import Document, Original
from catalog.records import DamagedRecord
from storage import FixityResult, ObjectStore
from worker import records
from worker.findings import Finding, Summary
from worker.forgotten import nothing_forgotten
from worker.home import open_home, open_store
from yihu.errors import Retryable
from yihu.settings import MEGABYTE, Settings

RESULTS = {
    FixityResult.FAILED: "failed",
    FixityResult.MISSING: "missing",
    FixityResult.COULD_NOT_CHECK: "could-not-check",
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
        yield chain(database, store)
        yield nothing_forgotten(database, self._settings)

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
    """Check one original and remember when and how that went."""
    found = store.verify(sha256)
    with database.write() as session:
        originals.note(session, sha256, found.result.value)
    if found.ok:
        return None
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


def chain(database: Database, store: ObjectStore) -> Iterator[Finding | None]:
    """The hash chain of the ledger, which must still hold the points kept beside the originals."""
    count = 0
    kept: list[ledger.Anchor] = []
    try:
        kept = records.anchors(store)
    except (Retryable, DamagedRecord) as error:
        count += 1
        yield Finding("chain", records.MARK, "could-not-check", str(error))
    with database.read() as session:
        mine = set(kept) - rebuilding.former_anchors(session)
        for problem in ledger.verify_chain(session, anchors=sorted(mine, key=str)):
            count += 1
            yield Finding("chain", problem.subject, "failed", problem.message)
        if not count:
            yield None

"""`verify`: does what is promised to be there agree, in every direction?

Originals are read again (fixity), index and store are compared both ways, the
ledger's chain and the ticks that follow from it are checked, and nothing may
lie forgotten in the inbox or the working folders. Every answer is one of three:
agrees, does not, could not be checked; the last is never a pass.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog import audit, ledger
from catalog.database import Database
from catalog.models import Arrival, Document, Original
from storage import FixityResult, LocalStore, ObjectStore
from worker.home import open_home
from yihu.clock import now
from yihu.errors import Retryable
from yihu.settings import Settings

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


def verify_home(settings: Settings, sample: int | None = None) -> Iterator[Finding | Summary]:
    """Every finding, then the summary; `sample` re-reads only so many originals."""
    database = open_home(settings)
    store = LocalStore(settings.store)
    checked = failed = could_not = 0
    checks = (
        fixity(database, store, sample),
        orphans(database, store),
        index(database),
        chain(database),
        working_folders(database, settings),
    )
    for check in checks:
        for item in check:
            checked += 1
            if item is None:
                continue
            could_not += item.result == "could-not-check"
            failed += item.result != "could-not-check"
            yield item
    yield Summary(checked, failed, could_not)


def fixity(
    database: Database, store: ObjectStore, sample: int | None = None
) -> Iterator[Finding | None]:
    """Read originals again and compare their hash; None for each that agrees."""
    with database.read() as session:
        hashes = list(
            session.scalars(
                select(Original.sha256)
                .where(Original.stored_at.is_not(None))
                .order_by(Original.sha256)
            )
        )
    if sample is not None and sample < len(hashes):
        hashes = random.sample(hashes, sample)
    for sha256 in hashes:
        yield check_original(database, store, sha256)


def check_original(database: Database, store: ObjectStore, sha256: str) -> Finding | None:
    """Check one original and remember when and how that went."""
    found = store.verify(sha256)
    with database.write() as session:
        session.execute(
            update(Original)
            .where(Original.sha256 == sha256)
            .values(verified_at=now(), verify_result=found.result.value)
        )
    if found.ok:
        return None
    return Finding("fixity", sha256, RESULTS[found.result], found.message)


def orphans(database: Database, store: ObjectStore) -> Iterator[Finding | None]:
    """Objects in the store that the index does not know."""
    try:
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

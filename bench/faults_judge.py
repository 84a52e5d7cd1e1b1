"""What must be true after a fault healed: nothing lost, doubled, stuck or wrong."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.database import Database
from catalog.models import Arrival, Document, Holding, Original, Page
from worker.findings import Finding
from worker.home import open_store
from worker.verifying import Verification
from yihu.errors import Retryable
from yihu.settings import Settings

KINDS = ("lost", "duplicated", "stuck", "wrong")
Ends = tuple[tuple[int, int, str, str | None, int | None], ...]
"""Of a file: first page, last page, state, type and household of each of its documents."""


@dataclass(slots=True)
class Dropped:
    """Bytes put into the inbox `times` times, and of what kind they are."""

    kind: str
    sha256: str
    times: int = 1


@dataclass(slots=True)
class Judge:
    """Looks at a home, whatever its profile; learns without faults how each kind of file ends."""

    settings: Settings
    database: Database
    ends: dict[str, Ends] = field(default_factory=dict)

    def learn(self, dropped: list[Dropped]) -> None:
        """Remember how these kinds end when nothing goes wrong."""
        with self.database.read() as session:
            self.ends |= {drop.kind: _ends(session, drop.sha256) for drop in dropped}

    def settled(self, dropped: list[Dropped]) -> bool:
        """True when nothing of these files, and nothing else, is still on its way.

        False while the database does not answer: then nobody knows.
        """
        try:
            return not self.unsettled(dropped)
        except Retryable:
            return False

    def unsettled(self, dropped: list[Dropped]) -> list[str]:
        """What is still on its way, for a person."""
        lying = [str(path) for path in self.inbox_files()]
        lying += [str(path) for path in _files(self.settings.claimed)]
        if lying:
            return lying
        with self.database.read() as session:
            moving = session.scalars(select(Document).where(Document.stage > "")).all()
            pages = session.scalars(select(Page).where(Page.state == "waiting")).all()
            hashes = [drop.sha256 for drop in dropped]
            rows = session.execute(
                select(Arrival.sha256, func.count())
                .where(Arrival.sha256.in_(hashes))
                .group_by(Arrival.sha256)
            )
            there = {row[0]: row[1] for row in rows}
        found = [
            f"document {d.id} {d.stage} {d.attempts} {d.worker} {d.last_error}" for d in moving
        ]
        found += [f"page {p.sha256[:8]}/{p.number} {p.worker} {p.last_error}" for p in pages]
        missing = [drop for drop in dropped if there.get(drop.sha256, 0) < drop.times]
        return found + [f"{drop.kind} {drop.sha256[:8]} has not arrived" for drop in missing]

    def inbox_files(self) -> Iterator[Path]:
        """What lies in the inbox and was not given back."""
        for path in _files(self.settings.inbox):
            if not path.is_relative_to(self.settings.rejected):
                yield path

    def findings(self, dropped: list[Dropped]) -> Counter[str]:
        """Count what is lost, duplicated or wrong about these files."""
        found: Counter[str] = Counter()
        with self.database.read() as session:
            for drop in dropped:
                found.update(self._of(session, drop))
        return found

    def _of(self, session: Session, drop: Dropped) -> Iterator[str]:
        documents = session.scalars(select(Document).where(Document.sha256 == drop.sha256)).all()
        first = [document for document in documents if document.state != "duplicate"]
        if not first or not self._stored(session, drop.sha256):
            yield "lost"
            return
        if len(documents) - len(first) != drop.times - 1:
            yield "lost" if len(documents) - len(first) < drop.times - 1 else "duplicated"
        pages = Counter(n for d in first for n in range(d.first_page, d.last_page + 1))
        if any(count > 1 for count in pages.values()):
            yield "duplicated"
        ends = _ends(session, drop.sha256)
        if ends != self.ends.get(drop.kind, ends) or any(d.state == "failed" for d in first):
            yield "wrong"
        filed = Counter(document.id for document in first if document.state == "filed")
        ticks = session.scalars(
            select(Holding).where(Holding.sha256 == drop.sha256, Holding.withdrawn_at.is_(None))
        )
        ticked = Counter(holding.document_id for holding in ticks)
        if any(count > 1 for count in ticked.values()):
            yield "duplicated"
        if ticked.keys() != filed.keys():
            yield "wrong"

    def _stored(self, session: Session, sha256: str) -> bool:
        original = session.get(Original, sha256)
        if original is None or original.stored_at is None:
            return False
        return open_store(self.settings, self.database).verify(sha256).ok

    def verify(self) -> list[Finding]:
        """Everything `yihu verify` finds in this home."""
        store = open_store(self.settings, self.database)
        found = list(Verification(self.database, store, self.settings).findings())
        self.database.dispose()  # it is the last that is asked of a home
        return found


def _ends(session: Session, sha256: str) -> Ends:
    rows = session.scalars(
        select(Document)
        .where(Document.sha256 == sha256, Document.state != "duplicate")
        .order_by(Document.first_page)
    )
    return tuple((d.first_page, d.last_page, d.state, d.type, d.household_id) for d in rows)


def _files(folder: Path) -> Iterator[Path]:
    """Everything below that is no folder; folders that vanish meanwhile are passed over."""
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)

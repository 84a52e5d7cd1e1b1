"""What people decided: labels to learn from, and judged documents to derive thresholds from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.models import Document, Sample

HELD_BACK = 3  # one label in so many is kept to compare models on
_PERSON = "person:%"
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Label:
    """A document whose type a person decided or confirmed; `held` keeps it from training."""

    document_id: int
    sha256: str
    pages: tuple[int, int]
    household_id: int
    type: str
    held: bool


def labels(session: Session, limit: int = _MOST) -> list[Label]:
    """The newest decisions of people, each document once; blind samples that agreed count too."""
    decided = (
        select(Document)
        .where(
            Document.state == "filed",
            Document.decided_by.like(_PERSON),
            Document.sha256.is_not(None),
            Document.type.is_not(None),
            Document.household_id.is_not(None),
        )
        .order_by(Document.id.desc())
        .limit(limit)
    )
    confirmed = (
        select(Document)
        .join(Sample, Sample.document_id == Document.id)
        .where(Sample.agrees.is_(True), Document.state == "filed", Document.sha256.is_not(None))
        .limit(limit)
    )
    found = {row.id: row for query in (decided, confirmed) for row in session.scalars(query)}
    return [_label(row) for _, row in sorted(found.items())]


def count(session: Session) -> int:
    """How many documents people decided."""
    query = select(func.count()).select_from(Document)
    return (
        session.scalar(query.where(Document.state == "filed", Document.decided_by.like(_PERSON)))
        or 0
    )


def _label(row: Document) -> Label:
    assert row.sha256 is not None
    assert row.type is not None
    assert row.household_id is not None
    # by its bytes: a label stays on its side for ever, whatever is decided later
    spot = hashlib.sha256(f"{row.sha256}:{row.first_page}".encode()).digest()[0]
    pages = (row.first_page, row.last_page)
    return Label(
        row.id, row.sha256, pages, row.household_id, row.type, spot % HELD_BACK == 0
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """A document's stored judgement, and what a person said of it: None when nobody did."""

    judgement: dict[str, Any]
    split: dict[str, Any]
    filed: bool
    right: bool | None


def judged(session: Session, limit: int = _MOST) -> Iterator[Judged]:
    """The newest judged documents, with people's word on the machine's first answer."""
    rows = session.execute(
        select(Sample.document_id, Sample.agrees).where(Sample.agrees.is_not(None))
    )
    answers = {row[0]: bool(row[1]) for row in rows}
    query = (
        select(Document)
        .where(Document.judgement.is_not(None), Document.state.in_(("filed", "review")))
        .order_by(Document.id.desc())
        .limit(limit)
    )
    for row in session.scalars(query):
        said = row.judgement or {}
        right: bool | None = answers.get(row.id)
        if right is None and row.decided_by.startswith("person:") and row.state == "filed":
            types, homes = said.get("types"), said.get("households")
            right = bool(
                types and homes
                and types[0]["code"] == row.type and homes[0]["id"] == row.household_id
            )  # fmt: skip
        yield Judged(said, row.split or {}, row.state == "filed", right)

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
_CHUNK = 500


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
    columns = (
        Document.id, Document.sha256, Document.first_page, Document.last_page,
        Document.household_id, Document.type,
    )  # fmt: skip
    whole = (
        Document.state == "filed",
        Document.sha256.is_not(None),
        Document.type.is_not(None),
        Document.household_id.is_not(None),
    )
    decided = (
        select(*columns)
        .where(Document.decided_by.like(_PERSON), *whole)
        .order_by(Document.id.desc())
        .limit(limit)
    )
    confirmed = (
        select(*columns)
        .join(Sample, Sample.document_id == Document.id)
        .where(Sample.agrees.is_(True), *whole)
        .order_by(Document.id.desc())
        .limit(limit)
    )
    found: dict[int, Label] = {}
    for query in (decided, confirmed):
        for number, sha256, first, last, household, code in session.execute(query):
            pages, sealed = (first, last), sha256 or ""
            held = held_back(sealed, first)
            found[number] = Label(number, sealed, pages, household or 0, code or "", held)
    return [found[number] for number in sorted(found)]


def count(session: Session) -> int:
    """How many documents people decided."""
    query = select(func.count()).select_from(Document)
    return (
        session.scalar(query.where(Document.state == "filed", Document.decided_by.like(_PERSON)))
        or 0
    )


def held_back(sha256: str, first_page: int) -> bool:
    """By its bytes, so that a label stays on its side for ever, whatever is decided later."""
    spot = hashlib.sha256(f"{sha256}:{first_page}".encode()).digest()[0]
    return spot % HELD_BACK == 0


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
    last = None
    for _ in range(0, limit, _CHUNK):
        query = select(
            Document.id,
            Document.judgement,
            Document.split,
            Document.state,
            Document.decided_by,
            Document.type,
            Document.household_id,
        ).where(Document.judgement.is_not(None), Document.state.in_(("filed", "review")))
        if last is not None:
            query = query.where(Document.id < last)
        chunk = session.execute(query.order_by(Document.id.desc()).limit(_CHUNK)).all()
        for number, said, split, state, by, code, household in chunk:
            filed = state == "filed"
            right = answers.get(number)
            if right is None and filed and (by or "").startswith("person:"):
                right = _first_answer(said or {}) == (code, household)
            yield Judged(said or {}, split or {}, filed, right)
        if len(chunk) < _CHUNK:
            return
        last = chunk[-1][0]


def _first_answer(said: dict[str, Any]) -> tuple[str, int] | None:
    types, homes = said.get("types"), said.get("households")
    return (types[0]["code"], homes[0]["id"]) if types and homes else None

"""What people discarded, and what stands in the households' files beside it, to learn from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.labels import held_back, labels
from catalog.models import Document, LearntModel

DISCARDED = "discarded"
"""The only reason in the trash that speaks of the paper; "scan again" and "blank" do not."""
PART = "discards"
"""What `figures["part"]` says of a version made from discards."""
_LOOKED_AT = 1000
_PERSON = "person:%"
_CHUNK = 500
_COPIES = 20


@dataclass(frozen=True, slots=True)
class Discarded:
    """A document in the trash as it was judged, and since when it is there."""

    document_id: int
    sha256: str
    pages: tuple[int, int]
    household_id: int | None
    type: str | None
    judgement: dict[str, Any]
    split: dict[str, Any]
    since: datetime


@dataclass(frozen=True, slots=True)
class Filed:
    """A document in a household's file; `seen` when a person put or confirmed it there."""

    document_id: int
    sha256: str
    pages: tuple[int, int]
    seen: bool
    held: bool


def discarded(session: Session, limit: int = _LOOKED_AT) -> list[Discarded]:
    """What people discarded and did not take back, newest first; only what was judged."""
    query = (
        select(
            Document.id, Document.sha256, Document.first_page, Document.last_page,
            Document.household_id, Document.type, Document.judgement, Document.split,
            Document.since, Document.reasons,
        )
        .where(Document.state == "rejected", Document.sha256.is_not(None))
        .order_by(Document.since.desc(), Document.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [
        Discarded(number, sha256 or "", (first, last), home, code, said or {}, split or {}, since)
        for number, sha256, first, last, home, code, said, split, since, reasons in session.execute(
            query
        )
        if DISCARDED in reasons and said
    ]


def still(session: Session, ids: Collection[int]) -> frozenset[int]:
    """Those of the documents that are discarded as yet."""
    wanted, found = sorted(ids), set[int]()
    for start in range(0, len(wanted), _CHUNK):
        query = select(Document.id, Document.reasons).where(
            Document.id.in_(wanted[start : start + _CHUNK]), Document.state == "rejected"
        )
        found |= {number for number, reasons in session.execute(query) if DISCARDED in reasons}
    return frozenset(found)


def filed(session: Session, limit: int = _LOOKED_AT) -> list[Filed]:
    """The newest documents that people filed or confirmed, and the newest of all."""
    found = {
        one.document_id: Filed(one.document_id, one.sha256, one.pages, True, one.held)
        for one in labels(session, limit)
    }
    query = (
        select(Document.id, Document.sha256, Document.first_page, Document.last_page)
        .where(Document.state == "filed", Document.sha256.is_not(None))
        .order_by(Document.since.desc())
        .limit(limit)
    )
    for number, sha256, first, last in session.execute(query):
        held = held_back(sha256 or "", first)
        found.setdefault(number, Filed(number, sha256 or "", (first, last), False, held))
    return list(found.values())


def copies_of(session: Session, one: Discarded) -> list[tuple[str, tuple[int, int]]]:
    """What the same household's file holds as the same type: the first scan, where it is a second.

    As bytes and pages; nothing where household or type are not known.
    """
    if one.household_id is None or one.type is None:
        return []
    query = (
        select(Document.sha256, Document.first_page, Document.last_page)
        .where(
            Document.household_id == one.household_id,
            Document.type == one.type,
            Document.state == "filed",
            Document.sha256.is_not(None),
        )
        .limit(_COPIES)
    )
    return [(sha256 or "", (first, last)) for sha256, first, last in session.execute(query)]


def overruled(session: Session, reason: str, limit: int = 300) -> list[Filed]:
    """What people filed lately although it was held for this reason."""
    query = (
        select(
            Document.id, Document.sha256, Document.first_page, Document.last_page,
            Document.judgement,
        )
        .where(
            Document.state == "filed",
            Document.decided_by.like(_PERSON),
            Document.sha256.is_not(None),
        )
        .order_by(Document.decided_at.desc())
        .limit(limit)
    )  # fmt: skip
    return [
        Filed(number, sha256 or "", (first, last), True, False)
        for number, sha256, first, last, said in session.execute(query)
        if reason in (said or {}).get("reasons", ())
    ]


@dataclass(frozen=True, slots=True)
class LastLesson:
    """When discards were last learnt from, and how many."""

    at: datetime
    discards: int


def last_lesson(session: Session) -> LastLesson | None:
    """The last time discards were learnt from; None when never."""
    query = select(LearntModel.made_at, LearntModel.figures).order_by(LearntModel.version.desc())
    found = (LastLesson(at, said.get("discards", 0)) for at, said in session.execute(query)
             if said.get("part") == PART)  # fmt: skip
    return next(found, None)

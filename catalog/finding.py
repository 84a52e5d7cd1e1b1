"""Full-text search for one viewer: only what they may open, with snippets as they may read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, defer, joinedload

from catalog import search
from catalog.access import Sight, Viewer, document_sights, documents_for, mask
from catalog.models import Document

_LEFT_OUT = (defer(Document.judgement, raiseload=True), defer(Document.split, raiseload=True))
"""What no list of hits shows, and what is most of a document's row."""


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document that holds the words, what the viewer may see of it, and the text around."""

    document: Document
    sight: Sight
    snippet: str


def find_documents(
    session: Session,
    viewer: Viewer,
    text: str,
    *,
    limit: int = 50,
    type_code: str = "",
    state: str = "",
) -> list[FoundDocument]:
    """Documents with every word, newest first.

    Words are looked for in the text as the viewer may read it, numbers covered:
    searching must not tell what reading would not, not even piece by piece. Who
    needs a reason for each page finds nothing by its words.
    """
    reach = viewer.reach("document.page")
    if reach.with_reason or not viewer.may("document.page"):
        return []
    conditions: list[ColumnElement[bool]] = [documents_for(viewer, "document.page")]
    if type_code:
        conditions.append(Document.type == type_code)
    if state:
        conditions.append(Document.state == state)
    known: dict[int, tuple[Document, Sight]] = {}

    def allowed(ids: Sequence[int]) -> set[int]:
        rows = session.scalars(
            select(Document)
            .where(Document.id.in_(ids), *conditions)
            .options(joinedload(Document.arrival), *_LEFT_OUT)
        ).all()
        sights = document_sights(session, viewer, rows)
        good = [row for row in rows if sights[row.id].page]
        known.update({row.id: (row, sights[row.id]) for row in good})
        return {row.id for row in good}

    def shown(document_id: int, written: str) -> str:
        return mask(written, known[document_id][1].covers)

    hits = search.search(session, text, limit, allowed, shown)
    return [FoundDocument(*known[hit.document_id], hit.snippet) for hit in hits]

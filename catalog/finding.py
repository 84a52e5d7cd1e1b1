"""Full-text search for one viewer: only what they may open, with snippets as they may read them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from catalog import search
from catalog.access import Sight, Viewer, document_sights, documents_for, mask
from catalog.models import Document

_PHONE_DIGITS, _ID_DIGITS = 6, 12
_RUN = re.compile(r"[0-9x]{6,}")


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

    A part of a phone or ID number finds only documents whose numbers the
    viewer sees anyway: searching must not tell what reading would not. Who
    needs a reason for each page finds nothing by its words.
    """
    reach = viewer.reach("document.page")
    if not reach.anything or reach.with_reason:
        return []
    conditions: list[ColumnElement[bool]] = [documents_for(viewer, "document.page")]
    if type_code:
        conditions.append(Document.type == type_code)
    if state:
        conditions.append(Document.state == state)
    longest = max((len(m[0]) for m in _RUN.finditer(search.fold(text))), default=0)
    known: dict[int, tuple[Document, Sight]] = {}

    def allowed(ids: Sequence[int]) -> set[int]:
        rows = session.scalars(
            select(Document)
            .where(Document.id.in_(ids), *conditions)
            .options(joinedload(Document.arrival))
        ).all()
        sights = document_sights(session, viewer, rows)
        good = [row for row in rows if sights[row.id].page and _may_ask(sights[row.id], longest)]
        known.update({row.id: (row, sights[row.id]) for row in good})
        return {row.id for row in good}

    def shown(document_id: int, written: str) -> str:
        return mask(written, known[document_id][1].covers)

    hits = search.search(session, text, limit, allowed, shown)
    return [FoundDocument(*known[hit.document_id], hit.snippet) for hit in hits]


def _may_ask(sight: Sight, digits: int) -> bool:
    if digits >= _ID_DIGITS:
        return sight.id_nos and sight.phones
    return digits < _PHONE_DIGITS or sight.phones

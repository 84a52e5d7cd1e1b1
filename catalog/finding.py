"""Full-text search for one viewer: only what they may open, with snippets as they may read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, SelectBase, and_, func, select
from sqlalchemy.orm import Session, defer, joinedload

from catalog import documents, search
from catalog.access import (
    Sight,
    Viewer,
    document_sights,
    documents_for,
    documents_within,
    households_for,
    mask,
    sees_all,
    share_within,
)
from catalog.models import Document, Household, Room

_LEFT_OUT = (defer(Document.judgement, raiseload=True),)
"""What no list of hits shows, and what is most of a document's row."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the hits is wanted; "" or None leaves it open. `until` is no longer within."""

    state: str = ""
    type: str = ""
    building: str = ""
    since: datetime | None = None
    until: datetime | None = None


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
    wanted: Wanted | None = None,
    before: int = 0,
) -> list[FoundDocument]:
    """Documents with every word, newest first; goes on behind the document `before`.

    Words are looked for in the text as the viewer may read it, numbers covered:
    searching must not tell what reading would not, not even piece by piece. Who
    needs a reason for each page finds nothing by its words.
    """
    reach = viewer.reach("document.page")
    if reach.with_reason or not viewer.may("document.page"):
        return []
    wanted = wanted or Wanted()
    mine = documents_for(viewer, "document.page")
    kept = _kept(viewer, wanted)
    within = and_(mine, *kept, *_in_state(wanted))
    if wanted.state:  # coalesce: SQLite knows no figures and would go through all of that state
        kept.append(func.coalesce(Document.state, "") == wanted.state)
    known: dict[int, tuple[Document, Sight]] = {}

    def allowed(ids: Sequence[int]) -> set[int]:
        rows = session.scalars(
            select(Document)
            .where(Document.id.in_(ids), mine, *kept)
            .options(joinedload(Document.arrival), *_LEFT_OUT)
        ).all()
        sights = document_sights(session, viewer, rows)
        good = [row for row in rows if sights[row.id].page]
        known.update({row.id: (row, sights[row.id]) for row in good})
        return {row.id for row in good}

    def shown(document_id: int, written: str) -> str:
        return mask(written, known[document_id][1].covers)

    all_of_them = wanted == Wanted() and sees_all(viewer, "document.page")
    near = _near(session, viewer, wanted)
    hits = search.search(
        session, text, limit, allowed, shown, before or None, None if all_of_them else within, near
    )
    return [FoundDocument(*known[hit.document_id], hit.snippet) for hit in hits]


def _near(session: Session, viewer: Viewer, wanted: Wanted) -> SelectBase | None:
    """Where alone it is worth looking, for a small reach or a building; None: anywhere."""
    kept = [*_kept(viewer, wanted), *_in_state(wanted)]
    if not viewer.reach("document.page").own:
        number = sum(documents.counts(session).values())
        if number * share_within(session, viewer, "document.page") <= search.FEW:
            return documents_within(viewer, "document.page", where=kept)
    return select(Document.id).where(*kept) if wanted.building else None


def _in_state(wanted: Wanted) -> list[ColumnElement[bool]]:
    return [Document.state == wanted.state] if wanted.state else []


def _kept(viewer: Viewer, wanted: Wanted) -> list[ColumnElement[bool]]:
    """The filter but for the state; whose document it is decides only where the viewer may know."""
    found: list[ColumnElement[bool]] = []
    if wanted.type:
        found.append(Document.type == wanted.type)
    if wanted.building:
        there = (
            select(Household.id)
            .join(Room, Room.id == Household.room_id)
            .where(Room.building == wanted.building, households_for(viewer, "household.name"))
        )
        found.append(Document.household_id.in_(there))
    if wanted.since is not None:
        found.append(Document.received_at >= wanted.since)
    if wanted.until is not None:
        found.append(Document.received_at < wanted.until)
    return found

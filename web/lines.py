"""A document as one viewer may see it: the line of lists, of the inbox and of the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import readings
from catalog.access import Sight, Viewer, document_sights, mask
from catalog.models import Document, Household
from classifier import decode_sheet
from worker.decisions import PUT_ASIDE
from worker.front import coverable
from yihu.clock import iso, now
from yihu.household import RoomKey

MOVING = ("received", "reading")


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """What a list shows; what the viewer may not know is None or ""."""

    id: int
    file: str
    state: str
    stage: str
    since: datetime
    received: datetime
    seconds: float
    pages: tuple[int, int]
    pages_read: int
    type: str | None
    household: RoomKey | None
    household_id: int | None
    owner: str
    probability: float | None
    reasons: tuple[str, ...]
    waits: str
    by: str
    batch: int
    batch_name: str
    can_open: bool
    shows: bool
    can_retry: bool
    can_restore: bool
    duplicate_of: int | None

    def as_dict(self) -> dict[str, Any]:
        """The line of the API."""
        return {
            "document": self.id,
            "file": self.file,
            "pages": list(self.pages),
            "state": self.state,
            "stage": self.stage,
            "since": iso(self.since),
            "received": iso(self.received),
            "seconds": self.seconds,
            "category": self.type.partition(".")[0] if self.type else None,
            "type": self.type,
            "household": self.household.as_dict() if self.household else None,
            "household_id": self.household_id,
            "owner": self.owner or None,
            "probability": self.probability,
            "reasons": list(self.reasons),
            "duplicate_of": self.duplicate_of,
        }


def document_lines(
    session: Session, viewer: Viewer, documents: Sequence[Document], *, pictures: bool = False
) -> list[DocumentLine]:
    """The lines of these documents, which come with their arrivals.

    `pictures` asks of each whether its first page may be shown, which costs a reading.
    """
    sights = document_sights(session, viewer, documents)
    ids = {d.household_id for d in documents if d.household_id is not None}
    rows = session.execute(select(Household.id, Household.owner).where(Household.id.in_(ids)))
    owners = {household_id: owner for household_id, owner in rows}  # noqa: C416
    return [
        _line(session, document, sights[document.id], owners, pictures=pictures)
        for document in documents
    ]


def _line(
    session: Session,
    document: Document,
    sight: Sight,
    owners: dict[int, str],
    *,
    pictures: bool,
) -> DocumentLine:
    repeats = sight.repeats  # what it is and whose shows at the document it repeats
    named = document.household_id is not None and sight.may("household.name") and not repeats
    content = sight.may("document.list") and _knows_content(sight) and not repeats
    moving = document.state in MOVING
    return DocumentLine(
        id=document.id,
        file=mask(document.arrival.path, sight.covers),
        state=document.state,
        stage=document.stage,
        since=document.since,
        received=document.received_at,
        seconds=round(((document.settled_at or now()) - document.received_at).total_seconds(), 1),
        pages=(document.first_page, document.last_page),
        pages_read=_read(session, document) if moving else 0,
        type=document.type if content else None,
        household=sight.place if named else None,
        household_id=document.household_id if named else None,
        owner=owners.get(document.household_id or 0, "") if named else "",
        probability=document.probability if content else None,
        reasons=tuple(document.reasons),
        waits=document.last_error.partition(":")[0] if moving else "",
        by=document.arrival.dropped_by,
        batch=document.arrival_id,
        batch_name=mask(_batch_name(document), sight.covers),
        can_open=sight.may("document.page") or sight.may("review.see"),
        shows=pictures and _shows(session, document, sight),
        can_retry=document.state in ("failed", "rejected")
        and not set(document.reasons) & set(PUT_ASIDE)
        and sight.may("review.decide"),
        can_restore=document.state == "rejected"
        and bool(set(document.reasons) & set(PUT_ASIDE))
        and sight.may("review.decide"),
        duplicate_of=document.duplicate_of if sight.original_known else None,
    )


def _batch_name(document: Document) -> str:
    """The batch that the separator sheet before the document names."""
    payload = str((document.split or {}).get("sheet", ""))
    sheet = decode_sheet(payload) if payload else None
    return sheet.batch if sheet else ""


def _shows(session: Session, document: Document, sight: Sight) -> bool:
    """Whether the first page may be shown as a small picture."""
    if not sight.page or document.sha256 is None or document.state not in ("review", "filed"):
        return False
    if sight.covers.none:
        return True
    read = readings.texts(session, document.sha256, document.first_page, document.first_page)
    return coverable(read[0] if read else None)


def _knows_content(sight: Sight) -> bool:
    """Who drops scans sees what became of them, not what they are."""
    return sight.may("catalogue.see") or sight.may("review.see")


def _read(session: Session, document: Document) -> int:
    if document.sha256 is None:
        return 0
    states = readings.page_states(session, document.sha256)
    return sum(page.state != "waiting" for page in states.values())

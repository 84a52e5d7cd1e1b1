"""The document line of the command-line contract (design 9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Document, Household, Original, Room
from yihu.clock import iso, now
from yihu.reasons import words

CHUNK = 500
DAMAGE = {"failed": "original_altered", "missing": "original_missing"}


def document_lines(session: Session, found: Iterable[Document]) -> Iterator[dict[str, Any]]:
    """One line per document, with its household; the documents come with their arrival."""
    documents = iter(found)
    while chunk := list(islice(documents, CHUNK)):
        households = _households(session, {d.household_id for d in chunk if d.household_id})
        looks = _looks(session, {d.sha256 for d in chunk if d.sha256})
        for document in chunk:
            yield _line(document, households, looks.get(document.sha256 or ""))


def _looks(session: Session, hashes: set[str]) -> dict[str, Original]:
    """The originals of a chunk: when each was read again last, and whether it agreed."""
    rows = session.scalars(select(Original).where(Original.sha256.in_(hashes)))
    return {original.sha256: original for original in rows}


def _households(session: Session, ids: set[int]) -> dict[int, tuple[dict[str, str], str]]:
    rows = session.execute(
        select(Household.id, Household.owner, Room)
        .join(Room, Room.id == Household.room_id)
        .where(Household.id.in_(ids))
    )
    return {
        household_id: (
            {
                "estate": room.estate,
                "zone": room.zone,
                "building": room.building,
                "unit": room.unit,
                "room": room.room,
            },
            owner,
        )
        for household_id, owner, room in rows
    }


def _line(
    document: Document,
    households: dict[int, tuple[dict[str, str], str]],
    original: Original | None,
) -> dict[str, Any]:
    address, owner = households.get(document.household_id or 0, (None, None))
    ended = document.settled_at or now()
    waits = document.last_error if document.state in ("received", "reading") else ""
    fixity = original.verify_result if original else ""
    damage = DAMAGE.get(fixity)
    return {
        "document": document.id,
        "file": document.arrival.path,
        "sha256": document.sha256,
        "pages": [document.first_page, document.last_page],
        "state": document.state,
        "category": document.category,
        "type": document.type,
        "household": address,
        "owner": owner,
        "probability": document.probability,
        "reasons": document.reasons,
        "message": words([damage])
        if damage
        else document.message or words(document.reasons) or waits,
        "seconds": round((ended - document.received_at).total_seconds(), 3),
        "since": iso(document.since),
        "stage": document.stage,
        "worker": document.worker if document.lease_until else "",
        "duplicate_of": document.duplicate_of,
        "fixity": fixity,
        "fixity_at": iso(original.verified_at) if original else None,
    }

"""What a person said of a file when bringing it: whose it is, and perhaps what.

It stands in the event of the arrival, so nobody can change it afterwards. It is
a person's word, not an order: what was read decides, and where that says
otherwise a person looks at both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.models import Document, Event


@dataclass(frozen=True, slots=True)
class Brought:
    """The household a file was brought for, and the type where one was said."""

    household_id: int
    type: str = ""

    def as_data(self) -> dict[str, int | str]:
        """For the event of the arrival."""
        return {"household": self.household_id} | ({"type": self.type} if self.type else {})


def said_of(session: Session, document: Document) -> Brought | None:
    """What was said of the file this document is part of; the document comes with its arrival."""
    if not document.arrival.dropped_by:
        return None
    first = select(func.min(Document.id)).where(Document.arrival_id == document.arrival_id)
    data = session.scalar(
        select(Event.data)
        .where(
            Event.subject_kind == "document",
            Event.subject_id == str(session.scalar(first)),
            Event.action == "received",
        )
        .order_by(Event.seq)
        .limit(1)
    )
    told = json.loads(data) if data else {}
    if "household" not in told:
        return None
    return Brought(int(told["household"]), str(told.get("type", "")))

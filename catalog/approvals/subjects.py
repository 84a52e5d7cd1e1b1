"""What an approval is for: a document, a household or one paper tick, as one viewer sees it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from catalog.access import Sight, Viewer, document_sights, household_sight, subject_text
from catalog.models import Approval, Document, Household, Room
from yihu.errors import Usage

_WRITTEN = re.compile(r"(document|household):([1-9]\d{0,9})|tick:([1-9]\d{0,9})/([a-z_.]{3,64})")
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Subject:
    """The name of a thing, which may not be there; `type` is the document type of a tick."""

    kind: str
    number: int
    type: str = ""

    @staticmethod
    def parse(text: str) -> Subject:
        """The subject written as "document:5", "household:3" or "tick:3/reno.permit"."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None or int(found[2] or found[3]) > _LARGEST:
            raise Usage("没有这样的对象 / there is no such subject")
        if found[1]:
            return Subject(found[1], int(found[2]))
        return Subject("tick", int(found[3]), found[4])

    @staticmethod
    def of(row: Approval) -> Subject:
        """The subject of a request."""
        return Subject(row.subject_kind, row.subject_id, row.subject_type)

    def __str__(self) -> str:
        return subject_text(self.kind, self.number, self.type)

    @property
    def in_ledger(self) -> str:
        """Under what its events stand: a tick's are its household's."""
        return subject_text("document" if self.kind == "document" else "household", self.number)


@dataclass(frozen=True, slots=True)
class Thing:
    """What a subject names, and what one viewer may see of it."""

    sight: Sight
    household: Household | None
    document: Document | None = None

    @property
    def household_id(self) -> int | None:
        """The household it stands under."""
        return self.household.id if self.household is not None else None


def things(session: Session, viewer: Viewer, subjects: Collection[Subject]) -> dict[Subject, Thing]:
    """The things that are there, however much of them may be seen: ask their sight."""
    documents = _documents(session, [s.number for s in subjects if s.kind == "document"])
    wanted = {s.number for s in subjects if s.kind != "document"}
    wanted |= {d.household_id for d in documents.values() if d.household_id is not None}
    homes = {
        household.id: (household, room)
        for household, room in session.execute(
            select(Household, Room)
            .join(Room, Room.id == Household.room_id)
            .where(Household.id.in_(wanted))
        )
    }
    sights = document_sights(session, viewer, list(documents.values()))
    found: dict[Subject, Thing] = {}
    for subject in subjects:
        if subject.kind == "document" and subject.number in documents:
            document = documents[subject.number]
            household, _ = homes.get(document.household_id or 0, (None, None))
            found[subject] = Thing(sights[document.id], household, document)
        elif subject.kind != "document" and subject.number in homes:
            household, room = homes[subject.number]
            sight = household_sight(viewer, household, room).on(str(subject))
            found[subject] = Thing(sight, household)
    return found


def _documents(session: Session, ids: Collection[int]) -> dict[int, Document]:
    rows = session.scalars(
        select(Document).where(Document.id.in_(ids)).options(joinedload(Document.arrival))
    )
    return {row.id: row for row in rows}

"""One household's catalogue: every item that should be there, ticked or not (P1-4.3c, d).

Computed live from holdings, waivers and facts, so it is right the moment
anything of them changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalog.households import key_of
from catalog.models import Holding, Household, Room
from catalog.projection import DIGITAL, Evaluated, Line, evaluate
from catalog.rules import Rules, rules_of
from yihu.errors import NotFound
from yihu.household import RoomKey
from yihu.template import DocumentType, Required, Template

STATES = ("missing", "paper", "digital", "both", "waived", "n/a", "loan")


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """A line of the catalogue; `needed`, `papers` and `copies` count originals and copies.

    `digital` and `paper` are the two ticks: every needed one is there.
    """

    category: str
    type: str
    name: str
    required: bool
    state: str
    paper: bool
    digital: bool
    documents: tuple[int, ...] = ()
    needed: int = 0
    copies: int = 0
    papers: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The item as the command-line contract prints it."""
        return {
            "category": self.category,
            "type": self.type,
            "name": self.name,
            "required": self.required,
            "state": self.state,
            "paper": self.paper,
            "digital": self.digital,
            "documents": list(self.documents),
        }


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A household's catalogue; the four counts are of required lines that are not waived."""

    household_id: int
    key: RoomKey
    file_no: str
    owner: str
    generation: int
    items: tuple[CatalogueItem, ...]
    required: int
    digital: int
    paper: int
    both: int
    as_of: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """The household line of the command-line contract (design 9)."""
        return {
            "household": self.key.as_dict(),
            "file_no": self.file_no,
            "owner": self.owner,
            "generation": self.generation,
            "items": [item.as_dict() for item in self.items],
            "required": self.required,
            "digital": self.digital,
            "paper": self.paper,
            "both": self.both,
        }


def household_catalogue(
    session: Session,
    household_id: int,
    template: Template | None = None,
    *,
    as_of: datetime | None = None,
    all_types: bool = False,
) -> Catalogue:
    """The catalogue of a household of any generation, in the template's order.

    Shows required items and those that hold something; with `all_types` also
    the rest, "n/a" where their condition is off. `as_of` shows the ticks and
    waivers of a past moment (required items follow the present facts). Raises
    `NotFound` for an unknown id.
    """
    rules = rules_of(template)
    found = session.execute(
        select(Household, Room)
        .join(Room, Household.room_id == Room.id)
        .where(Household.id == household_id)
    ).one_or_none()
    if found is None:
        raise NotFound(f"household {household_id}")
    household, room = found
    (evaluated,) = evaluate(session, [household_id], rules, as_of=as_of)
    documents = _documents(session, household_id, as_of)
    items = tuple(_items(evaluated, documents, rules, all_types=all_types))
    counted = [item for item in items if item.required and item.state != "waived"]
    return Catalogue(
        household_id=household_id,
        key=key_of(room),
        file_no=household.file_no,
        owner=household.owner,
        generation=household.generation,
        items=items,
        required=len(counted),
        digital=sum(item.digital for item in counted),
        paper=sum(item.paper for item in counted),
        both=sum(item.digital and item.paper for item in counted),
        as_of=as_of,
    )


def _documents(
    session: Session, household_id: int, as_of: datetime | None
) -> dict[str, tuple[int, ...]]:
    query = select(Holding.type, Holding.document_id).where(
        Holding.household_id == household_id,
        Holding.medium == DIGITAL,
    )
    if as_of is None:
        query = query.where(Holding.withdrawn_at.is_(None))
    else:
        standing = or_(Holding.withdrawn_at.is_(None), Holding.withdrawn_at > as_of)
        query = query.where(Holding.since <= as_of, standing)
    found: dict[str, list[int]] = {}
    for kind, document_id in session.execute(query.order_by(Holding.id)):
        if document_id is not None:
            found.setdefault(kind, []).append(document_id)
    return {kind: tuple(ids) for kind, ids in found.items()}


def _items(
    evaluated: Evaluated, documents: dict[str, tuple[int, ...]], rules: Rules, *, all_types: bool
) -> Iterator[CatalogueItem]:
    for kind in rules.template.types:
        line = evaluated.lines.get(kind.code)
        if line is not None:
            yield _item(kind, line, documents.get(kind.code, ()))
        elif all_types and kind.required is not Required.NEVER:
            state = "missing" if rules.applies(kind, evaluated.facts) else "n/a"
            yield CatalogueItem(kind.category, kind.code, kind.name, False, state, False, False)
    for code, line in evaluated.lines.items():
        if code not in rules.template.by_code:  # held under a type an older template had
            gone = DocumentType(code, code, code)
            yield _item(gone, line, documents.get(code, ()))


def _item(kind: DocumentType, line: Line, documents: tuple[int, ...]) -> CatalogueItem:
    return CatalogueItem(
        category=kind.category,
        type=kind.code,
        name=kind.name,
        required=line.needed > 0,
        state=state_of(line),
        paper=line.has_paper,
        digital=line.has_digital,
        documents=documents,
        needed=line.needed,
        copies=line.digital,
        papers=line.paper,
    )


def state_of(line: Line) -> str:
    """What a person sees of a line; papers that came in spite of a waiver show."""
    if line.has_digital and line.has_paper:
        return "both"
    if line.has_digital:
        return "digital"
    if line.has_paper:
        return "paper"
    return "waived" if line.waived else "missing"

"""The rights as conditions of a query, so that lists and counts hold only what may be known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    false,
    func,
    or_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from catalog.access.viewer import Area, Reach, Viewer
from catalog.documents import STATES
from catalog.models import Arrival, Counter, Document, Household, Room

_STANDING = tuple(state for state in STATES if state != "duplicate")


def rooms_within(reach: Reach) -> ColumnElement[bool]:
    """The rooms a reach holds; needs `Room` in the query."""
    return true() if reach.everywhere else _within(reach.areas, Room)


def _within(areas: Iterable[Area], table: type[Room | Counter]) -> ColumnElement[bool]:
    """What lies in any of the areas; their buildings are one list, however many they are."""
    buildings: dict[tuple[str, str], set[str]] = {}
    for area in areas:
        buildings.setdefault((area.estate, area.zone), set()).add(area.building)
    found = []
    for (estate, zone), names in buildings.items():
        levels = [table.estate == estate] * bool(estate) + [table.zone == zone] * bool(zone)
        if "" not in names:
            levels.append(table.building.in_(sorted(names)))
        found.append(and_(true(), *levels))
    return or_(false(), *found)


def households_for(viewer: Viewer, action: str) -> ColumnElement[bool]:
    """The households a viewer may do this with; needs `Household` and `Room` in the query."""
    within = or_(rooms_within(viewer.reach(action)), _approved(viewer, action))
    return and_(within, or_(Household.closed_at.is_(None), _former(viewer)))


def _former(viewer: Viewer) -> ColumnElement[bool]:
    action = "household.former"
    return or_(rooms_within(viewer.reach(action)), _approved(viewer, action))


def _approved(viewer: Viewer, action: str) -> ColumnElement[bool]:
    """The households approved to the viewer; never beyond the account's areas."""
    ids = _numbers(viewer, action, "household")
    if not ids:
        return false()
    return and_(Household.id.in_(ids), rooms_within(Reach(not viewer.areas, viewer.areas)))


def _numbers(viewer: Viewer, action: str, kind: str) -> list[int]:
    found = (grant.subject.partition(":") for grant in viewer.granted(action))
    return [int(number) for of, _, number in found if of == kind]


def sees_all(viewer: Viewer, action: str) -> bool:
    """Whether the viewer may do this with every document there is."""
    return viewer.reach(action).everywhere and viewer.reach("household.former").everywhere


def documents_for(viewer: Viewer, action: str) -> ColumnElement[bool]:
    """The documents a viewer may do this with; needs only `Document` in the query.

    A document nobody's yet is there for whoever the action reaches at all; one
    that stands under a household only where its building is within reach. A
    duplicate stands where the document it repeats stands; one whose document is
    not to be found, or was joined to another itself, is nowhere. What was approved
    is there beside what the table gives.
    """
    reach = viewer.reach(action)
    if sees_all(viewer, action):
        return true()  # nothing to look up: an index alone can answer
    conditions: list[ColumnElement[bool]] = _approved_documents(viewer, action)
    if reach.own:
        dropped = _dropped(viewer).where(Arrival.id == Document.arrival_id)
        conditions.append(dropped.correlate(Document).exists())
    if reach.everywhere or reach.areas:
        theirs, root = _theirs(viewer, action), aliased(Document)
        its = theirs.where(Household.id == root.household_id).correlate(root).exists()
        repeated = select(root.id).where(
            root.id == Document.duplicate_of,
            root.state != "duplicate",
            or_(root.household_id.is_(None), its),
        )
        within = theirs.where(Household.id == Document.household_id).correlate(Document).exists()
        nobodys = Document.household_id.is_(None)
        conditions += [
            and_(Document.state != "duplicate", or_(nobodys, within)),
            and_(Document.state == "duplicate", repeated.correlate(Document).exists()),
        ]
    return or_(false(), *conditions)


def share_within(session: Session, viewer: Viewer, action: str) -> float:
    """What part of the households lies within reach, by the counters of buildings.

    It decides how to look for documents, never which are found.
    """
    reach = viewer.reach(action)
    if reach.everywhere or not reach.areas:
        return float(reach.everywhere)
    inside = func.sum(Counter.households).filter(_within(reach.areas, Counter))
    of_all = select(inside, func.sum(Counter.households)).where(Counter.category == "")
    number, total = session.execute(of_all).one()
    return (number or 0) / total if total else 0.0


def documents_within(
    viewer: Viewer, action: str, *columns: InstrumentedAttribute[Any], where: Sequence[Any] = ()
) -> CompoundSelect[Any] | None:
    """The same documents, found from the households within reach instead of tested one by one.

    Each comes once, with its `id` and these columns, where `where` holds too. That
    costs what lies within reach, whatever the archive holds; `share_within` tells
    when it is worth it. None where the reach has no bounds.
    """
    reach = viewer.reach(action)
    if reach.everywhere:
        return None
    wanted = (Document.id, *columns)
    parts = _parts_of_areas(viewer, action, wanted, where) if reach.areas else []
    once = len(parts)
    if reach.own:
        parts.append(select(*wanted).where(Document.arrival_id.in_(_dropped(viewer)), *where))
    if approved := _approved_documents(viewer, action):
        near = _approved_to(viewer, action)
        parts.append(select(*wanted).where(near, or_(*approved), *where))
    if not parts:
        return union_all(select(*wanted).where(false()))
    return union_all(*parts) if len(parts) == once else union(*parts)


def _parts_of_areas(
    viewer: Viewer, action: str, wanted: Sequence[Any], where: Sequence[Any]
) -> list[Select[Any]]:
    """What stands under the households there, what is nobody's, and what repeats one of these."""
    theirs, root = _theirs(viewer, action), aliased(Document)
    stands = select(*wanted).where(*where)
    # coalesce: SQLite knows no figures and would go through all duplicates there are
    duplicate = func.coalesce(Document.state, "") == "duplicate"
    repeats = stands.join(root, root.id == Document.duplicate_of).where(duplicate)
    return [
        stands.where(Document.household_id.in_(theirs), Document.state != "duplicate"),
        stands.where(Document.household_id.is_(None), Document.state.in_(_STANDING)),
        repeats.where(root.household_id.in_(theirs), root.state != "duplicate"),
        repeats.where(root.household_id.is_(None), root.state.in_(_STANDING)),
    ]


def _theirs(viewer: Viewer, action: str) -> Select[int]:
    """The households whose documents a reach holds."""
    return (
        select(Household.id)
        .join(Room, Room.id == Household.room_id)
        .where(
            rooms_within(viewer.reach(action)),
            or_(Household.closed_at.is_(None), _former(viewer)),
        )
    )


def _dropped(viewer: Viewer) -> Select[int]:
    return select(Arrival.id).where(Arrival.dropped_by == viewer.actor)


def _approved_to(viewer: Viewer, action: str) -> ColumnElement[bool]:
    """Where alone approvals can open a document: no right, only where to look for it."""
    ids = _numbers(viewer, action, "document") + _numbers(viewer, "household.former", "document")
    homes = _numbers(viewer, action, "household")
    return or_(Document.id.in_(ids), Document.household_id.in_(homes))


def _approved_documents(viewer: Viewer, action: str) -> list[ColumnElement[bool]]:
    """Conditions for documents that only an approval opens: of the action, or of a former owner."""
    ids = _numbers(viewer, action, "document")
    homes = _numbers(viewer, action, "household")
    closed = _numbers(viewer, "household.former", "document")
    if not (ids or homes or closed):
        return []
    areas = rooms_within(Reach(not viewer.areas, viewer.areas))
    by_right = rooms_within(viewer.reach(action))
    stands = (
        select(Household.id)
        .join(Room, Room.id == Household.room_id)
        .where(
            Household.id == Document.household_id,
            or_(by_right, and_(areas, or_(Document.id.in_(ids), Household.id.in_(homes)))),
            or_(
                Household.closed_at.is_(None), _former(viewer), and_(areas, Document.id.in_(closed))
            ),
        )
        .correlate(Document)
        .exists()
    )
    nobodys = and_(Document.household_id.is_(None), Document.id.in_(ids))
    return [and_(Document.state != "duplicate", or_(stands, nobodys))]

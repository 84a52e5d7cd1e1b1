"""The rights as conditions of a query, so that lists and counts hold only what may be known."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import aliased

from catalog.access.viewer import Area, Reach, Viewer
from catalog.models import Arrival, Document, Household, Room


def rooms_within(reach: Reach) -> ColumnElement[bool]:
    """The rooms a reach holds; needs `Room` in the query."""
    if reach.everywhere:
        return true()
    return or_(false(), *(_within(area) for area in reach.areas))


def _within(area: Area) -> ColumnElement[bool]:
    levels = (
        (Room.estate, area.estate),
        (Room.zone, area.zone),
        (Room.building, area.building),
    )
    return and_(true(), *(column == value for column, value in levels if value))


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
        dropped = select(Arrival.id).where(Arrival.dropped_by == viewer.actor)
        conditions.append(Document.arrival_id.in_(dropped))
    if reach.everywhere or reach.areas:
        theirs = (
            select(Household.id)
            .join(Room, Room.id == Household.room_id)
            .where(rooms_within(reach), or_(Household.closed_at.is_(None), _former(viewer)))
        )
        root = aliased(Document)
        repeated = (
            select(root.id)
            .where(
                root.id == Document.duplicate_of,
                root.state != "duplicate",
                or_(root.household_id.is_(None), root.household_id.in_(theirs)),
            )
            .correlate(Document)
            .exists()
        )
        within = or_(Document.household_id.is_(None), Document.household_id.in_(theirs))
        conditions += [and_(Document.state != "duplicate", within), repeated]
    return or_(false(), *conditions)


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

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
    within = rooms_within(viewer.reach(action))
    former = viewer.reach("household.former")
    return and_(within, or_(Household.closed_at.is_(None), rooms_within(former)))


def sees_all(viewer: Viewer, action: str) -> bool:
    """Whether the viewer may do this with every document there is."""
    return viewer.reach(action).everywhere and viewer.reach("household.former").everywhere


def documents_for(viewer: Viewer, action: str) -> ColumnElement[bool]:
    """The documents a viewer may do this with; needs only `Document` in the query.

    A document nobody's yet is there for whoever the action reaches at all; one
    that stands under a household only where its building is within reach. A
    duplicate stands where the document it repeats stands; one whose document is
    not to be found, or was joined to another itself, is nowhere.
    """
    reach = viewer.reach(action)
    if sees_all(viewer, action):
        return true()  # nothing to look up: an index alone can answer
    conditions: list[ColumnElement[bool]] = []
    if reach.own:
        dropped = select(Arrival.id).where(Arrival.dropped_by == viewer.actor)
        conditions.append(Document.arrival_id.in_(dropped))
    if reach.everywhere or reach.areas:
        theirs = (
            select(Household.id)
            .join(Room, Room.id == Household.room_id)
            .where(households_for(viewer, action))
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

"""Lists and roll-ups for one viewer: arrivals, households by building, completeness, gaps, looks.

Every query here carries the viewer's rights as a condition, so a count never
tells of something the lists do not show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    and_,
    cast,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from catalog import originals, tallies, verifications
from catalog.access import (
    Reach,
    Viewer,
    documents_for,
    documents_within,
    households_for,
    rooms_within,
    sees_all,
    share_within,
)
from catalog.completeness import LACKING, counters, gap_keys
from catalog.households import key_of
from catalog.models import (
    Arrival,
    Counter,
    Document,
    Event,
    Household,
    Item,
    Room,
)
from catalog.models.approvals import EVENTS as APPROVALS
from catalog.projection import MEASURES
from yihu.household import ABSENT, RoomKey

_CHUNK = 500
GAP_STATES = {1: "digital", 2: "paper", 3: "missing"}
_LATE = 1000
"""So many of the last documents to arrive are gone through before anything is looked up."""
_NARROW = 0.25
"""Up to this part of the households, looking them up costs less than testing every document."""
LOOKS = ("looked", "refused", "unmasked", "downloaded", "exported", "searched", *APPROVALS)


# --- documents ----------------------------------------------------------------------------------


def arrived(
    session: Session,
    viewer: Viewer,
    *,
    state: str = "",
    by: str = "",
    batch: int = 0,
    before: int = 0,
    limit: int = 60,
    household: int = 0,
) -> Sequence[Document]:
    """Documents this viewer may know of, newest first; `by` is who dropped them."""
    wanted: list[ColumnElement[bool]] = [_not_merged()]
    if state:
        wanted.append(Document.state == state)
    if by:
        theirs = (Arrival.id == Document.arrival_id, Arrival.dropped_by == by)
        wanted.append(select(Arrival.id).where(*theirs).correlate(Document).exists())
    if batch:
        wanted.append(Document.arrival_id == batch)
    if household:
        wanted.append(Document.household_id == household)
    if before:
        wanted.append(Document.id < before)
    if not (batch or household):
        wanted = _newest(session, viewer, wanted, limit, before, late=not state) or wanted
    return session.scalars(
        select(Document)
        .where(documents_for(viewer, "document.list"), *wanted)
        .options(joinedload(Document.arrival))
        .order_by(Document.id.desc())
        .limit(limit)
    ).all()


def _newest(
    session: Session,
    viewer: Viewer,
    wanted: Sequence[ColumnElement[bool]],
    limit: int,
    before: int,
    *,
    late: bool,
) -> list[ColumnElement[bool]]:
    """The newest of these for somebody with narrow bounds, to be read with the rights; else [].

    What is of one small building may stand behind all others: it is found from the
    households there, unless (`late`) there is enough among the last to arrive.
    """
    within = documents_within(viewer, "document.list", where=wanted)
    if within is None or not _is_narrow(session, viewer):
        return []
    found: Sequence[int] = ()
    if late:
        last = before or (session.scalar(select(func.max(Document.id))) or 0) + 1
        allowed = documents_for(viewer, "document.list")
        those = select(Document.id).where(allowed, *wanted, Document.id >= last - _LATE)
        found = session.scalars(those.order_by(Document.id.desc()).limit(limit)).all()
    if len(found) < limit:
        ids = within.subquery().c.id
        found = session.scalars(select(ids).order_by(ids.desc()).limit(limit)).all()
    return [Document.id.in_(found)]


def _not_merged() -> ColumnElement[bool]:
    """Without those a person joined to another: their pages show there."""
    return or_(Document.state != "duplicate", ~tallies.joined_to_another())


def states(session: Session, viewer: Viewer) -> dict[str, int]:
    """How many documents this viewer may know of are in each state.

    Those joined to another are left out. For whoever sees everything the
    numbers are kept; for others what is within reach is counted.
    """
    if sees_all(viewer, "document.list"):
        kept = tallies.numbers(session, tallies.STATE)
        return {state: number for state, number in kept.items() if state != tallies.MERGED}
    within = _within(session, viewer, Document.state, where=[_not_merged()]).subquery().c
    rows = session.execute(select(within.state, func.count()).group_by(within.state))
    return {state: number for state, number in rows}  # noqa: C416 - rows, not pairs


def droppers(session: Session, viewer: Viewer) -> list[str]:
    """Who dropped what this viewer may know of."""
    if sees_all(viewer, "document.list"):
        return _all_droppers(session)
    within = _within(session, viewer, Document.arrival_id).subquery()
    rows = session.scalars(
        select(Arrival.dropped_by)
        .join(within, within.c.arrival_id == Arrival.id)
        .where(Arrival.dropped_by != "")
        .distinct()
    )
    return sorted(rows)


def _all_droppers(session: Session) -> list[str]:
    """Each name from the index at once, not from every arrival."""
    found: list[str] = []
    following = select(func.min(Arrival.dropped_by))
    while name := session.scalar(following.where(Arrival.dropped_by > (found or [""])[-1])):
        found.append(name)
    return found


def _within(
    session: Session,
    viewer: Viewer,
    *columns: InstrumentedAttribute[Any],
    where: Sequence[ColumnElement[bool]] = (),
) -> Select[Any] | CompoundSelect[Any]:
    """These columns of the documents the viewer may know of, the way that costs least."""
    found = documents_within(viewer, "document.list", *columns, where=where)
    if found is not None and _is_narrow(session, viewer):
        return found
    return select(Document.id, *columns).where(documents_for(viewer, "document.list"), *where)


def _is_narrow(session: Session, viewer: Viewer) -> bool:
    return share_within(session, viewer, "document.list") <= _NARROW


# --- households ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """A household in a list; the counts are of its required lines."""

    id: int
    key: RoomKey
    file_no: str
    owner: str
    vip: bool
    generation: int
    closed: bool
    required: int
    digital: int
    paper: int
    missing: int


def buildings(
    session: Session, viewer: Viewer, action: str = "catalogue.see"
) -> list[dict[str, Any]]:
    """The buildings within reach, in shelf order, with their number of open households."""
    reach = viewer.reach(action)
    rows = session.execute(
        select(Counter.estate, Counter.zone, Counter.building, Counter.households).where(
            Counter.category == "", Counter.households > 0
        )
    )
    places = {(estate, zone, building): number for estate, zone, building, number in rows}
    return [
        {"estate": place[0], "zone": place[1], "building": place[2], "households": places[place]}
        for place in sorted(places, key=lambda place: [_natural(part) for part in place])
        if reach.anything and reach.holds(RoomKey(*place))
    ]


def households(
    session: Session,
    viewer: Viewer,
    place: tuple[str, str, str] | None = None,
    *,
    ids: Sequence[int] | None = None,
    after: str = "",
    limit: int = 200,
) -> list[HouseholdRow]:
    """Open households of a building, or these, in shelf order, with what their files hold."""
    query = (
        select(Household, Room)
        .join(Room, Room.id == Household.room_id)
        .where(Household.closed_at.is_(None), households_for(viewer, "household.name"))
    )
    if place is not None:
        estate, zone, building = place
        query = query.where(Room.estate == estate, Room.zone == zone, Room.building == building)
    if ids is not None:
        query = query.where(Household.id.in_(ids))
    if after:
        query = query.where(Room.shelf_order > after)
    found = session.execute(query.order_by(Room.shelf_order).limit(limit)).all()
    sums = _file_sums(session, [household.id for household, _ in found])
    return [_household_row(household, room, sums) for household, room in found]


def _household_row(
    household: Household, room: Room, sums: dict[int, tuple[int, int, int, int]]
) -> HouseholdRow:
    required, no_paper, no_digital, missing = sums.get(household.id, (0, 0, 0, 0))
    return HouseholdRow(
        household.id, key_of(room), household.file_no, household.owner, household.vip,
        household.generation, household.closed_at is not None,
        required, required - no_digital, required - no_paper, missing,
    )  # fmt: skip


def _file_sums(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, int, int, int]]:
    rows = session.execute(
        select(
            Item.household_id,
            func.count(),
            func.count().filter(Item.gap.in_(LACKING["paper"])),
            func.count().filter(Item.gap.in_(LACKING["digital"])),
            func.count().filter(Item.gap == 3),
        )
        .where(Item.household_id.in_(ids), Item.needed > 0, Item.waived.is_(False))
        .group_by(Item.household_id)
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


# --- completeness and gaps ----------------------------------------------------------------------

Place = tuple[str, str, str]


def completeness_map(session: Session, viewer: Viewer) -> dict[Place, dict[str, dict[str, int]]]:
    """Per building and category ("" is the building's sum) the counts of required lines."""
    reach = viewer.reach("audit.see")
    found: dict[Place, dict[str, dict[str, int]]] = {}
    beyond: set[Place] = set()
    for place, category, counts in counters(session):
        cells = found.get(place)
        if cells is None:
            if place in beyond or not reach.anything or not reach.holds(RoomKey(*place)):
                beyond.add(place)
                continue
            cells = found[place] = {"": dict.fromkeys(MEASURES, 0)}
        if category:
            cells[category] = counts
        total = cells[""]
        for measure, number in counts.items():
            total[measure] += number
    return dict(sorted(found.items(), key=lambda item: [_natural(part) for part in item[0]]))


def _natural(part: str) -> tuple[int, int, str]:
    return (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part)


@dataclass(frozen=True, slots=True)
class GapRow:
    """A required item that lacks something; `state` as in the catalogue."""

    household_id: int
    key: RoomKey
    file_no: str
    owner: str
    category: str
    type: str
    state: str


def gaps(
    session: Session,
    viewer: Viewer,
    *,
    place: Place | None = None,
    category: str = "",
    lacking: str = "both",
    after: tuple[int, str] | None = None,
    limit: int = 200,
) -> list[GapRow]:
    """Required items within reach that lack something, in the register's order."""
    reach = viewer.reach("audit.see")
    within = None
    if place is not None or not reach.everywhere:
        within = _households_within(session, reach, place, after)
    keys = gap_keys(
        session, LACKING[lacking], category or None, after, limit=limit, households=within
    )
    query = (
        select(
            Item.household_id, Item.type, Item.category, Item.gap, Household.file_no,
            Household.owner, Room.estate, Room.zone, Room.building, Room.unit, Room.room,
        )
        .join(Household, Household.id == Item.household_id)
        .join(Room, Room.id == Household.room_id)
        .where(Item.gap.in_(LACKING[lacking]))
    )  # fmt: skip
    if category:
        query = query.where(Item.category == category)
    found: dict[tuple[int, str], GapRow] = {}
    for start in range(0, len(keys), _CHUNK):
        ids = {household for household, _ in keys[start : start + _CHUNK]}
        for row in session.execute(query.where(Item.household_id.in_(ids))):
            number, code, in_category, gap, file_no, owner, *levels = row
            found[number, code] = GapRow(
                number, RoomKey(*levels), file_no, owner, in_category, code, GAP_STATES[gap or 3]
            )
    return [found[key] for key in keys]


def _households_within(
    session: Session, reach: Reach, place: Place | None, after: tuple[int, str] | None
) -> list[int]:
    """The households of a building, or of a reach that has bounds, from those of `after` on.

    Closed ones have no items, so they cost a look and show nothing.
    """
    query = select(Household.id).join(Room, Room.id == Household.room_id)
    query = query.where(rooms_within(reach))
    if place is not None:
        estate, zone, building = place
        query = query.where(Room.estate == estate, Room.zone == zone, Room.building == building)
    first = after[0] if after else 0
    return sorted(number for number in session.scalars(query) if number >= first)


def place_name(place: Place, *, several: bool = False) -> str:
    """A building as people write it."""
    parts = [part for part in (place if several else place[1:]) if part != ABSENT]
    return "-".join(parts) or ABSENT


# --- what was looked at, and how the store is ---------------------------------------------------


def events(
    session: Session,
    viewer: Viewer,
    *,
    actions: Sequence[str] = (),
    actor: str = "",
    before: int = 0,
    limit: int = 100,
) -> Sequence[Event]:
    """The newest events the viewer may read: their own, all, or those of their buildings."""
    query = select(Event).where(_events_for(viewer))
    if actor:
        query = query.where(Event.actor == actor)
    if before:
        query = query.where(Event.seq < before)
    newest = query.order_by(Event.seq.desc()).limit(limit)
    if not actions or viewer.reach("log.see").areas:
        return session.scalars(newest.where(Event.action.in_(actions) if actions else true())).all()
    # One action after the other by its index: most events tell of other things.
    found = [e for action in actions for e in session.scalars(newest.where(Event.action == action))]
    return sorted(found, key=lambda event: event.seq, reverse=True)[:limit]


def _events_for(viewer: Viewer) -> ColumnElement[bool]:
    reach = viewer.reach("log.see")
    if reach.everywhere:
        return true()
    conditions: list[ColumnElement[bool]] = [Event.actor == viewer.actor]
    if reach.areas:
        there = (
            select(cast(Household.id, String))
            .join(Room, Room.id == Household.room_id)
            .where(households_for(viewer, "log.see"))
        )
        those = select(cast(Document.id, String)).where(documents_for(viewer, "log.see"))
        conditions += [
            and_(Event.subject_kind == "household", Event.subject_id.in_(there)),
            and_(Event.subject_kind == "document", Event.subject_id.in_(those)),
        ]
    return or_(*conditions)


@dataclass(frozen=True, slots=True)
class Health:
    """How the originals were when last read, how long the ledger is, what `verify` found last."""

    originals: int
    bad: int
    oldest_look: datetime | None
    events: int
    verified_at: datetime | None
    disagrees: int


def health(session: Session) -> Health:
    """Fixity and ledger at a glance."""
    stored, bad, oldest = originals.fixity_counts(session)
    events = session.scalar(select(func.max(Event.seq))) or 0
    run = verifications.last(session)
    disagrees = run.failed + run.could_not_check if run else 0
    return Health(stored, bad, oldest, events, run.finished_at if run else None, disagrees)

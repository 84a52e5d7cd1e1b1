"""What is within a reach is found from the households there: the same documents, at their cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from bench.large_home import PER_BUILDING, Size, fill, household_of, key_of_number, owner_of
from catalog import desk, overview
from catalog.access import (
    Area,
    Viewer,
    document_sights,
    documents_for,
    documents_within,
    load_rights,
    share_within,
)
from catalog.database import Database
from catalog.desk import Filter
from catalog.documents import STATES
from catalog.finding import Wanted, find_documents
from catalog.models import Arrival, Document, Event, Household
from tests.integration.catalog.cost import analyse, cost
from tests.integration.catalog.test_size import HARDLY_MORE, empty

__all__ = ["empty"]

SMALL, LARGE = Size(8 * PER_BUILDING, 4000), Size(24 * PER_BUILDING, 12_000)
MIXED = Size(3 * PER_BUILDING, 1500)
BUILDING = key_of_number(PER_BUILDING + 1).building
HERE = Area(building=BUILDING)
CLERK = Viewer(2, "clerk", ("clerk",), (HERE,))
SEARCHERS = (("custodian",), ("clerk", "scanner"))
REACHES = {
    "one building": (HERE,),
    "two buildings": (HERE, Area(building="3")),
    "a building of an estate and one of a zone": (
        Area("阳光花园", "", "1"),
        Area("", "-", BUILDING),
    ),
    "the estate": (Area("阳光花园"),),
    "no building there is": (Area(building="99"),),
    "no areas": (),
}

QUESTIONS: dict[str, Callable[[Session], object]] = {
    "inbox": lambda session: overview.arrived(session, CLERK, limit=61),
    "inbox, one state": lambda session: overview.arrived(session, CLERK, state="review", limit=61),
    "inbox, another page": lambda session: overview.arrived(
        session, CLERK, before=PER_BUILDING * 3, limit=61
    ),
    "counts of the inbox": lambda session: overview.states(session, CLERK),
    "who dropped": lambda session: overview.droppers(session, CLERK),
    "queue": lambda session: desk.queue(session, CLERK, Filter(), limit=51),
    "filters of the queue": lambda session: (
        desk.count(session, CLERK),
        desk.choices(session, CLERK),
    ),
    "search, a common word": lambda session: find_documents(session, CLERK, "装修", limit=51),
    "search, a name": lambda session: find_documents(
        session, CLERK, owner_of(PER_BUILDING + 5), limit=51
    ),
    "search, what waits": lambda session: find_documents(
        session, CLERK, "装修", limit=51, wanted=Wanted(state="review")
    ),
}


def test_a_clerk_of_one_building_asks_as_cheaply_in_an_archive_three_times_the_size(
    database: Database, empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "_LATE", 100)  # none of the building's are among these
    for one, size in ((database, SMALL), (empty, LARGE)):
        fill(one, size)
        with one.write() as session:  # PostgreSQL rather goes through all that waits than look up
            waits = update(Document).where(Document.id % 2 == 0)
            session.execute(waits.values(state="review", stage=""))
        analyse(one)
        with one.read() as session:
            assert share_within(session, CLERK, "document.list") < 0.25
            assert overview.arrived(session, CLERK)
            assert find_documents(session, CLERK, "装修")
    grew = {}
    for name, ask in QUESTIONS.items():
        small, large = (cost(one, ask, by_index=True) for one in (database, empty))
        if large > HARDLY_MORE * small:
            grew[name] = (small, large)
    assert not grew


def test_what_others_looked_at_is_not_gone_through_for_the_ledger_of_looks(
    database: Database, empty: Database
) -> None:
    fill(database, SMALL)
    fill(empty, LARGE)

    def ask(session: Session) -> list[Event]:
        return list(overview.events(session, CLERK, actions=overview.LOOKS, limit=101))

    small, large = (cost(one, ask, by_index=True) for one in (database, empty))
    assert large <= HARDLY_MORE * small


# --- the same documents -------------------------------------------------------------------------


@pytest.fixture
def mixed(database: Database) -> Database:
    """Three buildings with all there can be: nobody's, duplicates, joined parts, closed files."""
    fill(database, MIXED)
    with database.write() as session:
        closed = select(Household.id).where(Household.id % 5 == 0).scalar_subquery()
        moved = update(Household).where(Household.id.in_(closed))
        session.execute(moved.values(closed_at=func.current_timestamp()))
        for number in range(1, MIXED.documents + 1, 3):
            session.execute(update(Document).where(Document.id == number).values(**_odd(number)))
        own = update(Arrival).where(Arrival.id % 7 == 0)
        session.execute(own.values(dropped_by="person:viewer"))
    return database


def _odd(number: int) -> dict[str, Any]:
    """Another standing for a document, by its number: what it repeats is of any kind itself."""
    kind, other = number // 3 % 5, (number * 7919) % MIXED.documents + 1
    repeats: dict[str, Any] = {
        "state": "duplicate",
        "stage": "",
        "duplicate_of": other,
        "reasons": ["same_bytes"],
    }
    return (
        {"household_id": None, "state": "rejected", "reasons": ["blank"]},
        {"household_id": None, "state": "review", "reasons": ["household_missing"]},
        repeats | {"household_id": None},
        repeats | {"household_id": household_of(number, MIXED), "reasons": ["merged"]},
        repeats | {"duplicate_of": None},
    )[kind]


def _viewers(*roles: str) -> Iterator[Viewer]:
    for areas in REACHES.values():
        for role in roles:
            yield Viewer(7, "viewer", (role,), areas)
        yield Viewer(7, "viewer", ("clerk", "scanner"), areas)
        yield Viewer(7, "viewer", ("scanner", "custodian"), areas)


def test_the_parts_of_a_reach_are_what_the_one_condition_holds(mixed: Database) -> None:
    with mixed.read() as session:
        for viewer in _viewers(*load_rights().roles):
            for action in ("document.list", "document.page", "review.see"):
                within = documents_within(viewer, action)
                if within is None:
                    assert viewer.reach(action).everywhere
                    continue
                right = session.scalars(select(Document.id).where(documents_for(viewer, action)))
                assert sorted(session.scalars(within)) == sorted(right), (viewer, action)


@pytest.mark.parametrize("late", [0, 10_000], ids=["from the households", "from the last to come"])
def test_lists_and_counts_are_of_what_may_be_seen_and_of_nothing_else(
    mixed: Database, monkeypatch: pytest.MonkeyPatch, late: int
) -> None:
    monkeypatch.setattr(overview, "_LATE", late)
    monkeypatch.setattr(overview, "_NARROW", 1)
    with mixed.read() as session:
        everything = {
            document.id: document
            for document in session.scalars(select(Document))
            if "merged" not in document.reasons
        }
        for viewer in _viewers("scanner", "clerk", "gm", "auditor"):
            seen = session.scalars(
                select(Document.id).where(documents_for(viewer, "document.list"))
            )
            known = [everything[n] for n in sorted(seen, reverse=True) if n in everything]
            listed = overview.arrived(session, viewer, limit=50)
            assert [d.id for d in listed] == [d.id for d in known[:50]], viewer
            states = overview.states(session, viewer)
            for state in STATES:
                of_state = [d.id for d in known if d.state == state]
                assert states.get(state, 0) == len(of_state), (viewer, state)
                page = overview.arrived(session, viewer, state=state, before=900, limit=20)
                assert [d.id for d in page] == [n for n in of_state if n < 900][:20]


# (few, rare): by the index or by the texts of those within reach, words being rare or common
WAYS = tuple((few, rare) for few in (0, 10_000) for rare in (20, 5000))


def test_search_finds_the_same_from_the_index_and_from_what_is_within_reach(
    mixed: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("装修", "装修押金", owner_of(PER_BUILDING + 5), "室", "装修 业主", "没有这句")
    office = Viewer(1, "office", ("custodian",))
    two = REACHES["two buildings"]
    viewers = (CLERK, *(Viewer(7, "viewer", roles, two) for roles in SEARCHERS))
    with mixed.read() as session:
        rows = session.scalars(select(Document).options(joinedload(Document.arrival))).all()
        seen = [
            {n for n, sight in document_sights(session, viewer, rows).items() if sight.page}
            for viewer in viewers
        ]
        for word in words:
            everywhere = find_documents(session, office, word, limit=10_000)
            for viewer, sees in zip(viewers, seen, strict=True):
                expected = [f.document.id for f in everywhere if f.document.id in sees]
                for few, rare in WAYS:
                    monkeypatch.setattr("catalog.search.FEW", few)
                    monkeypatch.setattr("catalog.search._RARE", rare)
                    found: list[int] = []
                    while page := find_documents(
                        session, viewer, word, limit=150, before=found[-1] if found else 0
                    ):
                        found += [hit.document.id for hit in page]
                    assert found == expected, (viewer, word, few, rare)

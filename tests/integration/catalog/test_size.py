"""What a person asks costs no more in a catalogue four times the size."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bench.large_home import PER_BUILDING, Size, fill, key_of_number
from catalog import completeness, desk, overview, ticks
from catalog.access import Area, Viewer
from catalog.catalogue import household_catalogue
from catalog.database import Database
from catalog.desk import Filter
from catalog.finding import find_documents
from catalog.ledger import Entry, events_of
from catalog.models import Counter, Document
from tests.integration.catalog.cost import analyse, cost, statements
from tests.integration.catalog.test_standing import archived

SMALL, LARGE = Size(2 * PER_BUILDING, 1000), Size(8 * PER_BUILDING, 4000)
OFFICE = Viewer(1, "office", ("custodian",))
KEY = key_of_number(PER_BUILDING + 1)
CLERK = Viewer(2, "clerk", ("custodian",), (Area(building=KEY.building),))
PLACE = (KEY.estate, KEY.zone, KEY.building)
MIDDLE = (PER_BUILDING + 3, "reno.patrol")
HARDLY_MORE = 1.5
"""A deeper index, a larger page; four times the rows would be four times the cost."""

MOST_TO_TICK = 15
"""Statements of a tick with its events, its line and its roll-up."""

QUESTIONS: dict[str, Callable[[Session], object]] = {
    "one household": lambda session: household_catalogue(session, 17),
    "gaps": lambda session: overview.gaps(session, OFFICE, after=MIDDLE, limit=51),
    "gaps of any kind": lambda session: overview.gaps(
        session, OFFICE, lacking="any", after=MIDDLE, limit=51
    ),
    "gaps of a category": lambda session: overview.gaps(
        session, OFFICE, category="contact", after=MIDDLE, limit=51
    ),
    "gaps of a building": lambda session: overview.gaps(session, OFFICE, place=PLACE, limit=51),
    "gaps of a clerk": lambda session: overview.gaps(session, CLERK, limit=51),
    "review queue": lambda session: desk.queue(session, OFFICE, Filter(), limit=11),
    "next in review": lambda session: desk.next_free(session, OFFICE, Filter()),
    "how much waits": lambda session: (
        desk.count(session, OFFICE),
        desk.count(session, OFFICE, Filter(reason="policy")),
    ),
    "how much there is": lambda session: (
        overview.states(session, OFFICE),
        overview.health(session),
    ),
}

OF_SQLITE: dict[str, Callable[[Session], object]] = {
    "review queue of a clerk": lambda session: desk.queue(session, CLERK, Filter(), limit=51),
    "filters of a clerk": lambda session: (
        desk.count(session, CLERK),
        desk.choices(session, CLERK),
    ),
    "search": lambda session: find_documents(session, OFFICE, "装修押金", limit=10),
}
"""PostgreSQL goes through all that waits, or all hits, while that is little; only a catalogue
far larger than these shows what it does then (`yihu bench scale`)."""


@pytest.fixture
def empty(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Iterator[Database]:
    """A second empty database of the same kind."""
    if database.dialect == "sqlite":
        path = shutil.copy(request.getfixturevalue("empty_database"), tmp_path / "second.db")
        second = Database(f"sqlite:///{path}")
        yield second
        second.dispose()
        return
    server, name = request.getfixturevalue("cluster"), f"t{uuid.uuid4().hex[:12]}"
    second = Database(server.create(name, "empty"))
    yield second
    second.dispose()
    server.drop(name)


def test_questions_cost_as_much_in_a_catalogue_four_times_the_size(
    database: Database, empty: Database
) -> None:
    fill(database, SMALL)
    fill(empty, LARGE)
    grew = {}
    questions = QUESTIONS | (OF_SQLITE if database.dialect == "sqlite" else {})
    for name, ask in questions.items():
        small, large = (cost(one, ask, by_index=True) for one in (database, empty))
        if large > HARDLY_MORE * small:
            grew[name] = (small, large)
    assert not grew


def test_filing_takes_as_many_statements_in_a_catalogue_of_any_size(
    database: Database, empty: Database
) -> None:
    taken = []
    for one, size in ((database, SMALL), (empty, LARGE)):
        fill(one, replace(size, fresh=1))
        number = size.documents + 1
        with one.write() as session, statements(session) as seen:
            document = session.get_one(Document, number)
            assert document.household_id is not None
            assert document.type is not None
            assert document.sha256 is not None
            ticks.tick_digital(
                session, household_id=document.household_id, type=document.type,
                document_id=number, sha256=document.sha256, evidence={}, actor="machine",
                told=[Entry("filed", f"document:{number}", {})],
            )  # fmt: skip
        taken.append(len(seen))
        with one.read() as session:
            assert [event.action for event in events_of(session, f"document:{number}")] == ["filed"]
    assert taken[0] == taken[1] <= MOST_TO_TICK


def test_the_queue_costs_what_waits_not_what_is_archived(database: Database) -> None:
    def ask(session: Session) -> None:
        desk.queue(session, OFFICE, Filter(), limit=51)
        desk.count(session, OFFICE)
        desk.choices(session, OFFICE)

    fill(database, SMALL)
    small = cost(database, ask, by_index=True)
    with database.write() as session:
        archived(session, 100_000, 104_000)
    analyse(database)
    # With other figures PostgreSQL sorts these few rows once more, which counts each again.
    assert cost(database, ask, by_index=True) <= 2 * small


def test_roll_ups_read_the_counters_alone(database: Database) -> None:
    fill(database, SMALL)
    with database.read() as session:
        rows = len(session.scalars(select(Counter)).all())
        lines = completeness.roll_ups(session, "building")
        kept = session.scalar(text("SELECT count(*) FROM item WHERE needed > 0"))
    assert sum(line.required for line in lines) == kept
    for ask in (
        lambda session: completeness.roll_ups(session, "building"),
        lambda session: overview.completeness_map(session, OFFICE),
    ):
        assert cost(database, ask) <= 40 * rows

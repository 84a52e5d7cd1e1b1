"""The kept numbers follow every change of a document, whoever makes it, and wait for nobody."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from catalog import desk, documents, originals, overview, tallies
from catalog.access import Viewer
from catalog.audit import drift_audit
from catalog.database import Database
from catalog.desk import Filter
from catalog.models import Document, Tally
from tests.integration.catalog.conftest import Find, Register, add_scan

OFFICE = Viewer(1, "office", ("custodian",))


@pytest.fixture
def scans(database: Database) -> list[int]:
    """Four documents on their way."""
    with database.write() as session:
        return [add_scan(session, f"scan {number}")[0] for number in range(4)]


def settle(session: Session, number: int, state: str, *reasons: str, **more: object) -> None:
    document = session.get_one(Document, number)
    document.state, document.stage, document.reasons = state, "", list(reasons)
    for name, value in more.items():
        setattr(document, name, value)
    session.flush()


def test_every_change_of_a_document_is_counted(
    database: Database, scans: list[int], register: Register, household: Find
) -> None:
    register({"building": "3", "unit": "2", "room": "501", "owner": "王伟"})
    home = household("501")
    first, second, third, fourth = scans
    with database.write() as session:
        settle(session, first, "review", "policy", "type_unsure", type="reno.permit",
               household_id=home)  # fmt: skip
        settle(session, second, "review", "policy")
        settle(session, third, "duplicate", "merged", duplicate_of=first)
        settle(session, fourth, "filed")
    with database.read() as session:
        assert overview.states(session, OFFICE) == {"review": 2, "filed": 1}
        assert documents.counts(session)["duplicate"] == 1
        assert originals.count(session) == 4
        assert desk.count(session, OFFICE) == 2
        assert desk.count(session, OFFICE, Filter(reason="type_unsure")) == 1
        assert desk.count(session, OFFICE, Filter(building="3", type="reno.permit")) == 1
        assert desk.choices(session, OFFICE) == {
            "reasons": [("policy", 2), ("type_unsure", 1)],
            "buildings": [("3", 1)],
            "types": [("reno.permit", 1)],
        }
    with database.write() as session:
        settle(session, first, "filed")
        session.delete(session.get_one(Document, second))
    with database.read() as session:
        assert desk.choices(session, OFFICE) == {"reasons": [], "buildings": [], "types": []}
        assert overview.states(session, OFFICE) == {"filed": 2}
        assert list(tallies.drift(session)) == []


def test_a_number_changed_by_hand_is_found_and_counted_anew(
    database: Database, scans: list[int]
) -> None:
    assert scans
    with database.write() as session:
        session.execute(text("UPDATE tally SET number = number + 1 WHERE kind = 'original'"))
    with database.read() as session:
        assert [problem.subject for problem in drift_audit(session)] == ["tally:original:"]
    with database.write() as session:
        tallies.recount(session)
    with database.read() as session:
        assert list(drift_audit(session)) == []


def test_two_transactions_count_at_once_and_what_they_noted_is_folded(
    database: Database, scans: list[int]
) -> None:
    first, second, *_ = scans
    if database.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with database.write() as one, database.write() as other:
        settle(one, first, "filed")
        settle(other, second, "filed")
    with database.write() as session:
        tallies.fold(session)
    with database.read() as session:
        assert tallies.number(session, tallies.STATE, "filed") == 2
        assert set(session.scalars(select(Tally.slot))) == {0}
        assert list(tallies.drift(session)) == []

"""The catalogue of a household, the roll-ups and the gaps say the same, at every moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from catalog import projection, ticks
from catalog.audit import drift_audit
from catalog.catalogue import household_catalogue
from catalog.completeness import completeness, gap_list, gaps, roll_ups
from catalog.database import Database
from catalog.models import Counter, Estate, Household, Item
from tests.integration.catalog.conftest import Find, Register, Scan
from yihu.clock import now
from yihu.errors import NotFound, Usage

NAMED = 8  # required of everybody: the customer's seven and the emergency contact
ROWS = (
    {"building": "3", "unit": "2", "room": "501", "owner": "张伟"},
    {"building": "3", "unit": "2", "room": "502", "owner": "王五", "occupancy": "出租"},
    {"building": "10", "unit": "1", "room": "301", "owner": "赵六"},
)


@pytest.fixture
def estate(register: Register) -> Register:
    """Three households in two buildings, one of them let."""
    register(*ROWS)
    return register


def _tick(database: Database, home: int, scanned: tuple[int, str], kind: str) -> None:
    with database.write() as session:
        ticks.tick_digital(
            session, household_id=home, type=kind, document_id=scanned[0], sha256=scanned[1],
            evidence={}, actor="ann",
        )  # fmt: skip


@pytest.mark.usefixtures("estate")
def test_the_household_line_is_the_contract(
    database: Database, household: Find, scan: Scan
) -> None:
    home = household("501")
    scanned = scan("a")
    _tick(database, home, scanned, "movein.notice")
    _tick(database, home, scan("b"), "complaint.card")
    with database.write() as session:
        ticks.confirm_paper(session, household_id=home, type="movein.notice", actor="ann")
    with database.read() as session:
        line = household_catalogue(session, home).as_dict()
    assert line["household"] == {
        "estate": "阳光花园", "zone": "-", "building": "3", "unit": "2", "room": "501",
    }  # fmt: skip
    assert (line["file_no"], line["owner"], line["generation"]) == (
        "YG-YH·03-2-0501-01", "张伟", 1,
    )  # fmt: skip
    assert (line["required"], line["digital"], line["paper"], line["both"]) == (NAMED, 1, 1, 1)
    by_type = {item["type"]: item for item in line["items"]}
    assert by_type["movein.notice"] == {
        "category": "movein", "type": "movein.notice", "name": "入住通知单", "required": True,
        "state": "both", "paper": True, "digital": True, "documents": [scanned[0]],
    }  # fmt: skip
    assert by_type["complaint.card"]["required"] is False
    assert by_type["complaint.card"]["state"] == "digital"
    assert by_type["movein.feedback"]["state"] == "missing"
    assert "reno.permit" not in by_type


@pytest.mark.usefixtures("estate")
def test_all_types_are_shown_on_wish_and_an_unknown_household_is_not_found(
    database: Database, household: Find
) -> None:
    with database.read() as session:
        items = household_catalogue(session, household("501"), all_types=True).items
        states = {item.type: item.state for item in items}
        with pytest.raises(NotFound):
            household_catalogue(session, 999)
    assert states["lease.register"] == "n/a"
    assert states["complaint.card"] == "missing"
    assert "admin.card" not in states


@pytest.mark.usefixtures("estate")
def test_the_catalogue_can_be_shown_as_of_a_past_moment(
    database: Database, household: Find, scan: Scan
) -> None:
    home, before = household("501"), now()
    scanned = scan("a")
    _tick(database, home, scanned, "movein.notice")
    ticked = now()
    with database.write() as session:
        ticks.untick(session, scanned[0], "投错", "ann")
    with database.read() as session:
        counts = [
            household_catalogue(session, home, as_of=moment).digital
            for moment in (before, ticked, now() + timedelta(seconds=1))
        ]
    assert counts == [0, 1, 0]


def test_roll_ups_follow_import_tick_paper_and_owner_change(
    database: Database, estate: Register, household: Find, scan: Scan
) -> None:
    home = household("501")
    _tick(database, home, scan("a"), "movein.notice")
    with database.write() as session:
        ticks.confirm_paper(session, household_id=home, type="movein.key_receipt", actor="ann")
    with database.read() as session:
        (line,) = completeness(session)
        buildings = {row.key: row for row in roll_ups(session, "building")}
        categories = {row.key: row for row in roll_ups(session, "category")}
    required = 3 * NAMED + 4  # four lease rows of the let household
    assert line == {
        "key": "阳光花园", "households": 3, "required": required, "digital": 1, "paper": 1,
        "both": 0, "missing": required - 2, "rate": round(2 / required, 4),
    }  # fmt: skip
    assert list(buildings) == ["3", "10"]
    assert (buildings["3"].households, buildings["10"].required) == (2, NAMED)
    assert list(categories) == ["movein", "lease", "contact"]
    assert categories["lease"].required == 4
    estate(ROWS[0] | {"owner": "周七"})
    with database.read() as session:
        (line,) = completeness(session)
        assert (line["households"], line["digital"]) == (3, 0)
        assert line["required"] == required + 3  # transfer, title, settlement
        assert list(drift_audit(session)) == []


def test_gaps_are_listed_and_narrowed(
    database: Database, household: Find, scan: Scan, estate: Register
) -> None:
    home = household("501")
    _tick(database, home, scan("a"), "movein.notice")
    with database.read() as session:
        every = list(gaps(session))
        assert len(every) == 3 * NAMED + 4 - 1
        assert {g["type"] for g in gaps(session, category="lease")} == {
            "lease.register", "lease.contract", "lease.tenant_id", "lease.duty",
        }  # fmt: skip
        assert {g["household"]["room"] for g in gaps(session, building="10栋")} == {"301"}
        assert list(gaps(session, building="99")) == []
        digital_only = [g for g in gaps(session, lacking="paper") if g["state"] == "digital"]
        assert [g["type"] for g in digital_only] == ["movein.notice"]
        assert len(list(gaps(session, lacking="any"))) == 3 * NAMED + 4
        with pytest.raises(Usage):
            list(gaps(session, category="nothing"))
        with pytest.raises(Usage):
            completeness(session, by="colour")
    assert every[0]["name"]


def test_gaps_are_read_page_by_page(database: Database, register: Register) -> None:
    register(*({"building": "1", "room": str(n)} for n in range(1000, 1200)))
    with database.read() as session:
        found = list(gap_list(session, lacking="any"))
        keys = [(gap.household_id, gap.type) for gap in found]
        assert len(keys) == len(set(keys)) == 200 * NAMED
        assert keys == sorted(keys)
        rest = list(gap_list(session, after=keys[777]))
        assert [(gap.household_id, gap.type) for gap in rest] == keys[778:]


@pytest.mark.usefixtures("estate")
def test_gap_pages_come_from_their_index(database: Database) -> None:
    query = (
        "SELECT household_id, type FROM item WHERE gap = 3 AND category = 'movein'"
        " AND household_id >= 5 ORDER BY household_id, type LIMIT 50"
    )
    sqlite = database.dialect == "sqlite"
    with database.read() as session:
        if not sqlite:
            session.execute(text("SET LOCAL enable_seqscan = off"))  # three rows would be scanned
            session.execute(text("SET LOCAL enable_bitmapscan = off"))
        explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
        plan = " ".join(str(row) for row in session.execute(text(explain + query)))
    assert "ix_item_gap_category" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


@pytest.mark.usefixtures("estate")
def test_an_estates_options_turn_rows_on_after_a_rebuild(
    database: Database, household: Find
) -> None:
    with database.write() as session:
        session.scalars(select(Estate)).one().recommended = True
        assert projection.rebuild(session) == 3
    with database.read() as session:
        assert household_catalogue(session, household("501")).required == NAMED + 4
        assert list(drift_audit(session)) == []


@pytest.mark.usefixtures("estate")
def test_a_fact_noted_by_a_person_counts_after_a_refresh(
    database: Database, household: Find
) -> None:
    home = household("501")
    with database.write() as session:
        session.get_one(Household, home).facts = {"vehicles": ["粤B12345"], "agent": True}
        projection.refresh(session, [home])
    with database.read() as session:
        assert household_catalogue(session, home).required == NAMED + 3 + 2
        assert list(drift_audit(session)) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE item SET digital = 1 WHERE type = 'movein.notice' AND household_id = 1",
        "DELETE FROM item WHERE type = 'movein.notice' AND household_id = 1",
        "UPDATE counter SET missing = missing - 1 WHERE category = 'movein'",
        "DELETE FROM counter WHERE category = ''",
        "UPDATE household SET occupancy = '出租' WHERE id = 1",
        "UPDATE household SET closed_at = '2026-01-01 00:00:00.000000' WHERE id = 1",
    ],
)
def test_drift_is_found_and_a_rebuild_repairs_it(
    database: Database, estate: Register, statement: str
) -> None:
    with database.write() as session:
        session.execute(text(statement))
    with database.write() as session:
        assert list(drift_audit(session))
        projection.rebuild(session)
        session.flush()
        assert list(drift_audit(session)) == []
        assert session.scalars(select(Counter)).first() is not None
        assert session.scalars(select(Item)).first() is not None

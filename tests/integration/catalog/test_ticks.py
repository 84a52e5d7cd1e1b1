"""A tick is a fact with evidence: it needs a stored original, and goes only with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from catalog import ledger, ticks
from catalog.catalogue import CatalogueItem, household_catalogue
from catalog.database import Database
from tests.integration.catalog.conftest import Find, Register, Scan
from yihu.errors import Invariant, NotFound, Usage

NOTICE, PERMIT = "movein.notice", "reno.permit"


@pytest.fixture
def home(register: Register, household: Find) -> int:
    """A household of two owners; another lives next door."""
    register(
        {"building": "3", "unit": "2", "room": "501", "owner": "张伟、李娜"},
        {"building": "3", "unit": "2", "room": "502", "owner": "王五"},
    )
    return household("501")


def _tick(database: Database, home: int, scanned: tuple[int, str], kind: str = NOTICE) -> int:
    with database.write() as session:
        return ticks.tick_digital(
            session,
            household_id=home,
            type=kind,
            document_id=scanned[0],
            sha256=scanned[1],
            evidence={"probability": 0.99},
            actor="machine",
        ).id


def _item(database: Database, home: int, kind: str = NOTICE) -> CatalogueItem | None:
    with database.read() as session:
        items = household_catalogue(session, home).items
    return next((item for item in items if item.type == kind), None)


def _state(database: Database, home: int, kind: str = NOTICE) -> str | None:
    item = _item(database, home, kind)
    return item.state if item else None


def _sound(database: Database) -> None:
    with database.read() as session:
        assert list(ticks.audit_ticks(session)) == []
        assert list(ledger.verify_chain(session)) == []


def test_a_digital_tick_stands_with_its_document(database: Database, home: int, scan: Scan) -> None:
    scanned = scan("a")
    _tick(database, home, scanned)
    item = _item(database, home)
    assert item is not None
    assert (item.state, item.documents) == ("digital", (scanned[0],))
    _sound(database)


def test_the_same_tick_twice_is_one(database: Database, home: int, scan: Scan) -> None:
    scanned = scan("a")
    assert _tick(database, home, scanned) == _tick(database, home, scanned)
    with database.read() as session:
        assert len(ledger.events_of(session, f"household:{home}")) == 2  # opened, ticked


def test_no_tick_without_a_stored_original(database: Database, home: int, scan: Scan) -> None:
    with pytest.raises(Invariant, match="stored"):
        _tick(database, home, scan("a", stored=False))
    with pytest.raises(Invariant, match="not of the original"):
        _tick(database, home, (scan("b")[0], "f" * 64))


def test_a_document_ticks_once(database: Database, home: int, scan: Scan, household: Find) -> None:
    scanned = scan("a")
    _tick(database, home, scanned)
    with pytest.raises(Invariant, match="already"):
        _tick(database, home, scanned, PERMIT)
    with pytest.raises(Invariant, match="already"):
        _tick(database, household("502"), scanned)


@pytest.mark.parametrize("kind", ["admin.catalog", "movein.nothing"])
def test_types_that_cannot_stand_in_a_file_are_refused(
    database: Database, home: int, scan: Scan, kind: str
) -> None:
    with pytest.raises(Usage):
        _tick(database, home, scan("a"), kind)


def test_a_closed_file_is_read_only(
    database: Database, home: int, scan: Scan, register: Register
) -> None:
    register({"building": "3", "unit": "2", "room": "501", "owner": "赵六"})
    with pytest.raises(Invariant, match="closed"):
        _tick(database, home, scan("a"))


def test_un_ticking_needs_a_reason_and_leaves_the_history(
    database: Database, home: int, scan: Scan
) -> None:
    scanned = scan("a")
    _tick(database, home, scanned)
    with pytest.raises(Usage), database.write() as session:
        ticks.untick(session, scanned[0], " ", "ann")
    with database.write() as session:
        gone = ticks.untick(session, scanned[0], "投错", "ann")
        assert gone.reason == "投错"
    assert _state(database, home) == "missing"
    with pytest.raises(NotFound), database.write() as session:
        ticks.untick(session, scanned[0], "again", "ann")
    _tick(database, home, scanned)
    assert _state(database, home) == "digital"
    _sound(database)


def test_two_owners_need_two_id_copies_or_one_page_with_both(
    database: Database, home: int, scan: Scan
) -> None:
    _tick(database, home, scan("a"), "movein.id_owner")
    assert _state(database, home, "movein.id_owner") == "missing"
    _tick(database, home, scan("b"), "movein.id_owner")
    assert _state(database, home, "movein.id_owner") == "digital"


def test_one_page_may_cover_both_owners(database: Database, home: int, scan: Scan) -> None:
    document_id, sha256 = scan("a")
    with database.write() as session:
        ticks.tick_digital(
            session, household_id=home, type="movein.id_owner", document_id=document_id,
            sha256=sha256, evidence={}, actor="ann", copies=2,
        )  # fmt: skip
    assert _state(database, home, "movein.id_owner") == "digital"


def test_a_filed_renovation_paper_opens_the_renovation_rows(
    database: Database, home: int, scan: Scan
) -> None:
    assert _state(database, home, PERMIT) is None
    scanned = scan("a")
    _tick(database, home, scanned, "reno.application")
    assert _state(database, home, PERMIT) == "missing"
    with database.write() as session:
        ticks.untick(session, scanned[0], "投错", "ann")
    assert _state(database, home, PERMIT) is None


def _confirm(database: Database, home: int, **more: Any) -> int:
    with database.write() as session:
        return len(ticks.confirm_paper(session, household_id=home, actor="ann", **more))


def test_a_scan_only_expects_paper_and_a_person_confirms_it(
    database: Database, home: int, scan: Scan
) -> None:
    _tick(database, home, scan("a"))
    _tick(database, home, scan("b"), "movein.key_receipt")
    with database.read() as session:
        assert len(ticks.expected_paper(session, home)) == 2
    assert _confirm(database, home, location="K1-A03-2-07-15") == 2
    assert _state(database, home) == "both"
    assert _confirm(database, home) == 0
    _sound(database)


def test_paper_without_a_scan_is_confirmed_once_and_may_move(database: Database, home: int) -> None:
    assert _confirm(database, home, type=NOTICE, location="K1") == 1
    assert _confirm(database, home, type=NOTICE, location="K2") == 1
    item = _item(database, home)
    assert item is not None
    assert (item.state, item.papers) == ("paper", 1)
    with database.read() as session:
        (paper,) = ticks.live_papers(session, home, NOTICE)
        assert paper.location == "K2"
    _sound(database)


def test_paper_is_withdrawn_with_a_reason(database: Database, home: int) -> None:
    _confirm(database, home, type=NOTICE)
    with database.write() as session:
        ticks.withdraw_paper(
            session, household_id=home, type=NOTICE, reason="借出未还", actor="ann"
        )
    assert _state(database, home) == "missing"
    with pytest.raises(NotFound), database.write() as session:
        ticks.withdraw_paper(session, household_id=home, type=NOTICE, reason="x", actor="ann")
    _sound(database)


def test_reclassifying_moves_both_ticks_within_the_household(
    database: Database, home: int, scan: Scan, household: Find
) -> None:
    document_id, _ = scanned = scan("a")
    _tick(database, home, scanned)
    _confirm(database, home, location="K1")
    with database.write() as session:
        ticks.retick(
            session, document_id=document_id, household_id=home, type="movein.feedback",
            evidence={}, reason="类型有误", actor="ann",
        )  # fmt: skip
    assert _state(database, home) == "missing"
    assert _state(database, home, "movein.feedback") == "both"
    other = household("502")
    with database.write() as session:
        ticks.retick(
            session, document_id=document_id, household_id=other, type="movein.feedback",
            evidence={}, reason="业户有误", actor="ann",
        )  # fmt: skip
    assert _state(database, home, "movein.feedback") == "missing"
    assert _state(database, other, "movein.feedback") == "digital"
    _sound(database)


def test_a_waiver_takes_a_line_out_of_the_count_until_it_ends(
    database: Database, home: int
) -> None:
    with database.read() as session:
        before = household_catalogue(session, home).required
    with database.write() as session:
        for _ in range(2):
            ticks.waive(
                session, household_id=home, type=NOTICE, reason="老小区无此单", actor="head",
                until=date(2026, 1, 31),
            )  # fmt: skip
    with database.read() as session:
        assert household_catalogue(session, home).required == before - 1
    assert _state(database, home) == "waived"
    with database.write() as session:
        assert ticks.expire_waivers(session, date(2026, 1, 31)) == 0
        assert ticks.expire_waivers(session, date(2026, 2, 1)) == 1
    assert _state(database, home) == "missing"
    _sound(database)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE holding SET type = 'movein.feedback' WHERE id = 1",
        "UPDATE holding SET household_id = 2 WHERE id = 1",
        "UPDATE holding SET evidence = '{}' WHERE id = 1",
        "UPDATE holding SET actor = 'boss' WHERE id = 1",
        "UPDATE holding SET copies = 9 WHERE id = 1",
        "UPDATE holding SET withdrawn_at = '2026-01-01 00:00:00.000000' WHERE id = 1",
        "UPDATE holding SET location = 'K9' WHERE medium = 'paper'",
        "UPDATE holding SET location = 'K1', move_seq = NULL WHERE medium = 'paper'",
        "UPDATE holding SET withdrawn_at = NULL, untick_seq = NULL WHERE id = 2",
        "UPDATE holding SET reason = 'other' WHERE id = 2",
        "DELETE FROM holding WHERE id = 1",
        "UPDATE waiver SET reason = 'other'",
        "UPDATE waiver SET lifted_at = '2026-01-01 00:00:00.000000'",
        "DELETE FROM waiver",
        (
            "INSERT INTO holding (household_id, category, type, medium, copies, evidence, location,"
            " since, actor, tick_seq, withdrawn_by, reason) SELECT household_id, category,"
            " 'movein.feedback', medium, copies, evidence, location, since, actor, 1, '', ''"
            " FROM holding WHERE id = 1"
        ),
    ],
)
def test_a_row_edited_by_hand_is_found(
    database: Database, home: int, scan: Scan, statement: str
) -> None:
    _tick(database, home, scan("a"))
    wrong = scan("b")
    _tick(database, home, wrong, "movein.key_receipt")
    with database.write() as session:
        ticks.untick(session, wrong[0], "投错", "ann")
        ticks.waive(
            session, household_id=home, type="movein.payment_slip", reason="无", actor="head"
        )
    _confirm(database, home, location="K1")
    _confirm(database, home, type=NOTICE, location="K2")
    _sound(database)
    with database.write() as session:
        session.execute(text(statement))
    with database.read() as session:
        assert list(ticks.audit_ticks(session))

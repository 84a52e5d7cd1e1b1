"""The chain of events: appended in a row by everybody, and whatever is done to it shows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from catalog import ledger
from catalog.database import Database
from catalog.ledger import Anchor, Finding
from catalog.models import Event, table_of
from yihu.clock import now


@pytest.fixture
def chain(database: Database) -> Database:
    """A database with eight events whose triggers are gone, as an attacker leaves it."""
    with database.write() as session:
        for number in range(8):
            ledger.append(session, "kept", f"document:{number}", {"n": number}, "ann")
        if database.dialect == "postgresql":
            session.execute(text("ALTER TABLE event DISABLE TRIGGER ALL"))
        else:
            session.execute(text("DROP TRIGGER event_no_update"))
            session.execute(text("DROP TRIGGER event_no_delete"))
    return database


def _break(database: Database, *statements: str) -> None:
    with database.write() as session:
        for statement in statements:
            session.execute(text(statement))


def _verify(
    database: Database, after: Anchor | None = None, *anchors: Anchor
) -> list[tuple[str, str]]:
    with database.read() as session:
        found: list[Finding] = list(ledger.verify_chain(session, after, anchors))
    return [(finding.kind, finding.subject) for finding in found]


def test_an_untouched_chain_holds(chain: Database) -> None:
    assert _verify(chain) == []


def test_triggers_refuse_changes(database: Database) -> None:
    with database.write() as session:
        ledger.append(session, "kept", "document:1", {})
    for statement in ("UPDATE event SET actor = 'x'", "DELETE FROM event"):
        with pytest.raises(DBAPIError, match="append-only"):
            _break(database, statement)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "bob"),
        ("action", "filed"),
        ("data", "{}"),
        ("at", "2020-01-01 00:00:00.000000"),
        ("subject_id", "99"),
        ("prev_hash", "0" * 64),
    ],
)
def test_an_altered_event_is_named(chain: Database, column: str, value: str) -> None:
    _break(chain, f"UPDATE event SET {column} = '{value}' WHERE seq = 4")
    assert ("altered", "event:4") in _verify(chain)


def test_an_event_altered_together_with_its_seal_is_named(chain: Database) -> None:
    with chain.read() as session:
        row = session.execute(text("SELECT * FROM event WHERE seq = 4")).mappings().one()
    forged = ledger.Entry("filed", "document:4", {"n": 4}, "ann")
    sealed = ledger._row(forged, 4, row["prev_hash"], now())
    with chain.write() as session:
        session.execute(text("DELETE FROM event WHERE seq = 4"))
        session.execute(insert(table_of(Event)), [sealed])
    assert _verify(chain) == [("altered", "event:4")]


def test_a_missing_event_is_named(chain: Database) -> None:
    _break(chain, "DELETE FROM event WHERE seq IN (4, 5)")
    assert _verify(chain) == [("missing", "event:4")]


def test_exchanged_events_are_named(chain: Database) -> None:
    _break(
        chain,
        "UPDATE event SET seq = 100 WHERE seq = 3",
        "UPDATE event SET seq = 3 WHERE seq = 6",
        "UPDATE event SET seq = 6 WHERE seq = 100",
    )
    found = _verify(chain)
    assert ("reordered", "event:3") in found
    assert ("reordered", "event:6") in found


def test_a_cut_tail_is_named(chain: Database) -> None:
    _break(chain, "DELETE FROM event WHERE seq > 6")
    assert _verify(chain) == [("missing", "event:7")]


def test_a_cut_tail_with_the_head_set_back_shows_only_against_an_anchor(chain: Database) -> None:
    with chain.read() as session:
        kept = Anchor.parse(str(ledger.anchor(session)))
        sixth = session.scalar(text("SELECT hash FROM event WHERE seq = 6"))
    _break(
        chain,
        "DELETE FROM event WHERE seq > 6",
        f"UPDATE ledger_head SET seq = 6, hash = '{sixth}'",
    )
    assert _verify(chain) == []
    assert _verify(chain, None, kept) == [("missing", "event:7")]


def test_the_walk_can_start_at_an_anchor(chain: Database) -> None:
    with chain.read() as session:
        fifth = Anchor(5, str(session.scalar(text("SELECT hash FROM event WHERE seq = 5"))))
    _break(chain, "UPDATE event SET actor = 'bob' WHERE seq = 2")
    assert _verify(chain, fifth) == []
    assert _verify(chain, Anchor(5, "f" * 64))[0] == ("altered", "event:5")


def test_events_added_behind_the_head_are_named(chain: Database) -> None:
    _break(
        chain,
        "INSERT INTO event SELECT 9, at, actor, action, subject_kind, subject_id, data,"
        " prev_hash, hash FROM event WHERE seq = 8",
    )
    assert ("added", "event:9") in _verify(chain)


def test_threads_append_one_chain(database: Database) -> None:
    def run(worker: int) -> None:
        for number in range(15):
            with database.write() as session:
                ledger.append(session, "kept", f"document:{worker}", {"n": number})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    with database.read() as session:
        assert ledger.anchor(session).seq == 60
        assert [e.seq for e in ledger.events_of(session, "document:2", limit=3)] == sorted(
            [e.seq for e in ledger.events_of(session, "document:2", limit=3)], reverse=True
        )
    assert _verify(database) == []


def test_an_append_rolled_back_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            ledger.append(session, "kept", "document:1", {})
            raise RuntimeError("crash")

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as session:
        assert ledger.anchor(session) == Anchor(0, ledger.GENESIS)

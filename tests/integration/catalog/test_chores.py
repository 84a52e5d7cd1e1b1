"""Background work is claimed once, handed back when its worker is gone, and never forgotten."""

from __future__ import annotations

from datetime import timedelta

from catalog import chores, documents
from catalog.database import Database
from catalog.models import Chore
from yihu.clock import now

SHA = "ab" * 32


def asked(database: Database, subject: str = "page:1") -> int:
    """A chore that waits."""
    with database.write() as session:
        return chores.ask(session, "reread", subject, SHA, detail={"engine": "tesseract"})


def test_what_is_asked_for_twice_waits_once_with_the_last_wish(database: Database) -> None:
    first = asked(database)
    with database.write() as session:
        again = chores.ask(session, "reread", "page:1", SHA, detail={"engine": "rapidocr"})
        assert again == first
    with database.read() as session:
        assert chores.due(session, 10) == [first]
        assert chores.by_id(session, [first])[0].detail == {"engine": "rapidocr"}
        assert chores.waiting_for(session, "reread", SHA) == 1


def test_only_one_worker_gets_it_and_a_done_one_may_be_asked_for_again(database: Database) -> None:
    number = asked(database)
    with database.write() as session:
        assert chores.claim(session, number, "a:1", 30) is not None
        assert chores.claim(session, number, "b:1", 30) is None
        assert chores.due(session, 10) == []
        held = chores.hold(session, number, "a:1")
        assert held is not None
        chores.finish(held, {"verdict": "kept"})
    assert asked(database) != number
    with database.read() as session:
        assert chores.waiting(session, [number]) == 0


def test_a_dead_workers_chore_is_handed_back_with_its_attempt_counted(database: Database) -> None:
    number = asked(database)
    with database.write() as session:
        chores.claim(session, number, "place:7:1:x", 30)
        assert documents.holders(session) == {"place:7:1:x"}
        assert documents.release(session, "place:7:1:x", counted=True) == 1
        chore = chores.claim(session, number, "b:1", 30)
        assert chore is not None
        assert chore.attempts == 2


def test_what_was_put_off_is_due_later_and_an_old_lease_counts_no_more(database: Database) -> None:
    number = asked(database)
    with database.write() as session:
        chores.claim(session, number, "a:1", 30)
        held = chores.hold(session, number, "a:1")
        assert held is not None
        chores.put_off(held, 60, "the store does not answer", counted=False)
        session.flush()
        assert held.attempts == 0
        assert chores.due(session, 10) == []
    with database.write() as session:
        late = session.get_one(Chore, number)
        late.due_at = now() - timedelta(seconds=1)
        late.lease_until, late.worker = now() - timedelta(seconds=1), "gone"
    with database.write() as session:
        assert chores.due(session, 10) == [number]
        assert chores.claim(session, number, "b:1", 30) is not None

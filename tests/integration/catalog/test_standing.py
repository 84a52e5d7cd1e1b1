"""How the work stands is told right, and costs no more in a large archive than in a small one."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from catalog import documents, standing, verifications
from catalog.database import Database
from catalog.models import Arrival, Chore, Document, Original, Page, Reading
from tests.integration.catalog.cost import analyse, cost
from yihu.clock import now
from yihu.urgency import Urgency

SMALL, LARGE = 1_500, 6_000


def archived(session: Session, first: int, last: int) -> None:
    """So many filed documents, with their originals and readings, all of long ago."""
    moment = now() - timedelta(days=400)
    keys = [
        (number, hashlib.sha256(str(number).encode()).hexdigest()) for number in range(first, last)
    ]
    rows: dict[type, list[dict[str, Any]]] = {
        Original: [],
        Arrival: [],
        Document: [],
        Page: [],
        Reading: [],
    }
    for number, key in keys:
        rows[Original].append(
            {"sha256": key, "size": 1, "stored_at": moment, "verified_at": moment,
             "verify_result": "ok", "format": "", "version_id": ""}
        )  # fmt: skip
        rows[Arrival].append({"id": number, "token": key[:40], "path": "x", "received_at": moment})
        rows[Document].append(
            {"id": number, "arrival_id": number, "sha256": key, "state": "filed", "stage": "",
             "since": moment, "received_at": moment, "settled_at": moment, "reasons": []}
        )  # fmt: skip
        rows[Page].append({"sha256": key, "number": 1, "state": "read"})
        rows[Reading].append(
            {"sha256": key, "number": 1, "engine": "e", "version": "1", "at": moment, "packed": b""}
        )
    for table, values in rows.items():
        session.execute(insert(table), values)


def waiting(session: Session, number: int, state: str, **more: Any) -> Document:
    moment = now() - timedelta(minutes=number)
    arrival = Arrival(token=f"w{number}", path="x", received_at=moment)
    session.add(arrival)
    session.flush()
    document = Document(
        arrival_id=arrival.id,
        state=state,
        since=moment,
        received_at=moment,
        **{"reasons": [], **more},
    )
    session.add(document)
    session.flush()
    return document


def some_work(session: Session) -> None:
    """Two in review, one due, one held, one failed, one rejected yesterday and one long ago."""
    moment = now()
    waiting(session, 10, "review", reasons=["policy"])
    waiting(session, 90, "review", reasons=["policy"])
    waiting(session, 20, "received", stage="keep", due_at=moment - timedelta(minutes=20))
    waiting(
        session, 30, "reading", stage="split", due_at=moment, worker="here:1:2:ab",
        lease_until=moment + timedelta(minutes=1),
    )  # fmt: skip
    waiting(session, 40, "failed", reasons=["attempts_exhausted"])
    waiting(session, 50, "rejected", reasons=["broken"])
    waiting(session, 60 * 30, "rejected", reasons=["encrypted"])
    session.add(
        Page(sha256="a" * 64, number=1, urgency=Urgency.BULK, due_at=moment - timedelta(minutes=7))
    )
    session.add(Original(sha256="a" * 64, size=1, verify_result="failed", verified_at=moment))
    session.add(Reading(sha256="a" * 64, number=1, engine="e", version="1", at=moment, packed=b""))
    session.add(
        Chore(kind="copy", subject="document:1", sha256="a" * 64, asked_at=moment, due_at=moment)
    )
    run = verifications.start(session, fixity=True)
    verifications.finish(session, run.id, (5, 1, 2), [])


def test_how_the_work_stands_is_told(database: Database) -> None:
    with database.write() as session:
        archived(session, 1000, 1003)
        some_work(session)
    with database.read() as session:
        found, size = standing.work(session), standing.archive(session)
        everything = documents.counts(session)
    moment = now()
    assert {**found.states, **size.states} == everything
    assert found.states == {"received": 1, "reading": 1, "review": 2, "failed": 1}
    assert size.states == {"filed": 3, "duplicate": 0, "rejected": 2}
    assert (moment - found.oldest["review"]) // timedelta(minutes=1) == 90
    ages = {urgency: (moment - due) // timedelta(minutes=1) for urgency, due in found.due.items()}
    assert ages == {Urgency.NOW: 20, Urgency.BULK: 7}
    assert (found.holders, found.chores, found.pages) == (1, 1, 1)
    assert found.failures == {"attempts_exhausted": 1, "broken": 1}
    assert (size.originals, found.bad_originals) == (4, 1)
    assert size.database_bytes > 100_000
    assert found.verified is not None
    assert (found.verified.failed, found.verified.could_not_check) == (1, 2)


def test_an_empty_home_stands_well(database: Database) -> None:
    with database.read() as session:
        found, size = standing.work(session), standing.archive(session)
    assert set(found.states.values()) == {0}
    assert (found.due, found.failures, found.verified, size.originals) == ({}, {}, None, 0)


def test_the_work_costs_as_much_in_an_archive_four_times_the_size(database: Database) -> None:
    with database.write() as session:
        some_work(session)
        archived(session, 1000, 1000 + SMALL)
    analyse(database)
    small = cost(database, standing.work)
    with database.write() as session:
        archived(session, 1000 + SMALL, 1000 + LARGE)
    analyse(database)
    large = cost(database, standing.work)
    assert large <= small * 1.1
    assert large < LARGE, "not even a glance at every document"

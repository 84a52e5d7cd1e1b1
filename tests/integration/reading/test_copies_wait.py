"""Searchable copies never delay a tick: a page dropped while they wait is read before them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy import select

from bench.home import until
from bench.office import Office, permit
from bench.servers import valkey
from catalog import chores
from catalog.models import Arrival, Chore, Document, Original, Reading
from worker import copies
from worker.copies import LONG_PAGES
from worker.results import Done
from yihu.clock import now
from yihu.errors import Retryable
from yihu.urgency import Urgency

WAITING = 6


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with a broker, and nobody at work yet."""
    with valkey(tmp_path / "broker") as broker:
        made = Office.open(tmp_path / "home", broker_url=broker.url)
        yield made
        made.services.close()


def paper(title: str, pages: int = 1) -> bytes:
    """A PDF of empty pages that is like no other."""
    made, out = pikepdf.new(), BytesIO()
    for _ in range(pages):
        made.add_blank_page()
    made.docinfo["/Title"] = title
    made.save(out)
    return out.getvalue()


def drop(office: Office, scan: bytes, urgency: Urgency) -> str:
    """A one-page file that was taken and waits to be read, its message sent; gives its hash."""
    sha256, moment = hashlib.sha256(scan).hexdigest(), now()
    office.services.store.put(BytesIO(scan), sha256)
    with office.services.database.write() as session:
        arrival = Arrival(token=sha256[:40], path="now.pdf", sha256=sha256, received_at=moment)
        original = Original(sha256=sha256, size=len(scan), pages=1, stored_at=moment)
        session.add_all([arrival, original])
        session.flush()
        document = Document(
            arrival_id=arrival.id, sha256=sha256, state="reading", stage="read", since=moment,
            received_at=moment, due_at=moment, reasons=[], urgency=urgency,
        )  # fmt: skip
        session.add(document)
        session.flush()
        number = document.id
    assert office.services.messages.advance(number, "read", urgency)
    return sha256


def left(office: Office) -> int:
    """How many copies wait."""
    with office.services.database.read() as session:
        return chores.count_waiting(session)


@pytest.mark.parametrize("urgency", [Urgency.NOW, Urgency.LATER])
def test_a_page_dropped_while_copies_wait_is_read_before_them(
    office: Office, urgency: Urgency
) -> None:
    for number in range(1, WAITING + 1):
        name = f"{number}.pdf"
        assert office.bring(permit(number), name, paper(name)).state == "filed"
    database = office.services.database
    with database.read() as session:
        waiting = chores.due(session, 100)
        assert len(waiting) == WAITING
    sha256 = drop(office, paper("now"), urgency)
    worker = subprocess.Popen(
        [sys.executable, "-m", "worker.processes", "worker", "1"],
        env={
            **os.environ,
            "YIHU_HOME": str(office.folder),
            "YIHU_BROKER_URL": office.services.settings.broker_url.get_secret_value(),
        },
    )
    try:
        until(lambda: left(office) == 0, 200)
    finally:
        worker.terminate()
        worker.wait()
    with database.read() as session:
        read_at = session.scalar(select(Reading.at).where(Reading.sha256 == sha256))
        made = session.scalars(select(Chore).where(Chore.id.in_(waiting))).all()
    assert read_at is not None
    assert [(chore.state, (chore.outcome or {})["made"]) for chore in made] == [
        ("done", True)
    ] * WAITING
    # Only the one that the worker had taken already may come before.
    assert sum(chore.done_at is not None and chore.done_at < read_at for chore in made) <= 1


def test_the_copy_of_a_long_document_leaves_a_thread_free(office: Office) -> None:
    document = office.bring(permit(1), "long.pdf", paper("long", LONG_PAGES + 1))
    with office.services.database.write() as session:
        session.get_one(Document, document.id).last_page = LONG_PAGES + 1
    with office.services.database.read() as session:
        chore = chores.by_id(session, chores.due(session, 1))[0]
    with office.services.slow_lane.enter(Urgency.SLOW):
        assert isinstance(copies.run(chore, office.services), Done)  # this thread holds the lane
    lane = office.services.slow_lane._free
    assert lane.acquire(blocking=False)
    with pytest.raises(Retryable):
        copies.run(chore, office.services)
    lane.release()

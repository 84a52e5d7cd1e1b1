"""A worker asked to end in the midst of its work hands it back; nobody waits for a lease."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bench.home import until
from bench.servers import valkey
from catalog import readings
from catalog.database import Database
from catalog.models import Original, Page
from worker import leaving
from worker.app import make_app
from worker.hands import Hands
from worker.home import open_home
from worker.messages import Messages
from worker.services import Services
from worker.supervisor import STOP_SECONDS
from yihu.clock import now
from yihu.errors import Retryable
from yihu.settings import load

SHA = "a" * 64


def waiting_page(database: Database) -> None:
    """A page that waits to be read."""
    with database.write() as session:
        moment = now()
        session.add(Original(sha256=SHA, size=1, stored_at=moment, verify_result="ok"))
        session.flush()
        session.add(Page(sha256=SHA, number=1, state="waiting", due_at=moment))


@pytest.mark.timeout(240)
def test_a_page_in_hand_when_a_worker_is_asked_to_end_is_anothers_at_once(tmp_path: Path) -> None:
    faults = tmp_path / "faults"
    faults.mkdir()
    (faults / "page.claimed").write_text("hang")
    with valkey(tmp_path / "broker") as broker:
        settings = load(tmp_path / "home", broker_url=broker.url)
        database = open_home(settings)
        waiting_page(database)
        Messages(make_app(settings)).read_page(SHA, 1)
        worker = subprocess.Popen(
            [sys.executable, "-m", "worker.processes", "worker", "1"],
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("YIHU_")},
                "YIHU_HOME": str(settings.home),
                "YIHU_BROKER_URL": broker.url,
                "YIHU_LEASE_SECONDS": "600",  # nobody waits for this
                "YIHU_FAULTS": str(faults),
            },
        )
        until((faults / "fired" / "page.claimed").exists, 120)
        with database.read() as session:
            held = session.query(Page).one()
            assert held.lease_until is not None
            assert held.lease_until > now()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(120) == 0
    with database.write() as session:
        assert session.query(Page).one().attempts == 0, "handed back, uncounted"
        taken = readings.claim_page(session, SHA, 1, "another", 20)
    assert taken is not None
    assert taken.attempt == 1
    database.dispose()


def test_a_worker_with_empty_hands_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(leaving, "os", SimpleNamespace(_exit=ended.append))
    services = SimpleNamespace(hands=Hands())
    leaving._leave(cast("Services", services))
    assert not ended


def test_one_that_cannot_reach_the_database_ends_in_time_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(leaving, "os", SimpleNamespace(_exit=ended.append))
    monkeypatch.setattr(leaving, "SOFT_SECONDS", 0.0)

    def away() -> int:
        raise Retryable("database: away")

    leaving._leave(cast("Services", SimpleNamespace(hands=Hands(), hand_back=away)))
    assert ended == [0]


def test_a_worker_leaves_before_its_supervisor_loses_patience() -> None:
    assert leaving.SOFT_SECONDS < STOP_SECONDS

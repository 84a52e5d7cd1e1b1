"""A mass drop does not hold up the one page somebody waits for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from bench.home import until
from bench.servers import valkey
from catalog.database import Database
from catalog.models import Arrival, Document
from worker.app import make_app
from worker.home import open_home
from worker.intake import Intake
from worker.lanes import BURST_FILES, FEWEST_BYTES, Bursts
from worker.messages import Messages
from yihu.settings import load
from yihu.urgency import Urgency

MASS, SINGLE = 300, "waited-for.pdf"
BROKEN = b"%PDF-1.4\njunk\n%%EOF\n"


@pytest.mark.timeout(240)
def test_a_file_dropped_beside_a_mass_is_settled_before_most_of_it(tmp_path: Path) -> None:
    with valkey(tmp_path / "broker") as broker:
        settings = load(tmp_path / "home", broker_url=broker.url)
        database = open_home(settings)
        intake = Intake(settings, database, Messages(make_app(settings)))
        batch = settings.inbox / "batch"
        batch.mkdir()
        for number in range(MASS):  # all alike, so that none but the first needs a reader
            (batch / f"{number}.pdf").write_bytes(BROKEN)
            intake.take(batch / f"{number}.pdf")
        (settings.inbox / SINGLE).write_bytes(BROKEN + b"%")
        intake.take(settings.inbox / SINGLE)
        worker = subprocess.Popen(
            [sys.executable, "-m", "worker.processes", "worker", "1"],
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("YIHU_")},
                "YIHU_HOME": str(settings.home),
                "YIHU_BROKER_URL": broker.url,
            },
        )
        try:  # those behind it need not come to their end
            until(lambda: SINGLE in order(database), 200)
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(60)
    before = order(database).index(SINGLE)
    assert before <= 2 * BURST_FILES, "only the first few of a mass are as urgent"
    database.dispose()


def test_what_cannot_be_a_scan_waits_behind_the_scans_of_its_mass_from_the_start(
    tmp_path: Path,
) -> None:
    with valkey(tmp_path / "broker") as broker:
        settings = load(tmp_path / "home", broker_url=broker.url)
        database = open_home(settings)
        intake = Intake(settings, database, Messages(make_app(settings)))
        intake._bursts = Bursts(clock=lambda: 0.0)  # however slow the machine
        batch = settings.inbox / "batch"
        batch.mkdir()
        for number in range(BURST_FILES):
            (batch / f"{number}.pdf").write_bytes(BROKEN)
            intake.take(batch / f"{number}.pdf")
        scan = b"%PDF-1.4\n" + os.urandom(FEWEST_BYTES) + b"\n%%EOF\n"
        late = {
            "scan.pdf": scan,
            "scrap.pdf": BROKEN,
            "sheet.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 2000,
        }
        for name, content in late.items():
            (batch / name).write_bytes(content)
            intake.take(batch / name)
        single = settings.inbox / "scrap at the counter.pdf"
        single.write_bytes(BROKEN + b"%")
        intake.take(single)
    with database.read() as session:
        found = dict(session.execute(select(Arrival.path, Document.urgency).join(Document)).all())
    database.dispose()
    assert found["batch/0.pdf"] == Urgency.NOW
    assert found["batch/scan.pdf"] == Urgency.BULK
    assert found["batch/scrap.pdf"] == found["batch/sheet.xls"] == Urgency.LATER
    assert found[single.name] == Urgency.NOW


def order(database: Database) -> list[str]:
    """Names in the order in which they came to rest."""
    with database.read() as session:
        rested = select(Arrival.path).join(Document).where(Document.settled_at.is_not(None))
        return list(session.scalars(rested.order_by(Document.settled_at, Document.id)))

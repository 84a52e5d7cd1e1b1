"""Two homes on one broker database are both told, for as long as both are there; none alone is."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bench.servers import Profile, Valkey, valkey
from catalog import ledger
from catalog.database import Database
from catalog.identity import Identity, identity
from catalog.models import Arrival, Document
from web.operations import _told
from worker import sharing
from worker.app import make_app
from worker.checkup import _broker
from worker.home import open_home, open_store
from worker.lookout import Lookout
from worker.messages import HOMES, Messages
from worker.readiness import Part, readiness
from worker.services import Services
from worker.sharing import SHARED_BROKER
from worker.status import Line, lines
from worker.sweeper import sweep
from yihu.clock import now
from yihu.settings import Settings, load

AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with valkey(tmp_path_factory.mktemp("broker")) as server:
        yield server


class Office:
    """A home whose sweeps a test makes itself."""

    def __init__(self, folder: Path, url: str) -> None:
        self.services = Services.open(load(folder, broker_url=url, sweep_seconds=0.1))
        self.write()

    def write(self) -> None:
        with self.services.database.write() as session:
            ledger.append(session, "test", "home:1", {})

    def broker(self) -> Part:
        """The broker as `/readyz` and `yihu status` learn of it; `yihu doctor` says the same."""
        it = self.services
        part = readiness(it.database, lambda: open_store(it.settings, it.database), it.messages)
        found = part.look()[-1]
        (check,) = _broker(it.settings)
        assert (check.result == "failed") == (found.why == SHARED_BROKER) == (not found.ok)
        return found


@pytest.fixture
def offices(tmp_path: Path, broker: Valkey) -> Iterator[tuple[Office, Office]]:
    url = broker.numbered()
    made = Office(tmp_path / "a", url), Office(tmp_path / "b", url)
    yield made
    for office in made:
        office.services.close()


def test_both_are_told_until_the_other_is_gone(
    offices: tuple[Office, Office],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = offices
    for _ in range(2):
        sweep(one.services)
    assert one.broker().ok
    sweep(other.services)
    sweep(one.services)
    sweep(one.services)
    for office in offices:
        told = office.broker()
        assert (told.answers, told.ok, told.why) == (True, False, SHARED_BROKER)
        assert _told(told) == f"failed: {SHARED_BROKER}"
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [error.getMessage() for error in errors] == [SHARED_BROKER] * 2, "once by each"
    told_by = status(one.services.settings)
    assert (told_by["broker"].result, told_by["broker"].message) == ("attention", SHARED_BROKER)
    assert told_by["queue now"].figures["waiting"] == 0, "it is asked for its queues all the same"
    with client_of(one) as client:
        assert client.flushall()
    assert one.broker().ok
    monkeypatch.setattr(sharing, "FORGOTTEN_SECONDS", 1.0)
    sweep(other.services)
    assert not one.broker().ok
    time.sleep(1.1)
    sweep(one.services)
    assert one.broker().ok


def status(settings: Settings) -> dict[str, Line]:
    database, messages = Database(settings.database), Messages(make_app(settings))
    house = Lookout(settings, database, lambda: open_store(settings, database), messages).house()
    database.dispose()
    return {line.check: line for line in lines(settings, house)}


def client_of(office: Office) -> Any:
    return office.services.messages._client()


def test_a_broker_that_is_away_or_refuses_is_no_error(
    tmp_path: Path, offices: tuple[Office, Office]
) -> None:
    mine = Identity("me", "me")
    away = Messages(make_app(load(tmp_path / "away", broker_url=AWAY)))
    assert (away.dwell(mine, 5), away.others(mine)) == (0, 0)
    one, _ = offices
    with client_of(one) as client:
        client.set(HOMES, "not a set of homes")
    assert (one.services.messages.dwell(mine, 5), one.services.messages.others(mine)) == (0, 0)
    assert sweep(one.services), "what is due is sent all the same"
    assert one.broker().ok


def test_the_first_event_makes_no_stranger_of_a_home(tmp_path: Path, broker: Valkey) -> None:
    settings = load(tmp_path / "new", broker_url=broker.numbered())
    messages, database = Messages(make_app(settings)), open_home(settings)
    before = known(database)
    assert messages.dwell(before, 60) == 0
    with database.write() as session:
        ledger.append(session, "test", "home:1", {})
    after = known(database)
    assert after.name != before.name == after.fresh
    assert (messages.others(after), messages.dwell(after, 60), messages.others(before)) == (0, 0, 1)
    database.dispose()


def known(database: Database) -> Identity:
    with database.read() as session:
        return identity(session)


def test_two_databases_of_one_postgresql_are_two(servers: Profile) -> None:
    found = set()
    for name in ("shared_a", "shared_b"):
        database = Database(servers.postgres.create(name))
        with database.write() as session:
            session.connection().exec_driver_sql("CREATE TABLE event (seq bigint, hash text)")
        assert known(database) == known(database)
        found.add(known(database).name)
        database.dispose()
    assert len(found) == 2


@pytest.mark.parametrize(("minutes", "held", "result"), [
    (3, False, "attention"), (1, False, "ok"), (3, True, "ok"), (16, True, "attention"),
])  # fmt: skip
def test_what_is_due_while_no_hand_moves_is_not_well(
    tmp_path: Path, broker: Valkey, minutes: int, held: bool, result: str
) -> None:
    settings = load(tmp_path / "home", broker_url=broker.numbered())
    database = open_home(settings)
    with database.write() as session:
        due(session, minutes)
        if held:
            due(session, 0, worker="here:1:2:ab", lease_until=now() + timedelta(minutes=1))
    database.dispose()
    line = status(settings)["queue now"]
    assert line.result == result, line


def due(session: Session, minutes: int, **more: Any) -> None:
    """A document that could be worked on for so long."""
    moment = now() - timedelta(minutes=minutes)
    arrival = Arrival(token=f"due{minutes}", path="x", received_at=moment)
    session.add(arrival)
    session.flush()
    session.add(
        Document(
            arrival_id=arrival.id, state="received", stage="keep", since=moment,
            received_at=moment, due_at=moment, reasons=[], **more,
        )
    )  # fmt: skip

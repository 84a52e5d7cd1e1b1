"""Database, store and broker of the server profile die, hang and come back under `yihu up`."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bench.disk import small_disk
from bench.faults_judge import Dropped
from bench.faults_scans import Scans
from bench.faults_servers import (
    away,
    backend_killed,
    broker_without_memory,
    database_down,
    servers_of,
    standing_still,
)
from bench.faults_site import Site
from bench.servers import NotInstalled, Profile, Seaweed, seaweed
from storage import FixityResult
from worker.home import open_store
from yihu.errors import Retryable

pytestmark = pytest.mark.timeout(1200)
PATIENCE = 600.0
CUT_SECONDS = 100.0
"""Longer than all attempts of a document would take, were each cut connection counted."""


def begun_anew(store: Seaweed) -> None:
    """SeaweedFS takes no new name once its index met a full disk, until it is started anew."""
    store.kill()
    store.start()


@pytest.fixture
def office(spread: Site) -> Iterator[Site]:
    """The served home with worker and watcher alive."""
    for role in ("worker", "watcher"):
        assert spread.wait_for(role), role
    yield spread
    assert spread.judge.verify() == []


def test_every_server_dies_once_while_files_come(office: Site) -> None:
    dropped = [office.drop("digital-0"), office.drop("batch-0")]
    with away(servers_of(office).seaweed):
        dropped.append(office.drop("digital-1"))
        time.sleep(1.0)
    with database_down(office, signal.SIGQUIT):
        dropped.append(office.drop("digital-2"))
        time.sleep(1.0)
    dropped.append(office.drop("batch-0"))
    assert office.flush()
    broker_without_memory(office)
    office.heals([*dropped, office.drop("digital-0")])


@pytest.mark.slow
def test_a_store_that_dies_again_and_again_costs_nothing(office: Site) -> None:
    dropped: list[Dropped] = []
    for seconds in (0.2, 1.0, 4.0):
        dropped += [office.drop("digital-0"), office.drop("scan-0"), office.drop("batch-0")]
        time.sleep(seconds)
        with away(servers_of(office).seaweed):
            dropped.append(office.drop("locked-0"))
            office.waits("store_waiting")
    office.heals(dropped)


@pytest.mark.slow
def test_a_store_cut_off_for_longer_than_all_attempts_is_never_taken_for_empty(
    office: Site,
) -> None:
    known = office.drop("digital-0")
    office.heals([known])
    dropped = [office.drop(kind) for kind in ("digital-0", "scan-0", "batch-0")]
    with standing_still(servers_of(office).seaweed):
        dropped.append(office.drop("digital-2"))
        time.sleep(CUT_SECONDS)
        office.signal("worker")
        assert office.wait_for("worker")
        assert office.shown() == {"store_waiting"}
        store = open_store(office.settings, office.judge.database)
        assert store.verify(known.sha256).result is FixityResult.COULD_NOT_CHECK
        with pytest.raises(Retryable):
            store.stat(known.sha256)
    office.heals(dropped)


@pytest.mark.slow
def test_a_full_store_is_waited_for_and_goes_on_when_there_is_room(
    scans: Scans, servers: Profile, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        try:
            disk = stack.enter_context(small_disk(tmp_path / "disk", 192))
        except NotInstalled as missing:
            pytest.skip(str(missing))
        store = stack.enter_context(seaweed(disk))
        site = Site(tmp_path / "home", scans, replace(servers, seaweed=store))
        with site.running():
            site.outlasts_a_full(disk, then=partial(begun_anew, store))
        assert site.judge.verify() == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_a_database_that_goes_while_work_goes_on_only_delays(
    office: Site, number: signal.Signals
) -> None:
    dropped: list[Dropped] = []
    for seconds in (0.5, 2.0, 5.0):
        dropped += [office.drop("digital-0"), office.drop("batch-0"), office.drop("scan-0")]
        time.sleep(seconds)
        with database_down(office, number):
            dropped.append(office.drop("digital-2"))
            time.sleep(seconds)
    office.heals(dropped)


@pytest.mark.slow
def test_connections_that_went_stale_fail_no_document(office: Site) -> None:
    office.heals([office.drop("digital-0")])
    backend_killed(office)
    office.heals([office.drop("digital-0"), office.drop("batch-0")])
    with database_down(office, signal.SIGINT):
        pass
    office.heals([office.drop("digital-0"), office.drop("batch-0")])


@pytest.mark.slow
def test_a_database_cut_off_for_longer_than_any_lease_only_delays(office: Site) -> None:
    dropped = [office.drop("digital-0"), office.drop("scan-0")]
    with standing_still(servers_of(office).postgres):
        dropped.append(office.drop("digital-2"))
        time.sleep(CUT_SECONDS)
    office.heals(dropped)


@pytest.mark.slow
@pytest.mark.parametrize("harm", [Site.flush, broker_without_memory])
def test_what_a_broker_of_its_own_loses_the_database_sends_again(
    office: Site, harm: Callable[[Site], object]
) -> None:
    dropped = [office.drop("digital-0"), office.drop("batch-0")]
    harm(office)
    office.heals([*dropped, office.drop("digital-2")])


@pytest.mark.slow
def test_a_broker_of_its_own_that_stands_still_or_is_away_only_delays(office: Site) -> None:
    broker = servers_of(office).broker
    dropped = [office.drop("digital-0")]
    with standing_still(broker):
        dropped.append(office.drop("batch-0"))
        time.sleep(40.0)
    with away(broker):
        dropped.append(office.drop("scan-0"))
        time.sleep(20.0)
    office.heals(dropped)

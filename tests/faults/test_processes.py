"""Processes, broker and database die under `yihu up`; every file still ends as it should."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.disk import small_disk
from bench.faults_judge import Dropped
from bench.faults_kinds import ALREADY_SERVED, lock_database, second_supervisor
from bench.faults_scans import Scans
from bench.faults_site import Site, wait
from bench.servers import NotInstalled
from worker.app import make_app
from worker.messages import Messages

PATIENCE = 240.0
ABSENT_SECONDS = 130.0


@pytest.mark.parametrize("role", ["child", "worker", "watcher", "beat", "broker"])
def test_a_killed_process_costs_nothing(site: Site, role: str) -> None:
    site.signal(role)
    dropped = [site.drop("digital-0"), site.drop("batch-0")]
    if role != "child":
        site.wait_for(role)
        site.signal(role)
    site.heals(dropped)


@pytest.mark.slow
def test_a_killed_supervisor_takes_its_children_along_and_the_next_goes_on(site: Site) -> None:
    dropped = [site.drop("digital-0"), site.drop("scan-0")]
    children = [pid for role in ("worker", "watcher", "beat") for pid in site.pids(role)]
    site.signal("supervisor")
    site.start()
    site.wait_for("worker")
    assert not set(children) & {p for role in ("worker", "watcher") for p in site.pids(role)}
    site.heals(dropped)


@pytest.mark.parametrize("harm", [Site.flush, Site.empty_broker, Site.damage_broker])
def test_what_the_broker_loses_the_database_sends_again(
    site: Site, harm: Callable[[Site], object]
) -> None:
    dropped = [site.drop("digital-0"), site.drop("batch-0")]
    harm(site)
    dropped.append(site.drop("digital-2"))
    site.heals(dropped)


@pytest.mark.slow
def test_a_stopped_worker_is_noticed_and_replaced(site: Site) -> None:
    (pid,) = site.pids("worker")
    dropped = [site.drop("digital-0")]
    site.signal("worker", signal.SIGSTOP)
    assert wait(lambda: site.pids("worker") not in ([], [pid]), PATIENCE)
    site.heals(dropped)


@pytest.mark.slow
@pytest.mark.parametrize(
    "point", ["stage.keep.before", "page.commit", "intake.record.before", "send.before"]
)
def test_a_hang_ends_even_inside_a_transaction(site: Site, point: str) -> None:
    (site.points / point).write_text("hang")
    site.heals([site.drop("digital-0"), site.drop("digital-2")])
    assert (site.points / "fired" / point).exists()


def test_a_locked_database_only_delays(site: Site) -> None:
    dropped = [site.drop("digital-0")]
    lock_database(site.folder / "yihu.db", 6.0)
    site.heals([*dropped, site.drop("digital-2")])


@pytest.mark.slow
def test_a_database_locked_for_longer_than_any_lease_only_delays(site: Site) -> None:
    dropped = [site.drop("digital-0"), site.drop("scan-0")]
    lock_database(site.folder / "yihu.db", 45.0)
    site.heals([*dropped, site.drop("digital-2")])


@pytest.mark.slow
def test_a_broker_absent_for_minutes_only_delays(site: Site) -> None:
    dropped: list[Dropped] = []
    until = time.monotonic() + ABSENT_SECONDS
    while time.monotonic() < until:
        if len(dropped) < 4:
            dropped.append(site.drop("digital-0"))
        again = time.monotonic() + ABSENT_SECONDS / 6
        while time.monotonic() < again:
            site.signal("broker")
            time.sleep(0.05)
    site.heals(dropped)


def test_a_store_that_is_away_is_waited_for_and_the_reason_shown(site: Site) -> None:
    store = site.settings.store
    aside = store.with_name("store-away")
    store.rename(aside)
    try:
        dropped = [site.drop("digital-0"), site.drop("batch-0")]
        site.waits("store_waiting")
    finally:
        assert not store.exists()
        aside.rename(store)
    site.heals(dropped)


@pytest.mark.slow
def test_a_full_disk_is_waited_for(scans: Scans, tmp_path: Path) -> None:
    with ExitStack() as stack:
        try:
            disk = stack.enter_context(small_disk(tmp_path / "disk", 48))
        except NotInstalled as missing:
            pytest.skip(str(missing))
        site = Site(tmp_path / "home", scans)
        (disk / "store").mkdir(mode=0o700)
        site.settings.store.symlink_to(disk / "store")
        with site.running():
            site.outlasts_a_full(disk)
        assert site.judge.verify() == []


def test_the_same_bytes_twenty_times_at_once_are_filed_once(site: Site) -> None:
    site.heals([site.drop("digital-0", 20)])


def test_repeated_messages_are_harmless(site: Site) -> None:
    dropped = [site.drop("batch-0"), site.drop("digital-0")]
    messages = Messages(make_app(site.settings))
    for _ in range(3):
        site.repeat_messages(messages, 2)
    site.heals(dropped)
    site.repeat_messages(messages, 2)
    site.heals(dropped)


def test_a_second_supervisor_is_refused(site: Site) -> None:
    assert second_supervisor(site) == ALREADY_SERVED
    site.heals([site.drop("digital-0")])

"""Processes, broker and database die under `yihu up`; every file still ends as it should."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from bench.faults_judge import Dropped
from bench.faults_kinds import ALREADY_SERVED, lock_database, second_supervisor
from bench.faults_site import Site, wait
from worker.app import make_app
from worker.messages import Messages

PATIENCE = 240.0


def heals(site: Site, dropped: list[Dropped]) -> None:
    """Everything settles, and nothing is lost, doubled or wrong."""
    assert site.settle(dropped, PATIENCE), site.judge.unsettled(dropped)
    assert not site.judge.findings(dropped)


@pytest.mark.parametrize("role", ["child", "worker", "watcher", "beat", "broker"])
def test_a_killed_process_costs_nothing(site: Site, role: str) -> None:
    site.signal(role)
    dropped = [site.drop("digital-0"), site.drop("batch-0")]
    if role != "child":
        site.wait_for(role)
        site.signal(role)
    heals(site, dropped)


@pytest.mark.slow
def test_a_killed_supervisor_takes_its_children_along_and_the_next_goes_on(site: Site) -> None:
    dropped = [site.drop("digital-0"), site.drop("scan-0")]
    children = [pid for role in ("worker", "watcher", "beat") for pid in site.pids(role)]
    site.signal("supervisor")
    site.start()
    site.wait_for("worker")
    assert not set(children) & {p for role in ("worker", "watcher") for p in site.pids(role)}
    heals(site, dropped)


@pytest.mark.parametrize("harm", [Site.flush, Site.empty_broker, Site.damage_broker])
def test_what_the_broker_loses_the_database_sends_again(
    site: Site, harm: Callable[[Site], object]
) -> None:
    dropped = [site.drop("digital-0"), site.drop("batch-0")]
    harm(site)
    dropped.append(site.drop("digital-2"))
    heals(site, dropped)


@pytest.mark.slow
def test_a_stopped_worker_is_noticed_and_replaced(site: Site) -> None:
    (pid,) = site.pids("worker")
    dropped = [site.drop("digital-0")]
    site.signal("worker", signal.SIGSTOP)
    assert wait(lambda: site.pids("worker") not in ([], [pid]), PATIENCE)
    heals(site, dropped)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["stage.keep.before", "page.commit", "intake.record.before"])
def test_a_hang_ends_even_inside_a_transaction(site: Site, point: str) -> None:
    (site.points / point).write_text("hang")
    heals(site, [site.drop("digital-0"), site.drop("digital-2")])
    assert (site.points / "fired" / point).exists()


def test_a_locked_database_only_delays(site: Site) -> None:
    dropped = [site.drop("digital-0")]
    lock_database(site.folder / "yihu.db", 6.0)
    heals(site, [*dropped, site.drop("digital-2")])


def test_the_same_bytes_twenty_times_at_once_are_filed_once(site: Site) -> None:
    heals(site, [site.drop("digital-0", 20)])


def test_repeated_messages_are_harmless(site: Site) -> None:
    dropped = [site.drop("batch-0"), site.drop("digital-0")]
    messages = Messages(make_app(site.settings))
    for _ in range(3):
        site.repeat_messages(messages, 2)
    heals(site, dropped)
    site.repeat_messages(messages, 2)
    heals(site, dropped)


def test_a_second_supervisor_is_refused(site: Site) -> None:
    assert second_supervisor(site) == ALREADY_SERVED
    heals(site, [site.drop("digital-0")])

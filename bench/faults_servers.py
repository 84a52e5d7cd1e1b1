"""What is done to the servers of a site: killed, crashed, shut down, emptied, standing still."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.faults_judge import Dropped
from bench.faults_site import Site
from bench.processes import tree
from bench.servers import Profile, Served

AWAY_SECONDS = (0.5, 6.0)
STILL_SECONDS = (4.0, 20.0)


def servers_of(site: Site) -> Profile:
    """The servers of a site of the server profile."""
    assert site.servers is not None
    return site.servers


@contextmanager
def standing_still(server: Served) -> Iterator[None]:
    """A cut network: connections stay open, new ones are taken, and nothing ever answers."""
    assert server.process is not None
    pids = tree(server.process.pid)
    try:
        for pid in pids:
            _send(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in reversed(pids):
            _send(pid, signal.SIGCONT)


@contextmanager
def away(server: Served) -> Iterator[None]:
    """Killed with -9, and on its old port again after the block."""
    server.kill()
    try:
        yield
    finally:
        server.start()


@contextmanager
def database_down(site: Site, number: signal.Signals) -> Iterator[None]:
    """PostgreSQL shut down (SIGINT) or crashed (SIGQUIT) during the block, then back."""
    database = servers_of(site).postgres
    database.stop(number)
    try:
        yield
    finally:
        database.start()


def broker_without_memory(site: Site) -> None:
    """The broker killed with everything it remembered, and started empty."""
    broker = servers_of(site).broker
    with away(broker):
        shutil.rmtree(broker.run / "broker", ignore_errors=True)


def backend_killed(site: Site) -> None:
    """Kill -9 one process of PostgreSQL: it ends every connection and recovers by itself."""
    process = servers_of(site).postgres.process
    assert process is not None
    _send(max(tree(process.pid)[1:]), signal.SIGKILL)


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _during(
    harm: Callable[[Site], contextlib.AbstractContextManager[None]], seconds: tuple[float, float]
) -> Callable[[Site, list[Dropped]], bool]:
    def do(site: Site, _: list[Dropped]) -> bool:
        with harm(site):
            time.sleep(random.uniform(*seconds))
        return True

    return do


def _at_once(harm: Callable[[Site], None]) -> Callable[[Site, list[Dropped]], bool]:
    def do(site: Site, _: list[Dropped]) -> bool:
        harm(site)
        return True

    return do


HARMS: dict[str, Callable[[Site, list[Dropped]], bool]] = {
    "store killed": _during(lambda site: away(servers_of(site).seaweed), AWAY_SECONDS),
    "store unreachable": _during(
        lambda site: standing_still(servers_of(site).seaweed), STILL_SECONDS
    ),
    "database restarted": _during(lambda site: database_down(site, signal.SIGINT), AWAY_SECONDS),
    "database crashed": _during(lambda site: database_down(site, signal.SIGQUIT), AWAY_SECONDS),
    "database unreachable": _during(
        lambda site: standing_still(servers_of(site).postgres), STILL_SECONDS
    ),
    "database connection killed": _at_once(backend_killed),
    "broker killed": _during(lambda site: away(servers_of(site).broker), AWAY_SECONDS),
    "broker killed, memory gone": _at_once(broker_without_memory),
    "broker unreachable": _during(
        lambda site: standing_still(servers_of(site).broker), STILL_SECONDS
    ),
}

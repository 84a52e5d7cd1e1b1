"""One set of small scans, one home for walks and one served home for all fault tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench import faults, faults_scans
from bench.faults_scans import Scans
from bench.faults_site import READY_SECONDS, Site
from bench.servers import Profile

SHORT_LEASE = "4"  # seconds; a hang is over after it


@pytest.fixture(scope="session")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Scans:
    """Small real files of every kind."""
    return faults_scans.make(tmp_path_factory.mktemp("scans"))


@pytest.fixture(scope="session")
def walked(scans: Scans, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A home after one walk without faults: points and ends are known."""
    site = Site(tmp_path_factory.mktemp("walks") / "home", scans)
    faults.learn_points(site)
    return site


@pytest.fixture(scope="session")
def served(scans: Scans, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A home served by `yihu up`, after one of every kind of file was dropped without faults."""
    site = Site(tmp_path_factory.mktemp("served") / "home", scans, lease_seconds=SHORT_LEASE)
    with site.running():
        dropped = [site.drop(kind) for kind in scans.templates]
        assert site.settle(dropped, 2 * READY_SECONDS), site.judge.unsettled(dropped)
        site.judge.learn(dropped)
        yield site
    assert site.judge.verify() == []


@pytest.fixture(scope="session")
def spread(
    scans: Scans, servers: Profile, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A home of the server profile, served by `yihu up`, that knows how files end."""
    site = Site(tmp_path_factory.mktemp("spread") / "home", scans, servers)
    with site.running():
        dropped = [site.drop(kind) for kind in scans.templates]
        assert site.settle(dropped, 5 * READY_SECONDS), site.judge.unsettled(dropped)
        site.judge.learn(dropped)
        yield site
    assert site.judge.verify() == []


@pytest.fixture
def site(served: Site) -> Iterator[Site]:
    """The served home with worker, watcher and broker alive."""
    for role in ("broker", "worker", "watcher"):
        assert served.wait_for(role), role
    yield served
    for path in served.points.iterdir():
        if path.is_file():
            path.unlink()

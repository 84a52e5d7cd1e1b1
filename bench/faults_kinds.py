"""The faults themselves: each does its harm to a site and says when it ended."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.faults_judge import Dropped
from bench.faults_servers import HARMS
from bench.faults_site import Site
from worker.app import make_app
from worker.messages import Messages

ALREADY_SERVED = 3
ACTIONS = ("kill", "kill", "raise", "full")
KILLS = ("child", "worker", "watcher", "beat", "supervisor")
STOPS = ("worker", "watcher", "beat")
BROKER = ("broker",)
"""It dies and stands still as a child of `yihu up`; a broker of its own has faults of its own."""
LOCKED_SECONDS = (2.0, 6.0)
AWAY_SECONDS = (2.0, 8.0)


@dataclass(slots=True)
class Fault:
    """Something that is done to a site after files were dropped.

    `do` gives False when there was nothing to do it to. A supervisor that was
    killed is started again as part of the fault.
    """

    kind: str
    do: Callable[[Site, list[Dropped]], bool]


def kill(role: str) -> Fault:
    """Kill -9 every process of a role."""

    def do(site: Site, _: list[Dropped]) -> bool:
        done = site.signal(role)
        if role == "supervisor":
            site.start()
        return done

    return Fault(f"kill {role}", do)


def stop(role: str) -> Fault:
    """SIGSTOP every process of a role, and never let it go on."""
    return Fault(f"stop {role}", lambda site, _: site.signal(role, signal.SIGSTOP))


def _flush(site: Site, _: list[Dropped]) -> bool:
    return site.flush()


def _empty(site: Site, _: list[Dropped]) -> bool:
    site.empty_broker()
    return True


def _damage(site: Site, _: list[Dropped]) -> bool:
    site.damage_broker()
    return True


def _away(site: Site, _: list[Dropped]) -> bool:
    deadline = time.monotonic() + random.uniform(*AWAY_SECONDS)
    while time.monotonic() < deadline:
        site.signal("broker")
        time.sleep(0.1)
    return True


def lock_database(path: Path, seconds: float) -> None:
    """Hold the write lock of an SQLite database for so long."""
    with sqlite3.connect(path, isolation_level=None, timeout=60) as connection:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")
    connection.close()


def _locked(site: Site, _: list[Dropped]) -> bool:
    lock_database(site.folder / "yihu.db", random.uniform(*LOCKED_SECONDS))
    return True


def _twenty(site: Site, dropped: list[Dropped]) -> bool:
    dropped.append(site.drop("digital-0", 20))
    return True


def _repeated(site: Site, _: list[Dropped]) -> bool:
    site.repeat_messages(Messages(make_app(site.settings)), 5)
    return True


def second_supervisor(site: Site) -> int:
    """The exit code of a second `yihu up` on the same home."""
    process = site.home.start("up", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return process.wait(120)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _second(site: Site, _: list[Dropped]) -> bool:
    code = second_supervisor(site)
    if code != ALREADY_SERVED:
        raise AssertionError(f"a second supervisor ended with {code}")
    return True


OTHERS: dict[str, Callable[[Site, list[Dropped]], bool]] = {
    "FLUSHALL": _flush,
    "same bytes 20 times": _twenty,
    "messages repeated": _repeated,
    "second supervisor": _second,
}
EMBEDDED: dict[str, Callable[[Site, list[Dropped]], bool]] = {
    "broker killed, file removed": _empty,
    "broker killed, file spoiled": _damage,
    "broker away": _away,
    "database locked": _locked,
}


def draw(rng: random.Random, site: Site) -> Fault:
    """A fault that is not at a point: a kill, seldom a stop, or something else of its profile."""
    dice, spread = rng.random(), site.servers is not None
    broker = () if spread else BROKER
    if dice < (0.35 if spread else 0.55):
        return kill(rng.choice(KILLS + broker))
    if dice < (0.40 if spread else 0.62):
        return stop(rng.choice(STOPS + broker))
    others = OTHERS | (HARMS if spread else EMBEDDED)
    name = rng.choice(sorted(others))
    return Fault(name, others[name])

"""`yihu bench faults`: files dropped while everything around them dies; what was lost?

Walks first: the journey in one process, killed, failed and filled at every
point. Then rounds on a real `yihu up`: points armed at random, processes
killed and stopped, the broker emptied, spoiled and away, the database locked.
With `servers` the same rounds on PostgreSQL, SeaweedFS and a broker of its own,
which are killed, stopped and shut down too; the walks need no servers.
After each, everything must settle within 60 s of the last fault, and the judge
counts what is lost, duplicated, stuck or wrong.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import faults_kinds, faults_scans
from bench.faults_judge import KINDS, Dropped
from bench.faults_site import Site
from bench.faults_walk import walk_apart
from bench.machine import describe
from bench.servers import server_profile

HEALED_SECONDS = 60.0
PATIENCE_SECONDS = 240.0
VERIFY_EVERY = 25
HANGS = 0.04
Progress = Callable[[str], None]


@dataclass
class Tally:
    """What a run counted; healing times in seconds from the last fault to settled.

    `revived` counts supervisors that ended by themselves and were started again,
    as a service manager would: no fault of ours, and nothing lost by it.
    """

    rounds: int = 0
    revived: int = 0
    walks: int = 0
    files: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    healing: list[float] = field(default_factory=list)
    points: set[str] = field(default_factory=set)

    def as_dict(self) -> dict[str, Any]:
        """The figures as printed."""
        times = sorted(self.healing) or [0.0]
        return {
            "machine": describe(),
            "rounds": self.rounds,
            "walks": self.walks,
            "files": self.files,
            "faults": dict(sorted(self.faults.items())),
            "faults_injected": self.faults.total(),
            "revived": self.revived,
            "points": len(self.points),
            **{kind: self.found[kind] for kind in KINDS},
            "healing_seconds": {
                "p50": round(times[len(times) // 2], 2),
                "p95": round(times[int(len(times) * 0.95)], 2),
                "max": round(times[-1], 2),
            },
        }

    @property
    def clean(self) -> bool:
        """True when nothing was lost, duplicated, stuck or wrong."""
        return not self.found.total()


def run(
    rounds: int,
    seed: int,
    progress: Progress,
    *,
    walks: bool = True,
    keep: Path | None = None,
    servers: bool = False,
) -> Tally:
    """The whole benchmark; raises `NotInstalled` where `servers` are wanted and are not here."""
    work = keep or Path(tempfile.mkdtemp(prefix="yihu-faults-"))
    scans = faults_scans.make(work / "scans")
    tally = Tally()
    if walks and not servers:
        site = Site(work / "walks", scans)
        learn_points(site)
        walk_all(site, tally, progress, faults_kinds.ACTIONS[1:])
    with ExitStack() as stack:
        profile = stack.enter_context(server_profile(work / "servers")) if servers else None
        site = Site(work / "home", scans, profile)
        with site.running():
            run_rounds(site, rounds, random.Random(seed), tally, progress)
        _verify(site, tally, progress)
    if keep is None and tally.clean:
        shutil.rmtree(work)
    return tally


# --- walks ------------------------------------------------------------------------------------


def learn_points(site: Site) -> list[str]:
    """One walk without faults: how files end, and which points it passes."""
    dropped = [site.drop(kind) for kind in site.scans.quick] + [site.drop("digital-0", 2)]
    if walk_apart(site.folder, site.points) != 0:
        raise AssertionError(f"a walk without faults: {site.judge.unsettled(dropped)}")
    site.judge.learn(dropped)
    return points_of(site)


def points_of(site: Site) -> list[str]:
    """The points passed so far."""
    return sorted(path.name for path in (site.points / "seen").iterdir())


def walk_all(site: Site, tally: Tally, progress: Progress, actions: tuple[str, ...]) -> None:
    """A walk for every point and action."""
    for point in points_of(site):
        for action in actions:
            found = walk_once(site, tally, {point: action})
            if found:
                progress(f"walk {point} {action}: {dict(found)}")


def walk_once(site: Site, tally: Tally, arms: dict[str, str]) -> Counter[str]:
    """Drop files, walk with these points armed, walk on if that died; gives what was found."""
    dropped = [site.drop(kind) for kind in ("batch-0", "locked-0")] + [site.drop("digital-0", 2)]
    for point, action in arms.items():
        (site.points / point).write_text(action)
    code = walk_apart(site.folder, site.points)
    for _ in arms:
        if code != 0:
            code = walk_apart(site.folder, site.points)
    found = site.judge.findings(dropped)
    if code != 0:
        found["stuck"] += 1
    _disarm(site, tally)
    tally.walks += 1
    tally.files += sum(drop.times for drop in dropped)
    tally.found += found
    return found


# --- rounds -----------------------------------------------------------------------------------


def run_rounds(
    site: Site, rounds: int, rng: random.Random, tally: Tally, progress: Progress
) -> None:
    """Learn without faults, then so many rounds with them."""
    dropped = [site.drop(kind) for kind in site.scans.templates]
    if not site.settle(dropped, PATIENCE_SECONDS):
        raise AssertionError(f"without faults: {site.judge.unsettled(dropped)}")
    site.judge.learn(dropped)
    deck: list[str] = []
    for number in range(1, rounds + 1):
        if not deck:
            deck = points_of(site)
            rng.shuffle(deck)
        found, kinds, healing = one_round(site, rng, deck, tally)
        worst = ", ".join(f"{kind} {count}" for kind, count in found.items())
        progress(f"{number}/{rounds} {' + '.join(kinds)}: {healing:.1f} s {worst}")
        if number % VERIFY_EVERY == 0:
            _verify(site, tally, progress)


def one_round(
    site: Site, rng: random.Random, deck: list[str], tally: Tally
) -> tuple[Counter[str], list[str], float]:
    """Files and faults at once, then the wait, then the judge."""
    for role in ("worker", "watcher"):
        site.wait_for(role)
    kinds = []
    for _ in range(rng.choice((0, 1, 1, 2))):
        if deck:
            action = "hang" if rng.random() < HANGS else rng.choice(faults_kinds.ACTIONS)
            (site.points / deck.pop()).write_text(action)
            kinds.append(f"point {action}")
    files = rng.choices(site.scans.quick, k=3) + (["scan-0"] if rng.random() < 0.3 else [])
    dropped = [site.drop(kind) for kind in files]
    for _ in range(rng.choice((1, 1, 2)) if not kinds or rng.random() < 0.5 else 0):
        time.sleep(rng.uniform(0.0, 3.0))
        fault = faults_kinds.draw(rng, site)
        if fault.do(site, dropped):
            tally.faults[fault.kind] += 1
            kinds.append(fault.kind)
    found, healing = _heal(site, dropped, tally)
    tally.rounds += 1
    tally.files += sum(drop.times for drop in dropped)
    tally.healing.append(healing)
    tally.found += found
    return found, kinds, healing


def _heal(site: Site, dropped: list[Dropped], tally: Tally) -> tuple[Counter[str], float]:
    """Wait until all is settled; the clock starts anew with every point that fires."""
    began = time.time()
    deadline = began + PATIENCE_SECONDS
    while time.time() < deadline and not site.judge.settled(dropped):
        if site.revive():
            tally.revived += 1
        time.sleep(0.1)
    ended = time.time()
    last = max([began, *_disarm(site, tally)])
    healing = max(0.0, ended - last)
    found = site.judge.findings(dropped)
    if healing > HEALED_SECONDS:
        found["stuck"] += 1
    return found, healing


def _disarm(site: Site, tally: Tally) -> list[float]:
    """Take away what did not fire; the moments of what did."""
    for path in site.points.iterdir():
        if path.is_file():
            path.unlink(missing_ok=True)
    moments = []
    fired = site.points / "fired"
    for path in fired.iterdir() if fired.is_dir() else ():
        moments.append(path.stat().st_mtime)
        tally.faults[f"point {path.read_text()}"] += 1
        tally.points.add(path.name)
        path.unlink()
    return moments


def _verify(site: Site, tally: Tally, progress: Progress) -> None:
    for finding in site.judge.verify():
        tally.found["wrong"] += 1
        progress(f"verify: {finding}")


__all__ = ["Tally", "learn_points", "run", "run_rounds", "walk_all", "walk_once"]

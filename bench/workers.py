"""`yihu bench workers`: the same pages read by one worker host, then by more, on real servers.

Each host is a process tree of its own with one page at a time, over one
PostgreSQL, broker and S3 store. The pace is taken between the first and the
last page read, so start-up does not count. Processor seconds are told by what
used them; what database and broker use for each page is the cost of
coordination, and says at how many workers one of their cores is full.

Where the servers run on the same cores they take from the second worker what the first
had to itself. So as many workers as there are cores are also compared with one worker
and all servers bound to one core: both then have a core for each worker.

The baseline is the machine: the same pages read in bare processes that share
nothing, one and then as many at once. Cores that share caches and memory do not
give twice the pace; what the system loses beside that is its own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bench.corpus import Corpus, generate
from bench.home import STOP_SECONDS, Home, until
from bench.machine import describe
from bench.processes import cpu_seconds, name_of, tree
from bench.servers import Profile, server_profile
from catalog.database import Database
from catalog.models import Document, Page, Reading
from ingest.pages import inspect
from ingest.reading import ReadOptions, read_page, warm_up
from yihu.errors import Rejected

READERS = "multiprocessing"
PATIENCE_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What so many worker hosts did; `cpu` is processor seconds of each part."""

    workers: int
    pages: int
    seconds: float
    cpu: dict[str, float]

    @property
    def pace(self) -> float:
        """Pages a minute."""
        return 60 * (self.pages - 1) / self.seconds if self.seconds else 0.0

    def each(self, part: str) -> float:
        """Processor milliseconds of a part for a page."""
        return 1000 * self.cpu[part] / (self.pages or 1)

    def as_dict(self) -> dict[str, Any]:
        """The figures as printed."""
        return {
            "workers": self.workers,
            "pages": self.pages,
            "pages_a_minute": round(self.pace, 1),
            "cpu_ms_a_page": {part: round(self.each(part), 1) for part in self.cpu},
        }


def run(files: int, seed: int, most: int) -> dict[str, Any]:
    """The benchmark with 1 to `most` hosts; raises `NotInstalled` without the servers."""
    work = Path(tempfile.mkdtemp(prefix="yihu-workers-"))
    try:
        corpus = generate(work / "set", seed=seed, count=files, pack="eval")
        with server_profile(work / "servers") as servers:
            rounds = [
                _with(servers, corpus, work / f"workers{count}", count)
                for count in range(1, most + 1)
            ]
            with _on_one_core():
                bound = _with(servers, corpus, work / "bound", 1)
        bare = _bare_share(corpus, most)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    last = rounds[-1]
    share = last.pace / (rounds[0].pace * most or 1)
    by_core = last.pace / (bound.pace * most or 1) if most == os.cpu_count() else None
    return {
        "machine": describe(),
        "rounds": [figures.as_dict() for figures in rounds],
        "bound_to_one_core": bound.as_dict(),
        "linear_share": round(share, 3),
        "linear_share_core_by_core": round(by_core, 3) if by_core else None,
        "linear_share_of_bare_reading": round(bare, 3),
        "linear_share_of_what_the_machine_gives": round(share / bare, 3),
        "coordination_ms_a_page": round(last.each("database") + last.each("broker"), 1),
        "workers_that_fill_one_core": {
            part: round(60_000 / (rounds[0].pace * last.each(part) or 1))
            for part in ("database", "broker", "store")
        },
        "assumes": "pages like these; each worker as fast as the first alone; cost a page constant",
    }


def _with(servers: Profile, corpus: Corpus, folder: Path, count: int) -> Figures:
    """Take everything in first, then let `count` hosts read it."""
    brisk = {"searchable": "false", "broken_upload_seconds": "5"}
    settings = servers.settings(folder.name, **brisk)
    office = Home(folder / "office", **settings)
    office.run("register", "import", str(corpus.register))
    database = Database(settings["database_url"])
    with ExitStack() as stack:
        for part in ("inbox", "beat"):
            stack.enter_context(_part(office, part))
        shutil.copytree(corpus.inbox, office.folder / "inbox" / "drop")
        number = sum(1 for path in corpus.inbox.rglob("*") if path.is_file())
        until(lambda: _taken_in(database, number), PATIENCE_SECONDS)
        hosts = [
            stack.enter_context(_part(Home(folder / f"host{n}", **settings), "pages", 1))
            for n in range(count)
        ]
        until(lambda: _read(database) > 0, PATIENCE_SECONDS)
        before = _used(servers, hosts)
        first = _read(database)
        until(lambda: not _moving(database), PATIENCE_SECONDS)
        after = _used(servers, hosts)
    with database.read() as session:
        pages, begin, end = session.execute(
            select(func.count(), func.min(Reading.at), func.max(Reading.at))
        ).one()
    database.dispose()
    cpu = {part: after[part] - before[part] for part in after}
    seconds = (end - begin).total_seconds() * (pages - first) / (pages - 1 or 1)
    return Figures(count, pages - first + 1, seconds, cpu)


@contextmanager
def _on_one_core() -> Iterator[None]:
    """Everything this process started and will start runs on one core until the block ends."""
    allowed = os.sched_getaffinity(0)
    _bind({min(allowed)})
    try:
        yield
    finally:
        _bind(allowed)


def _bind(cores: set[int]) -> None:
    """Bind this process and all below it to these cores, thread by thread."""
    for pid in tree(os.getpid()):
        for thread in Path(f"/proc/{pid}/task").glob("*"):
            with contextlib.suppress(OSError):  # it has just ended
                os.sched_setaffinity(int(thread.name), cores)


def _bare_share(corpus: Corpus, count: int) -> float:
    """The pace of so many processes that only read, as a share of so many times that of one."""
    files = sorted(str(path) for path in corpus.inbox.rglob("*") if path.is_file())
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        for _ in pool.map(_read_all, [files[:1]] * count):  # starts them
            pass
        (alone,) = pool.map(_read_all, [files])
        beside = list(pool.map(_read_all, [files] * count))
    return alone * len(beside) / sum(beside)


def _read_all(files: list[str]) -> float:
    """Seconds for every page of these files; the reader is loaded before."""
    warm_up()
    began, options = time.monotonic(), ReadOptions()
    for path in files:
        with contextlib.suppress(Rejected):
            for number in range(1, len(inspect(Path(path), options.limits).pages) + 1):
                read_page(path, number, options)
    return time.monotonic() - began


@contextmanager
def _part(home: Home, part: str, workers: int = 0) -> Iterator[int]:
    process = home.start("up", "--only", part, "--workers", str(workers))
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)


def _taken_in(database: Database, files: int) -> bool:
    with database.read() as session:
        done = select(func.count(Document.arrival_id.distinct())).where(
            Document.stage.not_in(("keep", "inspect", "put_away", "give_back"))
        )
        return (session.scalar(done) or 0) >= files


def _read(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Reading)) or 0


def _moving(database: Database) -> bool:
    with database.read() as session:
        pages = session.scalar(select(func.count()).where(Page.state == "waiting"))
        return bool(pages or session.scalar(select(func.count()).where(Document.stage != "")))


def _used(servers: Profile, hosts: list[int]) -> dict[str, float]:
    """Processor seconds so far of reading, the workers beside it, and each server."""
    below = [pid for host in hosts for pid in tree(host)]
    readers = [pid for pid in below if name_of(pid) == READERS]
    return {
        "reading": sum(map(cpu_seconds, readers)),
        "worker": sum(cpu_seconds(pid) for pid in below if pid not in readers),
        **servers.cpu_seconds(),
    }

"""Good scans dropped among other files: how fast they are filed, and what became of all.

The same good files are dropped by themselves, in one folder with the hostile
ones, in a folder beside theirs, and in one folder with as many ordinary scans.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.corpus import Corpus, load_truth
from bench.home import Home, Row
from bench.peaks import Peaks
from catalog import documents
from catalog.listing import document_lines
from ingest.inbox import shown
from worker.home import open_home
from yihu.settings import load

CORES = 2
PATIENCE_SECONDS = 1800.0
REST_SECONDS = 900.0
MEGABYTE = 1 << 20
Dropped = tuple[Path, str]
"""A file, and its path below the inbox."""


def good_names(corpus: Corpus) -> list[str]:
    """The files of a corpus that are no test of refusal themselves."""
    rows = load_truth(corpus.truth)
    return sorted({row["file"] for row in rows if row["expect"] in ("file", "review")})


def together(
    home: Path,
    register: Path,
    good: Sequence[Dropped],
    others: Sequence[Dropped] = (),
    *,
    wait_for: Callable[[str], bool] = lambda _: True,
) -> tuple[Row, list[Row]]:
    """Drop everything into the inbox at once, the good files spread evenly among the others.

    Gives the figures and the printed lines of all documents once the good files
    have ended, and those of the others that `wait_for` says of their paths.
    """
    yihu = Home(home, broken_upload_seconds="5", rescan_seconds="5")
    with serving(yihu) as server, Peaks(server.pid) as peaks:
        yihu.run("register", "import", str(register))
        settings = load(home)
        database = open_home(settings)
        began = time.monotonic()
        for source, relative in _spread(good, others):
            replicate(source, settings.inbox / relative)

        def settled(wanted: set[str]) -> bool:
            with database.read() as session:
                found = [d for d in documents.listed(session) if d.arrival.path in wanted]
                moving = {d.arrival.path for d in found if d.state in ("received", "reading")}
                ended = {d.arrival.path for d in found if d.settled_at is not None} - moving
            return not moving and len(ended) >= len(wanted)

        mine = {shown(path) for _, path in good}
        good_ended = settles(lambda: settled(mine), every=0.3)
        seconds = time.monotonic() - began
        with database.read() as session:
            ended = documents.settled_files(session)
        rest = {shown(path) for _, path in others if wait_for(path)}
        all_ended = settles(lambda: settled(rest), patience=REST_SECONDS, every=1.0)
        whole = time.monotonic() - began
        with database.read() as session:
            lines = list(document_lines(session, documents.listed(session)))
        database.dispose()
    states = Counter(line["state"] for line in lines if line["file"] in mine)
    return {
        "settled": good_ended and all_ended,
        "seconds": round(seconds, 1),
        "seconds_until_all": round(whole, 1),
        "files_a_minute_until_good_are_done": round(ended * 60 / seconds, 1),
        "states": dict(states),
        "peak_child_mib": round(peaks.highest / MEGABYTE),
    }, lines


def _spread(good: Sequence[Dropped], others: Sequence[Dropped]) -> Iterator[Dropped]:
    step = len(others) / max(len(good), 1)
    at = 0
    for number, item in enumerate(good, 1):
        yield item
        end = round(number * step)
        yield from others[at:end]
        at = end
    yield from others[at:]


@contextmanager
def serving(home: Home) -> Iterator[subprocess.Popen[str]]:
    """`yihu up` on this home until the block ends."""
    home.run("init")
    server = home.start("up", "--workers", str(CORES), stderr=subprocess.DEVNULL)
    try:
        yield server
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def settles(
    done: Callable[[], bool], patience: float = PATIENCE_SECONDS, every: float = 0.02
) -> bool:
    """Whether `done` came true within `patience` seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if done():
            return True
        time.sleep(every)
    return False


def replicate(source: Path, target: Path) -> None:
    """The same thing at `target`: a file's bytes, or a link, pipe, socket or device like it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    found = source.lstat()
    if stat.S_ISLNK(found.st_mode):
        target.symlink_to(source.readlink())
    elif stat.S_ISDIR(found.st_mode):
        target.mkdir()
    elif stat.S_ISREG(found.st_mode):
        part = target.with_name(".part")
        shutil.copyfile(source, part)
        part.rename(target)
    elif stat.S_ISSOCK(found.st_mode):
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(os.path.relpath(target))
    else:
        os.mknod(target, found.st_mode, found.st_rdev)

"""`yihu bench hostile`: what becomes of hostile files, what each costs, and who suffers from it.

Every file is first brought alone to a running system: its end, its seconds,
the peak memory of a reading process. Then all of them are dropped into one
folder of the inbox of a fresh one together with good scans, and the good
scans' throughput is compared with a run of their own.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.corpus import Corpus, generate, load_truth
from bench.home import Home, Row
from bench.hostile_files import Case, allowed, cases, write
from bench.hostile_files.case import ENDS
from bench.machine import describe
from bench.peaks import Peaks
from catalog import documents
from catalog.listing import document_lines
from ingest.inbox import files_below, shown
from worker.bringing import Bringer
from worker.home import open_home
from yihu.settings import load

CORES = 2
PATIENCE_SECONDS = 1800.0
GOOD_FILES = 40
MEGABYTE = 1 << 20
GOOD, HOSTILE = "drop/good/", "drop/hostile/"


@dataclass
class Kind:
    """What became of the files of one kind."""

    files: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def as_dict(self) -> Row:
        """The figures as printed."""
        worst = max(self.seconds, default=0.0)
        return {
            "files": self.files,
            "ends": dict(self.ends.most_common()),
            "seconds_mean": round(sum(self.seconds) / (len(self.seconds) or 1), 2),
            "seconds_worst": round(worst, 2),
            "peak_mib": round(max(self.peaks, default=0) / MEGABYTE),
            "wrong": self.wrong,
        }


def run(folder: Path, good: int = GOOD_FILES, seed: int = 20261126) -> Row:
    """The whole benchmark on the files below `folder`; makes our own set when it is empty."""
    if not folder.is_dir() or not any(folder.iterdir()):
        folder.mkdir(parents=True, exist_ok=True)
        write(folder)
    known = {case.path: case for case in cases()}
    work = Path(tempfile.mkdtemp(prefix="yihu-bench-"))
    try:
        corpus = generate(work / "good", seed=seed, count=good, pack="eval", workers=CORES)
        began = time.monotonic()
        kinds = alone(folder, work / "alone", known)
        each = time.monotonic() - began
        names = good_names(corpus)
        clean = together(work / "clean", corpus, names, None, known, kinds)
        mixed = together(work / "mixed", corpus, names, folder, known, kinds)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return {
        "machine": describe(),
        "files": sum(kind.files for kind in kinds.values()),
        "wrong": sum(len(kind.wrong) for kind in kinds.values()),
        "seconds_each_alone": round(each, 1),
        "child_limit_mib": load(work).child_memory_bytes // MEGABYTE,
        "kinds": {name: kind.as_dict() for name, kind in sorted(kinds.items())},
        "good": {
            "files": len(names),
            "clean": clean,
            "among_hostile": mixed,
            "throughput_ratio": round(clean["seconds"] / (mixed["seconds"] or 1), 3),
        },
    }


def kind_of(path: str) -> str:
    """The kind of a file: its first folder, or its extension where there is none."""
    head, _, rest = path.partition("/")
    return head if rest else (Path(path).suffix.lower().lstrip(".") or "no extension")


def judged(case: Case | None, line: Row) -> str:
    """What is wrong with this end, in words; "" when it is a true one."""
    state, reasons = line["state"], line["reasons"]
    ends = tuple(ENDS) if case is None else (*case.ends, "duplicate")
    if state in ENDS and allowed(ends, state, reasons):
        return ""
    return f"{line['file']}: {state} {','.join(reasons)} (true: {', '.join(sorted(ends))})"


# --- one by one -------------------------------------------------------------------------------


def alone(folder: Path, home: Path, known: Mapping[str, Case]) -> dict[str, Kind]:
    """Bring every file by itself to a system that has nothing else to do."""
    kinds: defaultdict[str, Kind] = defaultdict(Kind)
    with serving(Home(home, broken_upload_seconds="5")) as server:
        settings = load(home)
        database = open_home(settings)
        for path in sorted(files_below(folder)):
            relative = os.fspath(path.relative_to(folder))
            bringer, began = Bringer(settings, database), time.monotonic()
            with Peaks(server.pid) as peaks:
                bringer.bring(path, relative)
                settled = _wait(lambda: not bringer.left())  # noqa: B023 - called at once
            kind = kinds[kind_of(relative)]
            kind.files += 1
            kind.seconds.append(time.monotonic() - began)
            kind.peaks.append(peaks.highest)
            with database.read() as session:
                lines = list(
                    document_lines(session, documents.of_arrivals(session, bringer.tokens))
                )
            _note(kind, known.get(relative), lines if settled else [], relative)
        database.dispose()
    return dict(kinds)


def _note(kind: Kind, case: Case | None, lines: list[Row], relative: str) -> None:
    if not lines:
        kind.wrong.append(f"{shown(relative)}: did not settle")
    for line in lines:
        kind.ends[":".join([line["state"], *line["reasons"][:1]])] += 1
        if wrong := judged(case, line):
            kind.wrong.append(wrong)


def _wait(done: Any, patience: float = PATIENCE_SECONDS, every: float = 0.02) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if done():
            return True
        time.sleep(every)
    return False


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


# --- all together -----------------------------------------------------------------------------


def good_names(corpus: Corpus) -> list[str]:
    """The files of a corpus that are no test of refusal themselves."""
    rows = load_truth(corpus.truth)
    return sorted({row["file"] for row in rows if row["expect"] in ("file", "review")})


def together(
    home: Path,
    corpus: Corpus,
    names: list[str],
    folder: Path | None,
    known: Mapping[str, Case],
    kinds: dict[str, Kind],
) -> Row:
    """Drop everything into the inbox at once; seconds until the good files are settled."""
    yihu = Home(home, broken_upload_seconds="5", rescan_seconds="5")
    with serving(yihu) as server, Peaks(server.pid) as peaks:
        yihu.run("register", "import", str(corpus.register))
        settings = load(home)
        database = open_home(settings)
        began = time.monotonic()
        hostile = list(files_below(folder)) if folder else []
        dropped = [*_shuffled([(corpus.inbox / n, GOOD + n) for n in names],
                              [(p, _hostile_path(p, folder)) for p in hostile])]  # fmt: skip
        for source, relative in dropped:
            replicate(source, settings.inbox / relative)
        waits = sum(1 for path in hostile if _waits(path, folder))

        def settled(prefix: str, wanted: int) -> bool:
            with database.read() as session:
                found = documents.listed(session)
                mine = [d for d in found if d.arrival.path.startswith(prefix)]
                moving = {d.arrival.path for d in mine if d.state in ("received", "reading")}
                ended = {d.arrival.path for d in mine if d.settled_at is not None} - moving
            return not moving and len(ended) >= wanted

        _wait(lambda: settled(GOOD, len(names)), every=0.3)
        seconds = time.monotonic() - began
        with database.read() as session:
            ended = documents.settled_files(session)
        _wait(lambda: settled(HOSTILE, len(hostile) - waits), patience=900, every=1.0)
        whole = time.monotonic() - began
        with database.read() as session:
            lines = list(document_lines(session, documents.listed(session)))
        database.dispose()
    _compare(lines, hostile, folder, known, kinds)
    states = Counter(line["state"] for line in lines if line["file"].startswith(GOOD))
    return {
        "seconds": round(seconds, 1),
        "seconds_until_all": round(whole, 1),
        "files_a_minute_until_good_are_done": round(ended * 60 / seconds, 1),
        "states": dict(states),
        "peak_child_mib": round(peaks.highest / MEGABYTE),
    }


def _compare(
    lines: list[Row],
    hostile: list[Path],
    folder: Path | None,
    known: Mapping[str, Case],
    kinds: dict[str, Kind],
) -> None:
    """Judge what was dropped: every file ended, each for a true reason."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for line in lines:
        found[line["file"]].append(line)
    for path in hostile:
        assert folder is not None
        relative = os.fspath(path.relative_to(folder))
        kind, case = kinds[kind_of(relative)], known.get(relative)
        if _waits(path, folder):
            continue
        mine = found[shown(_hostile_path(path, folder))]
        if not mine:
            kind.wrong.append(f"inbox {shown(relative)}: did not settle")
        kind.wrong += [f"inbox {wrong}" for line in mine if (wrong := judged(case, line))]


def _hostile_path(path: Path, folder: Path | None) -> str:
    assert folder is not None
    return HOSTILE + os.fspath(path.relative_to(folder))


def _waits(path: Path, folder: Path | None) -> bool:
    from ingest.inbox import why_ignored

    return bool(why_ignored(_hostile_path(path, folder)))


def _shuffled(
    good: list[tuple[Path, str]], hostile: list[tuple[Path, str]]
) -> Iterator[tuple[Path, str]]:
    """The good files spread evenly among the hostile ones."""
    step = len(hostile) / max(len(good), 1)
    at = 0
    for number, item in enumerate(good, 1):
        yield item
        until = round(number * step)
        yield from hostile[at:until]
        at = until
    yield from hostile[at:]


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

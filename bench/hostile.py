"""`yihu bench hostile`: what becomes of hostile files, what each costs, and who suffers from it.

Every file is first brought alone to a running system: its end, its seconds,
the peak memory of a reading process. Then all of them are dropped into the inbox
of a fresh one together with good scans, whose throughput is compared with a run
of their own, and with one among as many ordinary scans.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.corpus import Corpus, generate
from bench.home import Home, Row
from bench.hostile_files import Case, allowed, cases, write
from bench.hostile_files.case import ENDS
from bench.hostile_together import (
    CORES,
    MEGABYTE,
    Dropped,
    good_names,
    serving,
    settles,
    together,
)
from bench.machine import describe
from bench.peaks import Peaks
from catalog import documents
from catalog.listing import document_lines
from ingest.inbox import files_below, shown, why_ignored
from worker.bringing import Bringer
from worker.home import open_home
from worker.lanes import BURST_FILES
from yihu.settings import load

GOOD_FILES = 40
GOOD, HOSTILE, CROWD = "drop/good/", "drop/hostile/", "drop/crowd/"
OWN_FOLDER = "counter/"


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
        hostile = [
            (path, HOSTILE + os.fspath(path.relative_to(folder))) for path in files_below(folder)
        ]
        together_with, lines = _in_company(work, corpus, hostile, seed)
        _compare(lines, hostile, known, kinds)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return {
        "machine": describe(),
        "files": sum(kind.files for kind in kinds.values()),
        "wrong": sum(len(kind.wrong) for kind in kinds.values()),
        "seconds_each_alone": round(each, 1),
        "child_limit_mib": load(work).child_memory_bytes // MEGABYTE,
        "kinds": {name: kind.as_dict() for name, kind in sorted(kinds.items())},
        "good": together_with,
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
                settled = settles(lambda: not bringer.left())  # noqa: B023 - called at once
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


# --- all together -----------------------------------------------------------------------------


def _in_company(
    work: Path, corpus: Corpus, hostile: Sequence[Dropped], seed: int
) -> tuple[Row, list[Row]]:
    """The good files alone and among others; and the lines of what was dropped with hostile ones.

    Among as many ordinary scans is what normal company costs. Files in a folder of
    their own, fewer than make a mass, are what somebody at the counter drops meanwhile.
    """
    good = [(corpus.inbox / name, GOOD + name) for name in good_names(corpus)]
    few = [(path, OWN_FOLDER + name.removeprefix(GOOD)) for path, name in good[:BURST_FILES]]
    crowd = generate(work / "crowd", seed=seed + 1, count=len(hostile), pack="eval", workers=CORES)
    ordinary = [
        (path, CROWD + os.fspath(path.relative_to(crowd.inbox)))
        for path in files_below(crowd.inbox)
    ][: len(hostile)]

    def drop(
        folder: str,
        mine: Sequence[Dropped],
        others: Sequence[Dropped] = (),
        wait_for: Callable[[str], bool] = _nobody,
    ) -> tuple[Row, list[Row]]:
        return together(work / folder, corpus.register, mine, others, wait_for=wait_for)

    clean, _ = drop("clean", good)
    among, lines = drop("among", good, hostile, _taken)
    company, _ = drop("company", good, ordinary)
    few_clean, _ = drop("few", few)
    beside, _ = drop("beside", few, hostile)
    return {
        "files": len(good),
        "clean": clean,
        "among_hostile": _beside(clean, among),
        "among_ordinary": _beside(clean, company),
        "own_folder": {
            "files": len(few),
            "clean": few_clean,
            "beside_hostile": _beside(few_clean, beside),
        },
    }, lines


def _beside(clean: Row, other: Row) -> Row:
    """The figures of a run with the share of the speed that the good files have by themselves."""
    return other | {"throughput_ratio": round(clean["seconds"] / (other["seconds"] or 1), 3)}


def _compare(
    lines: list[Row],
    hostile: Sequence[Dropped],
    known: Mapping[str, Case],
    kinds: dict[str, Kind],
) -> None:
    """Judge what was dropped: every file ended, each for a true reason."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for line in lines:
        found[line["file"]].append(line)
    for _, path in hostile:
        relative = path.removeprefix(HOSTILE)
        kind, case = kinds[kind_of(relative)], known.get(relative)
        if not _taken(path):
            continue
        mine = found[shown(path)]
        if not mine:
            kind.wrong.append(f"inbox {shown(relative)}: did not settle")
        kind.wrong += [f"inbox {wrong}" for line in mine if (wrong := judged(case, line))]


def _taken(path: str) -> bool:
    return not why_ignored(path)


def _nobody(_path: str) -> bool:
    return False

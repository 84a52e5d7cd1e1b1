"""`yihu bench ingest`: speed and memory end to end, with `ocrmypdf -l chi_sim` as the peer.

In one run on the same files: one page from drop to tick on an idle system,
pages per minute and processor seconds per page of a whole drop, peak memory of
each process, memory of the idle stack; then the peer on the same files with
both cores. A drop is counted twice: until everything is ticked, and until the
searchable copies, which wait behind all ticks, are made too; the peer's time
holds its copies. Whether a page costs the same early and late is told by the
two halves of the pages. Text is compared by the share of true characters found on the page.
With `servers` on PostgreSQL, an S3 store and a broker of their own, whose
processor time is told apart from that of our processes.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy.orm import Session

from bench.columns import Verdict
from bench.corpus import generate, load_truth
from bench.home import Home
from bench.machine import describe
from bench.processes import MEGABYTE, Watch, memory, tree
from bench.servers import Profile, server_profile
from catalog import chores, documents, readings
from catalog.database import Database
from worker.home import open_home

CORES = 2
IDLE_SECONDS = 4.0
PATIENCE_SECONDS = 1800
TIMES_BAR, CPU_BAR, MEMORY_BAR = 8.0, 1.0, 700.0
FAST = "avx512_bf16"
"""The processor time of a page is only demanded of a processor that has these units."""
GROWTH_BAR = 1.2
"""How much dearer a page of the second half may be; the first pays for loading the reader."""


@dataclass
class Figures:
    """What one system did with the files; times in seconds, memory in MiB.

    `wall` and `cpu` are until everything is ticked, `wall_copies` and
    `cpu_copies` until the searchable copies are made as well; `halves` are the
    processor seconds per page of the first and the second half of the pages.
    """

    pages: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    wall_copies: float = 0.0
    cpu_copies: float = 0.0
    halves: tuple[float, float] | None = None
    peaks: dict[str, float] = field(default_factory=dict)
    text: float = 0.0
    servers: dict[str, float] = field(default_factory=dict)

    @property
    def pages_per_minute(self) -> float:
        """Pages through the whole system in a minute, until the last tick."""
        return 60 * self.pages / self.wall if self.wall else 0.0

    @property
    def pages_per_minute_copies(self) -> float:
        """The same with the searchable copies."""
        return 60 * self.pages / self.wall_copies if self.wall_copies else 0.0

    def as_dict(self) -> dict[str, Any]:
        """The figures as printed."""
        pages = self.pages or 1
        return {
            "pages": self.pages,
            "until_ticked": {
                "pages_per_minute": round(self.pages_per_minute, 1),
                "cpu_seconds_per_page": round(self.cpu / pages, 2),
            },
            "with_copies": {
                "pages_per_minute": round(self.pages_per_minute_copies, 1),
                "cpu_seconds_per_page": round(self.cpu_copies / pages, 2),
            },
            "cpu_seconds_per_page_halves": [round(half, 2) for half in self.halves or ()],
            "characters_found": round(self.text, 4),
            "peak_mib": {name: round(size) for name, size in self.peaks.items()},
            "servers_cpu_ms_per_page": {
                part: round(1000 * seconds / pages, 1) for part, seconds in self.servers.items()
            },
        }


def ratios(ours: Figures, peer: Figures | None) -> dict[str, float] | None:
    """How many times the peer's pace ours is, both ways; None where there is no peer."""
    if peer is None or not peer.pages_per_minute:
        return None
    return {
        "until_ticked": round(ours.pages_per_minute / peer.pages_per_minute, 2),
        "with_copies": round(ours.pages_per_minute_copies / peer.pages_per_minute, 2),
    }


def bars(ours: Figures, times: dict[str, float] | None) -> list[Verdict]:
    """What is demanded of a run; what could not be compared is no bar."""
    cpu = ours.cpu_copies / (ours.pages or 1)
    peak = max((size for name, size in ours.peaks.items() if name != "all"), default=0.0)
    found = [(f"largest process < {MEMORY_BAR:g} MiB", f"{peak:.0f}", peak < MEMORY_BAR)]
    if FAST in describe():
        found.append(
            (f"CPU s per page, copies included <= {CPU_BAR:g}", f"{cpu:.2f}", cpu <= CPU_BAR)
        )
    for name, words in (("until_ticked", "until ticked"), ("with_copies", "copies included")):
        if times is not None:
            value = times[name]
            found.append(
                (f"times the peer, {words} >= {TIMES_BAR:g}", f"{value:g}", value >= TIMES_BAR)
            )
    if ours.halves is not None:
        early, late = ours.halves
        said = f"{early:.2f}, then {late:.2f}"
        found.append(("second half no dearer a page", said, late <= GROWTH_BAR * early))
    return found


def halves(progress: Sequence[tuple[int, float]]) -> tuple[float, float] | None:
    """Processor seconds per page before and after half of the pages were read.

    From (pages read, processor seconds) as time went by; None of fewer than two pages.
    """
    pages, cpu = progress[-1] if progress else (0, 0.0)
    middle = next((one for one in progress if one[0] >= pages / 2), None)
    if middle is None or not 0 < middle[0] < pages:
        return None
    return middle[1] / middle[0], (cpu - middle[1]) / (pages - middle[0])


def run(files: int, seed: int, rounds: int, *, servers: bool = False) -> dict[str, Any]:
    """The whole benchmark; raises `NotInstalled` where `servers` are wanted and are not here."""
    work = Path(tempfile.mkdtemp(prefix="yihu-bench-"))
    try:
        with ExitStack() as stack:
            profile = stack.enter_context(server_profile(work / "servers")) if servers else None
            return _run(work, files, seed, rounds, profile)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _run(work: Path, files: int, seed: int, rounds: int, profile: Profile | None) -> dict[str, Any]:
    corpus = generate(work / "set", seed=seed, count=files, pack="eval")
    single = generate(work / "single", seed=seed + 1, count=rounds * 4, pack="eval")
    truth = list(load_truth(corpus.truth))
    names = sorted({row["file"] for row in truth if row["expect"] in ("file", "review")})
    settings = profile.settings("ingest") if profile else {}
    home = Home(work / "home", idle_seconds=str(IDLE_SECONDS), **settings)
    home.run("register", "import", str(corpus.register))
    pages = [row for row in load_truth(single.truth) if row["pages"] == [1, 1]]
    lone = Counter(row["file"] for row in load_truth(single.truth))
    singles = [single.inbox / row["file"] for row in pages if lone[row["file"]] == 1]
    ours, idle, latencies = _yihu(home, corpus.inbox, names, singles[:rounds], profile)
    ours.text = _text_share(truth, _our_texts(home))
    peer = _peer(corpus.inbox, names, work / "peer", truth)
    times = ratios(ours, peer)
    return {
        "machine": describe(),
        "profile": "server" if profile else "embedded",
        "yihu": ours.as_dict(),
        "ocrmypdf": peer.as_dict() if peer else None,
        "times_the_peer": times,
        "bars": [
            {"bar": bar, "measured": measured, "met": met}
            for bar, measured, met in bars(ours, times)
        ],
        "idle_stack_mib": round(idle),
        "drop_to_tick_seconds": {
            "median": round(median(latencies), 2),
            "worst": round(max(latencies), 2),
            "each": [round(seconds, 2) for seconds in latencies],
        },
    }


def _yihu(
    home: Home, inbox: Path, names: list[str], singles: list[Path], profile: Profile | None
) -> tuple[Figures, float, list[float]]:
    settings = home.load()
    database = open_home(settings)
    server = home.start("up", "--workers", str(CORES), stderr=subprocess.DEVNULL)
    try:
        latencies = []
        for number, path in enumerate(singles, 1):
            time.sleep(2 * IDLE_SECONDS)  # the reading processes are gone: truly idle
            latencies.append(_drop(path, settings.inbox, database, number))
        time.sleep(2 * IDLE_SECONDS)
        idle = sum(memory(pid) for pid in tree(server.pid)) / MEGABYTE
        progress: list[tuple[int, float]] = []
        with Watch(server.pid) as watch:
            before = profile.cpu_seconds() if profile else {}
            began = time.monotonic()

            def look(session: Session) -> bool:
                read = readings.pages_read(session) - len(latencies)
                if not progress or read > progress[-1][0]:
                    progress.append((read, watch.cpu_used))
                return documents.settled_files(session) >= len(latencies) + len(names)

            for name in names:
                target = settings.inbox / "drop" / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(inbox / name, target)
            _until(database, look)
            wall, cpu = time.monotonic() - began, watch.cpu_used
            after = profile.cpu_seconds() if profile else {}
            _until(database, lambda session: chores.count_waiting(session) == 0)
            wall_copies, cpu_copies = time.monotonic() - began, watch.cpu_used
        with database.read() as session:
            pages = readings.pages_read(session) - len(latencies)
        peaks = {name: size / MEGABYTE for name, size in watch.peaks.items()}
        return (
            Figures(
                pages,
                wall,
                cpu,
                wall_copies,
                cpu_copies,
                halves([*progress[:-1], (pages, cpu)]),
                {**peaks, "all": watch.peak_total / MEGABYTE},
                servers={part: after[part] - before[part] for part in after},
            ),
            idle,
            latencies,
        )
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def _drop(path: Path, inbox: Path, database: Database, files: int) -> float:
    """Seconds from the moment the file is whole in the inbox until it is settled."""
    part = inbox / f".{path.name}.part"
    shutil.copy(path, part)
    began = time.monotonic()
    part.rename(inbox / path.name)
    _until(database, lambda session: documents.settled_files(session) >= files, every=0.02)
    return time.monotonic() - began


def _until(database: Database, reached: Callable[[Session], bool], every: float = 0.2) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with database.read() as session:
            if reached(session):
                return
        time.sleep(every)
    raise TimeoutError("the files did not settle")


def _our_texts(home: Home) -> Callable[[str], str]:
    database = open_home(home.load())
    with database.read() as session:
        texts = {
            document.arrival.path.removeprefix("drop/"): readings.whole_text(
                session, document.sha256 or ""
            )
            for document in documents.listed(session)
            if document.state != "duplicate"
        }
    return lambda name: texts.get(name, "")


def _peer(inbox: Path, names: list[str], work: Path, truth: list[dict[str, Any]]) -> Figures | None:
    """ocrmypdf over the same files, as many at once as there are cores; None without it."""
    work.mkdir()
    program = shutil.which("ocrmypdf")
    if program is None:
        return None
    figures = Figures()
    before = time.monotonic()

    def one(name: str) -> tuple[str, int, float]:
        out = work / name.replace("/", "_")
        sidecar = out.with_suffix(".txt")
        command = [
            program, "-l", "chi_sim", "--jobs", "1", "--output-type", "pdf", "--rotate-pages",
            "--skip-text", "--image-dpi", "200", "--sidecar", str(sidecar), "--quiet",
            str(inbox / name), str(out.with_suffix(".out.pdf")),
        ]  # fmt: skip
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os_wait4(process)
        text = sidecar.read_text(encoding="utf-8") if sidecar.exists() and status == 0 else ""
        return text, status, usage

    with ThreadPoolExecutor(CORES) as pool:
        results = dict(zip(names, pool.map(one, names), strict=True))
    figures.wall = figures.wall_copies = time.monotonic() - before
    figures.cpu = figures.cpu_copies = sum(usage for _, _, usage in results.values())
    pages = Counter(row["file"] for row in truth for _ in row["lines"])
    figures.pages = sum(pages[name] for name, (_, status, _) in results.items() if status == 0)
    figures.text = _text_share(truth, lambda name: results[name][0] if name in results else "")
    return figures


def os_wait4(process: subprocess.Popen[bytes]) -> tuple[int, int, float]:
    """Wait for a process: (pid, status, processor seconds with its children)."""
    import os

    pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return pid, process.returncode, usage.ru_utime + usage.ru_stime


def _text_share(truth: list[dict[str, Any]], text_of: Callable[[str], str]) -> float:
    """Share of the true characters that were found, over all files (bag of characters)."""
    wanted: dict[str, Counter[str]] = {}
    for row in truth:
        lines = "".join(line for page in row["lines"] for line in page)
        wanted.setdefault(row["file"], Counter()).update("".join(lines.split()))
    total = sum(count.total() for count in wanted.values())
    found = sum(
        (count & Counter("".join(text_of(name).split()))).total() for name, count in wanted.items()
    )
    return found / (total or 1)

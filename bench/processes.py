"""Processor seconds and memory of a process and all its descendants, from /proc."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from pathlib import Path
from typing import Self

TICK = os.sysconf("SC_CLK_TCK")
MEGABYTE = 1024 * 1024


def tree(root: int) -> list[int]:
    """The process `root` and all its descendants that live now."""
    children = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError, ValueError):
                continue
            children[parent].append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children[pid]
    return found


def cpu_seconds(pid: int) -> float:
    """Processor seconds of a process and of its children that ended and were waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(value) for value in fields[11:15]) / TICK


def memory(pid: int) -> int:
    """Proportional set size in bytes; 0 when the process is gone."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def name_of(pid: int) -> str:
    """What a process is, by its command line."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return "gone"
    for word in (
        "valkey-server",
        "redis-server",
        "worker.processes",
        "multiprocessing",
        "cli.main",
    ):
        if any(word in part for part in words):
            return " ".join([word, *[w for w in words[3:4] if word == "worker.processes"]])
    return Path(words[0]).name


class Watch:
    """Samples a process tree in a thread: processor seconds used, peak memory of each process."""

    def __init__(self, root: int, every: float = 0.25) -> None:
        self._root, self._every = root, every
        self._cpu: dict[int, float] = {}
        self._stop = threading.Event()
        self.peaks: dict[str, int] = {}
        self.peak_total = 0
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._began = self.cpu()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._sample()
        self._stop.set()
        self._thread.join()

    @property
    def cpu_used(self) -> float:
        """Processor seconds of the whole tree since the watch began."""
        return self.cpu() - self._began

    def cpu(self) -> float:
        """Processor seconds of the tree so far; what ended unwaited keeps its last sample."""
        for pid in tree(self._root):
            self._cpu[pid] = max(self._cpu.get(pid, 0.0), cpu_seconds(pid))
        return sum(self._cpu.values())

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self._sample()

    def _sample(self) -> None:
        self.cpu()
        total = 0
        for pid in tree(self._root):
            size = memory(pid)
            total += size
            name = name_of(pid)
            self.peaks[name] = max(self.peaks.get(name, 0), size)
        self.peak_total = max(self.peak_total, total)

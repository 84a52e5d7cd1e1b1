"""What `bench read` runs in a reading process: one page, with its cost."""

from __future__ import annotations

import contextlib
import resource
import time
from dataclasses import dataclass
from pathlib import Path

from ingest.reading import ReadOptions, read_page
from yihu.page import PageText

_RESET_PEAK = "5"


@dataclass(frozen=True, slots=True)
class Read:
    """A page as read; processor seconds, wall seconds and the highest memory in MiB."""

    page: PageText
    cpu: float
    wall: float
    peak: float


def measured(path: str, options: ReadOptions) -> Read:
    """The first page of a file, read by the product's own function for it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text(_RESET_PEAK)
    began, before = time.monotonic(), _cpu()
    page = read_page(path, 1, options)
    return Read(page, _cpu() - before, time.monotonic() - began, _peak())


def _cpu() -> float:
    """Processor seconds of this process and of the programs it called."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _peak() -> float:
    """The highest memory since the reset, with that of the largest program called, in MiB."""
    called = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024 + called
    return called

"""What may hold up what: bursts wait behind single files, slow work never takes all workers.

Without this, a mass of files, or a few that use up every limit, would stand
before the one page somebody waits for.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ingest.formats import Format
from ingest.pages import Inspection
from yihu.urgency import Urgency

BURST_FILES = 30
"""So many files below one folder of the inbox, dropped at once, are urgent ..."""
SECONDS_A_FILE = 2.0
"""... and one more for every so many seconds without a drop."""
FILES_EVERYWHERE, SECONDS_A_FILE_EVERYWHERE = 300, 0.2
"""The same for all folders together: thousands of small folders are a mass too."""
FOLDERS = 1000
SMALLEST_SIDE = 400
"""Pixels: a narrow receipt or an ID card at 150 dpi; what is smaller nobody can read."""
LARGEST_PAGE = 40_000_000
"""Pixels: A3 at 400 dpi."""
LONGEST_SHAPE = 8.0
"""Length to width: a long till receipt."""
FEWEST_BYTES = 6000
"""A page: what a fax-like scan with a few lines of writing has."""
USUAL_FORMATS = frozenset({Format.PDF, Format.JPEG, Format.TIFF, Format.PNG, Format.HEIC})
"""What scanners and telephones write."""
ORDINARY_TIMES = 4.0
"""A page of a mass drop lets others by after so many times the usual ..."""
SHORTEST_READ, SHORTEST_LOOK = 2.0, 1.5
"""... but not before so many seconds: a new child loads the reader first. For what is only
looked at it loads less."""
PACE_SHARE = 0.1
"""How much the page just read says of the usual."""


class Bursts:
    """Tells the files of a mass drop from the single one dropped beside it (a token bucket)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._everywhere = (float(FILES_EVERYWHERE), clock())

    def urgency(self, path: str) -> Urgency:
        """How urgent a file is that came now; files below one folder of the inbox are one burst."""
        folder = path.partition("/")[0] if "/" in path else ""
        moment = self._clock()
        found = self._left.pop(folder, (float(BURST_FILES), moment))
        single, self._left[folder] = _spent(found, moment, BURST_FILES, SECONDS_A_FILE)
        if len(self._left) > FOLDERS:
            self._left.popitem(last=False)
        if single and folder:
            single, self._everywhere = _spent(
                self._everywhere, moment, FILES_EVERYWHERE, SECONDS_A_FILE_EVERYWHERE
            )
        return Urgency.NOW if single else Urgency.BULK


def _spent(
    found: tuple[float, float], moment: float, most: float, seconds_each: float
) -> tuple[bool, tuple[float, float]]:
    """Whether a bucket, as it was left and when, holds a token now; and the bucket without it."""
    left = min(most, found[0] + (moment - found[1]) / seconds_each)
    return left >= 1, (max(0.0, left - 1), moment)


def urgency_of(found: Inspection, size: int, dropped: Urgency) -> Urgency:
    """How urgent reading a file of `size` bytes is: of a mass drop, first what looks like scans.

    Icons, posters, animations and files with next to nothing in them that lie
    among scans cost time too; whoever dropped the scans waits for those. A file
    that was not one of a mass stays as urgent as it was. It is a matter of order
    only: nothing here decides what becomes of a file.
    """
    scans = (
        found.format in USUAL_FORMATS
        and all(_paper_like(page.width, page.height) for page in found.pages)
        and size >= FEWEST_BYTES * len(found.pages)
    )
    return dropped if scans or dropped is not Urgency.BULK else Urgency.LATER


def urgency_at_sight(kind: Format, size: int, dropped: Urgency) -> Urgency:
    """The same before anything was looked into: told from a file's first bytes and its size."""
    scan = kind in USUAL_FORMATS and size >= FEWEST_BYTES
    return dropped if scan or dropped is not Urgency.BULK else Urgency.LATER


def _paper_like(width: int, height: int) -> bool:
    short, long = sorted((width, height))
    return (
        short >= SMALLEST_SIDE and long <= short * LONGEST_SHAPE and width * height <= LARGEST_PAGE
    )


class Pace:
    """What an ordinary page takes on this machine as it is now, told from those just read."""

    def __init__(self) -> None:
        self._mean = 0.0

    def took(self, seconds: float) -> None:
        """A page was read in so many seconds."""
        self._mean += (seconds - self._mean) * (PACE_SHARE if self._mean else 1.0)

    def most(self, allowed: float, shortest: float = SHORTEST_READ) -> float:
        """How long a page of a mass drop may take before it lets the others by; seconds."""
        usual = ORDINARY_TIMES * self._mean or allowed
        return min(allowed, max(shortest, usual))


class SlowLane:
    """Keeps slow work off at least one of a process's threads, where it has two."""

    def __init__(self, threads: int) -> None:
        self._free = threading.BoundedSemaphore(max(1, threads - 1))
        self._mine = threading.local()

    @contextmanager
    def enter(self, urgency: Urgency) -> Iterator[bool]:
        """Whether this thread may do work of this urgency now; a thread may enter again."""
        if urgency is not Urgency.SLOW or getattr(self._mine, "held", False):
            yield True
            return
        if not self._free.acquire(blocking=False):
            yield False
            return
        self._mine.held = True
        try:
            yield True
        finally:
            self._mine.held = False
            self._free.release()

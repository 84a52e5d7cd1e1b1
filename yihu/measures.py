"""What a process counts while it works: stages, pages, the store, the broker, lost children.

Every layer may count; nothing is kept, and the client library is not even
loaded, until `start` is called, which only processes that can be asked do (see
`worker.scrape`). So a command and a reading child pay one comparison a call.

Under `yihu up` several processes count into one folder, a file each under the
process's own name, so one question to the screens shows them all, a process
that is started anew goes on where it ended, and there are never more files
than processes (the library's multiprocess mode names files by process id,
which would grow with every restart).

Labels are words of ours (a stage, a reason code, an engine): never a name, a
room, a file, a hash or a document.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable of the library that names the folder processes count into together."""

_QUICK = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60)
_PAGE = (0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2, 3, 5, 8, 16)


class Measure:
    """One figure: how often (`add`), or with `buckets` how long (`took`), by its labels."""

    def __init__(
        self, name: str, about: str, labels: tuple[str, ...], buckets: tuple[float, ...] = ()
    ) -> None:
        self.name, self.about, self.labels, self.buckets = name, about, labels, buckets
        self._made: Any = None

    def add(self, *labels: str) -> None:
        """It happened once more."""
        if self._made is not None:
            (self._made.labels(*labels) if labels else self._made).inc()

    def took(self, seconds: float, *labels: str) -> None:
        """It happened, and took so long."""
        if self._made is not None:
            self._made.labels(*labels).observe(seconds)

    def _make(self) -> None:
        from prometheus_client import Counter, Histogram

        if self._made is None and self.buckets:
            self._made = Histogram(self.name, self.about, self.labels, buckets=self.buckets)
        elif self._made is None:
            self._made = Counter(self.name, self.about, self.labels)


STEPS = Measure(
    "yihu_stage_seconds",
    "Steps of documents on their journey: done, waits, slow, rejected, lost or failed.",
    ("stage", "outcome"),
    _QUICK,
)
SETTLED = Measure(
    "yihu_documents_settled_total",
    "Documents that came to rest, by state and first reason code.",
    ("state", "reason"),
)
PAGES = Measure("yihu_page_seconds", "Pages read, by engine.", ("engine",), _PAGE)
PAGES_UNREAD = Measure(
    "yihu_pages_not_read_total", "Pages put off or given up, by reason.", ("reason",)
)
STORE = Measure(
    "yihu_store_seconds",
    "Operations of the object store, by outcome: ok, missing, failed.",
    ("operation", "outcome"),
    _QUICK,
)
SENDING = Measure(
    "yihu_broker_send_failures_total",
    "Messages the broker did not take; the sweeper sends them again.",
    ("message",),
)
BROKER_SHARED = Measure(
    "yihu_broker_shared_total", "Sweeps that found another home on the broker's database.", ()
)
DATABASE = Measure(
    "yihu_database_retries_total",
    "Transactions broken off because the database was locked, full or away; tried again.",
    ("kind",),
)
CHILDREN = Measure(
    "yihu_children_lost_total",
    "Parsing and reading calls that went beyond a limit (memory, time, processor_time), had no "
    "processor (starved), gave no answer, crashed, or were killed from outside.",
    ("cause",),
)
ALL = (STEPS, SETTLED, PAGES, PAGES_UNREAD, STORE, SENDING, BROKER_SHARED, DATABASE, CHILDREN)


def start(process: str) -> None:
    """Count from now on; as `process` into the shared folder where one is set."""
    if os.environ.get(SHARED):
        from prometheus_client import values

        make: Any = values.MultiProcessValue
        values.ValueClass = make(lambda: process)
    for measure in ALL:
        measure._make()


def exposition(*collectors: Any) -> bytes:
    """What this process counted, or all that share the folder, and what `collectors` tell."""
    from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, multiprocess

    shared = os.environ.get(SHARED)
    registry = CollectorRegistry() if shared or collectors else REGISTRY
    if shared:
        collector: Any = multiprocess.MultiProcessCollector
        collector(registry, shared)
    elif collectors:
        registry.register(REGISTRY)
    for collector in collectors:
        registry.register(collector)
    return generate_latest(registry)


def prepare(folder: Path) -> None:
    """An empty folder to count into; what an earlier start left is removed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.glob("*.db"):
        old.unlink(missing_ok=True)

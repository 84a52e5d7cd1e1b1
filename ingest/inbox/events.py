"""File system events as hints: which paths to look at, and that some were lost.

watchdog runs in threads of its own; here its events become a bounded set of
paths for the watcher's loop. An event is never trusted: it only makes the
loop look sooner than the next scan would.
"""

from __future__ import annotations

import logging
import os
import threading
import warnings
from dataclasses import dataclass, field
from typing import Any

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

MOST_HINTS = 50_000
_OF_INTEREST = frozenset({"created", "modified", "moved", "closed"})


@dataclass(slots=True)
class Hints:
    """What the events said since the last look; safe between threads."""

    closed: dict[str, bool] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    lost: bool = False
    lock: threading.Condition = field(default_factory=threading.Condition)

    def add(self, path: str, *, closed: bool | None, folder: bool) -> None:
        """A file or folder deserves a look.

        `closed`: True when it was closed after writing, False when it was
        written to, None when the event says neither.
        """
        with self.lock:
            if len(self.closed) + len(self.folders) >= MOST_HINTS:
                self.closed.clear()
                self.folders.clear()
                self.lost = True
            elif folder:
                self.folders.add(path)
            elif closed is None:
                self.closed.setdefault(path, False)
            else:
                self.closed[path] = closed
            self.lock.notify()

    def add_lost(self) -> None:
        """Events were lost: everything deserves a look."""
        with self.lock:
            self.lost = True
            self.lock.notify()

    def drain(self) -> tuple[dict[str, bool], set[str], bool]:
        """Everything since the last call: paths (closed?), folders, whether some were lost."""
        with self.lock:
            drained = self.closed, self.folders, self.lost
            self.closed, self.folders, self.lost = {}, set(), False
            return drained

    def wait(self, seconds: float) -> None:
        """Return when there is a hint, or after `seconds`."""
        with self.lock:
            if not (self.closed or self.folders or self.lost):
                self.lock.wait(seconds)


class Events:
    """A running watchdog observer over one folder, feeding `hints`.

    Raises `OSError` when the kernel refuses (limits, no such folder).
    """

    def __init__(self, folder: str, hints: Hints) -> None:
        # watchdog warns when it watches a new folder twice; nothing follows from it.
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
        self._overflow = _OverflowListener(hints)
        self._observer: Any = Observer()
        self._observer.schedule(_Handler(hints), folder, recursive=True)
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self._overflow)
        try:
            self._observer.start()
        except BaseException:
            self._forget_overflow()
            raise

    @property
    def alive(self) -> bool:
        """False when a thread of watchdog has ended; then it must be started anew."""
        return self._observer.is_alive() and all(
            emitter.is_alive() for emitter in self._observer.emitters
        )

    def stop(self, seconds: float = 5.0) -> None:
        """End the observer's threads, waiting at most `seconds`."""
        self._forget_overflow()
        self._observer.stop()
        self._observer.join(seconds)

    def _forget_overflow(self) -> None:
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self._overflow)


_LOGGERS = ("watchdog.observers.inotify_c", "watchdog.observers.inotify")


class _OverflowListener(logging.Filter):
    """watchdog tells of a queue overflow only in its log; hear it there."""

    def __init__(self, hints: Hints) -> None:
        super().__init__()
        self._hints = hints

    def filter(self, record: logging.LogRecord) -> bool:
        if "overflow" in str(record.msg).lower():
            self._hints.add_lost()
        return True


class _Handler(FileSystemEventHandler):
    def __init__(self, hints: Hints) -> None:
        self._hints = hints

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in _OF_INTEREST:
            return
        moved = event.event_type == "moved"
        path = os.fsdecode(event.dest_path if moved else event.src_path)
        if event.is_directory and event.event_type == "modified":
            return
        closed = {"moved": True, "closed": True, "modified": False}.get(event.event_type)
        self._hints.add(path, closed=closed, folder=event.is_directory)

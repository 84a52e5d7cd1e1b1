"""Watching the inbox: events for speed, full scans for truth, of each folder the oldest file first.

The loop owns the ledger; nothing else touches it. It survives the inbox being
removed, replaced or unreadable, lost events, a dead observer, and a callback
that fails: what lies in the inbox is looked at again until it is gone.
"""

from __future__ import annotations

import errno
import heapq
import logging
import os
import stat
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingest.inbox.events import Events, Hints
from ingest.inbox.names import nameless, shown, why_ignored
from ingest.inbox.scan import REJECTED, TAKING, look_through
from ingest.inbox.settle import Entry, Ledger, Probe, Rule, State, judge
from ingest.inbox.turns import Turns
from ingest.inbox.writers import Writer, is_network, writer_of
from yihu import clock
from yihu.errors import Retryable
from yihu.log import told

_log = logging.getLogger(__name__)

_LONGEST_WAIT = 0.25
_BATCH = 64
_MANY_FOLDERS = 200
_LATE_WATCH = 1.0
_SLEPT = 5.0
_RETRY_EVENTS = 30.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that lies in the inbox and why; `state` is a `State` or the reason it is ignored.

    `path` is the shown path below the inbox, `size` in bytes, `since` when it
    was first seen.
    """

    path: str
    state: str
    size: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the watcher knows: for `yihu documents`, `yihu doctor` and the inbox screen.

    `mode` is "events", "polling" (chosen, or a network folder) or "polling
    (no events)" when the kernel refused; `problems` are sentences for a person;
    `scanned_at` is the last full scan.
    """

    mode: str
    waiting: tuple[Waiting, ...]
    ignored: tuple[Waiting, ...]
    problems: tuple[str, ...]
    scanned_at: datetime | None


class InboxWatcher:
    """Calls `on_ready` with each whole file below `inbox`, one at a time, oldest first.

    The folders directly below the inbox, and what lies in no folder, take turns.

    The paths begin with `inbox` as it was given. `on_ready` should take the
    file away; a file that still lies there, or for which it raised, is handed
    over again after 1, 2, 4 ... 30 seconds. `on_hint` is called at the first
    sign of new files. `complete(path)` says whether a file's format ends as it
    should. `polling`: None looks at the file system (network folders are polled
    and their writers not trusted), True polls every `poll_seconds`, False
    relies on events. At most `most_entries` files are
    held in memory; the rest waits for the next scan.
    """

    def __init__(
        self,
        inbox: Path,
        on_ready: Callable[[Path], object],
        on_hint: Callable[[], object] | None = None,
        *,
        complete: Callable[[Path], bool] = lambda _path: True,
        rule: Rule | None = None,
        rescan_seconds: float = 30.0,
        polling: bool | None = None,
        poll_seconds: float = 2.0,
        most_entries: int = 200_000,
    ) -> None:
        self._given = inbox
        self._inbox = os.path.abspath(inbox)  # noqa: PTH100 - keeps links, unlike resolve()
        self._on_ready = on_ready
        self._on_hint = on_hint
        self._complete = complete
        self._rule = rule or Rule()
        self._rescan_seconds = rescan_seconds
        self._polling = polling
        self._poll_seconds = poll_seconds
        self._most_entries = most_entries

        self._hints = Hints()
        self._ledger = Ledger()
        self._turns = Turns()
        self._again: list[tuple[float, str]] = []
        self._ignored: dict[str, Waiting] = {}
        self._problems: dict[str, str] = {}
        self._since: dict[str, datetime] = {}
        self._lock = threading.Lock()

        self._events: Events | None = None
        self._watched: tuple[int, int] | None = None
        self._blind = False
        self._mode = "events"
        self._next_events = 0.0
        self._next_scan = 0.0
        self._scanned_at: datetime | None = None
        self._hinted = False
        self._left_out = False
        self._failures: dict[str, str] = {}
        self.moved_at = time.monotonic()
        """When the loop last went on: one look, one turn or one file further."""

    def run(self, stop: threading.Event) -> None:
        """Watch until `stop` is set; then end the observer and return."""
        woke = time.monotonic()
        try:
            while not stop.is_set():
                try:
                    if time.monotonic() - woke > _SLEPT:
                        self._next_scan = 0.0  # stopped or suspended: events may be lost
                    self._turn(stop)
                except Exception:  # noqa: BLE001 - the edge: the watch goes on whatever happens
                    _log.exception("the watch of the inbox stumbled")
                    stop.wait(1.0)
                woke = time.monotonic() + self._pause()
                self._hints.wait(self._pause())
        finally:
            self._stop_events()

    def wake(self) -> None:
        """Make the loop look through the whole inbox now; from any thread."""
        self._hints.add_lost()

    def snapshot(self) -> Snapshot:
        """What waits, what is ignored and what is wrong; from any thread."""
        with self._lock:
            entries = list(self._ledger.entries.values())
            ignored = tuple(self._ignored.values())
            problems = (*self._problems.values(), *self._failures.values())
        waiting = tuple(
            Waiting(
                shown(self._relative(entry.path)),
                entry.state.value,
                entry.look[0],
                self._since.get(entry.path, clock.now()),
            )
            for entry in sorted(entries, key=lambda entry: entry.order)
        )
        return Snapshot(self._mode, waiting, ignored, problems, self._scanned_at)

    # --- one turn of the loop ---------------------------------------------------------------

    def _turn(self, stop: threading.Event) -> None:
        self.moved_at = time.monotonic()
        if not self._tend_inbox():
            return
        closed, folders, lost = self._hints.drain()
        for path, is_closed in closed.items():
            self._look(path, closed=is_closed)
        self._look_into(folders)
        if lost or time.monotonic() >= self._next_scan:
            self._scan()
        if self._hinted and self._on_hint is not None:
            self._on_hint()
        self._hinted = False
        for entry in self._ready():
            if stop.is_set():
                return
            self._hand_over(entry)

    def _pause(self) -> float:
        """Seconds until something is due, at most a quarter so that `stop` is heard."""
        soonest = self._next_scan
        if self._watched is None:
            return _LONGEST_WAIT
        soonest = min(soonest, self._turns.soonest())
        if self._again:
            soonest = min(soonest, self._again[0][0])
        return min(_LONGEST_WAIT, max(0.0, soonest - time.monotonic()))

    def _tend_inbox(self) -> bool:
        """See that the inbox is there and watched; False while it is not."""
        try:
            found = os.stat(self._inbox)  # noqa: PTH116
            if not os.path.isdir(self._inbox):  # noqa: PTH112
                raise NotADirectoryError(errno.ENOTDIR, "not a folder", self._inbox)
        except OSError as error:
            self._complain(self._inbox, error)
            self._stop_events()
            self._watched = None
            self._next_scan = time.monotonic() + _LONGEST_WAIT
            return False
        identity = (found.st_dev, found.st_ino)
        if identity != self._watched:
            self._stop_events()
            self._watched = identity
            self._next_events = self._next_scan = 0.0
            network = is_network(self._inbox)
            self._blind = network if self._polling is None else self._polling
        self._tend_events()
        return True

    def _tend_events(self) -> None:
        if self._blind:
            self._mode = "polling"
            return
        if self._events is not None:
            if self._events.alive:
                return
            self._stop_events()
        if time.monotonic() < self._next_events:
            return
        try:
            self._events = Events(self._inbox, self._hints)
        except OSError as error:
            _log.warning("no events for the inbox, polling instead: %s", told(error))
            self._mode = "polling (no events)"
            self._next_events = time.monotonic() + _RETRY_EVENTS
            return
        self._mode = "events"
        self._next_scan = 0.0  # what came before the observer was up

    def _stop_events(self) -> None:
        if self._events is not None:
            self._events.stop()
            self._events = None

    # --- looking ----------------------------------------------------------------------------

    def _scan(self) -> None:
        """The truth: every file, every ignored file, every problem."""
        with self._lock:
            self._problems.clear()
        ignored: dict[str, Waiting] = {}
        self._left_out = False
        now = time.monotonic()  # one moment for all, so that the oldest comes first
        for path, found in look_through(self._inbox, complain=self._complain):
            if not self._note_ignored(path, found, ignored):
                entry = self._note(path, found, now)
                if entry is not None and path not in self._turns:
                    # A look at it failed, or the loop stumbled before it was handed over.
                    self._schedule(entry, max(now + self._rule.settle_seconds, entry.not_before))
        with self._lock:
            self._ignored = ignored
        self._scanned_at = clock.now()
        often = self._events is None or self._left_out
        every = self._poll_seconds if often else self._rescan_seconds
        self._next_scan = time.monotonic() + every

    def _look_into(self, folders: set[str]) -> None:
        """Look through new folders now, and once more when late watches have missed something."""
        now = time.monotonic()
        for folder in folders:
            heapq.heappush(self._again, (now + _LATE_WATCH, folder))
        while self._again and self._again[0][0] <= now:
            folders.add(heapq.heappop(self._again)[1])
        if len(folders) + len(self._again) > _MANY_FOLDERS:
            self._again.clear()
            self._next_scan = min(self._next_scan, now + _LATE_WATCH)
        for folder in folders:
            below = self._relative(folder)
            if not below or self._is_ours(below):
                continue
            for path, found in look_through(self._inbox, below, self._complain):
                if not self._note_ignored(path, found, self._ignored):
                    self._note(path, found, now)

    def _look(self, path: str, *, closed: bool = False) -> Entry | None:
        below = self._relative(path)
        if not below or self._is_ours(below):
            return None
        try:
            found = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            self._forget(path)
            return None
        except OSError as error:
            self._complain(path, error)
            return None
        if stat.S_ISDIR(found.st_mode):
            self._forget(path)
            return None
        if self._note_ignored(path, found, self._ignored):
            return None
        entry = self._note(path, found, time.monotonic())
        if entry is not None and closed:
            entry.closed_seen = True
            self._schedule(entry, entry.last_change + self._rule.settle_seconds)
        return entry

    def _note(self, path: str, found: os.stat_result, now: float) -> Entry | None:
        self.moved_at = time.monotonic()
        new = path not in self._ledger.entries
        if new and len(self._ledger.entries) >= self._most_entries:
            self._left_out = True
            return None
        wall = time.time() - (time.monotonic() - now)  # of the moment `now`, whenever this runs
        with self._lock:
            entry = self._ledger.observe(path, found, now, wall, trust_times=not self._blind)
            if new:
                self._since[path] = clock.now()
        if new:
            self._hinted = True
            # Not before it can be whole: an early look would let younger files by.
            self._schedule(entry, max(now, entry.last_change + self._rule.settle_seconds))
        elif entry.seen_change == now:
            self._schedule(entry, now + self._rule.settle_seconds)
        return entry

    def _note_ignored(self, path: str, found: os.stat_result, ignored: dict[str, Waiting]) -> bool:
        below = self._relative(path)
        why = why_ignored(below)
        if not why:
            return False
        known = self._ignored.get(path)
        since = known.since if known else clock.now()
        with self._lock:
            ignored[path] = Waiting(shown(below), why, found.st_size, since)
        if known is None:
            self._hinted = True
        return True

    # --- settling and handing over ----------------------------------------------------------

    def _schedule(self, entry: Entry, due: float) -> None:
        """Look at `entry` by `due`, or sooner where that is planned already."""
        folder, inside, _ = self._relative(entry.path).partition("/")
        self._turns.plan(entry.path, folder if inside else "", due, entry.order)

    def _ready(self) -> list[Entry]:
        """Files that are whole now, of each folder the oldest first; others are planned anew."""
        ready: list[Entry] = []
        probe = Probe(self._writer, self._is_complete)
        while len(ready) < _BATCH and (path := self._turns.take(time.monotonic())) is not None:
            entry = self._look(path)
            if entry is None:
                continue
            state, wait = judge(entry, time.monotonic(), self._rule, probe)
            self._tell(entry, state)
            if state in {State.READY, State.UPLOAD_BROKEN}:
                ready.append(entry)  # a broken upload is taken too: the journey says what it lacks
            else:
                self._schedule(entry, time.monotonic() + max(wait, 0.01))
        return ready

    def _hand_over(self, entry: Entry) -> None:
        path = entry.path
        try:
            self._on_ready(self._given / self._relative(path))
        except Retryable as error:
            self._fail(path, str(error))
        except Exception:  # noqa: BLE001 - the edge: one file never stops the watch
            _log.exception("taking %s failed", nameless(path))
            self._fail(path, "taking it failed; see the log")
        else:
            with self._lock:
                self._failures.pop(path, None)
        self.moved_at = time.monotonic()
        # Taken, or put back, or a new file of the same name, or still there.
        before = entry.look
        self._turns.forget(path)
        after = self._look(path)
        if after is not None and after.look == before:
            wait = self._ledger.put_off(after, time.monotonic())
            self._schedule(after, time.monotonic() + wait)

    def _fail(self, path: str, words: str) -> None:
        _log.warning("%s stays in the inbox: %s", nameless(path), words)
        with self._lock:
            self._failures[path] = f"{shown(self._relative(path))}: {words}"

    def _writer(self, path: str) -> Writer:
        writer = writer_of(path)
        return Writer.UNKNOWN if self._blind and writer is Writer.ABSENT else writer

    def _is_complete(self, path: str) -> bool:
        try:
            return self._complete(Path(path))
        except OSError:
            return False
        except Exception:  # noqa: BLE001 - the journey judges it in a child process
            _log.exception("cannot tell whether %s is complete", nameless(path))
            return True

    # --- small things -----------------------------------------------------------------------

    def _relative(self, path: str) -> str:
        return path[len(self._inbox) + 1 :] if path.startswith(self._inbox + os.sep) else ""

    @staticmethod
    def _is_ours(below: str) -> bool:
        return below.split("/", 1)[0] in {REJECTED, TAKING}

    def _forget(self, path: str) -> None:
        with self._lock:
            self._ledger.forget(path)
            self._turns.forget(path)
            self._since.pop(path, None)
            self._ignored.pop(path, None)
            self._failures.pop(path, None)

    def _complain(self, path: str, error: OSError) -> None:
        words = f"{shown(path)}: {error.strerror or error}"
        with self._lock:
            if self._problems.get(path) != words:
                _log.warning("cannot look at %s: %s", nameless(path), told(error))
            self._problems[path] = words

    def _tell(self, entry: Entry, state: State) -> None:
        if state is State.UPLOAD_BROKEN and entry.state is not state:
            _log.warning("%s: the upload broke off", nameless(entry.path))
        entry.state = state

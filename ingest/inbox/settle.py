"""When a file in the inbox is whole: the rule, and a ledger in memory that feeds it.

Quiet time alone takes half files: a stalled upload looks finished, a killed
one is closed (measured 4.2). So a file is ready when its size and time stand
still, nobody has it open for writing, and its format is complete.

How long it must stand still: `settle_seconds` when its close was seen or the
kernel says that nobody can write to it; `settle_blind_seconds`, by our own
looks alone, when writers cannot be seen (other machines). A file that is still
incomplete after `broken_upload_seconds` without a change is taken as it is and
refused for that, with a note, instead of lying there for ever. Otherwise stillness
counts from the file's own time stamp, so a file that lay there before start
or was moved in is taken at once.

Residual risk: a program of this machine that writes a format we cannot check
in several sittings, closing in between for longer than `settle_seconds`, has
its first sitting taken as a file of its own.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from ingest.inbox.writers import Writer

SLOWEST_LOOK = 30.0
"""Seconds between looks at a file on which nothing moves."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How long to wait, in seconds (see the settings of the same names).

    `broken_upload_seconds`: how long an incomplete file may stand still before it
    is taken all the same (and refused). `empty_seconds` is the same for a file
    that stays empty; it is cut to `broken_upload_seconds`.
    """

    settle_seconds: float = 1.0
    settle_blind_seconds: float = 10.0
    broken_upload_seconds: float = 600.0
    empty_seconds: float = 60.0


class State(StrEnum):
    """Why a file still lies in the inbox."""

    SETTLING = "settling"
    WRITING = "writing"
    EMPTY = "empty"
    INCOMPLETE = "incomplete"
    UPLOAD_BROKEN = "upload_broken"
    READY = "ready"


Look = tuple[int, int, int, int]
"""Size, mtime in ns, inode, device."""


@dataclass(slots=True)
class Entry:
    """What is known of one path; moments are seconds of the monotonic clock.

    `order` is when the file arrived in its folder (ctime, ns), for fairness;
    `tries` counts hand-overs after which it still lay there.
    """

    path: str
    look: Look
    mode: int
    order: int
    first_seen: float
    observed: float
    last_change: float
    seen_change: float
    closed_seen: bool = False
    state: State = State.SETTLING
    incomplete: Look | None = None
    tries: int = 0
    not_before: float = 0.0


@dataclass(frozen=True, slots=True)
class Probe:
    """The questions that cost something, asked only when a file is otherwise ready.

    `writer(path)` may raise `OSError`; `complete(path)` says whether the
    format ends as it should (unknown formats: True).
    """

    writer: Callable[[str], Writer]
    complete: Callable[[str], bool]


def judge(entry: Entry, now: float, rule: Rule, probe: Probe) -> tuple[State, float]:
    """The state of a file and in how many seconds to look again (0 when it is ready)."""
    quiet = now - entry.last_change
    if quiet < rule.settle_seconds:
        return State.SETTLING, rule.settle_seconds - quiet
    if now < entry.not_before:
        return State.SETTLING, entry.not_before - now
    if not stat.S_ISREG(entry.mode):
        return State.READY, 0.0
    readable = True
    try:
        writer = probe.writer(entry.path)
    except FileNotFoundError:
        return State.SETTLING, rule.settle_seconds
    except OSError:
        writer, readable = Writer.UNKNOWN, False
    if writer is Writer.PRESENT:
        return State.WRITING, _again(now - entry.seen_change, rule)
    if writer is Writer.UNKNOWN and not (entry.closed_seen and readable):
        seen_quiet = now - entry.seen_change
        if seen_quiet < rule.settle_blind_seconds:
            return State.SETTLING, rule.settle_blind_seconds - seen_quiet
    if not readable:
        return State.READY, 0.0  # the claim says "unreadable" to staff
    if entry.look[0] == 0:
        return _judge_empty(now - entry.seen_change, rule)
    return _judge_complete(entry, now, rule, probe)


def _judge_empty(quiet: float, rule: Rule) -> tuple[State, float]:
    patience = min(rule.empty_seconds, rule.broken_upload_seconds)
    if quiet < patience:
        return State.EMPTY, patience - quiet
    return State.READY, 0.0


def _judge_complete(entry: Entry, now: float, rule: Rule, probe: Probe) -> tuple[State, float]:
    if entry.incomplete != entry.look:
        if probe.complete(entry.path):
            return State.READY, 0.0
        entry.incomplete = entry.look
    quiet = now - entry.seen_change
    if quiet < rule.broken_upload_seconds:
        wait = min(_again(quiet, rule), rule.broken_upload_seconds - quiet)
        return State.INCOMPLETE, wait
    return State.UPLOAD_BROKEN, SLOWEST_LOOK


def _again(quiet: float, rule: Rule) -> float:
    """Look more seldom the longer nothing moves; a close or a change is noticed anyway."""
    return min(max(rule.settle_seconds, 0.1, quiet / 10), SLOWEST_LOOK)


@dataclass(slots=True)
class Ledger:
    """Every path that waits in the inbox, with what was last seen of it."""

    entries: dict[str, Entry] = field(default_factory=dict)

    def observe(
        self, path: str, found: os.stat_result, now: float, wall: float, *, trust_times: bool
    ) -> Entry:
        """Note a look at `path`; `now` is monotonic, `wall` seconds since the epoch.

        With `trust_times` stillness counts from the file's own time stamp, but
        never from before the last look that showed something else.
        """
        look = (found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev)
        entry = self.entries.get(path)
        age = max(0.0, wall - found.st_mtime) if trust_times else 0.0
        if entry is None or entry.look[2:] != look[2:]:
            entry = Entry(
                path=path,
                look=look,
                mode=found.st_mode,
                order=found.st_ctime_ns,
                first_seen=now,
                observed=now,
                last_change=now - age,
                seen_change=now,
            )
            self.entries[path] = entry
        elif entry.look != look:
            entry.last_change = now - min(age, now - entry.observed)
            entry.seen_change = now
            entry.closed_seen = False
            entry.look, entry.mode = look, found.st_mode
            entry.tries, entry.not_before = 0, 0.0
        entry.observed = now
        return entry

    def put_off(self, entry: Entry, now: float) -> float:
        """The file was handed over and still lies there: wait longer each time; the seconds."""
        entry.tries += 1
        wait = min(SLOWEST_LOOK, 0.5 * 2.0 ** min(entry.tries, 10))
        entry.not_before = now + wait
        entry.state = State.SETTLING
        return wait

    def forget(self, path: str) -> None:
        """The path is gone or taken."""
        self.entries.pop(path, None)

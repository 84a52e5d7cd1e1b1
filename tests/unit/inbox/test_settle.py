"""The settle rule on a clock of its own: when is a file whole?"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field

import pytest

from ingest.inbox.settle import Ledger, Probe, Rule, State, judge
from ingest.inbox.writers import Writer

EPOCH = 1_800_000_000.0
RULE = Rule(settle_seconds=1, settle_blind_seconds=10, broken_upload_seconds=600, empty_seconds=60)


@dataclass
class Desk:
    """One file on a clock that stands still unless told to move."""

    writer: Writer | OSError = Writer.ABSENT
    complete: bool = True
    trust: bool = True
    now: float = 1000.0
    size: int = 5000
    changed_at: float = 1000.0
    mode: int = stat.S_IFREG | 0o644
    inode: int = 7
    checks: int = 0
    ledger: Ledger = field(default_factory=Ledger)

    def look(self, *, closed: bool = False) -> None:
        mtime = EPOCH + self.changed_at
        found = os.stat_result(
            (self.mode, self.inode, 1, 1, 0, 0, self.size, int(mtime), int(mtime), int(mtime)),
            {
                "st_mtime": mtime,
                "st_ctime": mtime,
                "st_mtime_ns": int(mtime * 1e9),
                "st_ctime_ns": int(mtime * 1e9),
            },
        )
        wall = EPOCH + self.now
        entry = self.ledger.observe("/in/a", found, self.now, wall, trust_times=self.trust)
        entry.closed_seen = entry.closed_seen or closed

    def state_at(self, now: float, *, closed: bool = False) -> State:
        self.now = now
        self.look(closed=closed)
        state, wait = judge(
            self.ledger.entries["/in/a"], now, RULE, Probe(self._writer, self._complete)
        )
        assert (state is State.READY) == (wait == 0)
        return state

    def write(self, at: float, grow: int = 1000) -> None:
        self.changed_at = at
        self.size += grow

    def _writer(self, path: str) -> Writer:
        if isinstance(self.writer, OSError):
            raise self.writer
        return self.writer

    def _complete(self, path: str) -> bool:
        self.checks += 1
        return self.complete


def test_a_closed_file_is_ready_after_the_settle_time() -> None:
    desk = Desk()
    assert desk.state_at(1000.2, closed=True) is State.SETTLING
    assert desk.state_at(1001.1) is State.READY


def test_a_file_that_lay_there_before_start_is_ready_at_once() -> None:
    assert Desk(changed_at=10.0).state_at(1000) is State.READY


def test_a_change_starts_the_quiet_time_anew() -> None:
    desk = Desk()
    desk.state_at(1000.5, closed=True)
    desk.write(at=1000.9)
    assert desk.state_at(1001.5) is State.SETTLING
    assert desk.state_at(1002) is State.READY


def test_quiet_time_counts_from_the_files_own_time_not_from_when_we_looked() -> None:
    desk = Desk()
    desk.state_at(1000.1)
    desk.write(at=1000.5)
    assert desk.state_at(1001.55) is State.READY


def test_an_open_descriptor_holds_a_file_however_long_it_stands_still() -> None:
    desk = Desk(writer=Writer.PRESENT)
    assert desk.state_at(1002) is State.WRITING
    assert desk.state_at(99_000) is State.WRITING
    desk.writer = Writer.ABSENT
    assert desk.state_at(99_001) is State.READY


def test_where_writers_cannot_be_seen_stillness_is_our_own_to_watch() -> None:
    desk = Desk(writer=Writer.UNKNOWN, changed_at=10.0, trust=False)
    assert desk.state_at(1000) is State.SETTLING
    assert desk.state_at(1009.9) is State.SETTLING
    assert desk.state_at(1010) is State.READY


def test_a_server_clock_that_is_behind_never_shortens_the_blind_wait() -> None:
    desk = Desk(writer=Writer.UNKNOWN, changed_at=700.0, trust=False)
    for now in range(1000, 1050, 5):
        desk.write(at=now - 300.0)
        assert desk.state_at(now) is State.SETTLING


def test_a_seen_close_is_enough_where_writers_cannot_be_seen() -> None:
    desk = Desk(writer=Writer.UNKNOWN)
    desk.state_at(1000.1, closed=True)
    assert desk.state_at(1001.2) is State.READY


def test_a_write_after_a_close_makes_it_open_again() -> None:
    desk = Desk(writer=Writer.UNKNOWN)
    desk.state_at(1000.1, closed=True)
    desk.write(at=1000.5)
    assert desk.state_at(1002) is State.SETTLING
    assert desk.state_at(1012) is State.READY


def test_an_incomplete_file_is_shown_as_broken_and_never_dropped() -> None:
    desk = Desk(complete=False)
    assert desk.state_at(1002, closed=True) is State.INCOMPLETE
    assert desk.state_at(1500) is State.INCOMPLETE
    assert desk.state_at(1700) is State.UPLOAD_BROKEN
    assert desk.state_at(90_000) is State.UPLOAD_BROKEN


def test_a_broken_upload_is_tried_again_when_it_changes() -> None:
    desk = Desk(complete=False)
    desk.state_at(1002)
    assert desk.state_at(2000) is State.UPLOAD_BROKEN
    desk.write(at=2001)
    desk.complete = True
    assert desk.state_at(2001.5) is State.SETTLING
    assert desk.state_at(2003) is State.READY


def test_the_same_incomplete_bytes_are_not_read_again_and_again() -> None:
    desk = Desk(complete=False)
    for now in range(1002, 1100):
        desk.state_at(now)
    assert desk.checks == 1


def test_an_empty_file_waits_for_its_bytes_and_is_then_handed_over() -> None:
    desk = Desk(size=0)
    assert desk.state_at(1002, closed=True) is State.EMPTY
    assert desk.state_at(1050) is State.EMPTY
    assert desk.state_at(1063) is State.READY
    assert desk.checks == 0


def test_an_unreadable_file_is_given_time_and_then_handed_over() -> None:
    desk = Desk(writer=PermissionError(13, "denied"))
    assert desk.state_at(1002, closed=True) is State.SETTLING
    assert desk.state_at(1012) is State.READY


def test_a_file_that_vanishes_while_it_is_judged_is_not_ready() -> None:
    desk = Desk(writer=FileNotFoundError(2, "gone"))
    assert desk.state_at(1002) is State.SETTLING


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFCHR])
def test_what_is_no_file_is_handed_over_without_being_opened(kind: int) -> None:
    desk = Desk(mode=kind | 0o644, size=0, writer=OSError("must not be opened"))
    assert desk.state_at(1002) is State.READY
    assert desk.checks == 0


def test_another_file_of_the_same_name_starts_from_the_beginning() -> None:
    desk = Desk()
    desk.state_at(1000.5, closed=True)
    desk.inode, desk.changed_at = 8, 1003.0
    assert desk.state_at(1003.5) is State.SETTLING
    assert not desk.ledger.entries["/in/a"].closed_seen


def test_a_time_stamp_in_the_future_counts_as_now() -> None:
    desk = Desk(changed_at=50_000)
    assert desk.state_at(1000) is State.SETTLING
    assert desk.state_at(1001.1) is State.READY


def test_what_could_not_be_taken_is_handed_over_again_ever_more_seldom() -> None:
    desk = Desk(changed_at=10.0)
    desk.state_at(1000)
    entry = desk.ledger.entries["/in/a"]
    waits = [desk.ledger.put_off(entry, 1000.0) for _ in range(8)]
    assert waits == sorted(waits)
    assert waits[-1] == 30
    assert desk.state_at(1020) is State.SETTLING
    assert desk.state_at(1031) is State.READY

"""Whether some process of this machine still has a file open for writing.

The kernel knows: a read lease (`fcntl` F_SETLEASE) is refused while anybody
may write, mapped memory included; it costs about 10 µs. Where a lease cannot
be asked for (another owner, a network file system), the open descriptors in
/proc answer as far as they can be seen. A writer on another machine is never
seen: the answer then is `UNKNOWN`, not `ABSENT`.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import time
from dataclasses import dataclass, field
from enum import StrEnum

_REMEMBER_SECONDS = 0.25
_NETWORK = frozenset({"cifs", "smb3", "smbfs", "nfs", "nfs4", "9p", "virtiofs", "vboxsf", "afs"})


class Writer(StrEnum):
    """Who may still write to a file."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


def writer_of(path: str) -> Writer:
    """Whether `path` is open for writing; raises `OSError` when it cannot be opened."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags)
    except BlockingIOError:
        return Writer.PRESENT  # a file server holds a lease of its own
    try:
        return writer_of_open(descriptor)
    finally:
        os.close(descriptor)


def writer_of_open(descriptor: int) -> Writer:
    """The same for a regular file that is open for reading."""
    try:
        # A lease that is broken in the instant it is held sends a signal; the
        # default one would end the process, this one is ignored by default.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        if error.errno == errno.EAGAIN:
            return Writer.PRESENT
        return _table.writer_of(os.fstat(descriptor))
    return Writer.ABSENT


def is_network(folder: str) -> bool:
    """True when `folder` lies on a file system that other machines may write to unseen."""
    best, kind = "", ""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:  # noqa: PTH123
            real = os.path.realpath(folder)
            for line in lines:
                left, _, right = line.partition(" - ")
                where = left.split(" ")[4].replace("\\040", " ")
                inside = real == where or real.startswith(where.rstrip("/") + "/")
                if inside and len(where) >= len(best):
                    best, kind = where, right.split(" ", 1)[0]
    except OSError:
        return False
    return kind in _NETWORK or (kind.startswith("fuse.") and kind != "fuse.lxcfs")


@dataclass(slots=True)
class _ProcessTable:
    """Files open for writing as /proc shows them, remembered for a quarter of a second."""

    read_at: float = float("-inf")
    whole: bool = False
    written: set[tuple[int, int]] = field(default_factory=set)

    def writer_of(self, found: os.stat_result) -> Writer:
        if time.monotonic() - self.read_at > _REMEMBER_SECONDS:
            self._read()
        if (found.st_dev, found.st_ino) in self.written:
            return Writer.PRESENT
        return Writer.ABSENT if self.whole else Writer.UNKNOWN

    def _read(self) -> None:
        self.written.clear()
        self.whole = True
        try:
            processes = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
        except OSError:
            processes, self.whole = [], False
        for process in processes:
            self._read_process(f"/proc/{process}")
        self.read_at = time.monotonic()

    def _read_process(self, folder: str) -> None:
        try:
            descriptors = os.listdir(f"{folder}/fd")  # noqa: PTH208
        except PermissionError:
            self.whole = False
            return
        except OSError:
            return  # it ended meanwhile
        for number in descriptors:
            try:
                found = os.stat(f"{folder}/fd/{number}")  # noqa: PTH116
                with open(f"{folder}/fdinfo/{number}", "rb") as info:  # noqa: PTH123
                    flags = int(info.read().split(b"flags:\t", 1)[1].split(None, 1)[0], 8)
            except (OSError, IndexError, ValueError):
                continue
            if flags & os.O_ACCMODE != os.O_RDONLY:
                self.written.add((found.st_dev, found.st_ino))


_table = _ProcessTable()

"""What a child process does to itself before and around each task: limits, no orphan, no dump."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from yihu.errors import Rejected

T = TypeVar("T")

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_MEGABYTE = 1 << 20
_KEPT = 160 * _MEGABYTE
"""What a call leaves free for the next; making room for each page's pictures anew costs a fifth."""
_THREADS = Path("/proc/self/task")
BUSY_EXIT, STARVED_EXIT = 70, 71
LEAST_URGENT = 19
BUSY_SHARE = 0.1
"""A call that used this share of its time for computing was busy, not stuck."""
THREADS = {
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENCV_FOR_THREADS_NUM": "1",
}
"""One core per child: as many children as cores, and nothing else takes threads."""


class MemoryUsedUp(Rejected):
    """The call needed more address space than allowed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use: address space in bytes."""

    memory_bytes: int


def enter(limits: Limits) -> None:
    """Puts this process under its limits; it ends when its parent ends, however that happens."""
    os.environ.update(THREADS)
    atexit.register(gc.unfreeze)  # else libraries take what `_give_back` set aside for leaks
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(AttributeError, OSError):  # another C library than glibc
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_ARENA_MAX, 1)
        libc.mallopt(_M_MMAP_THRESHOLD, 32 * _MEGABYTE)  # glibc takes no more
        libc.mallopt(_M_TRIM_THRESHOLD, _KEPT)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), name="parent", daemon=True).start()


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    """Waits for the parent's end (its pipe closes even on kill -9), then leaves at once."""
    parent.join()
    os._exit(1)


def guarded(
    function: Callable[..., T],
    args: tuple[object, ...],
    kwargs: dict[str, object],
    seconds: float,
    niceness: int = 0,
) -> T:
    """The value of the call, which may take `seconds`; raises `Rejected` on memory.

    With a `niceness` it gives way to every call without one, in this child and
    in all others.
    The process dies of its own when the call computes longer than half of that,
    or is still computing when the time is nearly over: so the parent can tell
    a hostile file from a machine that stood still, or had no processor for it.
    """
    _allow_cpu(max(1.0, seconds / 2))
    before = (_cpu_used(), _waited())
    watch = threading.Timer(seconds * 0.95, _die_if_busy, (*before, seconds * BUSY_SHARE))
    watch.daemon = True
    watch.start()
    try:
        return _nicely(niceness, function, args, kwargs) if niceness else function(*args, **kwargs)
    except MemoryError as error:
        raise MemoryUsedUp("parser_limit", "out of memory") from error
    except RecursionError as error:
        raise Rejected("parser_limit", "nested too deeply") from error
    finally:
        watch.cancel()
        _give_back()


def _nicely(
    niceness: int, function: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]
) -> T:
    """The call on a thread of its own, which alone is made nicer.

    Nobody may take back a process's niceness without a privilege; on Linux each
    thread has its own, and this one ends with the call. So one pool does both.
    """
    with ThreadPoolExecutor(1, initializer=_give_way, initargs=(niceness,)) as aside:
        return aside.submit(function, *args, **kwargs).result()


def _give_way(niceness: int) -> None:
    with contextlib.suppress(OSError):  # a system whose threads have no priority of their own
        thread = threading.get_native_id()
        now = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, min(LEAST_URGENT, now + niceness))


def _cpu_used() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _waited() -> float:
    """Seconds this process's threads were ready to run and had no processor; 0 where not told."""
    waited = 0
    with contextlib.suppress(OSError):
        for thread in _THREADS.iterdir():
            with contextlib.suppress(OSError, IndexError, ValueError):  # it has just ended
                waited += int((thread / "schedstat").read_bytes().split()[1])
    return waited / 1e9


def _die_if_busy(used_before: float, waited_before: float, least: float) -> None:
    used, waited = _cpu_used() - used_before, _waited() - waited_before
    if waited > max(used, least):
        os._exit(STARVED_EXIT)
    if used >= least:
        os._exit(BUSY_EXIT)


def _allow_cpu(seconds: float) -> None:
    soft = int(_cpu_used() + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)


class _Mallinfo(ctypes.Structure):
    """glibc's `struct mallinfo2`: bytes and counts of the heap."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd",
            "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )
    )  # fmt: skip


def _give_back() -> None:
    """Frees what the call left in cycles, and gives the machine what is more than `_KEPT`.

    What lives after a call (modules, models) is not looked at again.
    """
    gc.collect()
    gc.freeze()
    with contextlib.suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.mallinfo2.restype = _Mallinfo
        if libc.mallinfo2().fordblks > _KEPT:
            libc.malloc_trim(0)

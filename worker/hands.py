"""Under which names this process holds documents, since when, and who behind a name still lives.

A name is `place:pid:start:task`. The place tells host, boot and process
namespace apart, the start time makes a reused process id harmless, and every
task has a name of its own, so what a task left behind is never mixed up with
what the same thread holds now.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from yihu.errors import Retryable

_DEAD = frozenset("ZX")


@cache
def place() -> str:
    """Where this process lives: host name, and six digits of boot and process namespace."""
    marks = [socket.gethostname()]
    with contextlib.suppress(OSError):
        marks.append(Path("/proc/sys/kernel/random/boot_id").read_text())
        marks.append(str(Path("/proc/self/ns/pid").readlink()))
    digest = hashlib.sha256("\n".join(marks).encode()).hexdigest()
    return f"{marks[0][:20].replace(':', '-')}-{digest[:6]}"


def started(pid: int) -> str:
    """When a living process began, in clock ticks since boot; "" when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in _DEAD else fields[19]


def process_name(pid: int | None = None) -> str:
    """The name of a process of this machine: what every name of its tasks begins with."""
    number = pid or os.getpid()
    return f"{place()}:{number}:{started(number)}"


def gone(name: str) -> bool:
    """True when `name` is of a process of this place that no longer lives; others are not known."""
    where, _, rest = name.partition(":")
    pid, _, rest = rest.partition(":")
    start = rest.partition(":")[0]
    return where == place() and pid.isdigit() and bool(start) and started(int(pid)) != start


@dataclass(slots=True)
class Task:
    """Something in hand: when its present step began, and until when it may wait for a child."""

    began: float = field(default_factory=time.monotonic)
    renewed: float = field(default_factory=time.monotonic)
    allowed_until: float = 0.0


class Hands:
    """What the threads of this process are at; safe to ask from any thread."""

    def __init__(self) -> None:
        self.process = process_name()
        self.busy_at = time.monotonic()
        self._tasks: dict[str, Task] = {}
        self._left: dict[str, bool] = {}
        self._local = threading.local()

    @property
    def name(self) -> str:
        """The name under which the calling thread holds things."""
        if not hasattr(self._local, "name"):
            self._local.name = self._new_name()
        return str(self._local.name)

    def _new_name(self) -> str:
        return f"{self.process}:{uuid.uuid4().hex[:8]}"

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """One task of this thread, under a name of its own; an error leaves the name to let go."""
        name = self._new_name()
        self._tasks[name], self._local.name = Task(), name
        self.busy_at = time.monotonic()
        try:
            yield
        except BaseException as error:
            self._left[name] = not isinstance(error, Retryable)
            raise
        finally:
            self._tasks.pop(name, None)
            del self._local.name
            self.busy_at = time.monotonic()

    def step(self) -> None:
        """A new step of this thread's task begins."""
        if (task := self._tasks.get(self.name)) is not None:
            task.began = task.renewed = time.monotonic()

    @contextmanager
    def waiting(self, seconds: float) -> Iterator[None]:
        """A wait that ends by itself within `seconds`: meanwhile the lease is kept alive."""
        task = self._tasks.get(self.name)
        if task is not None:
            task.allowed_until = time.monotonic() + seconds
        try:
            yield
        finally:
            if task is not None:
                task.allowed_until = 0.0
                task.began = time.monotonic()

    def holds(self, name: str) -> bool:
        """Whether a task of this process with this name is under way."""
        return name in self._tasks

    def to_renew(self, age: float) -> list[str]:
        """Names in an allowed wait whose lease was set more than `age` seconds ago."""
        moment = time.monotonic()
        found = [
            (name, task)
            for name, task in list(self._tasks.items())
            if task.allowed_until > moment and moment - task.renewed > age
        ]
        for _, task in found:
            task.renewed = moment
        return [name for name, _ in found]

    def hung(self, after: float, patience: float = 10.0) -> bool:
        """True when a step takes longer than `after` seconds and ending all would cost little.

        A thread cannot be ended by itself. The process is worth ending once
        whatever else is in hand has made no step for `patience` seconds either.
        """
        moment = time.monotonic()
        tasks = list(self._tasks.values())
        hangs = any(max(task.began + after, task.allowed_until) < moment for task in tasks)
        return hangs and all(moment - task.began > patience for task in tasks)

    @property
    def empty(self) -> bool:
        """True while no task is under way."""
        return not self._tasks

    def take_left(self) -> dict[str, bool]:
        """Names of tasks that ended by an error, and whether that counts as an attempt."""
        left, self._left = self._left, {}
        return left

    def put_left(self, left: dict[str, bool]) -> None:
        """Give back what could not be let go of now."""
        self._left.update(left)

"""Runs functions on foreign bytes in child processes with limits, warm between calls.

One pool per process: parsers and reading engines never run in the worker
itself, so a hostile file can kill or fill a child and nothing else. The pool
starts on demand and closes after a while without work, so that memory goes
back to the machine.

What a failing child means (measured.md 5):
- it ran out of its address space or its processor time, or crashed: the file
  is to blame, `Rejected("parser_limit")`;
- it was killed from outside, or gave no answer in wall time without having used
  its processor time (stopped machine, hung disk), or the engine did not load:
  `Retryable`; the journey counts attempts, so this ends too;
- it had no processor for most of its time: `Starved`, which is counted nowhere.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any, ParamSpec, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from ingest.sandbox_child import BUSY_EXIT, STARVED_EXIT, Limits, MemoryUsedUp, enter, guarded
from ingest.sandbox_spawn import SpawnContext
from yihu.errors import Rejected, Retryable
from yihu.measures import CHILDREN

P = ParamSpec("P")
T = TypeVar("T")

BEHIND = 10
"""The niceness of a call behind all others."""
GRACE_SECONDS = 15.0
"""How much later than its own limit an answer may come before the pool is replaced."""


class ChildLost(Retryable):
    """A reading process was killed from outside or gave no answer in time."""


class Starved(Retryable):
    """The call waited for a processor longer than it computed: the machine was too busy for it."""


class Overtime(Rejected):
    """The call computed for longer than it was allowed; with more time it might end well."""


class TimeUsedUp(Overtime):
    """The call used all its processor time; another attempt would use it again."""


_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}
_CAUSES = {
    0: "outside",  # no exit code is known
    **dict.fromkeys(_OUTSIDE, "outside"),
    -signal.SIGXCPU: "processor_time",
    BUSY_EXIT: "time",
    STARVED_EXIT: "starved",
}


class Sandbox:
    """A pool of children with limits; safe to call from several threads.

    `workers` children, each with `memory_bytes` of address space; a call may
    take `seconds` of wall time and half of that of processor time. After
    `idle_seconds` without a call the children end; the next call starts them
    again. A child is replaced after `max_tasks` calls (0: never).
    """

    def __init__(
        self,
        *,
        workers: int,
        memory_bytes: int,
        seconds: float,
        idle_seconds: float = 60.0,
        max_tasks: int = 500,
    ) -> None:
        self._workers = workers
        self._limits = Limits(memory_bytes=memory_bytes)
        self._seconds = seconds
        self._idle_seconds = idle_seconds
        self._max_tasks = max_tasks
        self._slots = threading.BoundedSemaphore(workers)
        self._changed = threading.Condition()
        self._pool: ProcessPool | None = None
        self._futures: set[Future[Any]] = set()
        self._calls = 0
        self._last = 0.0
        self._closed = False
        self._keeper: threading.Thread | None = None

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The value of `function(*args, **kwargs)`, computed in a child.

        The function must be importable by name and its arguments and value
        picklable. Raises what the function raises, `Rejected("parser_limit")`
        when it exceeded its limits or crashed, `Retryable` when a child was
        lost for a reason that is not the file's.
        """
        return self.run_within(self._seconds, function, *args, **kwargs)

    def run_within(
        self, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `run`, for a call that may take at most `seconds` of wall time."""
        value: T = self._call((function, args, kwargs, min(seconds, self._seconds)))
        return value

    def run_behind(
        self, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `run_within`, for what nobody waits for: other calls get the processor first."""
        value: T = self._call((function, args, kwargs, min(seconds, self._seconds), BEHIND))
        return value

    def _call(self, task: tuple[Any, ...]) -> Any:
        with self._slots, self._in_use():
            try:
                return self._attempt(task)
            except _Lost:
                pass
            try:
                return self._attempt(task)
            except _Lost as lost:
                raise ChildLost(f"reading process lost: {lost}") from lost

    def warm(self, function: Callable[[], object] | None = None) -> None:
        """Starts the children now and calls `function` in as many as are free.

        Returns at once; what fails here will fail again, and be told, in the
        call that needs it.
        """

        def call() -> None:
            with contextlib.suppress(Rejected, Retryable):
                self.run(function or _nothing)

        for number in range(self._workers):
            threading.Thread(target=call, name=f"warm-{number}", daemon=True).start()

    def close(self) -> None:
        """Ends the children; calls under way raise `Retryable`, later ones too."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._drop_pool()

    @property
    def running(self) -> bool:
        """True while children are kept."""
        return self._pool is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- one call ------------------------------------------------------------------------

    def _attempt(self, task: tuple[Any, ...]) -> Any:
        """One attempt at a task: the arguments of `guarded`, its seconds in the fourth place."""
        seconds: float = task[3]
        pool = self._ready_pool()
        try:
            future = pool.schedule(guarded, args=task, timeout=seconds)
        except RuntimeError as error:  # the pool broke between two calls
            self._drop_pool(pool)
            raise _Lost(str(error)) from error
        self._futures.add(future)
        try:
            return future.result(timeout=seconds + GRACE_SECONDS)
        except ProcessExpired as error:
            raise self._expired(error) from error
        except MemoryUsedUp:
            CHILDREN.add("memory")
            raise
        except TimeoutError as error:
            CHILDREN.add("no_answer")
            if not future.done():
                self._drop_pool(pool)
            raise ChildLost(f"no answer within {seconds:g} s") from error
        except (BrokenProcessPool, CancelledError) as error:
            self._drop_pool(pool)
            raise self._lost(error) from error
        finally:
            self._futures.discard(future)

    def _expired(self, error: ProcessExpired) -> Exception:
        if self._closed:
            return Retryable("shutting down")
        CHILDREN.add(_CAUSES.get(error.exitcode or 0, "crashed"))
        if error.exitcode in _OUTSIDE or error.exitcode is None:
            return _Lost(f"child ended from outside ({error.exitcode})")
        if error.exitcode == -signal.SIGXCPU:
            return TimeUsedUp("parser_limit", "more processor time than allowed")
        if error.exitcode == STARVED_EXIT:
            return Starved("no processor was free for it in its time")
        if error.exitcode == BUSY_EXIT:
            return Overtime("parser_limit", "still computing when its time was over")
        return Rejected("parser_limit", f"the parser died ({error.exitcode})")

    def _lost(self, error: BaseException) -> Exception:
        return Retryable("shutting down") if self._closed else _Lost(type(error).__name__)

    # --- the pool ------------------------------------------------------------------------

    @contextlib.contextmanager
    def _in_use(self) -> Iterator[None]:
        with self._changed:
            self._calls += 1
        try:
            yield
        finally:
            with self._changed:
                self._calls -= 1
                self._last = time.monotonic()
                self._changed.notify_all()

    def _ready_pool(self) -> ProcessPool:
        with self._changed:
            if self._closed:
                raise Retryable("shutting down")
            if self._pool is not None and not self._pool.active:
                self._discard(self._pool)
                self._pool = None
            if self._pool is None:
                self._pool = ProcessPool(
                    max_workers=self._workers,
                    max_tasks=self._max_tasks,
                    initializer=enter,
                    initargs=(self._limits,),
                    context=SpawnContext(),
                )
            if self._keeper is None:
                self._keeper = threading.Thread(target=self._keep, name="sandbox", daemon=True)
                self._keeper.start()
            return self._pool

    def _drop_pool(self, only: ProcessPool | None = None) -> None:
        with self._changed:
            pool = self._pool
            if pool is None or (only is not None and pool is not only):
                return
            self._pool = None
        for future in tuple(self._futures):
            future.cancel()
        self._discard(pool)

    @staticmethod
    def _discard(pool: Any) -> None:
        pool.stop()
        with contextlib.suppress(TimeoutError, RuntimeError):
            pool.join(GRACE_SECONDS)

    def _keep(self) -> None:
        """Closes the pool after idle time; ends itself when nothing is left to watch."""
        while True:
            with self._changed:
                if self._closed or self._pool is None:
                    self._keeper = None
                    return
                wait = self._last + self._idle_seconds - time.monotonic()
                if self._calls or wait > 0:
                    self._changed.wait(None if self._calls else wait)
                    continue
                pool, self._pool = self._pool, None
                self._keeper = None
            self._discard(pool)
            return


class _Lost(Exception):
    """A child went away for a reason that is not the task's."""


def _nothing() -> None:
    """Starting the child was the work."""

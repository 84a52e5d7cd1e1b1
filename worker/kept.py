"""A value that costs something to learn, asked for at most every so many seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Gives what `ask` said last; asks again when that is older than `seconds`.

    While one thread asks, the others get the last answer instead of waiting with
    it, so a server that hangs never ties up more than one of them.
    """

    def __init__(self, ask: Callable[[], T], seconds: float) -> None:
        self._ask, self._seconds = ask, seconds
        self._lock = threading.Lock()
        self._last: tuple[T, float] | None = None

    def get(self) -> T:
        """The value; raises what `ask` raises."""
        last = self._last
        if last is not None and time.monotonic() - last[1] < self._seconds:
            return last[0]
        if not self._lock.acquire(blocking=last is None):
            assert last is not None  # else we would have waited
            return last[0]
        try:
            newer = self._last
            if newer is not None and newer is not last:
                return newer[0]
            value = self._ask()
            self._last = (value, time.monotonic())
            return value
        finally:
            self._lock.release()

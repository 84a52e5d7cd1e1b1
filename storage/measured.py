"""How often and how long the store is asked, and how that ended; see `yihu.measures`."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from storage.store import Fixity
from yihu.errors import NotFound
from yihu.measures import STORE

P = ParamSpec("P")
T = TypeVar("T")


def measured(operation: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Measure a method of a store: "ok", "missing" (a clear answer), or what went wrong."""

    def around(method: Callable[P, T]) -> Callable[P, T]:
        @wraps(method)
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            began, outcome = time.monotonic(), "failed"
            try:
                value = method(*args, **kwargs)
                outcome = value.result.value if isinstance(value, Fixity) else "ok"
            except NotFound:
                outcome = "missing"
                raise
            finally:
                STORE.took(time.monotonic() - began, operation, outcome)
            return value

        return run

    return around

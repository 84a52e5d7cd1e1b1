"""The sign of life of a supervised process: a file a thread of its own touches.

A stopped process (SIGSTOP) or one whose threads all stand still no longer
touches it, and the supervisor starts it anew. A single hung task does not
stop the pulse; the process itself judges by `sick` whether it must end. What
stands in the file is since when the process runs.

`python -m worker.pulse worker watcher` ends with 0 while all of these give
their sign of life in the home of `YIHU_HOME`: the health check of a container.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from yihu.clock import iso, now
from yihu.log import told

log = logging.getLogger(__name__)
BEAT_SECONDS = 1.0
FRESH_SECONDS = 15.0
SICK_EXIT = 75
REFUSED_EXIT = 78
"""A child that starting anew cannot help: the store is not fit for records."""


def pulse_file(run: Path, name: str) -> Path:
    """Where a process of this name gives its sign of life."""
    return run / f"{name}.pulse"


def start(path: Path, sick: Callable[[], bool] = lambda: False) -> None:
    """Touch `path` every second from now on; end the process, hard, when it is `sick`."""

    def beat() -> None:
        with contextlib.suppress(OSError):
            path.write_text(iso(now()) or "")
        while True:
            if sick():
                log.critical("a step hangs; ending this process, what it holds is taken over")
                os._exit(SICK_EXIT)
            try:
                path.touch()
            except OSError as error:
                log.warning("no sign of life: %s", told(error))
            time.sleep(BEAT_SECONDS)

    threading.Thread(target=beat, name="pulse", daemon=True).start()


def fresh(path: Path) -> bool:
    """Whether the process behind this file gave its sign of life just now."""
    try:
        return time.time() - path.stat().st_mtime < FRESH_SECONDS
    except OSError:
        return False


def main() -> int:
    """0 while every process named on the command line is well, else 1."""
    run = Path(os.environ.get("YIHU_HOME", "yihu-home")) / "run"
    return 0 if all(fresh(pulse_file(run, name)) for name in sys.argv[1:]) else 1


if __name__ == "__main__":
    sys.exit(main())

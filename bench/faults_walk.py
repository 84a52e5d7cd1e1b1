"""The journey in one process, so that it can be killed at every point a hundred times a minute.

Real files, database, store and stages; no broker (every message is lost, the
sweep's questions drive it) and no child processes. Each walk is a process
forked from a server that has loaded everything once.
"""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catalog import documents, readings
from ingest.sandbox import Sandbox
from worker import advance, reaper
from worker.app import make_app
from worker.intake import Intake
from worker.messages import Messages
from worker.services import Services
from yihu import faults
from yihu.settings import load

DEADLINE_SECONDS = 60.0
PAUSE_SECONDS = 0.05
log = logging.getLogger(__name__)


class Silent(Messages):
    """A broker that loses every message; the points of sending stay."""

    def _send(self, task: str, args: list[Any], **options: Any) -> bool:  # noqa: ARG002
        faults.point("send.before")
        faults.point("send.after")
        return True


class Here(Sandbox):
    """Runs everything in this process: for our own files only."""

    def run_within(self, seconds: float, function: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        """The value of the call."""
        return function(*args, **kwargs)


def walk(home: str, folder: str) -> None:
    """Take what lies in the inbox and go on until everything is settled; then end with code 0."""
    os.environ["YIHU_FAULTS"] = folder
    importlib.reload(faults)
    logging.disable(logging.CRITICAL)
    settings = load(Path(home), rescan_seconds=0.001)
    app = make_app(settings)
    services = Services.open(settings, app)
    services.messages = Silent(app)
    services.sandbox = Here(workers=1, memory_bytes=0, seconds=1)
    walker = _Walker(services, Intake(settings, services.database, services.messages))
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if walker.turn():
            os._exit(0)
        time.sleep(PAUSE_SECONDS)
    os._exit(3)


class _Walker:
    def __init__(self, services: Services, intake: Intake) -> None:
        self._services = services
        self._intake = intake

    def turn(self) -> bool:
        """One look at everything due; True when nothing is left."""
        services, settings = self._services, self._services.settings
        files = [
            path
            for path in sorted(settings.inbox.rglob("*"))
            if path.is_file() and not path.is_relative_to(settings.rejected)
        ]
        for path in files:
            self._task(self._intake.take, path)
        self._task(self._intake.recover)
        reaper.reap(services)
        reaper.let_go(services)
        with services.database.read() as session:
            pages = readings.due_pages(session, 100)
            stuck = readings.stuck_reading(session, 100)
            ids = [number for number, _ in documents.due(session, 100)]
        for sha256, number in pages:
            self._task(advance.read_page, sha256, number, services)
        for sha256 in stuck:
            self._task(advance.pages_done, sha256, services)
        for number in ids:
            self._task(advance.advance, number, services)
        return not (files or pages or stuck or ids or self._left())

    def _left(self) -> bool:
        claimed = self._services.settings.claimed
        lying = any(not path.is_dir() for path in claimed.rglob("*"))
        with self._services.database.read() as session:
            return lying or documents.moving(session) > 0

    def _task(self, run: Callable[..., object], *arguments: Any) -> None:
        try:
            with self._services.hands.at_work():
                run(*arguments)
        except Exception:
            # The edge of a task, as in the worker: what failed is due again.
            log.debug("a task failed", exc_info=True)


_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(["bench.faults_loaded"])


def walk_apart(home: Path, folder: Path) -> int:
    """Walk in a process of its own: 0 when settled, 3 when not in time, -9 when it was killed."""
    process = _server.Process(target=walk, args=(str(home), str(folder)))
    process.start()
    process.join(2 * DEADLINE_SECONDS)
    if process.exitcode is None:
        process.kill()
        process.join()
        return 3
    return process.exitcode

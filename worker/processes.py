"""What each supervised process does: `python -m worker.processes worker|intake|watcher|beat`.

Imports stand inside the functions so that the watcher and beat stay small.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from storage.store import NotForRecords
from worker import pulse
from worker.pulse import REFUSED_EXIT
from yihu.log import set_up

log = logging.getLogger(__name__)

HUNG_SECONDS = 5.0  # beyond the lease; in sum longer than a wait for a locked database


def worker(count: str, duty: str = "all", name: str = "worker") -> None:
    """Take messages with `count` threads until SIGTERM; then finish or hand back."""
    from worker.app import from_environment, make_app
    from worker.duty import Duty
    from worker.home import prove_store
    from worker.keeper import Keeper
    from worker.leaving import leave_in_time
    from worker.reaper import reap
    from worker.services import Services
    from worker.tasks import register

    settings = from_environment()
    app = make_app(settings)
    services = Services.open(settings, app, int(count), Duty(duty))
    if settings.store_records:  # else the proof forbids nothing: a store that is away is waited for
        prove_store(settings)
    register(app, services)
    reap(services)
    Keeper(services).start()
    leave_in_time(services)
    after = settings.lease_seconds + HUNG_SECONDS
    pulse.start(pulse.pulse_file(settings.run, name), lambda: services.hands.hung(after))
    try:
        app.worker_main(
            [
                "--quiet",
                "worker",
                "--pool=threads",
                f"--concurrency={count}",
                f"--queues={','.join(services.duty.queues)}",
                "--without-gossip",
                "--without-mingle",
                "--without-heartbeat",
                "--loglevel=WARNING",
            ]
        )
    finally:
        services.close()


def intake(count: str) -> None:
    """Be the worker that has the inbox at hand, and does only what needs it."""
    worker(count, "inbox", "intake")


def watcher() -> None:
    """Take what lies in the inbox until SIGTERM."""
    from worker.app import from_environment, make_app
    from worker.intake import watch

    settings = from_environment()
    watch(settings, make_app(settings), _until_stopped())


def beat() -> None:
    """Send the scheduled messages until SIGTERM."""
    from worker.app import from_environment, make_app

    settings = from_environment()
    pulse.start(pulse.pulse_file(settings.run, "beat"))
    app: Any = make_app(settings)
    app.Beat(loglevel="WARNING", quiet=True, max_interval=5).run()


def _until_stopped() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _begin(name: str) -> None:
    """Logs as set, and figures for who asks."""
    from worker import scrape
    from worker.app import from_environment

    settings = from_environment()
    set_up(logging.INFO, settings.log_format, name)
    scrape.start(settings, name)


def main() -> None:
    """Run the process named on the command line; a store unfit for records ends it for good."""
    name, *arguments = sys.argv[1:]
    _begin(name)
    run: dict[str, Callable[..., None]] = {
        "worker": worker,
        "intake": intake,
        "watcher": watcher,
        "beat": beat,
    }
    try:
        run[name](*arguments)
    except NotForRecords as error:
        log.critical("%s", error)
        sys.exit(REFUSED_EXIT)


if __name__ == "__main__":
    main()

"""How a worker that is asked to end leaves: it finishes what is short, and hands back the rest.

Celery's warm shutdown waits for every thread, however long; its soft one cannot
end a thread either. What is still in hand after `SOFT_SECONDS` is handed back,
uncounted, and the process ends: another worker takes it with the next sweep,
without waiting for a lease to run out. The reading children end with us.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import Any

from celery.signals import worker_shutting_down

from worker.services import Services
from yihu.errors import Retryable
from yihu.log import told

log = logging.getLogger(__name__)
SOFT_SECONDS = 8.0
"""An ordinary page takes less; the supervisor (`STOP_SECONDS`) and containers wait longer."""
LOOK_SECONDS = 0.1


def leave_in_time(services: Services) -> None:
    """From now on a SIGTERM ends this worker within `SOFT_SECONDS`, with nothing in its hands."""

    def leave(**_: Any) -> None:
        threading.Thread(target=_leave, args=(services,), name="leaving", daemon=True).start()

    worker_shutting_down.connect(leave, weak=False)


def _leave(services: Services) -> None:
    until = time.monotonic() + SOFT_SECONDS
    while time.monotonic() < until:
        if services.hands.empty:
            return  # the process ends by itself
        time.sleep(LOOK_SECONDS)
    try:
        count = services.hand_back()
        log.info("asked to end: %s claims handed back", count)
    except Retryable as error:
        log.warning("nothing handed back, the lease must run out: %s", told(error))
    os._exit(0)

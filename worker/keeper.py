"""A thread of the worker that looks after what the worker holds, without any message.

It lets go of what failed tasks left, keeps leases alive during allowed waits,
sweeps when no sweep message came, and ends the worker when messages wait but
none is taken any more (seen after broker reconnects: celery issues 8030, 10205).
"""

from __future__ import annotations

import logging
import os
import threading
import time

from catalog import documents
from worker import reaper, sweeper
from worker.pulse import SICK_EXIT
from worker.services import Services
from yihu.errors import Retryable
from yihu.log import told

log = logging.getLogger(__name__)
TURN_SECONDS = 0.5
DEAF_SECONDS = 20.0
DEAF_TURNS = 3


class Keeper:
    """Call `turn` about twice a second; `start` does so in a thread."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._deaf_turns = 0
        self._asked = 0.0

    def start(self) -> None:
        """Look after the worker for as long as its process lives."""
        threading.Thread(target=self._run, name="keeper", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(TURN_SECONDS)
            try:
                self.turn()
            except Retryable as error:
                log.warning("keeper: %s", told(error))
            except Exception:
                # The edge of the thread: it must go on whatever happens.
                log.exception("keeper")

    def turn(self) -> None:
        """One look; raises `Retryable` while the database does not answer."""
        services = self._services
        reaper.let_go(services)
        lease = services.settings.lease_seconds
        if names := services.hands.to_renew(lease / 3):
            with services.database.write() as session:
                documents.renew(session, names, lease)
        if time.monotonic() - services.swept_at > 3 * services.settings.sweep_seconds:
            sweeper.sweep(services)
        self._listen()

    def _messages_wait(self) -> bool:
        return any((self._services.messages.waiting(self._services.duty) or {}).values())

    def _listen(self) -> None:
        """End the worker when it has nothing in hand while messages wait, again and again."""
        hands, moment = self._services.hands, time.monotonic()
        quiet = max(DEAF_SECONDS, 4 * self._services.settings.sweep_seconds)
        if not hands.empty or moment - hands.busy_at < quiet:
            self._deaf_turns = 0
            return
        if moment - self._asked < 2.0:
            return
        self._asked = moment
        self._deaf_turns = self._deaf_turns + 1 if self._messages_wait() else 0
        if self._deaf_turns >= DEAF_TURNS:
            log.critical("messages wait and none is taken; ending this worker")
            os._exit(SICK_EXIT)

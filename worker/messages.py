"""Sending "advance document 123": after commit, without waiting, and failing is no error.

What is not delivered is sent again by the sweeper, because the database says
that it is due (design 3).
"""

from __future__ import annotations

import logging
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from yihu import faults

log = logging.getLogger(__name__)
QUEUE = "yihu"


class Messages:
    """Sends the two kinds of message through one Celery application."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def advance(self, document_id: int) -> bool:
        """Ask a worker to advance a document; False when the broker did not take it."""
        return self._send("yihu.advance", [document_id])

    def read_page(self, sha256: str, number: int) -> bool:
        """Ask a worker to read one page."""
        return self._send("yihu.read_page", [sha256, number])

    def warm(self) -> bool:
        """Ask a worker to load its reader, because something is about to arrive."""
        return self._send("yihu.warm", [], expires=10)

    def waiting(self) -> int | None:
        """How many messages wait in the queue; None when the broker does not say."""
        try:
            with self._app.connection_for_write(connect_timeout=2) as connection:
                channel: Any = connection.default_channel
                return int(channel.client.llen(QUEUE))
        except (OperationalError, RedisError, OSError):
            return None

    def _send(self, task: str, args: list[Any], **options: Any) -> bool:
        faults.point("send.before")
        try:
            self._app.send_task(task, args=args, retry=False, ignore_result=True, **options)
        except (OperationalError, RedisError, OSError) as error:
            log.info("broker did not take %s: %s", task, type(error).__name__)
            return False
        faults.point("send.after")
        return True

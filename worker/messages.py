"""Sending "advance document 123": after commit, without waiting, and failing is no error.

What is not delivered is sent again by the sweeper, because the database says
that it is due (design 3).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from catalog.identity import Identity
from worker.duty import AT_INBOX, SPARE, Duty, queue_of
from yihu import faults
from yihu.measures import SENDING
from yihu.urgency import Urgency

log = logging.getLogger(__name__)
AWAY = (OperationalError, RedisError, OSError)
HOMES = "yihu.homes"
"""The homes on this broker database, each with the broker's second until which it is known."""


class Messages:
    """Sends messages through one Celery application."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def advance(self, document_id: int, stage: str, urgency: Urgency = Urgency.NOW) -> bool:
        """Ask a worker to take a document from `stage` on; False when the broker did not take it.

        A message that comes to a worker without the right files is harmless.
        """
        queue = queue_of(urgency, at_inbox=stage in AT_INBOX)
        return self._send("yihu.advance", [document_id], queue=queue)

    def read_page(self, sha256: str, number: int, urgency: Urgency = Urgency.NOW) -> bool:
        """Ask a worker to read one page."""
        return self._send(
            "yihu.read_page", [sha256, number], queue=queue_of(urgency, at_inbox=False)
        )

    def chore(self, chore_id: int) -> bool:
        """Ask a worker to do a piece of background work once nothing else waits."""
        return self._send("yihu.chore", [chore_id], queue=SPARE)

    def warm(self) -> bool:
        """Ask a worker to load its reader, because something is about to arrive."""
        return self._send("yihu.warm", [], expires=10)

    def waiting(self, duty: Duty = Duty.ALL) -> dict[str, int] | None:
        """How many messages wait in each queue of a duty; None when the broker does not say."""
        try:
            with self._client() as client:
                return {queue: int(client.llen(queue)) for queue in duty.queues}
        except AWAY:
            return None

    def dwell(self, mine: Identity, seconds: float) -> int:
        """Say for so long that this home is here; how many others are, 0 when it cannot be told."""
        try:
            with self._client() as client:
                moment = client.time()[0]
                pipe = client.pipeline()
                if mine.fresh != mine.name:
                    pipe.zrem(HOMES, mine.fresh)
                pipe.zadd(HOMES, {mine.name: moment + seconds})
                pipe.zremrangebyscore(HOMES, "-inf", moment)
                pipe.expire(HOMES, int(seconds))
                pipe.execute()
                return _others(client, mine)
        except AWAY:
            return 0

    def others(self, mine: Identity) -> int:
        """How many other homes are on this broker database; 0 when it cannot be told."""
        try:
            with self._client() as client:
                return _others(client, mine)
        except AWAY:
            return 0

    @contextmanager
    def _client(self) -> Iterator[Any]:
        with self._app.connection_for_write(connect_timeout=2) as connection:
            yield connection.default_channel.client  # type: ignore[attr-defined]

    def _send(self, task: str, args: list[Any], **options: Any) -> bool:
        faults.point("send.before")
        try:
            self._app.send_task(task, args=args, retry=False, ignore_result=True, **options)
        except AWAY as error:
            SENDING.add(task)
            log.info("broker did not take %s: %s", task, type(error).__name__)
            return False
        faults.point("send.after")
        return True


def _others(client: Any, mine: Identity) -> int:
    known = client.zrangebyscore(HOMES, f"({client.time()[0]}", "+inf")
    return len({name.decode() for name in known} - {mine.name, mine.fresh})

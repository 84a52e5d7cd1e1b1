"""The Celery application: acknowledge early, prefetch one, JSON ids only, no results.

Late acknowledgement buys nothing when the database redelivers, and was seen to
end the worker process when the broker dies (measured 2.2). Workers run on
threads with one pool of reading processes each, because a pool cannot live
inside Celery's own child processes (measured 5).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Connection, Queue

from worker.broker import known_endpoint
from worker.duty import Duty, queue_of
from yihu.settings import Settings, load
from yihu.urgency import Urgency


class _Connection(Connection):
    """A connection that asks a broker that is away again every 1-3 s, not every 2-30 s."""

    def _ensure_connection(
        self,
        errback: Any = None,
        max_retries: int | None = None,
        interval_start: int = 1,
        interval_step: int = 1,
        interval_max: int = 3,
        *rest: Any,
        **options: Any,
    ) -> Any:
        waits = (min(interval_start, 1), min(interval_step, 1), min(interval_max, 3))
        return super()._ensure_connection(errback, max_retries, *waits, *rest, **options)


class _Amqp(AMQP):
    Connection = _Connection


def make_app(settings: Settings) -> Celery:
    """A Celery application for this home's broker."""
    app = Celery("yihu", broker=broker_url(settings), set_as_current=False, amqp=_Amqp)
    app.conf.update(
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        result_backend=None,
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        task_default_queue=queue_of(Urgency.NOW, at_inbox=False),
        task_queues=[Queue(name) for name in Duty.ALL.queues],
        task_serializer="json",
        accept_content=["json"],
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=4,
        broker_transport_options={
            "socket_connect_timeout": 4,
            "socket_timeout": 30,
            "retry_on_timeout": False,
            "max_retries": 1,
            "interval_start": 0,
            "interval_max": 0.1,
            "queue_order_strategy": "sorted",
        },
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        enable_utc=True,
        timezone="UTC",
        beat_schedule=_schedule(settings),
        beat_schedule_filename=str(settings.run / "beat"),
    )
    return app


def broker_url(settings: Settings) -> str:
    """The broker in force: the one set, else the embedded one last announced for the home."""
    if url := settings.broker_url.get_secret_value():
        return url
    endpoint = known_endpoint(settings.run)
    return endpoint.url if endpoint else "redis://127.0.0.1:1/0"


def _schedule(settings: Settings) -> dict[str, Any]:
    return {
        "sweep": {
            "task": "yihu.sweep",
            "schedule": settings.sweep_seconds,
            "options": {"expires": max(2.0, settings.sweep_seconds)},
        },
        "housekeeping": {
            "task": "yihu.housekeeping",
            "schedule": 900.0,
            "options": {"expires": 600, "queue": queue_of(Urgency.LATER, at_inbox=True)},
        },
    }


def from_environment() -> Settings:
    """The settings a child process was started with (`YIHU_HOME`)."""
    home = os.environ.get("YIHU_HOME")
    return load(Path(home) if home else None)

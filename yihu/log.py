"""Logging set-up: one line an event on standard error, no personal data."""

from __future__ import annotations

import logging

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def set_up(level: int = logging.WARNING) -> None:
    """Log to standard error; quiet the libraries that talk much."""
    logging.basicConfig(level=level, format=FORMAT)
    for name in ("celery", "kombu", "amqp", "alembic", "watchdog", "PIL"):
        logging.getLogger(name).setLevel(logging.WARNING)

"""Heals what a lost message, a killed worker or an erased broker left behind.

The database says what is due. When the queue is short, what is due is sent
again; a copy of a message that is still on its way is harmless, because the
claim lets only one worker in. Beat asks for a sweep by message; a worker that
hears none sweeps on its own (`keeper`).
"""

from __future__ import annotations

import logging
import time

from catalog import documents, readings
from worker.reaper import reap
from worker.services import Services

log = logging.getLogger(__name__)
SHORT_QUEUE = 50
REFILL = 200


def sweep(services: Services) -> int:
    """Let go of what the dead hold, send again what is due; gives the number of messages sent."""
    services.swept_at = time.monotonic()
    reap(services)
    waiting = services.messages.waiting()
    if waiting is None or waiting > SHORT_QUEUE:
        return 0
    with services.database.read() as session:
        pages = readings.due_pages(session, REFILL)
        stuck = readings.stuck_reading(session, REFILL)
    for sha256 in stuck:
        with services.database.write() as session:
            readings.pages_complete(session, sha256)
    with services.database.read() as session:
        ids = documents.due(session, REFILL)
    for sha256, number in pages:
        services.messages.read_page(sha256, number)
    for document_id in ids:
        services.messages.advance(document_id)
    return len(ids) + len(pages)

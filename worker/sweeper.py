"""Heals what a lost message, a killed worker or an erased broker left behind.

The database says what is due. When the queue is short, what is due is sent
again; a copy of a message that is still on its way is harmless, because the
claim lets only one worker in. Beat asks for a sweep by message; a worker that
hears none sweeps on its own (`keeper`).
"""

from __future__ import annotations

import logging
import time

from catalog import chores, documents, readings
from worker import records
from worker.duty import AT_INBOX, Duty, queue_of
from worker.reaper import reap
from worker.services import Services
from yihu.urgency import Urgency

log = logging.getLogger(__name__)
STUCK = 200
SHORT_QUEUE = 50
REFILL = {Urgency.NOW: 200, Urgency.BULK: 200, Urgency.LATER: 50, Urgency.SLOW: 4}
"""So much of each urgency is sent at once; slow things are taken one by one anyway."""


def sweep(services: Services) -> int:
    """Let go of what the dead hold, send again what is due; gives the number of messages sent."""
    services.swept_at = time.monotonic()
    reap(services)
    records.ask_when_behind(services)
    waiting = services.messages.waiting()
    if waiting is None:
        return 0
    with services.database.read() as session:
        stuck = readings.stuck_reading(session, STUCK)
    for sha256 in stuck:
        with services.database.write() as session:
            readings.pages_complete(session, sha256)
    short = [
        (urgency, side)
        for urgency in Urgency
        for side in Duty.ALL.sides
        if waiting[queue_of(urgency, at_inbox=side)] <= SHORT_QUEUE
    ]
    return sum(_send_due(services, urgency, at_inbox=side) for urgency, side in short)


def _send_due(services: Services, urgency: Urgency, *, at_inbox: bool) -> int:
    limit = REFILL[urgency]
    with services.database.read() as session:
        moving = documents.due(session, limit, urgency, AT_INBOX, within=at_inbox)
        pages = [] if at_inbox else readings.due_pages(session, limit, urgency)
        later = not at_inbox and urgency is Urgency.LATER
        work = chores.due(session, limit) if later else []
    for sha256, number in pages:
        services.messages.read_page(sha256, number, urgency)
    for document_id, stage in moving:
        services.messages.advance(document_id, stage, urgency)
    for chore_id in work:
        services.messages.chore(chore_id)
    return len(moving) + len(pages) + len(work)

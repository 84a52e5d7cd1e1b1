"""Heals what a lost message, a killed worker or an erased broker left behind.

The database says what is due. When the queue is short, what is due is sent
again; a copy of a message that is still on its way is harmless, because the
claim lets only one worker in. Beat asks for a sweep by message; a worker that
hears none sweeps on its own (`keeper`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog import chores, documents, readings
from catalog.identity import identity
from worker import records, sharing
from worker.duty import AT_INBOX, SPARE, Duty, queue_of
from worker.reaper import reap
from worker.services import Services
from yihu.urgency import Urgency

log = logging.getLogger(__name__)
STUCK = 200
SHORT_QUEUE = 50
REFILL = {Urgency.NOW: 200, Urgency.BULK: 200, Urgency.LATER: 50, Urgency.SLOW: 4}
"""So much of each urgency is sent at once; slow things are taken one by one anyway."""
REFILL_SPARE = 200
"""Background work is sent by sweeps alone: what two cores do of it in the seconds between two."""


def sweep(services: Services) -> int:
    """Let go of what the dead hold, send again what is due; gives the number of messages sent."""
    services.swept_at = time.monotonic()
    reap(services)
    records.ask_when_behind(services)
    waiting = services.messages.waiting()
    if waiting is None:
        return 0
    short = [
        (urgency, side)
        for urgency in Urgency
        for side in Duty.ALL.sides
        if waiting[queue_of(urgency, at_inbox=side)] <= SHORT_QUEUE
    ]
    with services.database.read() as session:
        mine = identity(session)
        stuck = readings.stuck_reading(session, STUCK)
        due = [_due(session, urgency, at_inbox=side) for urgency, side in short]
        work = chores.due(session, REFILL_SPARE) if waiting[SPARE] <= SHORT_QUEUE else ()
    sharing.notice(services, mine)
    for sha256 in stuck:
        with services.database.write() as session:
            readings.pages_complete(session, sha256)
    for chore_id in work:
        services.messages.chore(chore_id)
    return len(work) + sum(_send(services, each) for each in due)


@dataclass(frozen=True, slots=True)
class _Due:
    """What is due of one urgency, at the inbox or away from it."""

    urgency: Urgency
    documents: Sequence[tuple[int, str]]
    pages: Sequence[readings.PageKey] = ()


def _due(session: Session, urgency: Urgency, *, at_inbox: bool) -> _Due:
    limit = REFILL[urgency]
    moving = documents.due(session, limit, urgency, AT_INBOX, within=at_inbox)
    if at_inbox:
        return _Due(urgency, moving)
    return _Due(urgency, moving, readings.due_pages(session, limit, urgency))


def _send(services: Services, due: _Due) -> int:
    for sha256, number in due.pages:
        services.messages.read_page(sha256, number, due.urgency)
    for document_id, stage in due.documents:
        services.messages.advance(document_id, stage, due.urgency)
    return len(due.documents) + len(due.pages)

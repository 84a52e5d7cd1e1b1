"""Runs background work: reading pages anew, searchable copies, records.

Chores travel in the queue that workers look into only while nothing else
waits (`duty.SPARE`); so what was dropped waits at most for one that was begun:
the reading of a page, or the copy of a document, of which a long one never
takes all threads where there are two.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from catalog import chores
from catalog.models import Chore
from ingest.sandbox import ChildLost
from worker import copies, records, rereading
from worker.results import Done
from worker.services import Services
from yihu import faults
from yihu.errors import NotFound, Rejected, Retryable
from yihu.log import told
from yihu.urgency import Urgency

log = logging.getLogger(__name__)
PAUSE_SECONDS = 30.0

Kind = Callable[[Chore, Services], Done]
KINDS: Mapping[str, Kind] = {
    rereading.KIND: rereading.run,
    copies.KIND: copies.run,
    records.KIND: records.run,
}


def run(chore_id: int, services: Services) -> None:
    """Do a chore; harmless when it is done or somebody else holds it."""
    with services.database.write() as session:
        chore = chores.claim(session, chore_id, services.worker, services.settings.lease_seconds)
    if chore is None:
        return
    services.hands.step()
    faults.point("chore.claimed")
    try:
        if chore.attempts > services.settings.max_attempts:
            raise Rejected("attempts_exhausted", chore.last_error)
        done = KINDS[chore.kind](chore, services)
    except (Rejected, NotFound) as error:
        log.warning("chore %s (%s %s): %s", chore.id, chore.kind, chore.subject, told(error))
        _finish(chore, Done({}), services, str(error))
        return
    except Retryable as error:
        with services.database.write() as session:
            held = chores.hold(session, chore.id, services.worker)
            if held is not None:
                counted = isinstance(error, ChildLost)
                chores.put_off(held, PAUSE_SECONDS, str(error), counted=counted)
        return
    faults.point("chore.done")
    _finish(chore, done, services)


def _finish(chore: Chore, done: Done, services: Services, error: str = "") -> None:
    with services.database.write() as session:
        held = chores.hold(session, chore.id, services.worker)
        if held is None:
            return
        outcome = {**done.outcome, **(done.write(session) if done.write else {})}
        chores.finish(held, outcome, error)
        session.flush()
        follow = done.follow(session) if done.follow else []
    for document_id in follow:
        services.messages.advance(document_id, "understand", Urgency.LATER)

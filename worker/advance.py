"""The runner: claims a document, runs its stage, writes the outcome, goes on.

One transaction a stage: it compares that this worker still holds the document
at this stage, writes the outcome, and takes the claim for the next stage. What
goes wrong decides what follows: `Retryable` waits without counting, `Rejected`
gives the file back, anything else is our bug and counts as an attempt.
"""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog import documents, ledger, readings
from catalog.models import Document
from ingest.sandbox import ChildLost
from worker import reading
from worker.journey import STAGES
from worker.outcome import Outcome, Slow, settled
from worker.services import Services
from yihu import faults
from yihu.clock import now
from yihu.errors import Rejected, Retryable
from yihu.log import about, told
from yihu.measures import SETTLED, STEPS
from yihu.reasons import words
from yihu.urgency import Urgency

log = logging.getLogger(__name__)
LONGEST_WAIT_SECONDS = 60.0
FIRST_WAIT_SECONDS = 1.0
WAITS_FOR = {"keep": "store_waiting", "inspect": "reader_waiting", "read": "reader_waiting"}
MACHINE_TROUBLE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)


def advance(document_id: int, services: Services) -> None:
    """Walk a document on as far as it goes now; harmless when somebody else holds it."""
    stages, within = services.duty.stages
    with about(document=document_id):
        with services.database.write() as session:
            document = documents.claim(
                session,
                document_id,
                services.worker,
                services.settings.lease_seconds,
                stages,
                within=within,
            )
        faults.point("advance.claimed")
        if document is not None:
            _walk(document, services)


def read_page(sha256: str, number: int, services: Services) -> None:
    """Read a page unless it is done or held; after the last one walk its document on."""
    with services.database.write() as session:
        page = _take_page(session, sha256, number, services)
    document = reading.read_one(page, services) if page is not None else None
    if document is not None:
        with about(document=document.id):
            _walk(document, services)


def _take_page(
    session: Session, sha256: str, number: int, services: Services
) -> readings.Taken | None:
    lease = services.settings.lease_seconds
    return readings.claim_page(session, sha256, number, services.worker, lease)


def _walk(held: Document, services: Services) -> None:
    """Walk a document that this worker holds; slow ones never take every thread."""
    with services.slow_lane.enter(Urgency(held.urgency)) as free:
        if free:
            _steps(held, services)
        else:
            _give_back(held, services)


def _steps(held: Document, services: Services) -> None:
    document: Document | None = held
    while document is not None:
        if document.attempts > services.settings.max_attempts:
            _give_up(document, services)
            return
        document = _step(document, services)


def _step(document: Document, services: Services) -> Document | None:
    stage = STAGES[document.stage]
    services.hands.step()
    began, ended = time.monotonic(), "failed"
    try:
        faults.point(f"stage.{stage.name}.before")
        outcome = stage.run(document, services)
        faults.point(f"stage.{stage.name}.after")
        ended = "done"
    except ChildLost as error:
        ended = "lost"
        # Killed from outside, perhaps for its memory: counted, so that it ends.
        _wait(document, services, error, counted=True)
        return None
    except Slow as error:
        ended = "slow"
        _let_others_by(document, services, error)
        return None
    except Retryable as error:
        ended = "waits"
        _wait(document, services, error, counted=False)
        return None
    except Rejected as error:
        ended = "rejected"
        outcome = rejected(error)
    except OSError as error:
        ended = "waits"
        log.warning("document %s waits at %s: %s", document.id, stage.name, told(error))
        _wait(document, services, error, counted=error.errno not in MACHINE_TROUBLE)
        return None
    except Exception as error:
        # The edge of the journey: a bug of ours must cost an attempt, not the line.
        log.exception("document %s failed at %s", document.id, stage.name)
        _wait(document, services, error, counted=True)
        return None
    finally:
        STEPS.took(time.monotonic() - began, stage.name, ended)
    # What fails from here on is left to `hands`: the keeper lets go of the claim.
    return _commit(document, outcome, services)


def rejected(error: Rejected) -> Outcome:
    """The outcome for a file that cannot be taken: it goes back to the inbox, with a note."""
    return Outcome(
        "give_back",
        "rejected",
        {"reasons": [error.reason], "message": words([error.reason]), "last_error": str(error)},
        write=lambda session, document: _event(session, document, "rejected", error.reason),
    )


def _commit(held: Document, outcome: Outcome, services: Services) -> Document | None:
    with services.database.write() as session:
        document = documents.hold(session, held.id, services.worker, held.stage)
        if document is None:
            log.info("document %s was taken over", held.id)
            return None
        _apply(document, outcome, services)
        if outcome.write is not None:
            outcome.write(session, document)
        faults.point(f"stage.{held.stage}.commit")
        session.flush()
        siblings = documents.fresh_siblings(session, document) if held.stage == "split" else []
        pages = _spread(session, document, services) if outcome.wait else _Pages()
        urgency = Urgency(document.urgency)
        behind = urgency > held.urgency
        sent_on = bool(document.stage) and (behind or not services.duty.covers(document.stage))
        if sent_on:
            document.lease_until, document.attempts = None, 0
    _count(document)
    services.patience.forget(held.id)
    faults.point(f"stage.{held.stage}.committed")
    for sibling in siblings:
        services.messages.advance(sibling, "understand", urgency)
    if sent_on and not outcome.wait:
        services.messages.advance(held.id, outcome.stage, urgency)
        return None
    if outcome.wait and document.sha256 is not None:
        return _pages(document.sha256, pages, services)
    return document if document.stage else None


def _apply(document: Document, outcome: Outcome, services: Services) -> None:
    moment = now()
    if document.state != outcome.state:
        document.since = moment
    document.state, document.stage = outcome.state, outcome.stage
    if outcome.state in ("received", "reading"):
        document.reasons = []  # what it waited for has answered
    document.last_error = ""
    for name, value in outcome.changes.items():
        setattr(document, name, value)
    document.attempts = 1
    document.due_at = moment
    document.lease_until = services.lease(moment)
    if not outcome.stage:
        document.settled_at, document.due_at, document.attempts = moment, None, 0
        document.lease_until = None
    if outcome.wait:
        document.due_at = document.lease_until = None
        document.attempts = 0


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages of a file that wait: the first one, when it is in hand, and the others."""

    first: readings.Taken | None = None
    others: Sequence[tuple[int, Urgency]] = ()


def _spread(session: Session, document: Document, services: Services) -> _Pages:
    """Take the first waiting page in the very transaction that makes the pages known."""
    assert document.sha256 is not None
    waiting = readings.waiting_pages(session, document.sha256)
    if not waiting:
        return _Pages()
    first = _take_page(session, document.sha256, waiting[0][0], services)
    return _Pages(first, waiting[1:])


def _pages(sha256: str, pages: _Pages, services: Services) -> Document | None:
    """Spread the pages over the workers; a single page is read here and now."""
    for number, urgency in pages.others:
        services.messages.read_page(sha256, number, urgency)
    if pages.first is not None:
        return reading.read_one(pages.first, services)
    return _after_pages(sha256, services)


def _after_pages(sha256: str, services: Services) -> Document | None:
    """The document, held, when every page of its original is done; else nothing."""
    with services.database.write() as session:
        return readings.go_on(session, sha256, services.worker, services.settings.lease_seconds)


def pages_done(sha256: str, services: Services) -> None:
    """When every page of an original is done, walk its document on; else do nothing."""
    document = _after_pages(sha256, services)
    if document is not None:
        with about(document=document.id):
            _walk(document, services)


def _give_back(held: Document, services: Services) -> None:
    with services.database.write() as session:
        document = documents.hold(session, held.id, services.worker, held.stage)
        if document is not None:
            documents.put_off(document, 0.0, counted=False, error=document.last_error)


def _wait(held: Document, services: Services, error: Exception, *, counted: bool) -> None:
    with services.database.write() as session:
        document = documents.hold(session, held.id, services.worker, held.stage)
        if document is None:
            return
        pause = FIRST_WAIT_SECONDS * 2 ** min(document.attempts, 6)
        documents.put_off(
            document,
            min(LONGEST_WAIT_SECONDS, pause) if counted else services.patience.pause(held.id),
            counted=counted,
            error=f"{type(error).__name__}: {error}",
        )
        if not counted:
            document.reasons = [WAITS_FOR.get(document.stage, "database_waiting")]


def _let_others_by(held: Document, services: Services, error: Slow) -> None:
    with services.database.write() as session:
        document = documents.hold(session, held.id, services.worker, held.stage)
        if document is None:
            return
        documents.put_off(document, 0.0, counted=False, error=str(error))
        document.urgency = Urgency.SLOW
        document.reasons = ["slow_waiting"]


def _give_up(held: Document, services: Services) -> None:
    with services.database.write() as session:
        document = documents.hold(session, held.id, services.worker, held.stage)
        if document is None:
            return
        stage, why = document.stage, document.last_error
        _apply(document, settled("failed", ("attempts_exhausted",)), services)
        document.resume_stage, document.last_error = stage, why
        document.message = words(["attempts_exhausted"])
        _event(session, document, "failed", stage)
    _count(document)
    log.error("document %s given up at %s: %s", held.id, stage, why.partition(":")[0])


def _count(document: Document) -> None:
    """Count a document that came to rest, by its state and first reason."""
    if not document.stage:
        SETTLED.add(document.state, document.reasons[0] if document.reasons else "none")


def _event(session: Session, document: Document, action: str, detail: str) -> None:
    ledger.append(session, action, f"document:{document.id}", {"detail": detail})

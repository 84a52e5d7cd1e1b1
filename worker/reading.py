"""The `read` stage and the reading of single pages, spread over all workers."""

from __future__ import annotations

import logging
import time

from sqlalchemy.orm import Session

from catalog import readings
from catalog.models import Document
from ingest.reading import read_page as read_in_child
from ingest.sandbox import ChildLost, TimeUsedUp
from worker.outcome import Outcome
from worker.services import Services
from yihu import faults
from yihu.errors import Rejected, Retryable

log = logging.getLogger(__name__)
PAGE_ATTEMPTS = 2
PAGES_OVER_LIMIT = 3
"""So many pages that cost a child its life or its time speak against the whole file ..."""
READ_FOR_ONE_OVER = 4
"""... unless more than so many times as many of its pages were read."""


def read(document: Document, services: Services) -> Outcome:  # noqa: ARG001 - a stage
    """Make the pages known; the page that finds itself the last sends the document on."""
    assert document.sha256 is not None

    def pages(session: Session, held: Document) -> None:
        assert held.sha256 is not None
        readings.add_pages(session, held.sha256, held.last_page)

    return Outcome("read", "reading", write=pages, wait=True)


def read_one(sha256: str, number: int, services: Services) -> None:
    """Read one page in a child process and keep the reading; harmless when it is done or held.

    A page that costs the child its life twice, or all its processor time once,
    is given up: the document goes on without it and a person sees that. Once another page of
    the file failed so, it has a single attempt; after `PAGES_OVER_LIMIT` none:
    a file of 500 bombs must not hold up the line for hours.
    """
    with services.database.write() as session:
        attempt = readings.claim_page(
            session, sha256, number, services.worker, services.settings.lease_seconds
        )
        over, read = readings.other_pages(session, (sha256, number), "parser_limit")
    if attempt is None:
        return
    services.hands.step()
    faults.point("page.claimed")
    began = time.monotonic()
    try:
        if attempt > services.settings.max_attempts:
            raise Rejected("parser_limit", "the page took its worker down each time")
        if over >= max(PAGES_OVER_LIMIT, read / READ_FOR_ONE_OVER):
            raise Rejected("parser_limit", "other pages of this file went beyond the limits")
        with services.store.local_path(sha256) as path, services.child():
            page = services.sandbox.run(read_in_child, str(path), number, services.read_options)
    except Rejected as error:
        final = over > 0 or attempt >= PAGE_ATTEMPTS or isinstance(error, TimeUsedUp)
        _could_not(sha256, number, services, error, final=final)
        return
    except Retryable as error:
        with services.database.write() as session:
            readings.page_put_off(
                session,
                (sha256, number),
                services.worker,
                2.0,
                counted=isinstance(error, ChildLost),
                error=str(error),
            )
        return
    faults.point("page.read")
    with services.database.write() as session:
        readings.page_read(session, sha256, page, services.worker, time.monotonic() - began)
        faults.point("page.commit")
    faults.point("page.committed")


def _could_not(
    sha256: str, number: int, services: Services, error: Rejected, *, final: bool
) -> None:
    log.warning("page %s of %s not read: %s", number, sha256[:12], error)
    with services.database.write() as session:
        if final or error.reason != "parser_limit":
            readings.page_given_up(session, (sha256, number), services.worker, error.reason)
        else:
            readings.page_put_off(
                session, (sha256, number), services.worker, 0.0, counted=True, error=error.reason
            )

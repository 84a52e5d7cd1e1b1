"""The `read` stage and the reading of single pages, spread over all workers."""

from __future__ import annotations

import logging
import time

from sqlalchemy.orm import Session

from catalog import readings
from catalog.models import Document
from catalog.readings import Taken
from ingest.reading import read_page as read_in_child
from ingest.sandbox import ChildLost, Overtime, Starved, TimeUsedUp
from worker.outcome import Outcome
from worker.services import Services
from yihu import faults
from yihu.errors import Rejected, Retryable
from yihu.log import told
from yihu.measures import PAGES, PAGES_UNREAD
from yihu.page import PageText
from yihu.urgency import Urgency

log = logging.getLogger(__name__)
PAGE_ATTEMPTS = 2
PAGES_OVER_LIMIT = 3
"""So many pages that cost a child its life or its time speak against the whole file ..."""
READ_FOR_ONE_OVER = 4
"""... unless more than so many times as many of its pages were read."""


class Hopeless(Rejected):
    """So many pages of the file went beyond the limits that no other is tried."""


def read(document: Document, services: Services) -> Outcome:  # noqa: ARG001 - a stage
    """Make the pages known; the page that finds itself the last sends the document on."""
    assert document.sha256 is not None

    def pages(session: Session, held: Document) -> None:
        assert held.sha256 is not None
        readings.add_pages(session, held.sha256, held.last_page, Urgency(held.urgency))

    return Outcome("read", "reading", write=pages, wait=True)


def read_one(page: Taken, services: Services) -> Document | None:
    """Read a page, which this worker holds, in a child process and keep the reading.

    Gives the document, held, when that was the last of its pages. A page that
    takes long is stopped, and read with more time once nothing else waits
    (`Urgency.SLOW`). One that costs the child its life twice, or then still all
    its processor time, is given up: the document goes on without it and a person
    sees that. Once another page of the file failed so, it has a single attempt;
    after `PAGES_OVER_LIMIT` none: a file of 500 bombs must not hold up the line
    for hours.
    """
    with services.slow_lane.enter(page.urgency) as free:
        if not free:
            with services.database.write() as session:
                readings.give_page_back(session, page.key, services.worker)
            return None
        document = _read(page, services)
    if page.urgency is Urgency.SLOW:
        _next_slow(services)
    return document


def _next_slow(services: Services) -> None:
    """Slow pages follow each other; the sweep alone would send a few every other second."""
    with services.database.read() as session:
        found = readings.due_pages(session, 1, Urgency.SLOW)
    for sha256, number in found:
        services.messages.read_page(sha256, number, Urgency.SLOW)


def _read(taken: Taken, services: Services) -> Document | None:
    key, urgency, attempt = taken.key, taken.urgency, taken.attempt
    services.hands.step()
    faults.point("page.claimed")
    began, over = time.monotonic(), taken.failed
    try:
        if attempt > services.settings.max_attempts:
            raise Rejected("parser_limit", "the page took its worker down each time")
        if over >= max(PAGES_OVER_LIMIT, taken.read / READ_FOR_ONE_OVER):
            raise Hopeless("parser_limit", "other pages of this file went beyond the limits")
        page = _in_child(key, urgency, services)
    except Rejected as error:
        PAGES_UNREAD.add(error.reason)
        if isinstance(error, Overtime) and urgency is not Urgency.SLOW:
            _put_off(key, services, 0.0, "slow", behind=True)
        elif (
            error.reason != "parser_limit"
            or over > 0
            or attempt >= PAGE_ATTEMPTS
            or isinstance(error, TimeUsedUp)
        ):
            return _give_up(key, services, error)
        else:
            _put_off(key, services, 0.0, error.reason, counted=True, behind=True)
        return None
    except Starved as error:
        PAGES_UNREAD.add("starved")
        _put_off(key, services, 2.0, str(error), behind=urgency is not Urgency.SLOW)
        return None
    except Retryable as error:
        lost = isinstance(error, ChildLost)
        PAGES_UNREAD.add("lost" if lost else "waits")
        hurried = lost and urgency is Urgency.BULK  # a slow disk, perhaps, in so short a time
        _put_off(key, services, 2.0, str(error), counted=lost, behind=hurried)
        return None
    faults.point("page.read")
    took = time.monotonic() - began
    with services.database.write() as session:
        readings.page_read(session, key[0], page, services.worker, took)
        document = _last_page(session, key[0], services)
        faults.point("page.commit")
    PAGES.took(took, page.engine)
    services.pace.took(took)
    faults.point("page.committed")
    return document


def _last_page(session: Session, sha256: str, services: Services) -> Document | None:
    """The document, held by this worker, when no other page of it waits."""
    return readings.go_on(session, sha256, services.worker, services.settings.lease_seconds)


def _in_child(key: readings.PageKey, urgency: Urgency, services: Services) -> PageText:
    sha256, number = key
    seconds, options = services.seconds_at_pace(urgency), services.read_options
    with services.fetched(sha256) as path, services.child():
        return services.sandbox.run_within(seconds, read_in_child, str(path), number, options)


def _give_up(key: readings.PageKey, services: Services, error: Rejected) -> Document | None:
    log.warning("page %s of %s not read: %s", key[1], key[0][:12], told(error))
    with services.database.write() as session:
        readings.page_given_up(session, key, services.worker, error.reason)
        if isinstance(error, Hopeless):
            readings.give_up_rest(session, key[0], error.reason)
        return _last_page(session, key[0], services)


def _put_off(
    key: readings.PageKey,
    services: Services,
    seconds: float,
    error: str,
    *,
    counted: bool = False,
    behind: bool = False,
) -> None:
    """Let go of a page for later; `behind` lets it wait behind everything else."""
    with services.database.write() as session:
        readings.page_put_off(session, key, services.worker, seconds, counted=counted, error=error)
        if behind:
            readings.put_behind(session, key)

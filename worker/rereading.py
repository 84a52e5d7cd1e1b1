"""Reading pages again with another engine or a newer model, without losing anything.

Every reading is kept. The new one becomes the current one only if it is not
worse (`catalog.readings.not_worse`). Then documents in review that nobody
decided are judged anew; a filed document stays filed as it is, and when the
new text speaks for another household or type, it says so.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from catalog import chores, documents, ledger, readings, search
from catalog.models import Chore, Document
from classifier import LIKE_DISCARDED
from ingest.reading import read_page
from worker import copies, understanding
from worker.results import Done
from worker.services import Services
from yihu.clock import now
from yihu.reasons import words
from yihu.urgency import Urgency

KIND = "reread"
DIFFERS = "reread_differs"


def ask(
    session: Session, found: Iterable[Document], *, engine: str, careful: bool, by: str
) -> list[int]:
    """Ask for every page of these documents to be read again; gives the chores' ids.

    Documents without an original, or on their way, are left out.
    """
    moment, ids = now(), dict[int, None]()
    for document in found:
        if document.sha256 is None or document.stage or document.state == "duplicate":
            continue
        states = readings.page_states(session, document.sha256)
        for number in range(document.first_page, document.last_page + 1):
            if number not in states or states[number].state == "waiting":
                continue
            chore = chores.ask(
                session,
                KIND,
                f"{document.sha256}:{number}",
                document.sha256,
                detail={"engine": engine, "careful": careful},
                by=by,
                moment=moment,
            )
            ids[chore] = None
    return list(ids)


def run(chore: Chore, services: Services) -> Done:
    """Read one page again."""
    sha256, number = chore.sha256, int(chore.subject.rpartition(":")[2])
    options = replace(
        services.read_options,
        engine=chore.detail.get("engine") or services.read_options.engine,
        careful=bool(chore.detail.get("careful")),
    )
    began = time.monotonic()
    with services.fetched(sha256) as path, services.child():
        page = services.sandbox.run_within(
            services.seconds_for(Urgency.SLOW), read_page, str(path), number, options
        )
    seconds = time.monotonic() - began

    def write(session: Session) -> Mapping[str, Any]:
        verdict = readings.add_reading(session, sha256, page, seconds)
        return {"verdict": verdict, "engine": page.engine, "version": page.version}

    return Done({}, write, lambda session: _after(session, chore, services))


def _after(session: Session, chore: Chore, services: Services) -> list[int]:
    """When the last page asked for together is read: what follows for its documents."""
    if chores.waiting_for(session, KIND, chore.sha256):
        return []
    together = chores.asked_together(session, chore)
    taken = {
        int(other.subject.rpartition(":")[2])
        for other in together
        if (other.outcome or {}).get("verdict") == readings.TAKEN
    }
    follow = []
    for document in documents.of_pages(session, chore.sha256, taken):
        if document.stage:
            continue
        if document.state == "review" and document.judgement and not document.decided_by:
            understanding.judge_again(document)
            follow.append(document.id)
        elif document.state == "filed":
            _look_at_filed(session, document, services)
    return follow


def _look_at_filed(session: Session, document: Document, services: Services) -> None:
    """The filed document's new text into the index; a contradiction is shown, nothing is moved."""
    pages = understanding.pages_of(session, document)
    search.index_document(session, document.id, "\n".join(page.text for page in pages))
    found = understanding.judged(session, document, services)
    household, kind = found.match.best, found.classification.best
    sure = found.state == "filed" or found.reasons == (LIKE_DISCARDED,)
    other = sure and (
        (household is not None and household.household.id != document.household_id)
        or (kind is not None and kind.code != document.type)
    )
    ledger.append(session, "reread", f"document:{document.id}", {"differs": other})
    if other:
        document.reasons = list(dict.fromkeys([*document.reasons, DIFFERS]))
        document.message = words(document.reasons)
        document.since = now()
    if services.settings.searchable:
        copies.ask(session, document)

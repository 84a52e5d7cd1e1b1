"""The stages `keep`, `inspect`, `put_away`, `give_back`: the bytes and where they lie."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from catalog import brought, ledger
from catalog.models import Document, Original
from ingest.formats import sniff
from ingest.inbox import Claim, actual, find, reject, shown, to_spool
from ingest.pages import inspect
from ingest.sandbox import ChildLost, Overtime, Starved
from worker.lanes import LARGEST_PAGE, SHORTEST_LOOK, urgency_of
from worker.outcome import Outcome, Slow
from worker.services import Services
from yihu import faults
from yihu.clock import now
from yihu.errors import Invariant, Rejected
from yihu.reasons import REASONS
from yihu.urgency import Urgency

STORE_SECONDS = 30.0  # longer than `storage.s3` waits for the word that a put was taken
SLOWEST_BYTES_A_SECOND = 200_000


def keep(document: Document, services: Services) -> Outcome:
    """Put the original into the store, which reads it back and compares the hash."""
    assert document.sha256 is not None
    path = _claim(document, services).place
    version = ""
    if path.is_file():
        faults.point("keep.put.before")
        with services.hands.waiting(_seconds_to_store(path)):
            version = services.store.put(path, document.sha256).version_id
        faults.point("keep.put.after")
    elif services.store.stat(document.sha256) is None:
        raise Invariant(f"document {document.id}: neither in the store nor at {path}")

    def stored(session: Session, held: Document) -> None:
        original = session.get_one(Original, held.sha256)
        original.stored_at = original.verified_at = now()
        original.verify_result = "ok"
        original.version_id = version
        ledger.append(session, "kept", f"document:{held.id}", {"sha256": held.sha256})

    return Outcome("inspect", "received", write=stored)


def inspect_original(document: Document, services: Services) -> Outcome:
    """Look at the file in a child process: format, pages, limits; then it leaves for the spool.

    A huge image of a mass drop is decoded only after the scans that lie beside it.
    """
    assert document.sha256 is not None
    dropped = Urgency(document.urgency)
    decode_up_to = LARGEST_PAGE if dropped is Urgency.BULK else None
    with services.fetched(document.sha256) as path, services.child():
        try:
            found = services.sandbox.run_within(
                services.seconds_at_pace(dropped, SHORTEST_LOOK),
                inspect,
                path,
                services.limits,
                decode_up_to,
            )
        except Rejected as error:
            if isinstance(error, Overtime) and document.urgency < Urgency.SLOW:
                raise Slow(str(error)) from error
            if error.reason == "unsupported" and services.sandbox.run(sniff, path).media:
                return Outcome("put_away", "review", _media(document, services))
            raise
        except Starved as error:
            if document.urgency < Urgency.SLOW:
                raise Slow(str(error)) from error  # where it is given more time
            raise
        except ChildLost as error:
            if dropped is Urgency.BULK:
                raise Slow(str(error)) from error  # a slow disk, perhaps, in so short a time
            if document.attempts < services.settings.max_attempts:
                raise
            raise Rejected("parser_limit", f"each time: {error}") from error
    if not found.proved:
        return Outcome("inspect", "received", {"urgency": Urgency.LATER})
    place = _to_spool(document, services)
    urgency = urgency_of(found, document.arrival.size, dropped)

    def known(session: Session, held: Document) -> None:
        original = session.get_one(Original, held.sha256)
        original.format, original.pages = found.format, len(found.pages)
        held.arrival.place = place

    return Outcome(
        "read", "reading", {"last_page": len(found.pages), "urgency": urgency}, write=known
    )


def _media(document: Document, services: Services) -> dict[str, Any]:
    """How a recording waits for a person: nothing reads it, so what was said is the suggestion."""
    with services.database.read() as session:
        said = brought.said_of(session, document)
    suggested = {"household_id": said.household_id, "type": said.type or None} if said else {}
    return {"reasons": ["media_file"], "category": "media"} | suggested


def put_away(document: Document, services: Services) -> Outcome:
    """Move the bytes of a settled document from the claim to the spool."""
    place = _to_spool(document, services)

    def moved(session: Session, held: Document) -> None:  # noqa: ARG001 - an outcome's write
        held.arrival.place = place

    return Outcome("", document.state, write=moved)


def _to_spool(document: Document, services: Services) -> str:
    if not document.arrival.place:  # rebuilt from the store: nothing of it lies elsewhere
        return ""
    home = services.settings.home
    place = to_spool(_claim(document, services), services.settings.spool)
    return shown(place.relative_to(home))


def give_back(document: Document, services: Services) -> Outcome:
    """Put a rejected file, unchanged, into the inbox's `_rejected` with a note beside it."""
    if not document.arrival.place:  # rebuilt from the store: there is nothing to give back
        return Outcome("", "rejected")
    home = services.settings.home
    reason = REASONS[document.reasons[0]]
    place = reject(
        _claim(document, services),
        services.settings.rejected,
        reason.code,
        f"{reason.zh}。{reason.do_zh}",
        f"{reason.en}. {reason.do_en}.",
    )

    def moved(session: Session, held: Document) -> None:  # noqa: ARG001 - an outcome's write
        held.arrival.place = shown(place.relative_to(home))

    return Outcome("", "rejected", write=moved)


def _seconds_to_store(path: Path) -> float:
    """How long putting this file may take before it counts as hung: slow stores included."""
    return STORE_SECONDS + path.stat().st_size / SLOWEST_BYTES_A_SECOND


def _claim(document: Document, services: Services) -> Claim:
    """The claim the document was made of, where it lies now.

    A crash may have come between a move and its record; then the token finds it.
    """
    arrival, home = document.arrival, services.settings.home
    if arrival.place and not os.path.lexists(home / actual(arrival.place)):
        for root in (services.settings.claimed, services.settings.spool):
            if (moved := find(root, arrival.token)) is not None:
                return replace(moved, path=arrival.path, sha256=arrival.sha256 or "")
    return Claim(
        token=arrival.token,
        path=arrival.path,
        place=home / actual(arrival.place),
        sha256=arrival.sha256 or "",
        size=arrival.size,
        kind="file",
    )

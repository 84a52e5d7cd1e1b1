"""The stages `keep`, `inspect`, `put_away`, `give_back`: the bytes and where they lie."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy.orm import Session

from catalog import ledger
from catalog.models import Document, Original
from ingest.inbox import give_back_file, spool_file
from ingest.pages import inspect
from worker.outcome import Outcome
from worker.services import Services
from yihu import faults
from yihu.clock import now
from yihu.errors import Invariant, Rejected
from yihu.reasons import REASONS

log = logging.getLogger(__name__)


def keep(document: Document, services: Services) -> Outcome:
    """Put the original into the store, which reads it back and compares the hash."""
    assert document.sha256 is not None
    path = services.settings.home / document.arrival.place
    stat = services.store.stat(document.sha256)
    if path.is_file():
        if path.stat().st_size > services.settings.max_file_bytes:
            log.warning("document %s is larger than the limit", document.id)
        faults.point("keep.put.before")
        version = services.store.put(path, document.sha256).version_id
        faults.point("keep.put.after")
    elif stat is not None:
        version = ""
    else:
        raise Invariant(f"document {document.id}: neither in the store nor at {path}")

    def stored(session: Session, held: Document) -> None:
        original = session.get_one(Original, held.sha256)
        original.stored_at = original.verified_at = now()
        original.verify_result = "ok"
        original.version_id = version
        ledger.append(session, "kept", f"document:{held.id}", {"sha256": held.sha256})

    return Outcome("inspect", "received", write=stored)


def inspect_original(document: Document, services: Services) -> Outcome:
    """Look at the file in a child process: format, pages, limits; then it leaves for the spool."""
    assert document.sha256 is not None
    with services.store.local_path(document.sha256) as path:
        found = services.sandbox.run(
            inspect, str(path), services.limits, seconds=services.settings.page_seconds
        )
    if found.media:
        return Outcome("put_away", "review", {"reasons": ["media_file"], "category": "media"})
    place = _to_spool(document, services)

    def known(session: Session, held: Document) -> None:
        original = session.get_one(Original, held.sha256)
        original.format, original.pages = found.format, found.pages
        held.arrival.place = place

    return Outcome("read", "reading", {"last_page": found.pages}, write=known)


def put_away(document: Document, services: Services) -> Outcome:
    """Move the bytes of a settled document from the claim to the spool."""
    place = _to_spool(document, services)

    def moved(session: Session, held: Document) -> None:  # noqa: ARG001 - an outcome's write
        held.arrival.place = place

    return Outcome("", document.state, write=moved)


def _to_spool(document: Document, services: Services) -> str:
    home = services.settings.home
    faults.point("spool.before")
    place = spool_file(
        home / document.arrival.place, services.settings.claimed, services.settings.spool
    )
    faults.point("spool.after")
    return place.relative_to(home).as_posix()


def give_back(document: Document, services: Services) -> Outcome:
    """Put a rejected file, unchanged, into the inbox's `_rejected` with a note beside it."""
    home, settings = services.settings.home, services.settings
    reason = REASONS.get(document.reasons[0]) or REASONS["broken"]
    source = home / document.arrival.place
    if not source.exists():
        raise Rejected(reason.code) if False else Invariant(f"nothing at {source}")
    place = give_back_file(source, settings, reason)
    return Outcome("", "rejected", write=lambda _s, held: _moved(held, place, home))


def _moved(document: Document, place: Path, home: Path) -> None:
    document.arrival.place = place.relative_to(home).as_posix()

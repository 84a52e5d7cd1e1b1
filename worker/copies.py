"""Searchable copies: PDF/A with the text that was read, made in the background after filing.

A copy is a derivative: it lies under its own prefix of the store and can be
made again at any time from the original and the stored readings. The original
is only read. Nobody waits for it: its message is taken when no other waits, and
its processes give way to those that read.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec

from sqlalchemy.orm import Session

from catalog import chores, documents, readings
from catalog.models import Chore, Document
from ingest import searchable
from worker.results import Done
from worker.services import Services
from yihu.errors import NotFound, Retryable
from yihu.page import PageText
from yihu.urgency import Urgency

P = ParamSpec("P")
KIND = "searchable"
LONG_PAGES = 8
"""The copy of a longer document never takes all threads of a worker at once."""


def ask(session: Session, document: Document) -> int | None:
    """Ask for the document's copy; None when it has no original."""
    if document.sha256 is None:
        return None
    return chores.ask(session, KIND, f"document:{document.id}", document.sha256)


def run(chore: Chore, services: Services) -> Done:
    """Make the copy of one document, unless it is no longer filed."""
    document_id = int(chore.subject.rpartition(":")[2])
    with services.database.read() as session:
        found = documents.by_id(session, [document_id])
    if not found or found[0].state != "filed":
        return Done({"made": False})
    long = found[0].last_page - found[0].first_page >= LONG_PAGES
    with services.slow_lane.enter(Urgency.SLOW if long else Urgency.LATER) as free:
        if not free:
            raise Retryable("other slow work is being done")
        return Done({"made": True, "bytes": make(found[0], services)})


def name_of(document: Document) -> str:
    """Where the document's copy lies among the derivatives."""
    return f"searchable/{document.sha256}/{document.first_page}-{document.last_page}.pdf"


def make(document: Document, services: Services) -> int:
    """Build the copy and put it into the store; gives its size in bytes."""
    with built(document, services) as path:
        services.store.put_derivative(name_of(document), path)
        return path.stat().st_size


def fetch(document: Document, services: Services, target: Path) -> bool:
    """Write the document's copy to `target`; True when it was there, False when made now."""
    there = _take(document, services, target)
    if not there:
        make(document, services)
        _take(document, services, target)
    return there


def _take(document: Document, services: Services, target: Path) -> bool:
    try:
        with services.store.open_derivative(name_of(document)) as copy, target.open("wb") as out:
            shutil.copyfileobj(copy, out)
    except NotFound:
        return False
    return True


@contextmanager
def built(document: Document, services: Services) -> Iterator[Path]:
    """The copy as a file that lives within the block; one page at a time in a child process.

    A page that nobody could read is there without text.
    """
    sha256 = document.sha256
    if sha256 is None:
        raise NotFound(f"document {document.id} has no original")
    with services.database.read() as session:
        read = readings.texts(session, sha256, document.first_page, document.last_page)
    known = {page.number: page for page in read}
    pages = [
        known.get(number) or PageText(number=number, lines=(), width=0, height=0)
        for number in range(document.first_page, document.last_page + 1)
    ]
    services.settings.run.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=services.settings.run, prefix="copy-") as folder,
        services.fetched(sha256) as path,
    ):
        whole, title = str(Path(folder) / "whole.pdf"), f"{document.arrival.path}"
        if len(pages) == 1:
            (only,), limits = pages, services.limits
            _behind(services, searchable.write_single, str(path), only, whole, title, limits)
        else:
            parts = [str(Path(folder) / f"{page.number:05d}.pdf") for page in pages]
            for page, part in zip(pages, parts, strict=True):
                _behind(services, searchable.write_page, str(path), page, part, services.limits)
            _behind(services, searchable.join, parts, whole, title)
        yield Path(whole)


def _behind(
    services: Services, write: Callable[P, None], *args: P.args, **kwargs: P.kwargs
) -> None:
    """Write a part in a child process that gives way to those that read."""
    with services.child():
        services.sandbox.run_behind(services.seconds_for(Urgency.SLOW), write, *args, **kwargs)

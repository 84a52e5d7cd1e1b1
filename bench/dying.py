"""A home with documents in every stage of being kept, and jobs on it that die on the way."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from catalog import documents, ledger, search
from catalog.documents import Dropped
from catalog.models import Document, Event, Original
from worker.home import existing_store, open_home, open_store, versions_in
from yihu import faults
from yihu.clock import now
from yihu.errors import Retryable
from yihu.settings import Settings, load


def half_done(folder: Path) -> Settings:
    """A home with documents in every stage of being kept."""
    settings = load(folder)
    for number in range(6):
        add(settings, number)
    return settings


def add(settings: Settings, number: int) -> None:
    """One document: still claimed, in the store but claimed, or settled, in turn."""
    data = f"原件 {number} ".encode() * 2000
    sha256 = hashlib.sha256(data).hexdigest()
    token = f"20260101T0000{number:02}000000-{number:08x}"
    place = f"claimed/{token}/件 {number}.pdf"
    path = settings.home / place
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    database = open_home(settings)
    store = open_store(settings, database)
    with database.write() as session:
        dropped = Dropped(token, f"件 {number}.pdf", place, sha256, len(data))
        document = documents.record(session, dropped)
        ledger.append(session, "received", f"document:{document.id}", {})
        search.index_document(session, document.id, f"第 {number} 件 阳光花园")
        if number % 3:
            stored = store.put(path, sha256)
            original = session.get_one(Original, sha256)
            original.stored_at, original.version_id = now(), stored.version_id
            document.stage, document.worker, document.lease_until = "inspect", "dead", now()
        if number % 3 == 2:
            document.stage, document.state, document.due_at = "", "review", None
            document.lease_until = None
            path.unlink()
    database.dispose()


def contents(settings: Settings) -> dict[str, Any]:
    """Everything that must be the same in a restored home."""
    database = open_home(settings)
    with database.read() as session:
        found: dict[str, Any] = {
            "documents": session.execute(
                select(Document.id, Document.sha256, Document.state, Document.stage)
            ).all(),
            "originals": session.execute(select(Original.sha256, Original.stored_at)).all(),
            "events": list(session.scalars(select(Event.hash).order_by(Event.seq))),
            "problems": list(ledger.verify_chain(session)),
            "found": sorted(hit.document_id for hit in search.search(session, "阳光花园")),
        }
    store = existing_store(settings, versions_in(database), settings.copies)
    found["store"] = {key: store.verify(key).ok for key in sorted(store.keys())}
    database.dispose()
    found["claimed"] = {
        path.relative_to(settings.home).as_posix(): path.read_bytes()
        for path in settings.claimed.rglob("*")
        if path.is_file()
    }
    return found


def forked(job: Callable[[], object], folder: Path | None = None, after: float = 0.0) -> int:
    """Run a job in a forked process, with faults from `folder`, or killed `after` seconds."""
    child = os.fork()
    if not child:
        code = 99
        try:
            faults._FOLDER = folder  # noqa: SLF001
            job()
            code = 0
        except Retryable:
            code = 3
        finally:
            os._exit(code)
    if after:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def armed(folder: Path, point: str, action: str) -> Path:
    """A fault folder with one armed point."""
    folder.mkdir()
    (folder / point).write_text(action)
    return folder

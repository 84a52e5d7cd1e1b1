"""From the inbox to a recorded document: claim, record in one transaction, send.

Used by the watcher for what staff drop, and by `yihu ingest` for what a
command brings. A crash between the claim's rename and the record leaves a
folder under `claimed/`, which `recover` records later.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from celery import Celery

from catalog import documents, ledger
from catalog.database import Database
from ingest.formats import complete_file
from ingest.inbox import Claim, InboxWatcher, recover, reject, take
from worker.messages import Messages
from worker.services import open_home
from yihu import faults
from yihu.errors import Rejected, Retryable
from yihu.reasons import REASONS, words
from yihu.settings import Settings

log = logging.getLogger(__name__)
RECOVER_SECONDS = 30.0


class Intake:
    """Takes files of one home; every method may be called twice for the same file."""

    def __init__(self, settings: Settings, database: Database, messages: Messages) -> None:
        self._settings = settings
        self._database = database
        self._messages = messages

    def take(self, path: Path) -> None:
        """Claim a file that is whole, record it, and send its document on its way."""
        settings = self._settings
        try:
            claim = take(path, settings.inbox, settings.claimed)
        except Rejected as error:
            self.refuse(path, error)
            return
        if claim is not None:
            self.record(claim)

    def record(self, claim: Claim) -> int:
        """Record a claim; gives the document's id. Harmless when it is recorded already."""
        faults.point("intake.record.before")
        dropped = documents.Dropped(
            token=claim.token,
            path=claim.path,
            place=claim.place.relative_to(self._settings.home).as_posix(),
            sha256=claim.sha256,
            size=claim.size,
        )
        with self._database.write() as session:
            document = documents.record(session, dropped)
            if document.arrival_id is not None and document.stage in ("keep", "put_away"):
                ledger.append(
                    session, "received", f"document:{document.id}", {"sha256": claim.sha256}
                )
        faults.point("intake.record.after")
        self._messages.advance(document.id)
        return document.id

    def refuse(self, path: Path, error: Rejected) -> int:
        """Move what cannot be claimed to `_rejected` with a note, and record that."""
        settings = self._settings
        reason = REASONS[error.reason]
        place = reject(
            path,
            settings.inbox,
            settings.rejected,
            error.reason,
            (reason.zh, reason.do_zh),
            (reason.en, reason.do_en),
        )
        dropped = documents.Dropped(
            token=f"refused-{place.name}", path=path.name, place=str(place), sha256=None, size=0
        )
        with self._database.write() as session:
            document = documents.record_refused(
                session, dropped, error.reason, words([error.reason])
            )
            return document.id

    def recover(self) -> int:
        """Record claims that a crash left without a row; gives how many there were."""
        with self._database.read() as session:
            known = documents.known_tokens(session, self._claimed_tokens())
        count = 0
        for claim in recover(self._settings.claimed):
            if claim.token not in known:
                log.warning("recording the claim %s that a crash left behind", claim.token)
                self.record(claim)
                count += 1
        return count

    def _claimed_tokens(self) -> list[str]:
        if not self._settings.claimed.is_dir():
            return []
        return [entry.name for entry in self._settings.claimed.iterdir()]


def watch(settings: Settings, app: Celery, stop: threading.Event) -> None:
    """Take what lies in the inbox and what comes, until `stop` is set."""
    database = open_home(settings)
    messages = Messages(app)
    intake = Intake(settings, database, messages)
    recoverer = threading.Thread(
        target=_keep_recovering, args=(intake, stop), name="recover", daemon=True
    )
    recoverer.start()
    InboxWatcher(
        settings.inbox,
        on_ready=intake.take,
        on_hint=messages.warm,
        complete=complete_file,
        settle_seconds=settings.settle_seconds,
        settle_blind_seconds=settings.settle_blind_seconds,
        broken_upload_seconds=settings.broken_upload_seconds,
        rescan_seconds=settings.rescan_seconds,
    ).run(stop)
    recoverer.join()
    database.dispose()


def _keep_recovering(intake: Intake, stop: threading.Event) -> None:
    while True:
        try:
            intake.recover()
        except (Retryable, OSError) as error:
            log.warning("cannot look for left claims: %s", error)
        if stop.wait(RECOVER_SECONDS):
            return

"""From the inbox to a recorded document: claim, record in one transaction, send.

Used by the watcher for what staff drop, and by `yihu ingest` for what a
command brings. A crash between the claim's rename and the record leaves a
folder under `claimed/`, which `recover` records later.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from celery import Celery

from catalog import documents, ledger
from catalog.brought import Brought
from catalog.database import Database
from ingest.formats import complete, sniff
from ingest.inbox import (
    Claim,
    InboxWatcher,
    Refused,
    Rule,
    recover,
    shown,
    sweep_staging,
    take,
)
from worker import pulse
from worker.home import open_home
from worker.lanes import Bursts, urgency_at_sight
from worker.messages import Messages
from yihu import faults
from yihu.errors import Retryable
from yihu.log import told
from yihu.reasons import words
from yihu.settings import Settings
from yihu.urgency import Urgency

log = logging.getLogger(__name__)
RECOVER_AGE_SECONDS = 30.0  # a younger claim may still be on its way into the database
HUNG_SECONDS = 10.0  # beyond the lease; in sum longer than a wait for a locked database
SLOWEST_BYTES_A_SECOND = 200_000
STAGING_AGE_SECONDS = 86400.0
NEVER = float("inf")


class Intake:
    """Takes files of one home; every method may be called twice for the same file."""

    def __init__(self, settings: Settings, database: Database, messages: Messages) -> None:
        self._settings = settings
        self._database = database
        self._messages = messages
        self._bursts = Bursts()
        self._take_until = self._recover_until = NEVER

    @property
    def busy(self) -> bool:
        """True while a file is being taken."""
        return self._take_until < NEVER

    @property
    def hangs(self) -> bool:
        """True when a file takes longer than the slowest disk would need."""
        return time.monotonic() > min(self._take_until, self._recover_until)

    def _allowed(self, path: Path) -> float:
        """Until when taking this file may last."""
        return time.monotonic() + self._settings.lease_seconds + HUNG_SECONDS + _seconds(path)

    def take(self, path: Path) -> None:
        """Claim a file that is whole, record it, and send its document on its way."""
        self._take_until = self._allowed(path)
        try:
            self._take(path)
        finally:
            self._take_until = NEVER

    def _take(self, path: Path) -> None:
        settings = self._settings
        try:
            claim = take(path, settings.inbox, settings.claimed, max_bytes=settings.max_file_bytes)
        except Refused as error:
            self.record(error.claim)
            return
        if claim is not None:
            self.record(claim)

    def record(self, claim: Claim, by: str = "", said: Brought | None = None) -> int:
        """Record a claim; gives the document's id. Harmless when it is recorded already.

        `by` is who brought it, where that is known, and `said` for which household.
        """
        faults.point("intake.record.before")
        on_disk = claim.on_disk
        dropped = documents.Dropped(
            token=claim.token,
            path=claim.path,
            place=shown(claim.place.relative_to(self._settings.home)) if on_disk else "",
            sha256=claim.sha256 or None,
            size=claim.size,
            urgency=self._urgency(claim),
            by=by,
        )
        with self._database.write() as session:
            if claim.reason:
                document = documents.record_refused(
                    session, dropped, claim.reason, words([claim.reason])
                )
            else:
                document = documents.record(session, dropped)
            what = claim.reason or document.state
            subject = f"document:{document.id}"
            told = {"as": what} | (said.as_data() if said else {})
            ledger.append(session, "received", subject, told, by or ledger.MACHINE)
        faults.point("intake.record.after")
        if document.stage:
            self._messages.advance(document.id, document.stage, dropped.urgency)
        return document.id

    def _urgency(self, claim: Claim) -> Urgency:
        dropped = self._bursts.urgency(claim.path)
        if claim.reason or dropped is not Urgency.BULK:
            return dropped
        try:
            return urgency_at_sight(sniff(claim.place), claim.size, dropped)
        except OSError:  # whoever keeps it meets that too, and says so
            return dropped

    def recover(self) -> int:
        """Record claims that a crash left without a row; gives how many there were."""
        self._recover_until = self._allowed(self._settings.claimed)
        try:
            return self._recover()
        finally:
            self._recover_until = NEVER

    def _recover(self) -> int:
        count = 0
        left = recover(
            self._settings.claimed,
            self._settings.inbox,
            known=self._is_known,
            older_than=min(RECOVER_AGE_SECONDS, self._settings.rescan_seconds),
            max_bytes=self._settings.max_file_bytes,
        )
        for claim in left:
            log.warning("recording the claim %s that a crash left behind", claim.token)
            self.record(claim)
            count += 1
        sweep_staging(self._settings.claimed, STAGING_AGE_SECONDS)
        return count

    def _is_known(self, token: str) -> bool:
        claim = self._settings.claimed / token
        largest = max(claim.rglob("*"), key=_seconds, default=claim)
        self._recover_until = self._allowed(largest)
        with self._database.read() as session:
            return bool(documents.known_tokens(session, [token]))


def _seconds(path: Path) -> float:
    """How long the slowest disk needs to read this file."""
    try:
        return path.lstat().st_size / SLOWEST_BYTES_A_SECOND
    except OSError:
        return 0.0


def watch(settings: Settings, app: Celery, stop: threading.Event) -> None:
    """Take what lies in the inbox and what comes, until `stop` is set."""
    database = open_home(settings)
    messages = Messages(app)
    intake = Intake(settings, database, messages)
    recoverer = threading.Thread(
        target=_keep_recovering,
        args=(intake, settings.rescan_seconds / 2, stop),
        name="recover",
        daemon=True,
    )
    watcher = InboxWatcher(
        settings.inbox,
        on_ready=intake.take,
        on_hint=messages.warm,
        complete=lambda path: complete(path, sniff(path)),
        rule=Rule(
            settle_seconds=settings.settle_seconds,
            settle_blind_seconds=settings.settle_blind_seconds,
            broken_upload_seconds=settings.broken_upload_seconds,
        ),
        rescan_seconds=settings.rescan_seconds,
    )
    after = settings.lease_seconds + HUNG_SECONDS

    def hangs() -> bool:
        stands = not intake.busy and time.monotonic() > watcher.moved_at + after
        return stands or intake.hangs

    recoverer.start()
    pulse.start(pulse.pulse_file(settings.run, "watcher"), hangs)
    watcher.run(stop)
    recoverer.join()
    database.dispose()


def _keep_recovering(intake: Intake, every: float, stop: threading.Event) -> None:
    while True:
        try:
            intake.recover()
        except (Retryable, OSError) as error:
            log.warning("cannot look for left claims: %s", told(error))
        except Exception:
            # The edge of the thread: without it, left claims would wait for a restart.
            log.exception("looking for left claims")
        if stop.wait(every):
            return

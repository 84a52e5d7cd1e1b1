"""What beat does in the background: spool, temporary files, waivers, a slow fixity round."""

from __future__ import annotations

import logging
import re
import time
from datetime import timedelta

from sqlalchemy import select

from catalog import ledger, samples, tallies, ticks, verifications
from catalog.models import Arrival, Document, Original
from ingest.inbox import sweep_spool
from storage import FixityResult
from worker import discards, learning, records
from worker.findings import Finding
from worker.services import Services
from worker.verifying import Verification, check_original
from yihu.clock import now

log = logging.getLogger(__name__)
FIXITY_AGE = timedelta(days=30)
UNFINISHED_SECONDS = 86400.0
FIXITY_SHARE = 0.05  # of the time between two rounds of housekeeping
FIXITY_SECONDS = 900 * FIXITY_SHARE
AUDIT_AGE = timedelta(hours=24)
LONGEST_READ = 1800.0  # of one original from a slow store
LONGEST_AUDIT = 4 * 3600.0
_OURS = re.compile(r"[a-z]+:\d+|[0-9a-f]{64}")


def run(services: Services) -> None:
    """One round."""
    spool(services)
    services.store.sweep_temporary(UNFINISHED_SECONDS)
    with services.database.write() as session:
        ticks.expire_waivers(session, now().date(), services.template)
    with services.database.write() as session:
        tallies.fold(session)
    with services.database.write() as session:
        samples.draw(session, services.settings.sample_share, ledger.MACHINE)
    fixity_round(services)
    audit_round(services)
    learning.round_(services)
    discards.round_(services)


def spool(services: Services) -> int:
    """Remove spool copies past their time whose original was read back once more just now."""
    older = services.settings.spool_days * 86400

    def may_remove(token: str) -> bool:
        with services.database.read() as session:
            arrival = session.scalar(select(Arrival).where(Arrival.token == token))
            moving = arrival is not None and session.scalar(
                select(Document.id).where(
                    Document.arrival_id == arrival.id,
                    Document.state.in_(("received", "reading", "rejected", "failed")),
                )
            )
        if arrival is None or arrival.sha256 is None or moving:
            return False
        return services.store.verify(arrival.sha256).result is FixityResult.OK

    return sweep_spool(services.settings.spool, older, may_remove)


def fixity_round(services: Services) -> int:
    """Read the originals again that were not looked at for longest; a bounded time a round."""
    deadline = time.monotonic() + FIXITY_SECONDS
    count = 0
    while time.monotonic() < deadline:
        with services.database.read() as session:
            sha256 = session.scalar(
                select(Original.sha256)
                .where(Original.stored_at.is_not(None), Original.verified_at < now() - FIXITY_AGE)
                .order_by(Original.verified_at)
                .limit(1)
            )
        if sha256 is None:
            return count
        services.hands.step()
        with services.hands.waiting(LONGEST_READ):
            finding = check_original(services.database, services.store, sha256)
        if finding is not None:
            log.error("%s", _told(finding))
        elif records.mend(services, sha256):
            log.warning("the record of %s was gone or damaged; written anew", sha256)
        count += 1
    return count


def audit_round(services: Services) -> None:
    """Once a day everything but the originals, whose turn comes in the fixity round."""
    with services.database.read() as session:
        last = verifications.last(session)
    if last is not None and last.started_at > now() - AUDIT_AGE:
        return
    run = Verification(services.database, services.store, services.settings, fixity=False)
    with services.hands.waiting(LONGEST_AUDIT):
        for finding in run.findings():
            log.error("%s", _told(finding))


def _told(finding: Finding) -> str:
    """A finding for the log; what a person may have named is left to `yihu verify`."""
    ours = _OURS.fullmatch(finding.subject) is not None
    subject = f"{finding.subject} {finding.message}" if ours else "see yihu verify"
    return f"{finding.check}: {finding.result} {subject}"

"""The inbox: watch it, wait until files are whole, take them, give refused ones back.

Gives `InboxWatcher` (events for speed, scans for truth), `take` and `copy_in`
(one atomic act each), `recover` after a crash, `reject` with a note for staff,
and the spool. It never parses a document, never follows a link, never deletes
what staff dropped, and knows neither database nor store.
"""

from ingest.inbox.claim import (
    Claim,
    Refused,
    copy_in,
    find,
    moment_of,
    recover,
    sweep_staging,
    take,
)
from ingest.inbox.names import actual, shown, why_ignored
from ingest.inbox.reject import reject
from ingest.inbox.scan import files_below
from ingest.inbox.settle import Rule, State
from ingest.inbox.spool import sweep_spool, to_spool
from ingest.inbox.watch import InboxWatcher, Snapshot, Waiting

__all__ = [
    "Claim",
    "InboxWatcher",
    "Refused",
    "Rule",
    "Snapshot",
    "State",
    "Waiting",
    "actual",
    "copy_in",
    "files_below",
    "find",
    "moment_of",
    "recover",
    "reject",
    "shown",
    "sweep_spool",
    "sweep_staging",
    "take",
    "to_spool",
    "why_ignored",
]

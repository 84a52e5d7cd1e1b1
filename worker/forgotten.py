"""Does anything lie forgotten between the inbox and the store, or wait for nobody?

Looked at: the inbox, the claimed files, the spool, the places recorded for
documents, and what is due. Waiting is not forgotten: a file that is still
written to, that is left alone until it is renamed, or whose turn comes after
thousands of others is no finding. What cannot be looked at is said so.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from catalog import documents, originals
from catalog import overdue as tables
from catalog.database import Database
from ingest.formats import complete, sniff
from ingest.inbox import actual, find, moment_of, shown, why_ignored
from ingest.inbox.scan import TAKING, look_through
from ingest.inbox.writers import Writer, writer_of
from worker.backup_folder import hash_file
from worker.duty import AT_INBOX
from worker.findings import Finding
from worker.pulse import fresh, pulse_file
from worker.supervisor import is_running
from yihu.clock import now
from yihu.settings import Settings

FORGOTTEN = timedelta(minutes=10)
BACKLOG = timedelta(days=1)
"""No inbox takes so long to be emptied by a watcher that runs."""
CHECK = "inbox"
_IDLE = "；此处未运行 yihu up / yihu up does not run here"


def nothing_forgotten(
    database: Database, settings: Settings, moment: datetime | None = None
) -> Iterator[Finding | None]:
    """Every look at `moment` (now): None for what is well, a finding for what is not."""
    looks = _Looks(database, settings, moment or now())
    yield from looks.inbox()
    for root in (settings.claimed, settings.inbox / TAKING):
        yield from looks.claimed(root)
    yield from looks.spool()
    yield from looks.places()
    yield from looks.due()


class _Looks:
    """One round over a home as it stands at `moment`."""

    def __init__(self, database: Database, settings: Settings, moment: datetime) -> None:
        self._database, self._settings, self._moment = database, settings, moment
        self._before = moment - FORGOTTEN
        own = not settings.broker_url.get_secret_value()
        self._stopped = own and not is_running(settings.run)

    # --- the inbox --------------------------------------------------------------------------

    def inbox(self) -> Iterator[Finding | None]:
        """Files that the watcher should have taken long ago."""
        inbox = os.path.abspath(self._settings.inbox)  # noqa: PTH100 - keeps links, unlike resolve()
        unseen: list[tuple[str, OSError]] = []
        with self._database.read() as session:
            busy = tables.anything_taken(session, self._before)
        watched = _watched_since(self._settings)
        for path, found in look_through(inbox, complain=lambda *seen: unseen.append(seen)):
            below = path[len(inbox) + 1 :]
            if why_ignored(below):
                continue
            forgotten = self._lies(path, found, watched, busy=busy)
            message = "久未收取 / lies in the inbox and nobody takes it"
            message += _IDLE if self._stopped else ""
            yield Finding(CHECK, shown(below), "unknown", message) if forgotten else None
        for path, error in unseen:
            yield _unseen(path, error)

    def _lies(
        self, path: str, found: os.stat_result, watched: datetime | None, *, busy: bool
    ) -> bool:
        settings = self._settings
        settle = timedelta(seconds=max(settings.settle_seconds, settings.settle_blind_seconds))
        age = self._moment - datetime.fromtimestamp(found.st_ctime, self._moment.tzinfo)
        if age < FORGOTTEN + settle:
            return False
        up = self._moment - watched if watched is not None else None
        if up is not None and (up < FORGOTTEN + settle or (busy and min(up, age) < BACKLOG)):
            return False  # it has begun just now, or takes one file after the other
        if not stat.S_ISREG(found.st_mode):
            return True
        if _written_to(path):
            return False
        patience = FORGOTTEN + timedelta(seconds=settings.broken_upload_seconds)
        waits = age < patience or (up is not None and up < patience)
        return not (waits and _is_half(path))

    # --- claimed files ----------------------------------------------------------------------

    def claimed(self, root: Path) -> Iterator[Finding | None]:
        """Claims nobody recorded, and those whose documents came to rest long ago."""
        try:
            folders = [path for path in sorted(root.iterdir()) if not path.name.startswith(".")]
        except FileNotFoundError:
            return
        except OSError as error:
            yield _unseen(os.fspath(root), error)
            return
        names = [folder.name for folder in folders]
        with self._database.read() as session:
            known = documents.known_tokens(session, names)
            settled = tables.settled_claims(session, known, self._before)
        for folder in folders:
            yield self._claim(root, folder, known, settled)

    def _claim(
        self, root: Path, folder: Path, known: set[str], settled: set[str]
    ) -> Finding | None:
        try:
            age = self._moment.timestamp() - folder.lstat().st_mtime
            if age <= FORGOTTEN.total_seconds():
                return None
            if folder.name not in known:
                message = "认领后未登记 / claimed but never recorded"
                return Finding(CHECK, folder.name, "unknown", message)
            if folder.name in settled and find(root, folder.name) is not None:
                message = "早已办结，仍在认领夹 / settled long ago, yet its file is still claimed"
                return Finding(CHECK, folder.name, "failed", message)
        except FileNotFoundError:
            return None  # it has just moved on
        except OSError as error:
            return _unseen(os.fspath(folder), error)
        return None

    # --- the spool --------------------------------------------------------------------------

    def spool(self) -> Iterator[Finding | None]:
        """What lies in the spool and is neither a recorded file nor a kept original."""
        spool = self._settings.spool
        try:
            for day in sorted(spool.iterdir()):
                if not day.is_dir() or day.is_symlink():
                    yield self._stranger(day)
                    continue
                folders = sorted(day.iterdir())
                with self._database.read() as session:
                    known = documents.known_tokens(session, [folder.name for folder in folders])
                for folder in folders:
                    yield None if folder.name in known else self._stranger(folder)
        except FileNotFoundError:
            return  # swept meanwhile, or there is no spool yet
        except OSError as error:
            yield _unseen(os.fspath(spool), error)

    def _stranger(self, path: Path) -> Finding | None:
        """A finding, unless it is a kept original: a rebuilt home knows no more of it."""
        try:
            if path.is_dir() and not path.is_symlink() and self._all_kept(path):
                return None
        except FileNotFoundError:
            return None
        except OSError as error:
            return _unseen(os.fspath(path), error)
        below = shown(path.relative_to(self._settings.spool))
        message = "暂存区里无人登记的文件 / lies in the spool, yet no document is known of it"
        return Finding(CHECK, below, "unknown", message)

    def _all_kept(self, folder: Path) -> bool:
        """Whether every file below is, byte for byte, an original that was stored."""
        for path in folder.rglob("*"):
            if path.is_dir() and not path.is_symlink():
                continue
            if not stat.S_ISREG(path.lstat().st_mode):
                return False
            sha256 = hash_file(path)
            with self._database.read() as session:
                if not originals.is_stored(session, sha256):
                    return False
        return True

    # --- places and dates -------------------------------------------------------------------

    def places(self) -> Iterator[Finding | None]:
        """Documents whose only copy is not where it is recorded to lie."""
        with self._database.read() as session:
            there = tables.only_copies(session, AT_INBOX)
        gone = [number for number, place in there if not self._is_there(place)]
        with self._database.read() as session:  # what moved while we looked is well
            again = tables.only_copies(session, AT_INBOX, gone) if gone else []
        lost = [(number, place) for number, place in again if not self._is_there(place)]
        yield from [None] * (len(there) - len(lost))
        if lost and len(lost) == len(there) and self._elsewhere():
            message = "工作目录不在本机 / the working folders are not at hand here"
            yield Finding(CHECK, "claimed", "could-not-check", message)
            return
        for number, place in lost:
            message = f"登记处无此文件 / the file is not where it is recorded: {place}"
            yield Finding(CHECK, f"document:{number}", "missing", message)

    def _is_there(self, place: str) -> bool:
        settings = self._settings
        if os.path.lexists(settings.home / actual(place)):
            return True
        tokens = [part for part in Path(place).parts if _is_token(part)]
        roots = (settings.claimed, settings.spool)
        return any(find(root, token) is not None for root in roots for token in tokens)

    def _elsewhere(self) -> bool:
        """Whether this may be a machine that shares the database and not the folders."""
        settings = self._settings
        if not settings.database_url.get_secret_value():
            return False
        return not any(True for root in (settings.claimed, settings.spool) for _ in root.glob("*"))

    def due(self) -> Iterator[Finding | None]:
        """Documents, pages and chores that are due while nothing moves."""
        with self._database.read() as session:
            late = list(tables.overdue(session, self._before, chores=not self._stopped))
        for each in late:
            message = f"长时间没有进展 / has not moved for long: {each.what}"
            message += _IDLE if self._stopped else ""
            yield Finding(CHECK, each.subject, "failed", message)
        if not late:
            yield None


def _watched_since(settings: Settings) -> datetime | None:
    """Since when a watcher of this machine is at the inbox; None when none is."""
    path = pulse_file(settings.run, "watcher")
    if not fresh(path):
        return None
    try:
        return datetime.fromisoformat(path.read_text())
    except (OSError, ValueError):
        return now()  # it is being started


def _written_to(path: str) -> bool:
    try:
        return writer_of(path) is Writer.PRESENT
    except OSError:
        return False


def _is_half(path: str) -> bool:
    """Whether the file's format says that its end is missing: the upload may still go on."""
    try:
        return not complete(Path(path), sniff(Path(path)))
    except OSError:
        return False


def _is_token(name: str) -> bool:
    try:
        moment_of(name)
    except ValueError:
        return False
    return True


def _unseen(path: str, error: OSError) -> Finding:
    message = f"无法查看 / cannot be looked at: {error.strerror or error}"
    return Finding(CHECK, shown(path), "could-not-check", message)

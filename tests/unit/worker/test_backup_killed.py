"""Backup and restore killed, or out of disk, at every point and at random moments."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from catalog import documents, ledger
from catalog.database import Database
from catalog.documents import Dropped
from catalog.migrate import TooNewError, upgrade
from catalog.models import Document, Event, Original
from storage import LocalStore
from worker.backup import back_up
from worker.backup_folder import MANIFEST, BackupFolder, DamagedBackup, Manifest, NotContinued
from worker.home import open_home
from worker.restoring import is_unfinished, restore
from yihu import faults
from yihu.clock import now
from yihu.errors import AlreadyRunning, Retryable, Usage
from yihu.settings import Settings, load

BACKUP_POINTS = (
    "backup.snapshot.before",
    "backup.snapshot.after",
    "backup.original.before",
    "storage.put.before_write",
    "storage.put.before_link",
    "storage.put.after_link",
    "backup.originals.after",
    "backup.manifest.before",
    "backup.manifest.after",
)
RESTORE_POINTS = (
    "restore.placeholder.after",
    "restore.original.before",
    "storage.put.before_link",
    "storage.put.after_link",
    "restore.originals.after",
    "restore.database.after",
    "restore.claimed.after",
    "restore.store.after",
)


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
    with database.write() as session:
        dropped = Dropped(token, f"件 {number}.pdf", place, sha256, len(data))
        document = documents.record(session, dropped)
        ledger.append(session, "received", f"document:{document.id}", {})
        if number % 3:
            LocalStore(settings.store).put(path, sha256)
            session.get_one(Original, sha256).stored_at = now()
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
        }
    database.dispose()
    store = LocalStore(settings.store)
    found["store"] = [(key, store.verify(key).ok) for key in store.keys()]  # noqa: SIM118
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
            faults._FOLDER = folder
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


@pytest.fixture
def old(tmp_path: Path) -> Settings:
    """A home with documents in every stage of being kept."""
    settings = load(tmp_path / "old")
    for number in range(6):
        add(settings, number)
    return settings


@pytest.fixture
def new(tmp_path: Path) -> Settings:
    """A home that is not there yet."""
    return load(tmp_path / "new")


@pytest.mark.parametrize("action", ["kill", "full"])
@pytest.mark.parametrize("point", BACKUP_POINTS)
def test_a_backup_that_dies_leaves_the_last_one_whole_and_the_next_one_right(
    old: Settings, new: Settings, tmp_path: Path, point: str, action: str
) -> None:
    folder = tmp_path / "b"
    back_up(old, folder)
    before = contents(old)
    add(old, 6)
    add(old, 7)
    code = forked(lambda: back_up(old, folder), armed(tmp_path / "faults", point, action))
    assert (tmp_path / "faults" / "fired" / point).exists()
    assert code in (-signal.SIGKILL, 3, 99)
    backup = BackupFolder.open(folder)
    if point != "backup.manifest.after":
        assert len(backup.generations()) == 1
        restore(load(tmp_path / "between"), folder)
        assert contents(load(tmp_path / "between")) == before
    back_up(old, folder)
    assert not list((folder / "originals" / "temporary").iterdir())
    restore(new, folder)
    assert contents(new) == contents(old)


@pytest.mark.parametrize("action", ["kill", "full"])
@pytest.mark.parametrize("point", RESTORE_POINTS)
def test_a_restore_that_dies_is_no_home_until_it_is_done_again(
    old: Settings, new: Settings, tmp_path: Path, point: str, action: str
) -> None:
    folder = tmp_path / "b"
    back_up(old, folder)
    forked(lambda: restore(new, folder), armed(tmp_path / "faults", point, action))
    assert (tmp_path / "faults" / "fired" / point).exists()
    assert is_unfinished(new.home)
    database = Database(new.database)
    with pytest.raises(TooNewError, match="yihu restore"):
        upgrade(database)
    database.dispose()
    restore(new, folder)
    assert contents(new) == contents(old)
    assert not (new.home / ".restoring").exists()


def test_kills_at_random_moments_cost_nothing(old: Settings, new: Settings, tmp_path: Path) -> None:
    folder, dice = tmp_path / "b", random.Random(7)
    for number in range(6, 18):
        add(old, number)
        forked(lambda: back_up(old, folder), after=dice.uniform(0.01, 0.4))
    back_up(old, folder)
    for _ in range(12):
        if not new.home.exists() or is_unfinished(new.home):
            forked(lambda: restore(new, folder), after=dice.uniform(0.01, 0.4))
    try:
        restore(new, folder)
    except Usage:  # one of them came to its end before it was killed
        assert not is_unfinished(new.home)
    assert contents(new) == contents(old)


@pytest.mark.parametrize("name", ["catalogue.db", MANIFEST])
def test_an_altered_manifest_or_database_is_refused_before_the_home_is_touched(
    old: Settings, new: Settings, tmp_path: Path, name: str
) -> None:
    report = back_up(old, tmp_path / "b")
    back_up(old, tmp_path / "b")
    (newest,) = BackupFolder(tmp_path / "b").generations()[1:]
    path = BackupFolder(tmp_path / "b").folder(newest) / name
    whole = path.read_bytes()
    for place in (0, len(whole) // 3, len(whole) // 2, len(whole) - 3):
        data = bytearray(whole)
        data[place] ^= 1
        path.write_bytes(data)
        with pytest.raises(DamagedBackup):
            restore(new, tmp_path / "b")
        assert not new.home.exists()
    restore(new, tmp_path / "b", generation=report.manifest.generation)
    assert contents(new) == contents(old)


def test_leases_are_cleared_and_what_was_on_its_way_is_due(
    old: Settings, new: Settings, tmp_path: Path
) -> None:
    back_up(old, tmp_path / "b")
    restore(new, tmp_path / "b")
    database = Database(new.database)
    with database.read() as session:
        assert documents.holders(session) == set()
        assert len(documents.due(session, 100)) == 4
    database.dispose()


def test_damage_in_the_home_is_told_and_the_good_copy_in_the_backup_stays(
    old: Settings, new: Settings, tmp_path: Path
) -> None:
    back_up(old, tmp_path / "b")
    store = LocalStore(old.store)
    kept = sorted(store.keys())
    with store.local_path(kept[0]) as path:
        path.chmod(0o600)
        path.write_bytes(b"altered")
    assert back_up(old, tmp_path / "b").manifest.lacking == {}
    fresh = back_up(old, tmp_path / "fresh").manifest.lacking
    assert set(fresh) <= {kept[0]}
    restore(new, tmp_path / "b")
    assert LocalStore(new.store).verify(kept[0]).ok


def test_old_generations_go_and_originals_stay(old: Settings, tmp_path: Path) -> None:
    for _ in range(9):
        back_up(old, tmp_path / "b")
    backup = BackupFolder(tmp_path / "b")
    assert [name[:6] for name in backup.generations()] == [f"{n:06}" for n in range(3, 10)]
    assert len(list(backup.originals.keys())) == 6


def test_a_ledger_that_does_not_continue_is_refused(
    old: Settings, new: Settings, tmp_path: Path
) -> None:
    back_up(old, tmp_path / "b")
    for number in range(7):
        add(new, number)
    with pytest.raises(NotContinued):
        back_up(new, tmp_path / "b")
    assert len(BackupFolder(tmp_path / "b").generations()) == 1


def test_two_at_once_are_refused(old: Settings, new: Settings, tmp_path: Path) -> None:
    back_up(old, tmp_path / "b")
    with BackupFolder(tmp_path / "b").locked(write=True):
        with pytest.raises(AlreadyRunning):
            back_up(old, tmp_path / "b")
        with pytest.raises(AlreadyRunning):
            restore(new, tmp_path / "b")


def test_a_manifest_reads_what_it_wrote(old: Settings, tmp_path: Path) -> None:
    manifest = back_up(old, tmp_path / "b").manifest
    assert Manifest.parse(manifest.text()) == manifest
    assert len(manifest.loose) == 4

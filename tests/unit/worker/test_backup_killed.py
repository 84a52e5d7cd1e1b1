"""Backup and restore killed, or out of disk, at every point and at random moments."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from bench.dying import add, armed, contents, forked, half_done
from catalog import documents
from catalog.database import Database
from catalog.migrate import TooNewError, upgrade
from storage import LocalStore
from worker.backup import back_up
from worker.backup_folder import MANIFEST, BackupFolder, DamagedBackup, Manifest, NotContinued
from worker.restore_target import is_unfinished
from worker.restoring import restore
from yihu.errors import AlreadyRunning, Usage
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

pytestmark = pytest.mark.embedded


@pytest.fixture
def old(tmp_path: Path) -> Settings:
    """A home with documents in every stage of being kept."""
    return half_done(tmp_path / "old")


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

"""Moving between one computer and servers, both ways, with every server real (issue 5.8)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.corpus import Corpus, load_truth
from bench.dying import add, armed, contents, forked, half_done
from bench.home import Home
from bench.home import room as short
from bench.office import Office, permit, unheard
from bench.servers import Profile
from catalog import ledger
from catalog.database import Database
from catalog.migrate import TooNewError, upgrade
from worker.backup import back_up
from worker.backup_folder import DATABASE, BackupFolder, reading
from worker.home import open_home
from worker.restoring import restore
from yihu.errors import Usage
from yihu.settings import Settings, load

pytestmark = pytest.mark.timeout(900)
RESTORE_POINTS = (
    "restore.placeholder.after",
    "restore.database.after",
    "restore.original.before",
    "storage.put.before_upload",
    "restore.originals.after",
    "restore.claimed.after",
    "restore.store.after",
    "restore.rows.copied",
)
BACKUP_POINTS = ("backup.snapshot.after", "backup.original.before", "backup.manifest.before")


@pytest.fixture
def on_servers(servers: Profile, tmp_path: Path) -> Callable[[], Settings]:
    """Settings of new homes on PostgreSQL and S3, each with a database and bucket of its own."""

    def make() -> Settings:
        name = f"m{uuid.uuid4().hex[:10]}"
        return load(tmp_path / name, **servers.settings(name))

    return make


@pytest.fixture
def old(tmp_path: Path) -> Settings:
    """An embedded home with documents in every stage of being kept."""
    return half_done(tmp_path / "old")


@pytest.fixture
def office(tmp_path: Path) -> Home:
    """An embedded office: a paper in its file, its original on the shelf, one in review."""
    made = Office.open(tmp_path / "here")
    filed = made.bring(permit(1))
    assert filed.state == "filed"
    assert made.bring(unheard(2, 1)).state == "review"
    made.services.close()
    home = Home(tmp_path / "here")
    assert home.run("paper", "confirm", "3-1-101", "--location", "A1")[0] == 0
    return home


def test_there_and_back_the_catalogue_is_the_same(
    office: Home, servers: Profile, tmp_path: Path
) -> None:
    there_and_back(office, servers, tmp_path, "there", "装修")


@pytest.mark.slow
def test_scans_that_were_really_read_move_as_well(
    servers: Profile, corpus: Corpus, tmp_path: Path
) -> None:
    here = Home(tmp_path / "here", sweep_seconds="1", idle_seconds="5")
    here.run("register", "import", str(corpus.register))
    rows = [dict(row) for row in load_truth(corpus.truth) if row["expect"] == "file"][:3]
    here.run("ingest", *(str(corpus.inbox / row["file"]) for row in rows))
    here.run("paper", "confirm", short(rows[0]["household"]), "--type", rows[0]["type"])
    there_and_back(here, servers, tmp_path, "read", "花园")


def there_and_back(here: Home, servers: Profile, folder: Path, name: str, word: str) -> None:
    """Back up, restore on servers, back up there, restore into a new home: the same each time."""
    there = Home(folder / "there", **servers.settings(name), sweep_seconds="1")
    back = Home(folder / "back", sweep_seconds="1")
    code, (report,) = here.run("backup", str(folder / "b"))
    assert code == 0
    code, (restored,) = there.run("restore", str(folder / "b"))
    assert (code, restored["anchor"]) == (0, report["anchor"])
    expected = here.everything(word)
    assert expected["found"]
    assert expected["households"]
    assert there.everything(word) == expected
    code, found = there.run("verify")
    assert (code, found[-1]["could_not_check"]) == (0, 0), found
    assert there.run("restore", str(folder / "b")) == (2, [])
    # numbers go on after the highest that came
    room = short(next(line["household"] for line in expected["documents"] if line["household"]))
    assert there.run("paper", "confirm", room, "--type", "movein.notice")[0] == 0
    code, (second,) = there.run("backup", str(folder / "b"))  # the same chain goes on
    assert (code, second["copied"]) == (0, 0)
    code, (returned,) = back.run("restore", str(folder / "b"))
    assert (code, returned["anchor"]) == (0, second["anchor"])
    assert back.everything(word) == there.everything(word)
    assert back.run("verify")[0] == 0
    assert not list((there.folder / "store").glob("*"))
    assert not (there.folder / ".restoring").exists()


@pytest.mark.parametrize("point", RESTORE_POINTS)
def test_a_restore_onto_servers_that_dies_is_no_home_until_it_is_done_again(
    old: Settings, on_servers: Callable[[], Settings], tmp_path: Path, point: str
) -> None:
    new = on_servers()
    back_up(old, tmp_path / "b")
    forked(lambda: restore(new, tmp_path / "b"), armed(tmp_path / "faults", point, "kill"))
    assert (tmp_path / "faults" / "fired" / point).exists()
    database = Database(new.database)
    with pytest.raises(TooNewError, match="yihu restore"):
        upgrade(database)
    database.dispose()
    restore(new, tmp_path / "b")
    assert contents(new) == contents(old)
    assert not (new.home / ".restoring").exists()


@pytest.mark.parametrize("point", BACKUP_POINTS)
def test_a_backup_of_servers_that_dies_leaves_the_last_one_and_the_next_one_right(
    on_servers: Callable[[], Settings], tmp_path: Path, point: str
) -> None:
    there, folder = on_servers(), tmp_path / "b"
    for number in range(3):
        add(there, number)
    back_up(there, folder)
    add(there, 4)
    forked(lambda: back_up(there, folder), armed(tmp_path / "faults", point, "kill"))
    assert (tmp_path / "faults" / "fired" / point).exists()
    assert len(BackupFolder.open(folder).generations()) == 1
    back_up(there, folder)
    for new in (load(tmp_path / "embedded"), on_servers()):
        restore(new, folder)
        assert contents(new) == contents(there)


def test_a_backup_of_servers_at_work_is_of_one_moment(
    on_servers: Callable[[], Settings], tmp_path: Path
) -> None:
    there = on_servers()
    add(there, 1)
    database, stop = open_home(there), threading.Event()

    def write() -> None:
        while not stop.is_set():
            with database.write() as session:
                ledger.append(session, "looked", "document:1", {})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        report = back_up(there, tmp_path / "b")
    finally:
        stop.set()
        writer.join()
        database.dispose()
    copy = BackupFolder.open(tmp_path / "b").folder(report.manifest.generation) / DATABASE
    with reading(copy) as session:
        assert list(ledger.verify_chain(session)) == []
        assert str(ledger.anchor(session)) == report.manifest.anchor


def test_damage_is_found_before_a_bucket_takes_anything(
    old: Settings, on_servers: Callable[[], Settings], tmp_path: Path
) -> None:
    new = on_servers()
    back_up(old, tmp_path / "b")
    path = min(p for p in (tmp_path / "b" / "originals" / "sha256").rglob("*") if p.is_file())
    path.chmod(0o600)
    path.write_bytes(b"altered")
    refused = restore(new, tmp_path / "b")
    assert not refused.done
    assert not new.home.exists()
    restore(new, tmp_path / "b", without_damaged=True)  # database and bucket were left empty
    database = open_home(new)
    database.dispose()


def test_what_holds_something_is_refused(
    old: Settings, on_servers: Callable[[], Settings], tmp_path: Path, servers: Profile
) -> None:
    back_up(old, tmp_path / "b")
    filled, foreign, bucket = on_servers(), on_servers(), on_servers()
    add(filled, 1)
    before = contents(filled)
    name = foreign.database.rpartition("/")[2]
    servers.postgres.sql(name, "CREATE TABLE theirs (id int)")
    servers.seaweed.bucket(bucket.store_url.rpartition("/")[2]).client().make_bucket(
        bucket.store_url.rpartition("/")[2]
    )
    client = servers.seaweed.bucket("x").client()
    client.fput_object(bucket.store_url.rpartition("/")[2], "theirs", __file__)
    for settings in (filled, foreign, bucket):
        with pytest.raises(Usage, match="not empty"):
            restore(settings, tmp_path / "b")
    assert contents(filled) == before
    init = on_servers()
    open_home(init).dispose()  # made, and still empty
    restore(init, tmp_path / "b")
    assert contents(init) == contents(old)

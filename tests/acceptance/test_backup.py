"""Backup, restore and export through the command line, with every part real (issue 3.6)."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import bagit
import pytest

from bench.corpus import Corpus, load_truth
from bench.home import Home, Row, until
from bench.home import room as short

pytestmark = [pytest.mark.timeout(900), pytest.mark.embedded]
WAITING = ("received", "reading")


def fileable(corpus: Corpus, count: int) -> list[Row]:
    """Single-document files of the sample set that should be filed."""
    rows = [dict(row) for row in load_truth(corpus.truth)]
    files = [row["file"] for row in rows]
    return [row for row in rows if row["expect"] == "file" and files.count(row["file"]) == 1][
        :count
    ]


def tree(folder: Path) -> set[str]:
    """Every file below a folder."""
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()}


def flip(path: Path) -> None:
    """Flip one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus) -> Path:
    """A home with filed documents and a paper tick, stopped; tests work on copies of it."""
    home = Home(tmp_path_factory.mktemp("filled") / "home", sweep_seconds="1", idle_seconds="5")
    home.run("register", "import", str(corpus.register))
    rows = fileable(corpus, 3)
    home.run("ingest", *(str(corpus.inbox / row["file"]) for row in rows))
    home.run("paper", "confirm", short(rows[0]["household"]), "--type", rows[0]["type"])
    return home.folder


@pytest.fixture
def old(filled: Path, tmp_path: Path) -> Home:
    """A copy of the filled home."""
    shutil.copytree(filled, tmp_path / "old")
    return Home(tmp_path / "old", sweep_seconds="1", rescan_seconds="2", idle_seconds="5")


@pytest.fixture
def new(tmp_path: Path) -> Home:
    """A home that is not there yet."""
    return Home(tmp_path / "new", sweep_seconds="1", rescan_seconds="2", idle_seconds="5")


def test_a_restored_home_equals_the_one_backed_up(old: Home, new: Home, tmp_path: Path) -> None:
    code, (report,) = old.run("backup", str(tmp_path / "b"))
    assert code == 0
    assert report["copied"] == report["originals"] == 3
    code, (restored,) = new.run("restore", str(tmp_path / "b"))
    assert code == 0
    assert restored["anchor"] == report["anchor"]
    assert new.everything() == old.everything()
    code, lines = new.run("verify")
    assert code == 0, lines
    assert not (new.folder / ".restoring").exists()
    code, (again,) = new.run("backup", str(tmp_path / "b"))  # the same chain goes on
    assert (code, again["copied"], again["anchor"]) == (0, 0, report["anchor"])


def test_a_second_backup_copies_only_what_is_new(old: Home, tmp_path: Path, corpus: Corpus) -> None:
    folder = tmp_path / "b"
    old.run("backup", str(folder))
    before = {p: p.stat().st_mtime_ns for p in (folder / "originals" / "sha256").rglob("*")}
    assert old.run("backup", str(folder))[1][0]["copied"] == 0
    old.run("ingest", str(corpus.inbox / fileable(corpus, 4)[3]["file"]))
    code, (report,) = old.run("backup", str(folder))
    assert (code, report["copied"], report["originals"]) == (0, 1, 4)
    after = {p: p.stat().st_mtime_ns for p in (folder / "originals" / "sha256").rglob("*")}
    files = {p: t for p, t in before.items() if p.is_file()}
    assert files.items() <= after.items()


@pytest.mark.slow
def test_backup_of_a_system_at_work_loses_nothing(
    home: Home, new: Home, tmp_path: Path, corpus: Corpus
) -> None:
    home.run("register", "import", str(corpus.register))
    files = sorted(p for p in corpus.inbox.rglob("*") if p.is_file())[:8]
    hashes = {hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
    with home.running(workers=1):
        for path in files:
            shutil.copy(path, home.folder / "inbox" / path.name)
        until(lambda: len(home.run("documents")[1]) >= len(files))
        code, (report,) = home.run("backup", str(tmp_path / "b"))
        at_backup = home.run("documents")[1]
    assert code == 0
    code, _ = new.run("restore", str(tmp_path / "b"))
    assert code == 0
    lines = new.run("documents")[1]
    assert len(lines) == report["documents"]
    assert any(line["state"] in WAITING for line in lines), "the backup came too late"
    filed = [line for line in lines if line["state"] == "filed"]
    assert all(line in at_backup for line in filed)
    assert not any(line["worker"] for line in lines)
    code, findings = new.run("verify")
    assert code == 0, findings
    with new.running(workers=1):
        until(lambda: not any(x["state"] in WAITING for x in new.run("documents")[1]))
    lines = new.run("documents")[1]
    assert {line["sha256"] for line in lines} == hashes
    assert not any(line["state"] == "failed" for line in lines), lines
    assert all(line in lines for line in filed)
    assert new.run("verify")[0] == 0


def test_what_waits_unrecorded_and_in_the_inbox_survives(
    old: Home, new: Home, tmp_path: Path
) -> None:
    token = "20200101T000000000000-0123abcd"
    claimed = old.folder / "claimed" / token / "批次" / "甲.pdf"
    claimed.parent.mkdir(parents=True)
    claimed.write_bytes(b"%PDF-1.4 claimed, then killed")
    (old.folder / "inbox" / "子").mkdir()
    dropped = old.folder / "inbox" / "子" / "乙.jpg"
    dropped.write_bytes(b"\xff\xd8\xff dropped long ago")
    old_time = time.time() - 3600
    os.utime(dropped, (old_time, old_time))
    back = old.folder / "inbox" / "_rejected" / "丙.说明.txt"
    back.write_text("说明", encoding="utf-8")
    code, (report,) = old.run("backup", str(tmp_path / "b"))
    assert (code, report["waiting"]) == (0, 3)
    assert new.run("restore", str(tmp_path / "b"))[0] == 0
    for path in (claimed, dropped, back):
        assert (new.folder / path.relative_to(old.folder)).read_bytes() == path.read_bytes()


def test_a_flipped_bit_makes_restore_refuse_and_leave_nothing(
    old: Home, new: Home, tmp_path: Path
) -> None:
    folder = tmp_path / "b"
    old.run("backup", str(folder))
    originals = sorted(p for p in (folder / "originals" / "sha256").rglob("*") if p.is_file())
    flip(originals[1])
    code, (report,) = new.run("restore", str(folder))
    assert (code, report["restored"], report["damaged"]) == (1, False, 1)
    assert not new.folder.exists(), tree(new.folder)
    code, (report,) = new.run("restore", str(folder), "--without-damaged")
    assert (code, report["restored"], report["damaged"]) == (1, True, 1)
    code, lines = new.run("verify")
    assert code == 1
    assert [x["subject"] for x in lines[:-1] if x["check"] == "fixity"] == [originals[1].name]
    code, (healed,) = old.run("backup", str(folder), "--recheck")
    assert (code, healed["copied"]) == (0, 1)
    assert Home(tmp_path / "third").run("restore", str(folder))[0] == 0


def test_restore_refuses_homes_that_hold_something(old: Home, new: Home, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    old.run("backup", str(folder))
    before = tree(old.folder)
    assert old.run("restore", str(folder)) == (2, [])
    assert tree(old.folder) == before | {"run/supervisor.lock"}
    assert new.run("restore", str(tmp_path / "nothing"))[0] == 2
    assert new.run("restore", str(tmp_path / "old"))[0] == 2
    new.run("init")
    with new.running(workers=1):
        until((new.folder / "run" / "supervisor.lock").exists)
        assert new.run("restore", str(folder))[0] in (2, 3)
    assert new.run("restore", str(folder))[0] == 0  # made by init, still empty
    assert new.run("verify")[0] == 0


def test_backup_refuses_foreign_folders_and_foreign_ledgers(
    old: Home, new: Home, tmp_path: Path, corpus: Corpus
) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "a").touch()
    assert old.run("backup", str(foreign))[0] == 2
    assert old.run("backup", str(old.folder / "b"))[0] == 2
    assert new.run("backup", str(tmp_path / "b"))[0] == 2
    assert tree(foreign) == {"a"}
    old.run("backup", str(tmp_path / "b"))
    new.run("register", "import", str(corpus.register))
    assert new.run("backup", str(tmp_path / "b"))[0] == 1
    assert len(list((tmp_path / "b" / "generations").glob("*/manifest.json"))) == 1


@pytest.mark.slow
def test_killed_by_hand_then_done_again(old: Home, new: Home, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    dice = random.Random(5)
    for verb, home in (("backup", old), ("restore", new)):
        for _ in range(2):
            process = home.start(verb, str(folder), "--json", stdout=subprocess.PIPE)
            time.sleep(dice.uniform(0.6, 2.5))
            process.kill()
            process.communicate()
        assert home.run(verb, str(folder))[0] in ((0,) if verb == "backup" else (0, 2))
    assert new.everything() == old.everything()
    assert new.run("verify")[0] == 0


def test_an_exported_household_is_a_bag_that_another_tool_validates(
    old: Home, tmp_path: Path
) -> None:
    line = next(x for x in old.run("documents")[1] if x["state"] == "filed")
    room = short(line["household"])
    _, (catalogue,) = old.run("household", room)
    bag = tmp_path / "导出"
    code, (report,) = old.run("export", room, str(bag))
    assert code == 0
    assert report["documents"] >= 1
    check = [sys.executable, bagit.__file__, "--validate", str(bag)]
    assert subprocess.run(check, capture_output=True).returncode == 0
    assert agrees_with_sha256sum(bag)
    written = json.loads((bag / "data" / "catalogue.json").read_text(encoding="utf-8"))
    assert {key: written[key] for key in catalogue} == catalogue
    (entry,) = [e for e in written["files"] if e["document"] == line["document"]]
    assert entry["file"].startswith(f"{catalogue['file_no']} {entry['name']} ")
    data = (bag / "data" / entry["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == line["sha256"]
    with (bag / "data" / "catalogue.csv").open(encoding="utf-8-sig", newline="") as table:
        assert len(list(csv.reader(table))) >= len(catalogue["items"]) + 1
    events = (bag / "data" / "events.jsonl").read_text(encoding="utf-8").splitlines()
    actions = {json.loads(event)["action"] for event in events}
    assert {"received", "kept", "ticked"} <= actions
    information = (bag / "bag-info.txt").read_text(encoding="utf-8")
    assert catalogue["file_no"] in information
    assert catalogue["owner"] not in information
    assert old.run("export", room, str(bag)) == (2, [])
    assert old.run("export", "99-9-9999", str(tmp_path / "x")) == (1, [])
    assert not (tmp_path / "x").exists()
    flip(bag / "data" / entry["file"])
    assert subprocess.run(check, capture_output=True).returncode == 1
    assert not agrees_with_sha256sum(bag)


def agrees_with_sha256sum(bag: Path) -> bool:
    """Whether a tool that knows nothing of BagIt finds every file, and no other, as listed."""
    for manifest in ("tagmanifest-sha256.txt", "manifest-sha256.txt"):
        check = ["sha256sum", "--check", "--strict", "--quiet", manifest]
        if subprocess.run(check, cwd=bag, capture_output=True).returncode:
            return False
    lines = (bag / "manifest-sha256.txt").read_text(encoding="utf-8").splitlines()
    listed = {line.partition("  ")[2] for line in lines}
    payload = (path for path in (bag / "data").rglob("*") if path.is_file())
    return listed == {path.relative_to(bag).as_posix() for path in payload}

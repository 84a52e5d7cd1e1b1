"""Hostile files of every kind, with good scans among them: brought by command and dropped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.corpus import Corpus, load_truth
from bench.home import Home, Row
from bench.hostile import judged
from bench.hostile_files import Case, cases
from bench.hostile_together import replicate
from bench.peaks import Peaks
from ingest.inbox import shown

BOMB_BYTES = 450 << 20
CHILD_MIB = 900
PATIENCE_SECONDS = 200
SETTINGS = {
    "page_seconds": "20",
    "child_memory_bytes": str(CHILD_MIB << 20),
    "broken_upload_seconds": "3",
    "settle_seconds": "0.5",
    "sweep_seconds": "1",
    "rescan_seconds": "3",
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Case]]:
    """One or two of every kind."""
    folder = tmp_path_factory.mktemp("hostile")
    chosen = [case for case in cases(2, BOMB_BYTES) if case.kind != "special"]
    chosen += [case for case in cases(bomb_bytes=BOMB_BYTES) if case.kind == "special"]
    return folder, [case for case in chosen if case.make(folder) is not None]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with small limits, so that bombs end soon."""
    return Home(tmp_path / "home", **SETTINGS)


def good(corpus: Corpus) -> list[Row]:
    """Three single-page files that should be filed."""
    rows = [dict(row) for row in load_truth(corpus.truth)]
    files = [row["file"] for row in rows]
    fit = [r for r in rows if r["expect"] == "file" and files.count(r["file"]) == 1]
    return fit[:3]


def wrong_ends(found: list[Row], wanted: list[Case], prefix: str = "") -> list[str]:
    """What came to no true end."""
    lines: defaultdict[str, list[Row]] = defaultdict(list)
    for line in found:
        lines[line["file"]].append(line)
    wrong = []
    for case in wanted:
        mine = lines[shown(prefix + case.path)]
        if not mine and case.ends:
            wrong.append(f"{case.path}: no line")
        wrong += [words for line in mine if (words := judged(case, line))]
    return wrong


def assert_good_are_filed(found: list[Row], rows: list[Row]) -> None:
    """The good files were filed, where they belong, and nothing else was."""
    filed = {line["file"]: line["household"] for line in found if line["state"] == "filed"}
    assert filed == {f"good/{row['file']}": row["household"] for row in rows}


@contextmanager
def running(home: Home) -> Iterator[subprocess.Popen[str]]:
    """`yihu up` until the block ends."""
    server = home.start("up", "--workers", "2")
    try:
        yield server
    except BaseException:
        server.kill()
        server.wait()
        raise
    server.send_signal(signal.SIGTERM)
    assert server.wait(60) == 0


def put(rows: list[Row], corpus: Corpus, folder: Path) -> None:
    """Copy good files below `folder`."""
    for row in rows:
        place = folder / "good" / row["file"]
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(corpus.inbox / row["file"], place)


def test_hostile_files_brought_by_command_end_truly_and_good_ones_are_filed(
    home: Home, corpus: Corpus, hostile: tuple[Path, list[Case]]
) -> None:
    folder, made = hostile
    rows = good(corpus)
    put(rows, corpus, folder)
    home.run("register", "import", str(corpus.register))
    code, lines = home.run("ingest", str(folder))
    assert code == 4
    assert wrong_ends(lines, made) == []
    assert_good_are_filed(lines, rows)
    assert home.run("verify")[0] == 0


def test_hostile_files_dropped_in_the_inbox_end_truly_and_good_ones_are_filed(
    home: Home, corpus: Corpus, hostile: tuple[Path, list[Case]]
) -> None:
    folder, made = hostile
    rows = good(corpus)
    cheap = [case for case in made if case.kind not in {"pdf-bomb", "large-image"}]
    home.run("register", "import", str(corpus.register))
    inbox = home.folder / "inbox"
    with running(home) as server, Peaks(server.pid) as peaks:
        for number, case in enumerate(cheap):
            replicate(folder / case.path, inbox / "drop" / case.path)
            if number == len(cheap) // 2:
                put(rows, corpus, inbox)
        found = settled(home, [case for case in cheap if not case.waits and case.ends], len(rows))
    assert wrong_ends(found, [c for c in cheap if not c.waits], "drop/") == []
    assert_good_are_filed(found, rows)
    assert peaks.highest < CHILD_MIB << 20
    left = {path for path in inbox.rglob("*") if "_rejected" not in path.parts}
    waiting = {os.fspath(p.relative_to(inbox)) for p in left if p.is_symlink() or not p.is_dir()}
    assert waiting == {f"drop/{case.path}" for case in cheap if case.waits}
    assert home.run("verify")[0] == 0


def settled(home: Home, wanted: list[Case], rows: int) -> list[Row]:
    """The document lines once every wanted file has its end."""
    names = {shown(f"drop/{case.path}") for case in wanted}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        _, lines = home.run("documents")
        moving = {x["file"] for x in lines if x["state"] in ("received", "reading")}
        done = {x["file"] for x in lines} - moving
        if names <= done and sum(name.startswith("good/") for name in done) >= rows:
            return lines
        if time.monotonic() > deadline:
            pytest.fail(f"not settled: {sorted(names - done)}")
        time.sleep(1)

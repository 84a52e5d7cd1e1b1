"""The main job on PostgreSQL, an S3 store and a broker of its own, with workers on several hosts.

Hosts are process trees with homes of their own. Only the part with the inbox
sees the inbox; a host that vanishes costs nothing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from bench.corpus import Corpus, load_truth
from bench.home import STOP_SECONDS, Home, Row, until
from bench.processes import tree
from bench.score import score
from bench.servers import Profile
from catalog.database import Database
from catalog.models import Page
from cli.output import room as short

FILES = 8


@contextmanager
def part(home: Home, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`yihu up --only ...` on this home; what is still alive at the end is stopped cleanly."""
    process = home.start("up", "--only", *arguments)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(STOP_SECONDS) == 0


def vanish(process: subprocess.Popen[str]) -> None:
    """The whole host at once: nothing is handed back, nobody is told."""
    for pid in tree(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def test_two_hosts_read_what_a_third_takes_in_and_one_of_them_vanishes(
    servers: Profile, corpus: Corpus, tmp_path: Path
) -> None:
    settings = servers.settings("spread", sweep_seconds="1", lease_seconds="6")
    office, first, second = (Home(tmp_path / name, **settings) for name in ("office", "a", "b"))
    assert office.run("register", "import", str(corpus.register))[0] == 0
    truth = [dict(row) for row in load_truth(corpus.truth)]
    names = sorted({row["file"] for row in truth})[:FILES]
    database = Database(settings["database_url"])
    with (
        part(office, "inbox"),
        part(office, "beat"),
        part(first, "pages", "--workers", "1"),
        part(second, "pages", "--workers", "1") as dying,
    ):
        for name in names:
            shutil.copy(corpus.inbox / name, office.folder / "inbox" / Path(name).name)
        (office.folder / "inbox" / "not-a-scan.exe").write_bytes(b"MZ" + bytes(1000))
        until(lambda: len(readers(database)) > 1)
        vanish(dying)
        until(lambda: settled(office, FILES + 1))
    database.dispose()
    _, lines = office.run("documents")
    kept = {Path(name).name: name for name in names}
    judged = [line | {"file": kept[line["file"]]} for line in lines if line["file"] in kept]
    result = score([row for row in truth if row["file"] in names], judged)
    assert result.lost == []
    assert result.wrong_household == []
    filed = [line for line in lines if line["state"] == "filed"]
    assert office.run("household", short(filed[0]["household"]))[0] == 0
    assert office.run("completeness")[0] == 0
    assert [line["state"] for line in lines if line["file"] == "not-a-scan.exe"] == ["rejected"]
    assert (office.folder / "inbox" / "_rejected" / "not-a-scan.exe").exists()
    for host in (first, second):
        assert not files_below(host.folder / "inbox", host.folder / "claimed")
    code, found = office.run("verify")
    assert (code, found[-1]["could_not_check"]) == (0, 0), found
    assert found[-1]["checked"] > FILES
    checks = {check["check"]: check for check in office.run("doctor")[1]}
    assert checks["database"]["message"].startswith("postgresql")
    assert "http://127.0.0.1" in checks["store"]["message"]
    assert not (office.folder / "yihu.db").exists()
    assert not list((office.folder / "store").glob("*"))


def test_parts_need_a_broker_of_their_own(tmp_path: Path) -> None:
    assert Home(tmp_path / "home").run("up", "--only", "pages") == (2, [])


def readers(database: Database) -> set[str]:
    """The processes that read a page so far."""
    with database.read() as session:
        return {
            ":".join(worker.split(":")[:3])
            for worker in session.scalars(
                select(Page.worker).where(Page.state == "read").distinct()
            )
        }


def settled(home: Home, count: int) -> bool:
    """Whether so many files have nothing left to do."""
    lines: list[Row] = home.run("documents")[1]
    moving = {line["file"] for line in lines if line["state"] in ("received", "reading")}
    return not moving and len({line["file"] for line in lines}) == count


def files_below(*folders: Path) -> list[Path]:
    """Every file below these folders."""
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]

"""Where records are wanted, a store that keeps none is refused in words, not in a crash loop."""

from __future__ import annotations

import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.home import Home
from bench.servers import Seaweed, seaweed
from storage.s3 import Bucket
from storage.store import NotForRecords
from worker import processes
from worker.home import prove_store
from worker.pulse import REFUSED_EXIT
from worker.supervisor import Child, Supervisor
from yihu.settings import load


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    with seaweed(tmp_path_factory.mktemp("s3")) as made:
        yield made


def settings_of(bucket: Bucket) -> dict[str, str]:
    return {
        "store_url": bucket.url,
        "store_access_key": bucket.access_key,
        "store_secret_key": bucket.secret_key,
        "store_records": "true",
    }


def a_bucket(server: Seaweed) -> Bucket:
    return server.bucket(f"b{uuid.uuid4().hex[:12]}")


def refusal(home: Home, *command: str) -> str:
    """What a command that refuses says; it ends by itself with exit code 3."""
    process = home.start(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, said = process.communicate(timeout=120)
    assert (process.returncode, output) == (3, "")
    assert "Traceback" not in said
    return str(said)


def test_the_bucket_that_init_makes_is_fit_for_records(server: Seaweed, tmp_path: Path) -> None:
    assert Home(tmp_path / "home", **settings_of(a_bucket(server))).run("init")[0] == 0


def test_a_bucket_without_a_lock_is_refused(server: Seaweed, tmp_path: Path) -> None:
    bucket = a_bucket(server)
    bucket.client().make_bucket(bucket.name)
    home = Home(tmp_path / "home", **settings_of(bucket))
    said = refusal(home, "init")
    assert bucket.url in said
    assert "object lock" in said
    assert "未强制" in said
    # `up` says the address of its screens first.
    assert "object lock" in refusal(home, "up", "--no-web", "--workers", "1")
    assert not list((home.folder / "run").glob("*.pulse")), "no child was ever started"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotForRecords, match="S3"):
        prove_store(load(tmp_path / "home", store_records="true"))


def test_a_worker_refuses_it_in_words_and_says_so_to_its_supervisor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings = load(tmp_path / "home", store_records="true")
    monkeypatch.setattr(processes, "_begin", lambda _: None)
    monkeypatch.setattr(processes, "worker", lambda: prove_store(settings))
    monkeypatch.setattr(sys, "argv", ["processes", "worker"])
    with pytest.raises(SystemExit) as end:
        processes.main()
    assert end.value.code == REFUSED_EXIT
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]
    assert "YIHU_STORE_RECORDS" in caplog.text


def test_a_supervisor_ends_with_a_child_that_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bucket that lost its lock while everything ran: the next start of a worker sees it."""
    command = [sys.executable, "-c", f"raise SystemExit({REFUSED_EXIT})"]
    supervisor = Supervisor(load(tmp_path / "home"))
    monkeypatch.setattr(supervisor, "_plan", lambda: iter([Child("worker", lambda: command)]))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(NotForRecords, match="worker refuses"):
        supervisor.serve()
    assert [child.starts for child in supervisor.children] == [1]

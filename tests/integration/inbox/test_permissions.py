"""What a user who is not root may not read or move is said, and loses nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

NOBODY = 65534

DROP = f"""
import os, _strptime
import concurrent.futures
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
"""

TAKE = """
import sys
from pathlib import Path
from ingest.inbox import Refused, reject, take
from yihu.errors import Retryable
root = Path(sys.argv[1])
inbox = root / "inbox"
try:
    claim = take(inbox / sys.argv[2], inbox, root / "claimed")
    print("took", claim.sha256 if claim else None)
except Refused as refused:
    print("refused", refused.reason)
    reject(refused.claim, inbox / "_rejected", refused.reason, "没有读取权限", "may not be read")
except Retryable as error:
    print("waits", error)
"""

WATCH = """
import sys, threading
from pathlib import Path
from ingest.inbox import InboxWatcher, Refused, Rule, reject, take
root = Path(sys.argv[1])
inbox = root / "inbox"
stop = threading.Event()
def ready(path):
    try:
        take(path, inbox, root / "claimed")
    except Refused as refused:
        reject(refused.claim, inbox / "_rejected", refused.reason, "没有读取权限", "unreadable")
watcher = InboxWatcher(inbox, ready, rule=Rule(0.2, 0.5, 5, 1), rescan_seconds=0.5)
thread = threading.Thread(target=watcher.run, args=(stop,))
thread.start()
for line in sys.stdin:
    print("|".join(watcher.snapshot().problems), flush=True)
stop.set()
thread.join()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that another user can use; pytest's own folders are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        for name in ("inbox", "claimed"):
            (root / name).mkdir()
            (root / name).chmod(0o777)
        yield root
        for path in [root, *root.rglob("*")]:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)


def as_other(script: str, *arguments: str) -> subprocess.Popen[str]:
    # The interpreter may be closed to others, so it is loaded before it changes its user.
    imports, _, rest = script.partition("root = ")
    command = [sys.executable, "-c", f"{imports}{DROP}root = {rest}", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def outcome(script: str, *arguments: str) -> str:
    process = as_other(script, *arguments)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return out.strip()


def hand_over(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)


def test_an_unreadable_file_comes_back_with_a_note(home: Path) -> None:
    path = home / "inbox" / "a.pdf"
    path.write_bytes(b"%PDF")
    hand_over(path)
    path.chmod(0)
    assert outcome(TAKE, str(home), "a.pdf") == "refused unreadable"
    assert (home / "inbox" / "_rejected" / "a.pdf").stat().st_size == 4
    assert (home / "inbox" / "_rejected" / "a.pdf.说明.txt").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second user")
def test_a_file_of_another_user_is_taken(home: Path) -> None:
    path = home / "inbox" / "a.pdf"
    path.write_bytes(b"%PDF")
    path.chmod(0o644)
    assert outcome(TAKE, str(home), "a.pdf").startswith("took ")
    assert not path.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second user")
def test_a_file_that_may_not_be_moved_stays_and_waits(home: Path) -> None:
    folder = home / "inbox" / "locked"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "a.pdf").write_bytes(b"%PDF")
    answer = outcome(TAKE, str(home), "locked/a.pdf")
    assert answer.startswith("waits")
    assert "permission denied" in answer
    assert (folder / "a.pdf").read_bytes() == b"%PDF"
    assert list((home / "claimed").iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second user")
def test_a_folder_that_may_not_be_read_is_said_and_stops_nothing(home: Path) -> None:
    closed = home / "inbox" / "closed"
    closed.mkdir()
    (closed / "hidden from us.pdf").write_bytes(b"%PDF")
    closed.chmod(0o700)
    unreadable = home / "inbox" / "unreadable.pdf"
    unreadable.write_bytes(b"%PDF")
    hand_over(unreadable)
    unreadable.chmod(0)
    good = home / "inbox" / "good.pdf"
    good.write_bytes(b"%PDF")
    hand_over(good)
    process = as_other(WATCH, str(home))
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        said = ""
        while good.exists() or unreadable.exists() or "closed" not in said:
            process.stdin.write("?\n")
            process.stdin.flush()
            said = process.stdout.readline()
            assert process.poll() is None
        process.stdin.close()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.stdout.close()
    assert (home / "inbox" / "_rejected" / "unreadable.pdf").exists()
    assert (closed / "hidden from us.pdf").exists()

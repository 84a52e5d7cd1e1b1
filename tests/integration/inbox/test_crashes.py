"""Killed at every named point of taking, refusing and spooling: nothing lost, nothing twice."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = b"%PDF-1.7 page\n%%EOF\n"
EMPTY = hashlib.sha256(b"").hexdigest()

# One run of a tiny journey that keeps its records in one file, as the database would:
# a claim is recorded, then moved on to the spool or given back, and every step may be
# repeated by the next run.
JOURNEY = """
import os, sys
from dataclasses import replace
from pathlib import Path
from ingest.inbox import (
    Refused, copy_in, files_below, find, recover, reject, sweep_staging, take, to_spool,
)
root = Path(sys.argv[1])
inbox, claimed, spool, records = (root / n for n in ("inbox", "claimed", "spool", "records"))
records.mkdir(exist_ok=True)

def record(claim):
    half = records / f".{claim.token}"
    half.write_text(f"{claim.sha256}\\n{claim.reason}\\n{claim.path}")
    half.rename(records / claim.token)

def refuse_or(call):
    try:
        claim = call()
    except Refused as refused:
        claim = refused.claim
    if claim is not None:
        record(claim)

for claim in recover(claimed, inbox, known=lambda token: (records / token).exists()):
    record(claim)
for path in sorted(inbox.rglob("*")):
    if path.relative_to(inbox).parts[0] in ("_rejected", ".yihu-taking"):
        continue
    if path.is_symlink() or not path.is_dir():
        refuse_or(lambda: take(path, inbox, claimed))
copied = root / "copied"
if not copied.exists():
    refuse_or(lambda: copy_in(root / "desk.pdf", claimed, "desk.pdf"))
    copied.touch()
for row in sorted(records.iterdir()):
    if row.name.startswith("."):
        continue
    sha256, reason, path = row.read_text().split("\\n", 2)
    claim = find(claimed, row.name) or find(inbox / ".yihu-taking", row.name)
    done = root / "done" / row.name
    if done.exists():
        continue
    done.parent.mkdir(exist_ok=True)
    from ingest.inbox import Claim
    from ingest.inbox.names import actual
    claim = claim or Claim(row.name, path, claimed / row.name / actual(path), sha256, 0, "file")
    claim = replace(claim, sha256=sha256, reason=reason)
    if reason:
        place = reject(claim, inbox / "_rejected", reason, "原因", "reason")
    else:
        place = to_spool(claim, spool)
    done.write_bytes(os.fsencode(place))
"""


def run(root: Path, faults: Path) -> int:
    environment = {**os.environ, "YIHU_FAULTS": os.fspath(faults)}
    command = [sys.executable, "-c", JOURNEY, os.fspath(root)]
    return subprocess.run(command, env=environment, capture_output=True, timeout=120).returncode


def lay_out(root: Path, claimed: Path | None = None) -> None:
    (root / "inbox" / "3-2-501").mkdir(parents=True)
    (root / "inbox" / "3-2-501" / "a.pdf").write_bytes(PAGE)
    (root / "inbox" / os.fsdecode(b"b\xff.pdf")).write_bytes(PAGE + b"b")
    (root / "inbox" / "empty.pdf").touch()
    (root / "inbox" / "link.pdf").symlink_to("/etc/hostname")
    (root / "desk.pdf").write_bytes(PAGE + b"desk")
    if claimed is not None:
        (root / "claimed").symlink_to(claimed)


def check(root: Path) -> None:
    """Every dropped thing is in exactly one final place, recorded once, with its hash."""
    kept = sorted(path.read_bytes() for path in (root / "spool").rglob("*") if path.is_file())
    copies = kept.count(PAGE + b"desk")
    assert copies >= 1  # copied again when the run died before it knew; the same bytes
    assert [data for data in kept if data != PAGE + b"desk"] == sorted([PAGE, PAGE + b"b"])
    back = root / "inbox" / "_rejected"
    assert (back / "empty.pdf").read_bytes() == b""
    assert (back / "link.pdf").readlink() == Path("/etc/hostname")
    assert sorted(path.name for path in back.iterdir()) == [
        "empty.pdf",
        "empty.pdf.说明.txt",
        "link.pdf",
        "link.pdf.说明.txt",
    ]
    left = [path for path in (root / "inbox").rglob("*") if not path.is_relative_to(back)]
    assert [path for path in left if path.is_symlink() or path.is_file()] == []
    staging = root / "claimed" / ".staging"
    claims = [path for path in (root / "claimed").rglob("*") if not path.is_relative_to(staging)]
    assert [path for path in claims if path.is_symlink() or path.is_file()] == []


@pytest.fixture(params=["one file system", "two file systems"])
def make_home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Path]]:
    """Where homes are laid out, and where claimed files go when that is elsewhere."""
    if request.param == "one file system":
        yield [tmp_path]
        return
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system here")
    with tempfile.TemporaryDirectory(dir=shm) as other:
        yield [tmp_path, Path(other)]


def home_in(places: list[Path], name: str) -> Path:
    root = places[0] / name
    root.mkdir()
    if len(places) == 1:
        lay_out(root)
        return root
    # The inbox lies elsewhere, as a share mounted into the home does.
    share = places[1] / name
    (share / "inbox").mkdir(parents=True)
    lay_out(root)
    for thing in sorted((root / "inbox").iterdir()):
        subprocess.run(["mv", "--", thing, share / "inbox"], check=True)
    (root / "inbox").rmdir()
    (root / "inbox").symlink_to(share / "inbox")
    return root


@pytest.mark.parametrize("action", ["kill", "raise", "full"])
def test_a_fault_at_any_point_loses_nothing_and_doubles_nothing(
    make_home: list[Path], action: str
) -> None:
    root, faults = home_in(make_home, "clean"), make_home[0] / "faults-clean"
    faults.mkdir()
    assert run(root, faults) == 0
    check(root)
    points = sorted(path.name for path in (faults / "seen").iterdir())
    assert len(points) >= 12
    for point in points:
        root, faults = home_in(make_home, point), make_home[0] / f"faults-{point}"
        faults.mkdir()
        (faults / point).write_text(action)
        run(root, faults)
        assert (faults / "fired" / point).exists(), point
        for _ in range(3):
            code = run(root, faults)
        assert code == 0, point
        check(root)

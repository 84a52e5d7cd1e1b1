"""Half uploads over a real Samba share, and more events than the kernel keeps."""

from __future__ import annotations

import hashlib
import os
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy import func, select

from bench.faults_judge import Dropped
from bench.faults_scans import Scans
from bench.faults_site import Site, wait
from bench.samba import Samba, samba
from bench.servers import NotInstalled
from catalog.models import Arrival

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
PATIENCE = 600.0
PADDING, PART = 24 << 20, 16 << 20
LIMIT = Path("/proc/sys/fs/inotify/max_queued_events")
FEW, NOISE, FILES = 256, 300, 12


@pytest.fixture
def share(spread: Site, tmp_path: Path) -> Iterator[Samba]:
    """The inbox as a share."""
    with ExitStack() as stack:
        try:
            yield stack.enter_context(samba(tmp_path / "samba", spread.settings.inbox))
        except NotInstalled as missing:
            pytest.skip(str(missing))


@pytest.fixture
def large(scans: Scans, tmp_path: Path) -> Path:
    """A paper of the kind "digital-0" that takes a while to send, unlike any other."""
    path = tmp_path / "large.pdf"
    with pikepdf.open(scans.templates["digital-0"]) as pdf:
        pdf.Root["/Padding"] = pdf.make_stream(os.urandom(PADDING))
        pdf.save(path, compress_streams=False)
    return path


def test_an_upload_that_broke_off_is_never_taken_and_the_whole_one_is(
    spread: Site, share: Samba, large: Path
) -> None:
    name, before = f"broken-{uuid.uuid4().hex}.pdf", arrivals(spread)
    upload = share.upload(name)
    send(upload.stdin, large.read_bytes()[:PART])
    place = spread.settings.inbox / name
    assert wait(lambda: place.exists() and place.stat().st_size > 0, PATIENCE)
    upload.kill()
    upload.wait()
    passed_over(spread, before)
    assert 0 < place.stat().st_size < large.stat().st_size
    share.put(large, name)
    filed_once(spread, large, before)


def test_an_upload_that_stands_still_is_waited_for_and_taken_whole(
    spread: Site, share: Samba, large: Path
) -> None:
    name, before, data = f"still-{uuid.uuid4().hex}.pdf", arrivals(spread), large.read_bytes()
    upload = share.upload(name)
    send(upload.stdin, data[:PART])
    place = spread.settings.inbox / name
    assert wait(lambda: place.exists() and place.stat().st_size > 0, PATIENCE)
    passed_over(spread, before)
    send(upload.stdin, data[PART:])
    assert upload.stdin is not None
    upload.stdin.close()
    assert upload.wait(PATIENCE) == 0
    filed_once(spread, large, before)


def test_events_lost_in_an_overflow_cost_no_file(scans: Scans, tmp_path: Path) -> None:
    with ExitStack() as stack:
        site = Site(tmp_path / "home", scans, rescan_seconds="3600")
        with short_queue():
            stack.enter_context(site.running())
            (pid,) = site.wait_for("watcher")
            site.heals([site.drop("digital-0")])
        os.kill(pid, signal.SIGSTOP)
        for number in range(NOISE):
            (site.settings.inbox / f".noise-{number}").touch()
        dropped = [site.drop("digital-1") for _ in range(FILES)]
        os.kill(pid, signal.SIGCONT)
        for path in site.settings.inbox.glob(".noise-*"):
            path.unlink()
        site.heals(dropped)
        assert site.pids("watcher") == [pid]
        assert "overflow" in (site.folder / "logs" / "watcher.log").read_text().lower()
        assert site.judge.verify() == []


@contextmanager
def short_queue() -> Iterator[None]:
    """Whoever begins to watch a folder meanwhile is told of few events at once."""
    kept = LIMIT.read_text()
    try:
        LIMIT.write_text(str(FEW))
    except OSError:
        pytest.skip("only the administrator may set the length of the kernel's queue")
    try:
        yield
    finally:
        LIMIT.write_text(kept)


def send(stream: object, data: bytes) -> None:
    """Write all of it."""
    assert hasattr(stream, "write")
    stream.write(data)
    stream.flush()  # type: ignore[attr-defined]


def passed_over(site: Site, before: int) -> None:
    """The half lies there for longer than any wait for stillness, and is not taken."""
    time.sleep(site.settings.settle_blind_seconds + 5.0)
    assert arrivals(site) == before


def filed_once(site: Site, whole: Path, before: int) -> None:
    """The whole file became what its kind becomes, and nothing else arrived."""
    sha256 = hashlib.sha256(whole.read_bytes()).hexdigest()
    site.heals([Dropped("digital-0", sha256)])
    assert arrivals(site) == before + 1
    assert site.judge.verify() == []


def arrivals(site: Site) -> int:
    """How many files were taken so far."""
    with site.judge.database.read() as session:
        return int(session.scalar(select(func.count()).select_from(Arrival)) or 0)

"""Who still has a file open for writing, asked of the kernel."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.inbox.writers import Writer, is_network, writer_of


@pytest.fixture
def scan(tmp_path: Path) -> str:
    path = tmp_path / "scan.pdf"
    path.write_bytes(b"x" * 4096)
    return os.fspath(path)


@pytest.fixture(params=["lease", "process table"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Ask by lease, and as where the file system or the owner refuses leases."""
    if request.param == "process table":
        real = fcntl.fcntl

        def refuse(descriptor: int, command: int, argument: int = 0) -> int:
            if command == fcntl.F_SETLEASE:
                raise OSError(errno.EINVAL, "no leases here")
            return real(descriptor, command, argument)

        monkeypatch.setattr("ingest.inbox.writers.fcntl.fcntl", refuse)
        monkeypatch.setattr("ingest.inbox.writers._REMEMBER_SECONDS", -1)
    return str(request.param)


def test_a_file_nobody_writes_has_no_writer(scan: str, way: str) -> None:
    expected = {Writer.ABSENT} if way == "lease" else {Writer.ABSENT, Writer.UNKNOWN}
    assert writer_of(scan) in expected


def test_an_open_writer_is_seen(scan: str, way: str) -> None:
    with open(scan, "ab"):  # noqa: PTH123
        assert writer_of(scan) is Writer.PRESENT
    assert writer_of(scan) is not Writer.PRESENT


def test_a_writer_in_another_process_is_seen(scan: str, way: str) -> None:
    code = "import sys; f = open(sys.argv[1], 'ab'); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, scan], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert writer_of(scan) is Writer.PRESENT
        process.communicate(b"\n")
    assert writer_of(scan) is not Writer.PRESENT


def test_a_reader_is_no_writer(scan: str, way: str) -> None:
    with open(scan, "rb"):  # noqa: PTH123
        assert writer_of(scan) is not Writer.PRESENT


def test_mapped_memory_counts_as_writing(scan: str) -> None:
    with open(scan, "r+b") as stream:  # noqa: PTH123
        mapped = mmap.mmap(stream.fileno(), 4096)
    try:
        assert writer_of(scan) is Writer.PRESENT
    finally:
        mapped.close()


def test_a_link_is_not_followed(scan: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(scan)
    with pytest.raises(OSError, match="symbolic links"):
        writer_of(os.fspath(tmp_path / "link"))


def test_a_local_folder_is_no_network_folder(tmp_path: Path) -> None:
    assert not is_network(os.fspath(tmp_path))

"""Files whose chains never end: the watcher's question is answered in few steps, never by rote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from bench.hostile_files import Case, cases
from ingest import formats_whole
from ingest.formats import complete, sniff

MOST_READS = 500_000
CHAINS = {case.name: case for case in cases(bomb_bytes=1 << 20) if case.kind == "image-structure"}


class Counted:
    """Counts the reads of a file, whoever asks."""

    def __init__(self, read: Callable[[BinaryIO, int, int], bytes]) -> None:
        self._read = read
        self.reads = 0

    def __call__(self, file: BinaryIO, offset: int, length: int) -> bytes:
        self.reads += 1
        return self._read(file, offset, length)


@pytest.mark.parametrize("case", CHAINS.values(), ids=list(CHAINS))
def test_asking_whether_a_file_is_whole_ends_soon(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = case.make(tmp_path)
    assert path is not None
    counted = Counted(formats_whole._read_at)
    monkeypatch.setattr(formats_whole, "_read_at", counted)
    complete(path, sniff(path))
    assert counted.reads < MOST_READS

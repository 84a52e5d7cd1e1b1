"""The local store killed, or out of space, at every named point of a put."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage import FixityResult, LocalStore

PAGE = b"%PDF-1.7 page\n%%EOF\n" * 100_000
KEY = hashlib.sha256(PAGE).hexdigest()

PUT = """
import sys
from pathlib import Path
from storage import LocalStore
root = Path(sys.argv[1])
store = LocalStore(root / "store")
store.put(root / "scan.pdf", sys.argv[2])
store.put_derivative("pages/1.jpg", root / "scan.pdf")
"""


def put(root: Path, faults: Path) -> int:
    environment = {**os.environ, "YIHU_FAULTS": os.fspath(faults)}
    command = [sys.executable, "-c", PUT, os.fspath(root), KEY]
    return subprocess.run(command, env=environment, capture_output=True, timeout=120).returncode


def lay_out(root: Path) -> Path:
    root.mkdir()
    (root / "scan.pdf").write_bytes(PAGE)
    (root / "faults").mkdir()
    return root / "faults"


@pytest.mark.parametrize("action", ["kill", "raise", "full"])
def test_a_fault_at_any_point_leaves_the_whole_object_or_none(tmp_path: Path, action: str) -> None:
    faults = lay_out(tmp_path / "clean")
    assert put(tmp_path / "clean", faults) == 0
    points = sorted(path.name for path in (faults / "seen").iterdir())
    assert len(points) >= 5
    for point in points:
        root = tmp_path / point
        faults = lay_out(root)
        (faults / point).write_text(action)
        assert put(root, faults) != 0, point
        store = LocalStore(root / "store")
        assert store.verify(KEY).result in {FixityResult.OK, FixityResult.MISSING}, point
        assert put(root, faults) == 0, point
        assert store.verify(KEY).ok, point
        assert list(store.keys()) == [KEY]
        assert list(store.strangers()) == []
        store.sweep_temporary(0)
        assert list((root / "store" / "temporary").iterdir()) == []
        assert store.verify(KEY).ok, point

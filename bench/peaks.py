"""The highest memory of a reading process below a root process, while a block runs."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import Self

from bench.processes import name_of, tree

_RESET_PEAK = "5"


class Peaks:
    """Watches `VmHWM` of every reading process below `root`; `highest` is in bytes."""

    def __init__(self, root: int, every: float = 0.1) -> None:
        self._root, self._every = root, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.highest = 0

    def __enter__(self) -> Self:
        for pid in self._children():
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text(_RESET_PEAK)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._sample()

    def _children(self) -> list[int]:
        return [pid for pid in tree(self._root) if name_of(pid) == "multiprocessing"]

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self._sample()

    def _sample(self) -> None:
        for pid in self._children():
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                    if line.startswith("VmHWM:"):
                        self.highest = max(self.highest, int(line.split()[1]) * 1024)

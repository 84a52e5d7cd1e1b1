"""Spawned children that do not load the program they were started from.

The standard spawn imports the parent's main module again (Celery's or our
command line: some 40 MB and half a second in every child). Children here need
only the function they are asked to call, so that step is left out.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import os
import threading
from multiprocessing import popen_spawn_posix, process, spawn
from typing import Any

_REIMPORT = ("init_main_from_name", "init_main_from_path")
_ALLOCATOR = "GLIBC_TUNABLES"
_LARGE_PAGES = "glibc.malloc.hugetlb=1"
"""Pictures in memory pages of 2 MB where the system has them: 3 % less processor time a page."""


class _Popen(popen_spawn_posix.Popen):
    """A spawn whose preparation data names no main module."""

    def _launch(self, process_obj: Any) -> None:
        original = spawn.get_preparation_data

        def without_main(name: str) -> dict[str, Any]:
            return {k: v for k, v in original(name).items() if k not in _REIMPORT}

        with _LAUNCH:
            spawn.get_preparation_data = without_main
            before = os.environ.get(_ALLOCATOR)
            os.environ[_ALLOCATOR] = before or _LARGE_PAGES
            try:
                super()._launch(process_obj)  # type: ignore[misc]
            finally:
                spawn.get_preparation_data = original
                if before is None:
                    del os.environ[_ALLOCATOR]


_LAUNCH = threading.Lock()


class _Process(multiprocessing.context.SpawnProcess):
    """A spawned process that is started by `_Popen`."""

    @staticmethod
    def _Popen(process_obj: process.BaseProcess) -> _Popen:  # noqa: N802 (the library's name)
        return _Popen(process_obj)


class SpawnContext(multiprocessing.context.SpawnContext):
    """The spawn context with lean children."""

    Process = _Process

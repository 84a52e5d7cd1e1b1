"""Local copies of originals that lie elsewhere: fetched once, checked as they arrive, bounded.

A copy in use has a name of its own (a hard link), so throwing out old copies
never pulls a file away from under a reader, in whatever process.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time
from typing import BinaryIO

from storage.disk import copy_and_hash, hash_of, retryable
from storage.store import Damaged, Source
from yihu.errors import Retryable

COPIES_BYTES = 1 << 30
CHANGED = "the file changed while it was copied; it is copied again"


class Copies:
    """Copies below `root`, by hash; the least recently used go when they exceed `most` bytes."""

    def __init__(self, root: Path, most: int = COPIES_BYTES) -> None:
        self._kept, self._used = root / "kept", root / "used"
        self._most = most
        for folder in (self._kept, self._used):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def use(self, sha256: str, fetch: Callable[[str, BinaryIO], None]) -> Iterator[Path]:
        """The copy of an original, valid within the `with`; `fetch` writes it where none is kept.

        Raises what `fetch` raises, and `Retryable` when it brought other bytes.
        """
        link = self._used / uuid.uuid4().hex
        try:
            os.link(self._kept / sha256, link)
            os.utime(link)
        except FileNotFoundError:
            self._bring(link, sha256, fetch)
        try:
            yield link
        finally:
            link.unlink(missing_ok=True)

    @contextmanager
    def taken(self, source: Source, sha256: str) -> Iterator[Path]:
        """A copy of what shall be stored; raises `Retryable` unless it has the promised hash."""
        link = self._used / uuid.uuid4().hex
        try:
            with (
                retryable("copy the original", self._kept.parent),
                link.open("xb") as file,
                _opened(source) as stream,
            ):
                actual, _ = copy_and_hash(stream, file)
            if actual != sha256:
                raise Retryable(CHANGED)
            yield link
            self._keep(link, sha256)
        finally:
            link.unlink(missing_ok=True)

    def _bring(self, link: Path, sha256: str, fetch: Callable[[str, BinaryIO], None]) -> None:
        try:
            with retryable("copy the original", self._kept.parent), link.open("x+b") as file:
                fetch(sha256, file)
                file.seek(0)
                actual, _ = hash_of(file)
            if actual != sha256:
                raise Damaged(f"what the store gave for {sha256} is not the original")
        except BaseException:
            link.unlink(missing_ok=True)
            raise
        self._keep(link, sha256)

    def sweep(self, older_than: float) -> int:
        """Remove names that a killed process left in use longer ago than so many seconds."""
        swept = 0
        for path in self._used.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if time() - path.lstat().st_ctime >= older_than:
                    path.unlink()
                    swept += 1
        return swept

    def _keep(self, link: Path, sha256: str) -> None:
        with contextlib.suppress(FileExistsError):
            os.link(link, self._kept / sha256)
        found = []
        for path in self._kept.iterdir():
            with contextlib.suppress(FileNotFoundError):
                about = path.stat()
                found.append((about.st_mtime, about.st_size, path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self._most:
                return
            path.unlink(missing_ok=True)
            total -= size


@contextmanager
def _opened(source: Source) -> Iterator[BinaryIO]:
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield stream
    else:
        yield source

"""Writing to a disk so that it stays written, and saying in words when it does not."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from yihu.errors import Retryable

CHUNK = 1024 * 1024

_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "not permitted",
    errno.EIO: "the disk reports an error",
    errno.ESTALE: "the network folder went away",
    errno.EMFILE: "too many open files",
    errno.ENFILE: "too many open files",
    errno.ENOENT: "not there",
}


@contextmanager
def retryable(doing: str, root: Path | None = None) -> Iterator[None]:
    """Turn an `OSError` into a `Retryable` that says what could not be done and why.

    With `root` a place is named only below it: a store passes its own folder, because what it
    takes is called as staff called it, and its errors are logged.
    """
    try:
        yield
    except OSError as error:
        why = _WORDS.get(error.errno or 0, error.strerror or type(error).__name__)
        raise Retryable(f"could not {doing}: {why}{_where(error, root)}") from error


def _where(error: OSError, root: Path | None) -> str:
    if not isinstance(error.filename, str | bytes):
        return ""
    path = Path(os.fsdecode(error.filename))
    if root is not None and not path.is_relative_to(root):
        return ""
    return f": {os.fsencode(path).decode('utf-8', 'backslashreplace')}"


def copy_and_hash(source: BinaryIO, target: IO[bytes]) -> tuple[str, int]:
    """Copy to the end in constant memory; the SHA-256 in hex and the bytes written."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        rest = memoryview(chunk)
        while rest:
            rest = rest[target.write(rest) :]
    return digest.hexdigest(), size


def hash_of(source: BinaryIO) -> tuple[str, int]:
    """The SHA-256 in hex and the size in bytes of what is left in the stream."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(root: Path, below: Path) -> None:
    """Make the folders `below` `root` one by one, syncing the parent of each new one."""
    folder = root
    for part in below.parts:
        try:
            (folder / part).mkdir()
        except FileExistsError:
            pass
        else:
            sync_folder(folder)
        folder /= part

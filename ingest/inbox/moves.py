"""Moving one thing without following links, without overwriting, and so that it stays moved.

Folders staff can write to are walked one by one with O_NOFOLLOW, so a link
slipped in on the way never leads out of the inbox. Between file systems a
thing is copied, synced, read back and only then removed.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path

from yihu import faults
from yihu.errors import Retryable

CHUNK = 1024 * 1024
_AT_FDCWD = -100
_NOREPLACE = 1
_UNSUPPORTED = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM})

_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "not permitted",
    errno.EIO: "the disk reports an error",
    errno.ENAMETOOLONG: "the path is too long",
    errno.ESTALE: "the network folder went away",
}

_libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def retryable(doing: str) -> Iterator[None]:
    """Turn an `OSError` into a `Retryable` that says what could not be done and why."""
    try:
        yield
    except OSError as error:
        why = _WORDS.get(error.errno or 0, error.strerror or str(error))
        raise Retryable(f"could not {doing}: {why}") from error


@contextlib.contextmanager
def folder_below(root: Path, parts: Sequence[str], *, make: bool = False) -> Iterator[int]:
    """An open descriptor of the folder `parts` below `root`, no link followed below `root`.

    With `make`, missing folders are made with the mode and owner of `root`.
    Raises `OSError` (ELOOP, ENOTDIR) where a part is a link or no folder.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    descriptor = os.open(root, flags)
    like = os.fstat(descriptor)
    try:
        for part in parts:
            if make:
                _make_like(part, descriptor, like)
            below = os.open(part, flags | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        yield descriptor
    finally:
        os.close(descriptor)


def rename_new(source: str, target: str, *, source_fd: int | None, target_fd: int | None) -> None:
    """Rename without overwriting: FileExistsError when `target` is there.

    Residual risk: on file systems that know neither RENAME_NOREPLACE nor hard
    links, a file created in the instant between look and rename is replaced.
    """
    from_fd = _AT_FDCWD if source_fd is None else source_fd
    to_fd = _AT_FDCWD if target_fd is None else target_fd
    rename = getattr(_libc, "renameat2", None)
    if rename is not None:
        done = rename(from_fd, os.fsencode(source), to_fd, os.fsencode(target), _NOREPLACE)
        if done == 0:
            return
        code = ctypes.get_errno()
        if code not in _UNSUPPORTED:
            raise OSError(code, os.strerror(code), source, None, target)
    try:
        os.link(source, target, src_dir_fd=source_fd, dst_dir_fd=target_fd, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
        with contextlib.suppress(FileNotFoundError):
            os.stat(target, dir_fd=target_fd, follow_symlinks=False)
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target) from error
        os.rename(source, target, src_dir_fd=source_fd, dst_dir_fd=target_fd)
    else:
        os.unlink(source, dir_fd=source_fd)


def sync_folder(folder: Path | int) -> None:
    """Make the names in a folder survive a power cut."""
    if isinstance(folder, int):
        os.fsync(folder)
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_up(folder: Path, root: Path) -> None:
    """Sync `folder` and every folder above it up to and including `root`."""
    while True:
        sync_folder(folder)
        if folder == root or folder == folder.parent:
            return
        folder = folder.parent


def kind_of(mode: int) -> str:
    """What a thing is: "file", "folder", "symlink", "fifo", "socket" or "device"."""
    names = {
        stat.S_IFREG: "file",
        stat.S_IFDIR: "folder",
        stat.S_IFLNK: "symlink",
        stat.S_IFIFO: "fifo",
        stat.S_IFSOCK: "socket",
    }
    return names.get(stat.S_IFMT(mode), "device")


def copy_file(source: Path, target: Path) -> tuple[str, int]:
    """Make `target` a synced, read-back copy of the regular file `source`: SHA-256 and size.

    A link in place of `source` is not followed. Raises `Retryable` when the
    file changed meanwhile, `OSError` when it may not be read or the target
    cannot be written; nothing is left at `target` then.
    """
    reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        with os.fdopen(os.open(target, flags, 0o600), "r+b", buffering=0) as copy:
            try:
                return _copied(reading, copy)
            except BaseException:
                target.unlink(missing_ok=True)
                raise
    finally:
        os.close(reading)


def hash_of_open(descriptor: int) -> tuple[str, int]:
    """SHA-256 in hex and size in bytes of an open file from where it stands."""
    digest, size = hashlib.sha256(), 0
    while chunk := os.read(descriptor, CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def same_content(before: os.stat_result, after: os.stat_result) -> bool:
    """True when two looks at an open file show nothing written in between."""
    return (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)


def _copied(reading: int, copy: FileIO) -> tuple[str, int]:
    before = os.fstat(reading)
    digest, size = hashlib.sha256(), 0
    faults.point("inbox.copy.before_write")
    while chunk := os.read(reading, CHUNK):
        digest.update(chunk)
        size += len(chunk)
        rest = memoryview(chunk)
        while rest:
            rest = rest[copy.write(rest) :]
    faults.point("inbox.copy.before_fsync")
    os.fchmod(copy.fileno(), stat.S_IMODE(before.st_mode) | 0o600)
    os.utime(copy.fileno(), ns=(before.st_atime_ns, before.st_mtime_ns))
    os.fsync(copy.fileno())
    os.posix_fadvise(copy.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # read back from the disk
    copy.seek(0)
    if not same_content(before, os.fstat(reading)) or size != before.st_size:
        raise Retryable("the file changed while it was copied")
    if hash_of_open(copy.fileno()) != (digest.hexdigest(), size):
        raise Retryable("the copy reads back with other bytes than were written")
    return digest.hexdigest(), size


def _make_like(name: str, folder: int, like: os.stat_result) -> None:
    try:
        os.mkdir(name, dir_fd=folder)
    except FileExistsError:
        return
    # Staff who may use the inbox must be able to use what is made in it.
    with contextlib.suppress(PermissionError):
        below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
        try:
            os.fchmod(below, stat.S_IMODE(like.st_mode))
            os.fchown(below, like.st_uid, like.st_gid)
        finally:
            os.close(below)
    sync_folder(folder)

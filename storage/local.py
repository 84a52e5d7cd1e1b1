"""The object store in a local folder: fsync, atomic link without overwriting, read-only files.

Layout below the root: `STORE` (the mark that this is a store, so that an
unmounted disk never looks like an empty one), `sha256/ab/cd/<hex>`,
`derivatives/`, `records/` (what the catalogue says of them), `temporary/`
(unfinished puts), `damaged/` (set aside by `repair`). One file system for all of them.

Residual risk: whoever may write to the folder can alter it; read-only bits
stop accidents, not people. `verify` finds what was altered.
"""

from __future__ import annotations

import errno
import io
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from storage.disk import copy_and_hash, hash_of, make_folders, retryable, sync_folder
from storage.measured import measured
from storage.store import (
    Damaged,
    Fixity,
    FixityResult,
    NotOffered,
    Source,
    Stat,
    Stored,
    checked_hash,
    checked_name,
    object_key,
)
from yihu import faults
from yihu.errors import NotFound, Retryable

_MARK = "STORE"
_MARK_TEXT = "Yihu object store, layout 1. Do not edit anything here by hand.\n"
_ORIGINALS, _DERIVATIVES, _TEMPORARY, _DAMAGED = "sha256", "derivatives", "temporary", "damaged"
_RECORDS = "records"
_CHANGED = "the file changed while it was copied; it is copied again"


class LocalStore:
    """An `ObjectStore` in the folder `root`.

    The folder is made a store when it does not exist or is empty, unless
    `create` is False. Raises `Retryable` when it cannot be used.
    """

    def __init__(self, root: Path, *, create: bool = True) -> None:
        self.root = root
        if create:
            with retryable("prepare the store", self.root):
                self._create()

    @measured("put")
    def put(self, source: Source, sha256: str) -> Stored:
        """See `ObjectStore.put`."""
        target = self._target(sha256)
        with retryable("store the original", self.root):
            self._must_be_mounted()
            if os.path.lexists(target):
                return self._already_there(sha256)
            temporary = self._fill_temporary(source, sha256)
            try:
                self._publish(temporary, target)
            except FileExistsError:
                return self._already_there(sha256)
            finally:
                temporary.unlink(missing_ok=True)
            faults.point("storage.put.before_read_back")
            return self._already_there(sha256)

    @measured("repair")
    def repair(self, source: Source, sha256: str) -> Stored:
        """See `ObjectStore.repair`."""
        target = self._target(sha256)
        with retryable("repair the original", self.root):
            self._must_be_mounted()
            fixity = self.verify(sha256)
            if fixity.result is FixityResult.FAILED:
                # The good bytes are made ready first: a failure leaves things as they were.
                ready = self._fill_temporary(source, sha256)
                try:
                    make_folders(self.root, Path(_DAMAGED))
                    aside = self.root / _DAMAGED / f"{sha256}-{time.time_ns()}"
                    target.rename(aside)
                    faults.point("storage.repair.after_aside")
                    self._publish(ready, target)
                    sync_folder(aside.parent)
                finally:
                    ready.unlink(missing_ok=True)
            elif fixity.result is FixityResult.COULD_NOT_CHECK:
                raise Retryable(fixity.message)
        return self.put(source, sha256)

    @measured("open")
    def open(self, sha256: str) -> BinaryIO:
        """See `ObjectStore.open`."""
        with retryable("open the original", self.root):
            return self._open_below(object_key(checked_hash(sha256)))

    @measured("stat")
    def stat(self, sha256: str) -> Stat | None:
        """See `ObjectStore.stat`."""
        target = self._target(sha256)
        with retryable("look for the original", self.root):
            self._must_be_mounted()
            try:
                found = target.lstat()
            except FileNotFoundError:
                return None
        moment = datetime.fromtimestamp(found.st_mtime, UTC)
        return Stat(object_key(sha256), found.st_size, moment)

    @measured("verify")
    def verify(self, sha256: str) -> Fixity:
        """See `ObjectStore.verify`."""
        key = object_key(checked_hash(sha256))
        try:
            self._must_be_mounted()
            with self._open_below(key) as stream:
                actual, size = hash_of(stream)
        except NotFound:
            return Fixity(FixityResult.MISSING, f"{key} is not in the store")
        except IsADirectoryError:
            return Fixity(FixityResult.FAILED, f"{key} is not a regular file")
        except OSError as error:
            if error.errno == errno.ELOOP:
                return Fixity(FixityResult.FAILED, f"{key} is a symbolic link, not the original")
            return Fixity(FixityResult.COULD_NOT_CHECK, f"{key} could not be read: {error}")
        except Retryable as error:
            return Fixity(FixityResult.COULD_NOT_CHECK, str(error))
        if actual != sha256:
            message = f"{key} was altered: {size} bytes with SHA-256 {actual}"
            return Fixity(FixityResult.FAILED, message)
        return Fixity(FixityResult.OK)

    @contextmanager
    def local_path(self, sha256: str) -> Iterator[Path]:
        """See `ObjectStore.local_path`; here it is the store's own file, read-only."""
        if self.stat(sha256) is None:
            raise NotFound(f"original {sha256} is not in the store")
        yield self._target(sha256)

    def keys(self, after: str = "") -> Iterator[str]:
        """See `ObjectStore.keys`."""
        for path in self._walk_originals():
            if self._is_original(path) and path.name > after:
                yield path.name

    def strangers(self) -> Iterator[str]:
        """See `ObjectStore.strangers`."""
        for path in self._walk_originals():
            if not self._is_original(path):
                yield os.fsencode(path.relative_to(self.root)).decode("utf-8", "backslashreplace")

    @measured("put_derivative")
    def put_derivative(self, name: str, source: Source | bytes) -> None:
        """See `ObjectStore.put_derivative`."""
        with retryable("write a derivative", self.root):
            self._replace(self.root / _DERIVATIVES / checked_name(name), source)

    @measured("open_derivative")
    def open_derivative(self, name: str) -> BinaryIO:
        """See `ObjectStore.open_derivative`."""
        with retryable("open a derivative", self.root):
            return self._open_below(f"{_DERIVATIVES}/{checked_name(name)}")

    def put_record(self, name: str, data: bytes) -> None:
        """See `ObjectStore.put_record`."""
        target = self.root / _RECORDS / checked_name(name)
        with retryable("write a record", self.root):
            self._replace(target, data)
            sync_folder(target.parent)

    def open_record(self, name: str) -> BinaryIO:
        """See `ObjectStore.open_record`."""
        with retryable("open a record", self.root):
            return self._open_below(f"{_RECORDS}/{checked_name(name)}")

    def records(self, folder: str) -> Iterator[str]:
        """See `ObjectStore.records`."""
        root = self.root / _RECORDS
        with retryable("list the records", self.root):
            self._must_be_mounted()
            found = sorted((root / checked_name(folder)).rglob("*.json"))
        yield from (path.relative_to(root).as_posix() for path in found)

    def hold(self, sha256: str, *, held: bool) -> None:  # noqa: ARG002 - the store's interface
        """See `ObjectStore.hold`: a folder cannot."""
        raise NotOffered

    def is_held(self, sha256: str) -> bool:  # noqa: ARG002 - the store's interface
        """See `ObjectStore.is_held`: a folder cannot."""
        raise NotOffered

    def sweep_temporary(self, older_than: float) -> int:
        """See `ObjectStore.sweep_temporary`."""
        swept = 0
        with retryable("sweep unfinished puts", self.root):
            self._must_be_mounted()
            with os.scandir(self.root / _TEMPORARY) as entries:
                for entry in entries:
                    try:
                        if time.time() - entry.stat(follow_symlinks=False).st_ctime < older_than:
                            continue
                        Path(entry.path).unlink()
                        swept += 1
                    except FileNotFoundError:
                        continue
        return swept

    # --- how it is done ---------------------------------------------------------------------

    def _create(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        folders = (_ORIGINALS, _DERIVATIVES, _TEMPORARY)
        if (self.root / _MARK).exists():
            return
        if any(path.name not in folders or any(path.iterdir()) for path in self.root.iterdir()):
            return  # somebody else's folder, or a store that lost its mark: a person must look
        for folder in folders:
            (self.root / folder).mkdir(exist_ok=True)
        (self.root / _MARK).write_text(_MARK_TEXT)
        sync_folder(self.root)

    def _must_be_mounted(self) -> None:
        try:
            (self.root / _MARK).stat()
        except OSError as error:
            raise Retryable(
                f"{self.root} is no store, or is not mounted ({error.strerror}); "
                "nothing is taken for missing"
            ) from error

    def _replace(self, target: Path, source: Source | bytes) -> None:
        """Write something that may be written again; it appears whole."""
        self._must_be_mounted()
        stream = io.BytesIO(source) if isinstance(source, bytes) else source
        temporary, _, _ = self._write_temporary(stream)
        try:
            make_folders(self.root, target.parent.relative_to(self.root))  # never the root
            faults.point("storage.derivative.before_rename")
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def _target(self, sha256: str) -> Path:
        return self.root / object_key(checked_hash(sha256))

    def _already_there(self, sha256: str) -> Stored:
        fixity = self.verify(sha256)
        if fixity.result is FixityResult.FAILED:
            raise Damaged(f"{fixity.message}; left as it is, see `yihu verify`")
        if not fixity.ok:
            raise Retryable(f"the original could not be read back: {fixity.message}")
        return Stored(object_key(sha256), self._target(sha256).stat().st_size)

    def _fill_temporary(self, source: Source, sha256: str) -> Path:
        temporary, actual, _ = self._write_temporary(source)
        if actual != sha256:
            temporary.unlink(missing_ok=True)
            raise Retryable(_CHANGED)
        return temporary

    def _write_temporary(self, source: Source) -> tuple[Path, str, int]:
        """A synced, read-only temporary file with the bytes of `source`, its hash and size."""
        temporary = self.root / _TEMPORARY / f"{os.getpid()}-{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            with os.fdopen(os.open(temporary, flags, 0o600), "wb", buffering=0) as target:
                faults.point("storage.put.before_write")
                if isinstance(source, Path):
                    with source.open("rb") as stream:
                        actual, size = copy_and_hash(stream, target)
                else:
                    actual, size = copy_and_hash(source, target)
                os.fchmod(target.fileno(), 0o444)
                faults.point("storage.put.before_fsync")
                os.fsync(target.fileno())
                # Forget the cached pages, so that reading back reads the disk.
                os.posix_fadvise(target.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return temporary, actual, size

    def _publish(self, temporary: Path, target: Path) -> None:
        """Give the finished file its name; FileExistsError when another put was first."""
        make_folders(self.root, target.parent.relative_to(self.root))
        faults.point("storage.put.before_link")
        try:
            os.link(temporary, target)
        except OSError as error:
            if error.errno not in {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}:
                raise
            # No hard links here. Two puts in this window both hold the same bytes.
            if os.path.lexists(target):
                raise FileExistsError(errno.EEXIST, "stored already", str(target)) from error
            temporary.rename(target)
        faults.point("storage.put.after_link")
        sync_folder(target.parent)

    def _open_below(self, key: str) -> BinaryIO:
        self._must_be_mounted()
        path = self.root / key
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            descriptor = os.open(path, flags)
        except FileNotFoundError as error:
            raise NotFound(f"{key} is not in the store") from error
        stream = os.fdopen(descriptor, "rb") if _is_regular(descriptor) else None
        if stream is None:
            os.close(descriptor)
            raise IsADirectoryError(errno.EISDIR, "not a regular file", str(path))
        return stream

    def _walk_originals(self) -> Iterator[Path]:
        """Every thing below `sha256/` that is no folder, in rising order; for `verify` only."""
        self._must_be_mounted()
        folders = [self.root / _ORIGINALS]
        while folders:
            with retryable("list the store", self.root), os.scandir(folders.pop()) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
            folders.extend(
                Path(entry.path) for entry in reversed(found) if entry.is_dir(follow_symlinks=False)
            )
            for entry in found:
                if not entry.is_dir(follow_symlinks=False):
                    yield Path(entry.path)

    def _is_original(self, path: Path) -> bool:
        name = path.name
        if len(name) != 64 or any(digit not in "0123456789abcdef" for digit in name):
            return False
        return path == self.root / object_key(name)


def _is_regular(descriptor: int) -> bool:
    return stat.S_ISREG(os.fstat(descriptor).st_mode)

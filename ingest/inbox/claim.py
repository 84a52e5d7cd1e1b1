"""Taking a file out of the inbox: one atomic rename, then its hash.

Layout: `<claimed>/<token>/<path below the inbox>`, so the folder alone tells
everything after a crash. What is copied is made ready below
`<claimed>/.staging/<token>/` and appears whole. When inbox and claimed lie on
different file systems the rename goes to `<inbox>/.yihu-taking/<token>/`
first: still exactly one winner, then the copy, then the removal.

What cannot be taken (`Refused`) is claimed all the same and waits below
`<claimed>` until `reject` puts it back under `_rejected`; so a crash between
the two loses nothing.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ingest.inbox.moves import (
    copy_file,
    folder_below,
    hash_of_open,
    kind_of,
    rename_new,
    retryable,
    same_content,
    sync_folder,
    sync_up,
)
from ingest.inbox.names import numbered, shown
from ingest.inbox.scan import REJECTED, TAKING
from ingest.inbox.writers import Writer, writer_of_open
from yihu import clock, faults
from yihu.errors import Invariant, NotFound, Rejected, Retryable, Usage
from yihu.log import told

STAGING = ".staging"
DAY = "%Y-%m-%d"
_log = logging.getLogger(__name__)
_TOKEN_TIME = "%Y%m%dT%H%M%S%f"  # noqa: S105 - a name's shape, no secret
_TRIES = 3
_WRITTEN = "the file is still being written"


@dataclass(frozen=True, slots=True)
class Claim:
    """A thing taken out of the inbox.

    `token` is unique and sorts by time; `path` is the shown path below the
    inbox (see `names.shown`); `place` is where it lies now; `sha256` is ""
    for what is no file or was not read; `size` in bytes; `kind` is "file",
    "symlink", "fifo", "socket" or "device"; `reason` is a code of
    `yihu.reasons` when it cannot be taken.
    """

    token: str
    path: str
    place: Path
    sha256: str
    size: int
    kind: str
    reason: str = ""

    @property
    def on_disk(self) -> bool:
        """Whether there is something at `place` (not so for a source `copy_in` refused)."""
        return os.path.lexists(self.place)


class Refused(Rejected):
    """The thing was claimed and cannot be taken; record it, then call `reject`."""

    def __init__(self, claim: Claim, message: str = "") -> None:
        super().__init__(claim.reason, message or f"{claim.path}: {claim.reason}")
        self.claim = claim

    def __reduce__(self) -> tuple[type[Refused], tuple[Claim, str]]:  # type: ignore[override]
        return type(self), (self.claim, str(self))


def new_token() -> str:
    """A name for a claim: UTC time to the microsecond and 32 random bits; sorts by time."""
    return f"{clock.now().strftime(_TOKEN_TIME)}-{secrets.token_hex(4)}"


def moment_of(token: str) -> datetime:
    """When a claim was made, in UTC; raises ValueError for what is no token."""
    return datetime.strptime(token.partition("-")[0], _TOKEN_TIME).replace(tzinfo=UTC)


def take(
    path: Path, inbox: Path, claimed_root: Path, *, max_bytes: int | None = None
) -> Claim | None:
    """Take `path` out of the inbox; exactly one of several takers gets the claim.

    None when there is nothing to take: another took it, it vanished, it is a
    folder, or it is still written to and was put back to wait. Raises
    `Refused` with reason not_a_file, unreadable, empty_file or too_large (more
    than `max_bytes`), and `Retryable` when the disk does not let us.
    """
    relative = _relative(path, inbox)
    token = new_token()
    with retryable("take a file from the inbox"):
        held = _carry_off(relative, inbox, claimed_root, token)
        if held is None:
            return None
        try:
            claim = _secured(token, relative, held, inbox, claimed_root, max_bytes)
        except Retryable:
            _put_back(relative, held, inbox, token)
            return None
        except OSError:
            # Once a copy stands among the claimed files it is the claim; `recover` finds it.
            if held.is_relative_to(claimed_root) or not os.path.lexists(claimed_root / token):
                with contextlib.suppress(OSError):
                    _put_back(relative, held, inbox, token)
            raise
    return _accepted(claim) if claim is not None else None


def copy_in(
    source: Path, claimed_root: Path, relative: str, *, max_bytes: int | None = None
) -> Claim:
    """Copy a file straight into the claimed files; `source` is not touched.

    `relative` is the path it is to have below the inbox. Raises `Refused` like
    `take`; then nothing lies at `claim.place` unless the file was empty.
    Raises `Retryable` when it keeps changing or the disk does not let us.
    """
    parts = _checked_parts(relative)
    token = new_token()
    place = claimed_root.joinpath(token, *parts)
    try:
        found = source.lstat()
    except FileNotFoundError as error:
        raise NotFound(f"{shown(source)} is not there") from error
    kind = kind_of(found.st_mode)
    if kind == "folder":
        raise Usage(f"{shown(source)} is a folder; its files are copied one by one")
    empty = Claim(token, shown(relative), place, "", found.st_size, kind)
    if kind != "file":
        raise Refused(replace(empty, size=0, reason="not_a_file"))
    if max_bytes is not None and found.st_size > max_bytes:
        raise Refused(replace(empty, reason="too_large"))
    if not os.access(source, os.R_OK):
        raise Refused(replace(empty, reason="unreadable"))
    with retryable("copy a file into the inbox"):
        sha256, size = _staged_copy(source, claimed_root, token, parts)
    reason = "" if size else "empty_file"
    return _accepted(replace(empty, sha256=sha256, size=size, reason=reason))


def find(root: Path, token: str) -> Claim | None:
    """The claim `token` below the claimed files or the spool, unread (no hash); None if gone."""
    try:
        day = moment_of(token).strftime(DAY)
    except ValueError:
        return None
    for folder in (root / token, root / day / token):
        leaf = _leaf(folder)
        if leaf is not None:
            found = leaf.lstat()
            path = shown(leaf.relative_to(folder))
            return Claim(token, path, leaf, "", found.st_size, kind_of(found.st_mode))
    return None


def recover(
    claimed_root: Path,
    inbox: Path | None = None,
    *,
    known: Callable[[str], bool] = lambda _token: False,
    older_than: float = 0.0,
    max_bytes: int | None = None,
) -> Iterator[Claim]:
    """Claims on disk that nobody recorded, oldest first, hashed anew.

    Tokens for which `known` is true are passed over unread, and so are claims
    made less than `older_than` seconds ago (60 while others may be taking). A
    claim with a `reason` must be recorded and rejected, as after `Refused`.
    With `inbox`, files caught between two file systems are given back to it
    first. Empty remains older than a minute are cleared away. What cannot be
    read now is logged and stays for the next call.
    """
    if inbox is not None:
        _finish_crossings(inbox, claimed_root, known, older_than)
    for folder in _token_folders(claimed_root, older_than):
        if known(folder.name):
            continue
        leaf = _leaf(folder)
        if leaf is None:
            if time.time() - folder.lstat().st_mtime > 60:
                shutil.rmtree(folder, ignore_errors=True)
            continue
        relative = leaf.relative_to(folder)
        try:
            claim = _examined(folder.name, relative, leaf, max_bytes, settled=False)
        except (OSError, Retryable) as error:
            _log.warning("claim %s cannot be read now: %s", folder.name, told(error))
            continue
        if claim is not None:
            yield claim


def sweep_staging(claimed_root: Path, older_than: float) -> int:
    """Remove half-made copies begun more than `older_than` seconds ago; gives the count.

    Their sources were never touched, so nothing is lost.
    """
    swept = 0
    for folder in _token_folders(claimed_root / STAGING, older_than):
        shutil.rmtree(folder, ignore_errors=True)
        swept += 1
    return swept


# --- taking -----------------------------------------------------------------------------------


def _relative(path: Path, inbox: Path) -> Path:
    try:
        relative = path.relative_to(inbox)
    except ValueError as error:
        raise Invariant(f"{shown(path)} does not lie in the inbox") from error
    parts = _checked_parts(os.fspath(relative))
    if parts[0] in {REJECTED, TAKING}:
        raise Invariant(f"{shown(relative)} is not for taking")
    return relative


def _checked_parts(relative: str) -> tuple[str, ...]:
    parts = Path(relative).parts
    if not parts or ".." in parts or Path(relative).is_absolute():
        raise Invariant(f"not a path below the inbox: {shown(relative)!r}")
    return parts


def _carry_off(relative: Path, inbox: Path, claimed_root: Path, token: str) -> Path | None:
    """Rename the thing away under the token; where it lies now, or None when it is gone."""
    held = claimed_root / token / relative
    held.parent.mkdir(parents=True, exist_ok=True)
    try:
        with folder_below(inbox, relative.parts[:-1]) as folder:
            found = os.stat(relative.name, dir_fd=folder, follow_symlinks=False)
            if kind_of(found.st_mode) != "folder":
                faults.point("inbox.claim.before_rename")
                if _renamed(relative.name, folder, held):
                    return held
                crossing = (TAKING, token, *relative.parts[:-1])
                with folder_below(inbox, crossing, make=True) as target:
                    os.rename(relative.name, relative.name, src_dir_fd=folder, dst_dir_fd=target)
                return inbox / TAKING / token / relative
    except OSError as error:
        # Gone, or a link or a file where a folder was: not ours to take.
        if error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
            raise
    finally:
        clear_folders(held.parent, token)
        clear_folders((inbox / TAKING / token / relative).parent, token)
    return None


def _renamed(name: str, folder: int, held: Path) -> bool:
    """False when the two lie on different file systems."""
    try:
        os.rename(name, held, src_dir_fd=folder)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return False
    return True


def _secured(
    token: str,
    relative: Path,
    held: Path,
    inbox: Path,
    claimed_root: Path,
    max_bytes: int | None,
) -> Claim | None:
    """Hash what was carried off, bring it to the claimed files, make it survive a power cut."""
    faults.point("inbox.claim.after_rename")
    claim = _examined(token, relative, held, max_bytes, settled=True)
    if claim is None:
        clear_folders(held.parent, token)
        return None
    root = claimed_root
    if held.is_relative_to(inbox / TAKING):
        # What cannot be taken stays on its file system: `reject` renames it from there.
        if claim.reason in {"", "empty_file"}:
            claim = _bring_over(claim, relative, claimed_root)
        else:
            root = inbox / TAKING
    sync_up(claim.place.parent, root)
    with contextlib.suppress(FileNotFoundError), folder_below(inbox, relative.parts[:-1]) as old:
        sync_folder(old)
    faults.point("inbox.claim.after_sync")
    return claim


def _examined(
    token: str, relative: Path, held: Path, max_bytes: int | None, *, settled: bool
) -> Claim | None:
    """Look at what was claimed and hash it; None when it vanished.

    With `settled`, raises `Retryable` when it is still written to.
    """
    claim = Claim(token, shown(relative), held, "", 0, "file")
    try:
        kind = kind_of(held.lstat().st_mode)
        if kind == "folder":  # made in the instant before the rename
            raise Retryable(_WRITTEN)
        if kind != "file":
            return replace(claim, kind=kind, reason="not_a_file")
        descriptor = os.open(held, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except PermissionError:
        return replace(claim, size=held.lstat().st_size, reason="unreadable")
    except BlockingIOError as error:  # a file server holds a lease: somebody is writing
        raise Retryable(_WRITTEN) from error
    try:
        return _hashed(claim, descriptor, max_bytes, settled=settled)
    finally:
        os.close(descriptor)


def _hashed(claim: Claim, descriptor: int, max_bytes: int | None, *, settled: bool) -> Claim:
    before = os.fstat(descriptor)
    if settled and writer_of_open(descriptor) is Writer.PRESENT:
        raise Retryable(_WRITTEN)
    if max_bytes is not None and before.st_size > max_bytes:
        return replace(claim, size=before.st_size, reason="too_large")
    for _ in range(_TRIES):
        os.lseek(descriptor, 0, os.SEEK_SET)
        sha256, size = hash_of_open(descriptor)
        after = os.fstat(descriptor)
        if same_content(before, after) and size == after.st_size:
            faults.point("inbox.claim.before_fsync")
            os.fsync(descriptor)
            reason = "" if size else "empty_file"
            return replace(claim, sha256=sha256, size=size, reason=reason)
        if settled:
            break
        before = after
    raise Retryable(_WRITTEN)


def _put_back(relative: Path, held: Path, inbox: Path, token: str) -> None:
    """Give a file that is still written to back to the inbox, under a free name."""
    with folder_below(inbox, relative.parts[:-1], make=True) as folder:
        number = 1
        while True:
            name = numbered(relative.name, number)
            try:
                faults.point("inbox.claim.before_put_back")
                rename_new(os.fspath(held), name, source_fd=None, target_fd=folder)
            except FileExistsError:
                number += 1
                continue
            except FileNotFoundError:
                pass
            sync_folder(folder)
            break
    clear_folders(held.parent, token)


def _accepted(claim: Claim) -> Claim:
    if claim.reason:
        raise Refused(claim)
    return claim


# --- between file systems ---------------------------------------------------------------------


def _bring_over(claim: Claim, relative: Path, claimed_root: Path) -> Claim:
    """Copy a claim from the inbox's file system to the claimed files, then remove it there."""
    held, token = claim.place, claim.token
    sha256, _ = _staged_copy(held, claimed_root, token, relative.parts)
    if claim.sha256 and sha256 != claim.sha256:
        raise Invariant(f"{claim.path} changed while nobody could write to it")
    faults.point("inbox.claim.before_unlink")
    held.unlink()
    clear_folders(held.parent, token)
    return replace(claim, place=claimed_root / token / relative)


def _staged_copy(
    source: Path, claimed_root: Path, token: str, parts: tuple[str, ...]
) -> tuple[str, int]:
    """A whole, synced copy that appears as `<claimed>/<token>/...` at once; hash and size."""
    staged = claimed_root / STAGING / token
    copy = staged.joinpath(*parts)
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        for attempt in range(1, _TRIES + 1):
            try:
                sha256, size = copy_file(source, copy)
                break
            except Retryable:
                if attempt == _TRIES:
                    raise
        sync_up(copy.parent, staged)
        faults.point("inbox.copy.before_rename")
        staged.rename(claimed_root / token)
        sync_folder(claimed_root)
        faults.point("inbox.copy.after_rename")
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return sha256, size


def _finish_crossings(
    inbox: Path, claimed_root: Path, known: Callable[[str], bool], older_than: float
) -> None:
    """Finish, or give back, what a crash left between two file systems."""
    for folder in _token_folders(inbox / TAKING, older_than):
        leaf = _leaf(folder)
        if leaf is None:
            shutil.rmtree(folder, ignore_errors=True)
            continue
        with retryable("give a half-taken file back"):
            if (claimed_root / folder.name).exists():
                leaf.unlink()  # the copy appeared whole, so only the removal is missing
                clear_folders(leaf.parent, folder.name)
            elif not known(folder.name):
                _put_back(leaf.relative_to(folder), leaf, inbox, folder.name)


# --- folders of tokens ------------------------------------------------------------------------


def _token_folders(root: Path, older_than: float) -> Iterator[Path]:
    """Folders named by a token at least `older_than` seconds old, oldest first."""
    try:
        names = sorted(os.listdir(root))  # noqa: PTH208 - names only
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        try:
            age = (clock.now() - moment_of(name)).total_seconds()
        except ValueError:
            continue
        if age >= older_than and (root / name).is_dir():
            yield root / name


def _leaf(folder: Path) -> Path | None:
    """The one thing below `folder` that is no folder."""
    for parent, folders, files in os.walk(folder):
        for name in sorted(files + folders):
            path = Path(parent, name)
            if path.is_symlink() or not path.is_dir():
                return path
    return None


def clear_folders(folder: Path, token: str) -> None:
    """Remove empty folders upwards, the token's own last."""
    with contextlib.suppress(OSError):
        while token in folder.parts:
            folder.rmdir()
            folder = folder.parent

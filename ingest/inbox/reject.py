"""Giving a refused file back to staff, unchanged, with a note that says what to do.

The note is written first and carries the claim's token, so doing it twice
after a crash finds the same place again.
"""

from __future__ import annotations

import contextlib
import errno
import os
from datetime import datetime
from pathlib import Path

from ingest.inbox.claim import Claim, clear_folders
from ingest.inbox.moves import (
    copy_file,
    folder_below,
    hash_of_open,
    rename_new,
    retryable,
    sync_folder,
)
from ingest.inbox.names import actual, numbered, shown
from yihu import clock, faults
from yihu.errors import Invariant, NotFound, Retryable

NOTE_SUFFIX = ".说明.txt"
_NOTE_BYTES = 64 * 1024
_MOST_OF_ONE_NAME = 10_000

_NOTE = """\
这个文件没有被接收。文件未作任何改动，就放在本说明旁边。
This file was not taken. It lies unchanged beside this note.

文件 File:     {path}
原因 Reason:   {zh}
               {en}
代码 Code:     {reason}
时间 Time:     {when}
大小 Size:     {size} bytes
SHA-256:       {sha256}

怎么办：按上面的提示处理后，把文件重新放入收件箱（不要放在 _rejected 文件夹内）。
处理完后，这里的文件和说明都可以删除。
What to do: put it right as said above, then drop it into the inbox again (not into
the folder _rejected). After that, the file and the note here may be deleted.

编号 Token:    {token}
"""


def reject(
    claim: Claim,
    rejected_root: Path,
    reason: str,
    words_zh: str,
    words_en: str,
    *,
    when: datetime | None = None,
) -> Path:
    """Move a claim's file unchanged to `rejected_root/<its path>` and write the note beside it.

    A name that is taken gets a number. `words_*` say what is wrong and what to
    do; `when` is shown as given (default: now, UTC). Calling it again for the
    same claim gives the same place. Raises `NotFound` when the file is neither
    at `claim.place` nor there, `Retryable` when the disk does not let us.
    """
    if claim.on_disk and claim.token not in claim.place.parts:
        _must_be_back_already(claim, rejected_root)
    note = _NOTE.format(
        path=claim.path,
        zh=words_zh,
        en=words_en,
        reason=reason,
        when=(when or clock.now()).strftime("%Y-%m-%d %H:%M:%S %z"),
        size=claim.size,
        sha256=claim.sha256 or "-",
        token=claim.token,
    )
    relative = Path(actual(claim.path))
    with retryable("give a refused file back"):
        rejected_root.mkdir(exist_ok=True)
        try:
            place = _placed(claim, rejected_root, relative, note)
        except OSError as error:
            if error.errno not in {errno.ELOOP, errno.ENOTDIR} or len(relative.parts) == 1:
                raise
            # Somebody put a link or a file where the folder should be.
            place = _placed(claim, rejected_root, Path(relative.name), note)
    clear_folders(claim.place.parent, claim.token)
    faults.point("inbox.reject.after_move")
    return place


def _must_be_back_already(claim: Claim, rejected_root: Path) -> None:
    """Only what lies in its token's folder is ours to move."""
    if not claim.place.is_relative_to(rejected_root):
        raise Invariant(f"{shown(claim.place)} is not the place of the claim {claim.token}")


def _placed(claim: Claim, root: Path, relative: Path, note: str) -> Path:
    parts = relative.parts[:-1]
    with folder_below(root, parts, make=True) as folder:
        for number in range(1, _MOST_OF_ONE_NAME):
            name = numbered(relative.name, number)
            note_name = numbered(relative.name, number, NOTE_SUFFIX)
            if _offered(claim, folder, root.joinpath(*parts), (name, note_name), note):
                sync_folder(folder)
                return root.joinpath(*parts, name)
    raise Retryable(f"there are {_MOST_OF_ONE_NAME} refused files of this name")


def _offered(
    claim: Claim, folder: int, folder_path: Path, names: tuple[str, str], note: str
) -> bool:
    """Put file and note under these names; False when one belongs to something else."""
    name, note_name = names
    ours = _note_is_ours(note_name, folder, claim.token)
    if ours is False:
        return False
    if _lexists(name, folder):
        # A crash may have come between the move and its record, or the removal after a copy.
        return ours is True and _is_the_same(claim, folder_path / name)
    if not claim.on_disk:
        raise NotFound(f"{claim.path} is gone: neither at {shown(claim.place)} nor given back")
    if ours is None and not _write_note(note_name, folder, note, claim.token):
        return False
    faults.point("inbox.reject.before_rename")
    try:
        _move(claim, folder, folder_path, name)
    except FileExistsError:
        return False
    faults.point("inbox.reject.after_rename")
    return True


def _move(claim: Claim, folder: int, folder_path: Path, name: str) -> None:
    source = os.fspath(claim.place)
    try:
        rename_new(source, name, source_fd=None, target_fd=folder)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        half = folder_path / f".yihu-{claim.token}"
        half.unlink(missing_ok=True)
        copy_file(claim.place, half)
        faults.point("inbox.reject.before_unlink")
        try:
            rename_new(half.name, name, source_fd=folder, target_fd=folder)
        except FileExistsError:
            half.unlink()
            raise
        sync_folder(folder)
        claim.place.unlink()


def _is_the_same(claim: Claim, target: Path) -> bool:
    """Whether our file is at `target` already; removes the source a crash left after a copy."""
    if not claim.on_disk or claim.place == target:
        return True
    if not _same_bytes(claim, target):
        return False
    if claim.token in claim.place.parts:
        claim.place.unlink()
    return True


def _same_bytes(claim: Claim, target: Path) -> bool:
    """Whether `target` is certainly our file, so that the source may go."""
    if claim.place.lstat().st_ino == target.lstat().st_ino:
        return os.path.samestat(claim.place.lstat(), target.lstat())
    if not claim.sha256:
        return False
    descriptor = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return hash_of_open(descriptor)[0] == claim.sha256
    finally:
        os.close(descriptor)


def _note_is_ours(name: str, folder: int, token: str) -> bool | None:
    """Whether the note `name` carries our token; None when there is none."""
    try:
        descriptor = os.open(
            name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder
        )
    except FileNotFoundError:
        return None
    except OSError:
        return False
    try:
        return token.encode() in os.read(descriptor, _NOTE_BYTES)
    except OSError:
        return False
    finally:
        os.close(descriptor)


def _write_note(name: str, folder: int, note: str, token: str) -> bool:
    """Write the note so that it appears whole; False when the name was taken meanwhile."""
    half = f".yihu-note-{token}"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(half, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(half, flags, 0o666, dir_fd=folder), "wb") as target:
            # A byte order mark, so that Windows editors show the Chinese.
            target.write(b"\xef\xbb\xbf" + note.replace("\n", "\r\n").encode("utf-8", "replace"))
            target.flush()
            faults.point("inbox.reject.before_note_fsync")
            os.fsync(target.fileno())
        rename_new(half, name, source_fd=folder, target_fd=folder)
    except FileExistsError:
        os.unlink(half, dir_fd=folder)
        return False
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(half, dir_fd=folder)
        raise
    return True


def _lexists(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True

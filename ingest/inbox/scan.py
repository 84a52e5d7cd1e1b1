"""A full look through the inbox without following any link; 10,000 files take about 0.1 s."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

REJECTED = "_rejected"
"""Top folder of the inbox where refused files come back; never looked into."""

TAKING = ".yihu-taking"
"""Top folder of the inbox where a file waits while it is copied to another file system."""

Complain = Callable[[str, OSError], None]


def look_through(
    inbox: str, below: str = "", complain: Complain | None = None
) -> Iterator[tuple[str, os.stat_result]]:
    """Every thing that is not a folder below `inbox` (or its sub-folder `below`).

    Gives absolute paths and what `lstat` says, links unfollowed. Folders that
    vanish are passed over; folders that cannot be read go to `complain`.
    """
    folders = [f"{inbox}/{below}" if below else inbox]
    while folders:
        folder = folders.pop()
        top = folder == inbox
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if not (top and entry.name in {REJECTED, TAKING}):
                            folders.append(entry.path)
                        continue
                    try:
                        yield entry.path, entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ENOTDIR} and not top:
                continue
            if complain is None:
                raise
            complain(folder, error)


def files_below(folder: Path) -> Iterator[Path]:
    """Every thing that is not a folder below `folder`, sorted, links unfollowed.

    For `yihu ingest FOLDER`. Raises `OSError` when a folder cannot be read.
    """
    for path in sorted(path for path, _ in look_through(os.fspath(folder))):
        yield Path(path)

"""Keeping a taken file for some days after its original was verified in the store.

The second copy answers a store that lost its last seconds in a power cut
(measured 1.1). Layout: `<spool>/YYYY-MM-DD/<token>/<path below the inbox>`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ingest.inbox.claim import DAY, Claim, clear_folders, moment_of
from ingest.inbox.moves import retryable, sync_folder
from ingest.inbox.names import actual
from yihu import clock, faults
from yihu.errors import NotFound


def to_spool(claim: Claim, spool_root: Path) -> Path:
    """Move a claim from the claimed files to the spool; where its file lies now.

    One rename of the token's folder: claimed files and spool must lie on one
    file system, else `Retryable`. Calling it again gives the same place. What
    lies elsewhere, given back to staff, is theirs and stays where it is.
    Raises `NotFound` when the file is in neither.
    """
    relative = Path(actual(claim.path))
    day = spool_root / moment_of(claim.token).strftime(DAY)
    place = day / claim.token / relative
    with retryable("move a taken file to the spool"):
        if os.path.lexists(place):
            return place
        if not claim.on_disk:
            raise NotFound(f"{claim.path} is gone from the claimed files and not in the spool")
        source = claim.place
        for _ in relative.parts:
            source = source.parent
        if source.name != claim.token:
            return claim.place
        day.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            (day / claim.token).rmdir()
        faults.point("inbox.spool.before_rename")
        source.rename(day / claim.token)
        faults.point("inbox.spool.after_rename")
        sync_folder(day)
        sync_folder(spool_root)
    return place


def sweep_spool(spool_root: Path, older_than: float, may_remove: Callable[[str], bool]) -> int:
    """Remove spooled files moved there more than `older_than` seconds ago; gives the count.

    `may_remove` is asked with the token of each, and should answer True only
    when the original was verified in the store; what it refuses stays.
    """
    swept = 0
    if not spool_root.is_dir():
        return swept
    with retryable("sweep the spool"):
        for folder in sorted(spool_root.glob("*/*")):
            try:
                moment_of(folder.name)
                since = datetime.fromtimestamp(folder.lstat().st_ctime, UTC)
            except (ValueError, FileNotFoundError):
                continue
            if (clock.now() - since).total_seconds() < older_than or not may_remove(folder.name):
                continue
            faults.point("inbox.spool.before_remove")
            shutil.rmtree(folder)
            swept += 1
            clear_folders(folder.parent, folder.parent.name)
    return swept

"""Named points where a test may make the process die, raise, hang or see a full disk.

Off unless `YIHU_FAULTS` names a folder. A file `<folder>/<point>` arms that
point once: its content is the action ("kill", "raise", "hang", "full"). Firing
removes the file first, so one armed point fires in exactly one process, and
leaves `<folder>/fired/<point>`. Every point passed leaves `<folder>/seen/<point>`,
which is how a fault run learns what points there are.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path

_FOLDER = Path(os.environ["YIHU_FAULTS"]) if os.environ.get("YIHU_FAULTS") else None
HANG_SECONDS = 3600


class InjectedError(RuntimeError):
    """The error an armed point raises; nothing catches it by name."""


def point(name: str) -> None:
    """Pass the point `name`; does nothing unless a fault folder is set."""
    if _FOLDER is None:
        return
    seen = _FOLDER / "seen"
    seen.mkdir(parents=True, exist_ok=True)
    (seen / name).touch()
    armed = _FOLDER / name
    try:
        action = armed.read_text().strip()
        armed.unlink()
    except FileNotFoundError:
        return
    fired = _FOLDER / "fired"
    fired.mkdir(exist_ok=True)
    (fired / name).write_text(action)
    _act(action, name)


def _act(action: str, name: str) -> None:
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "hang":
        time.sleep(HANG_SECONDS)
    elif action == "full":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
    else:
        raise InjectedError(name)

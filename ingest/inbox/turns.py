"""When to look at which file again: the oldest first, and folders take turns.

A batch of thousands below one folder of the inbox must not hold up the one page
that is dropped beside it: of what is due, each folder has one file looked at in
turn, and every other turn is that of files in no folder.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict

_ROOT = ""
_Planned = tuple[float, int, str]


class Turns:
    """Files with the moment, in monotonic seconds, when each is to be looked at."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._folders: dict[str, list[_Planned]] = {}
        self._ring: OrderedDict[str, None] = OrderedDict()  # folders of which something may be due
        self._later: list[tuple[float, str]] = []  # the others, by when their first file is
        self._root_was_last = False

    def __contains__(self, path: str) -> bool:
        """Whether a look at it is planned."""
        return path in self._due

    def plan(self, path: str, folder: str, due: float, order: int) -> None:
        """Look at `path` by `due`, or sooner where that is planned; of equals lower `order`."""
        if self._due.get(path, float("inf")) <= due:
            return
        self._due[path] = due
        planned = self._folders.setdefault(folder, [])
        heapq.heappush(planned, (due, order, path))
        if planned[0][2] == path:
            heapq.heappush(self._later, (due, folder))

    def forget(self, path: str) -> None:
        """Do not look at it again."""
        self._due.pop(path, None)

    def soonest(self) -> float:
        """When something may be due; infinity when nothing is planned."""
        if self._ring:
            return 0.0
        return self._later[0][0] if self._later else float("inf")

    def take(self, now: float) -> str | None:
        """The next file that is due, of the folder whose turn it is."""
        while self._later and self._later[0][0] <= now:
            self._ring[heapq.heappop(self._later)[1]] = None
        while self._ring:
            folder = self._next_folder()
            path = self._take(folder, now)
            if path is not None:
                self._root_was_last = folder == _ROOT
                return path
        return None

    def _next_folder(self) -> str:
        folders = iter(self._ring)
        first = next(folders)
        if _ROOT not in self._ring:
            return first
        if not self._root_was_last:
            return _ROOT
        return next(folders, _ROOT) if first == _ROOT else first

    def _take(self, folder: str, now: float) -> str | None:
        """The folder's next due file; a folder without one leaves the ring."""
        planned = self._folders.get(folder, [])
        while planned and (planned[0][0] <= now or self._due.get(planned[0][2]) != planned[0][0]):
            due, _, path = heapq.heappop(planned)
            if self._due.get(path) == due:  # else an older date of the same file
                del self._due[path]
                self._ring.move_to_end(folder)
                return path
        del self._ring[folder]
        if planned:
            heapq.heappush(self._later, (planned[0][0], folder))
        else:
            self._folders.pop(folder, None)
        return None

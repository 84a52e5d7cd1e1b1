"""When to look at which file again: the oldest first, and folders take turns.

A batch of thousands below one folder of the inbox must not hold up the one page
that is dropped beside it: of what is due, each folder has one file looked at in turn.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict


class Turns:
    """Files with the moment, in monotonic seconds, when each is to be looked at."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._folders: OrderedDict[str, list[tuple[float, int, str]]] = OrderedDict()

    def plan(self, path: str, folder: str, due: float, order: int) -> None:
        """Look at `path` by `due`, or sooner where that is planned; of equals lower `order`."""
        if self._due.get(path, float("inf")) <= due:
            return
        self._due[path] = due
        heapq.heappush(self._folders.setdefault(folder, []), (due, order, path))

    def forget(self, path: str) -> None:
        """Do not look at it again."""
        self._due.pop(path, None)

    def soonest(self) -> float:
        """When the first of them is due; infinity when there is none."""
        return min((planned[0][0] for planned in self._folders.values()), default=float("inf"))

    def take(self, now: float) -> str | None:
        """The next file that is due, of the folder whose turn it is."""
        for _ in range(len(self._folders)):
            folder, planned = next(iter(self._folders.items()))
            path = self._take(planned, now)
            if planned:
                self._folders.move_to_end(folder)
            else:
                del self._folders[folder]
            if path is not None:
                return path
        return None

    def _take(self, planned: list[tuple[float, int, str]], now: float) -> str | None:
        while planned and planned[0][0] <= now:
            due, _, path = heapq.heappop(planned)
            if self._due.get(path) == due:  # else an older date of the same file
                del self._due[path]
                return path
        return None

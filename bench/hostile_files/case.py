"""One hostile thing: its kind, its name, how it is made, and which ends are true for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ENDS = frozenset({"review", "rejected", "duplicate"})
"""States a hostile file may end in; a file from elsewhere may end in any of them."""

Maker = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Case:
    """A file, link, pipe or folder to be dropped as `kind`/`name`.

    `content` is its bytes, or a function that makes it at a path. `ends` are
    the true ends: "state" or "state:reason". `waits` is true where the inbox
    leaves it alone until it is renamed (hidden and temporary names).
    """

    kind: str
    name: str
    content: bytes | Callable[[], bytes] | Maker
    ends: tuple[str, ...]
    special: bool = False
    waits: bool = False

    @property
    def path(self) -> str:
        """Where it lies below the folder of the set."""
        return f"{self.kind}/{self.name}"

    def make(self, folder: Path) -> Path | None:
        """Put it below `folder`; None when this machine does not allow it."""
        place = folder / self.kind / self.name
        place.parent.mkdir(parents=True, exist_ok=True)
        if self.special:
            try:
                self.content(place)  # type: ignore[operator, call-arg]
            except OSError:
                return None
            return place
        content = self.content if isinstance(self.content, bytes) else self.content()  # type: ignore[call-arg]
        assert content is not None
        place.write_bytes(content)
        return place


def allowed(ends: Iterable[str], state: str, reasons: Iterable[str]) -> bool:
    """True when a document in `state` for `reasons` came to one of `ends`, with a reason."""
    told = list(reasons)
    if not told:
        return False
    return state in ends or any(f"{state}:{reason}" in ends for reason in told)

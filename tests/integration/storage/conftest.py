"""Every implementation of the object store, with hands that can harm it.

The contract suite runs against each entry of `IMPLEMENTATIONS`; a new
implementation is one more entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage import LocalStore, ObjectStore


@dataclass(frozen=True)
class Bench:
    """A store, and what an accident or a person with access could do to it."""

    store: ObjectStore
    damage: Callable[[str], None]
    remove: Callable[[str], None]
    make_unreachable: Callable[[], None]
    add_stranger: Callable[[], None]
    leftovers: Callable[[], int]


def _local(folder: Path) -> Bench:
    root = folder / "store"
    store = LocalStore(root)

    def path(sha256: str) -> Path:
        return root / "sha256" / sha256[:2] / sha256[2:4] / sha256

    def damage(sha256: str) -> None:
        target = path(sha256)
        target.chmod(0o644)
        data = bytearray(target.read_bytes())
        data[len(data) // 2] ^= 1
        target.write_bytes(data)

    return Bench(
        store=store,
        damage=damage,
        remove=lambda sha256: path(sha256).unlink(),
        make_unreachable=lambda: _rename(root, folder / "unmounted"),
        add_stranger=(root / "sha256" / "stray.txt").touch,
        leftovers=lambda: len(list((root / "temporary").iterdir())),
    )


def _rename(old: Path, new: Path) -> None:
    old.rename(new)


IMPLEMENTATIONS: dict[str, Callable[[Path], Bench]] = {"local": _local}


@pytest.fixture(params=sorted(IMPLEMENTATIONS))
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """One implementation after the other, each empty."""
    return IMPLEMENTATIONS[request.param](tmp_path)

"""All cases in one list, and putting them below a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from bench.hostile_files import (
    giants,
    names,
    pdf_bombs,
    pdf_content,
    pdf_structure,
    pictures,
    strangers,
)
from bench.hostile_files.case import Case

BOMB_BYTES = 1500 << 20


def cases(each: int = 10_000, bomb_bytes: int = BOMB_BYTES) -> Iterator[Case]:
    """The cases, at most `each` of a kind; content bombs unpack to about `bomb_bytes`."""
    taken: Counter[str] = Counter()
    for case in _all(bomb_bytes):
        taken[case.kind] += 1
        if taken[case.kind] <= each:
            yield case


def _all(bomb_bytes: int) -> Iterator[Case]:
    return chain(
        pdf_content.active(),
        pdf_content.locked(),
        pdf_content.codecs(),
        pdf_structure.page_trees(),
        pdf_structure.tables(),
        pdf_structure.depths(),
        pdf_structure.page_boxes(),
        pdf_structure.polyglots(),
        pdf_bombs.bombs(bomb_bytes),
        pictures.modes(),
        pictures.codecs(),
        pictures.turned(),
        pictures.photos(),
        pictures.cut(),
        giants.giants(),
        giants.near_the_limit(),
        giants.loops(),
        strangers.documents(),
        strangers.media(),
        strangers.noise(),
        strangers.wrong_extensions(),
        names.names(),
        names.specials(),
    )


def write(folder: Path, each: int = 10_000, bomb_bytes: int = BOMB_BYTES) -> list[Case]:
    """Make the cases below `folder`; gives those this machine allowed."""
    return [case for case in cases(each, bomb_bytes) if case.make(folder) is not None]

"""Kinds of paper that people discarded: what is like one is never filed by a machine.

A kind is what most of its papers share: the hashed character bigrams of their
first written page, digits alike and the values of key fields left out. It
names no type and no household; all it can do is to send a paper to a person.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from classifier.types.folding import fold
from classifier.values import Evidence
from yihu.page import PageText

LIKE_DISCARDED = "like_discarded"
BUCKETS = 1 << 16
LONGEST = 2000
ALIKE = 0.7
"""How alike two papers of one kind are. Of 171 scans of the eval pack no two of different types
were (ID cards apart: at most 0.6); copies of a letter to two households were 0.9 alike."""
SEVERAL = 3
THIN = 25
"""With fewer bigrams a page says too little of its kind."""
_DIGITS = str.maketrans("0123456789", "0000000000")
Marks = frozenset[int]


@dataclass(frozen=True, slots=True)
class Kind:
    """What the papers of a kind share, and the documents it was learnt from."""

    marks: Marks
    members: tuple[int, ...]

    def lives(self, discarded: Collection[int]) -> bool:
        """Whether enough of its papers are discarded still."""
        left = sum(number in discarded for number in self.members)
        return left >= SEVERAL and 2 * left > len(self.members)


def marks_of(pages: Iterable[PageText], without: Iterable[str] = ()) -> Marks:
    """The marks of a document; `without` are values (names, numbers) that leave none."""
    page = next((page for page in pages if page.lines), None)
    if page is None:
        return frozenset()
    text = "".join(fold(line.text) for line in page.lines)[:LONGEST]
    for value in sorted({fold(value) for value in without}, key=len, reverse=True):
        if len(value) > 1:
            text = text.replace(value, "\n")
    plain = text.translate(_DIGITS)
    return frozenset(
        zlib.crc32((one + two).encode()) % BUCKETS
        for one, two in pairwise(plain)
        if "\n" not in (one, two)
    )


def likeness(one: Marks, other: Marks) -> float:
    """How alike, 0..1: the marks in common by the geometric mean of how many each has."""
    if min(len(one), len(other)) < THIN:
        return 0.0
    return len(one & other) / sqrt(len(one) * len(other))


def alike(one: Marks, other: Marks) -> bool:
    """Whether two papers are of one kind."""
    return likeness(one, other) >= ALIKE


def closest(marks: Marks, kinds: Sequence[Kind]) -> tuple[Kind, float] | None:
    """The kind a document is of, and how alike it is; None when it is of none."""
    found = [(likeness(marks, kind.marks), place) for place, kind in enumerate(kinds)]
    best, place = max(found, default=(0.0, 0))
    return (kinds[place], best) if best >= ALIKE else None


def speaks_against(pages: Sequence[PageText], kinds: Sequence[Kind]) -> Evidence | None:
    """That a document is like discarded ones, in words; None when it is not."""
    if not kinds or (found := closest(marks_of(pages), kinds)) is None:
        return None
    kind, alike = found
    page = next(page for page in pages if page.lines)
    count = len(kind.members)
    return Evidence(
        "document",
        "discarded",
        f"与 {count} 份已丢弃的文件相似（{alike:.0%}）",
        f"{alike:.0%} like {count} papers that were discarded",
        -1.0,
        page=page.number,
        box=page.lines[0].box,
    )

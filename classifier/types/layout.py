"""Rows and title candidates of a page, from the boxes of its lines.

A title is large, or centred, or simply among the first lines under the company
header; it may be spaced out into single characters or run over two lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from classifier.types.folding import fold
from yihu.page import Box, Line, PageText

_TITLE_ZONE = 0.45
_MOST_ROWS = 14
_LONGEST = 44


@dataclass(frozen=True, slots=True)
class Row:
    """Lines that stand beside each other, left to right."""

    lines: tuple[Line, ...]
    box: Box

    @property
    def text(self) -> str:
        """The row's text, cells joined by a space."""
        return " ".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Text that may be the title, how prominent it is (0..1), and where it stands."""

    text: str
    prominence: float
    box: Box
    row: int


def rows(page: PageText) -> tuple[Row, ...]:
    """The page's lines grouped into rows, top to bottom."""
    groups: list[list[Line]] = []
    for line in sorted(page.lines, key=lambda x: (x.box[1] + x.box[3]) / 2):
        if groups and _beside(groups[-1][-1], line):
            groups[-1].append(line)
        else:
            groups.append([line])
    return tuple(_row(group) for group in groups)


def _beside(one: Line, other: Line) -> bool:
    top, bottom = max(one.box[1], other.box[1]), min(one.box[3], other.box[3])
    least = min(one.box[3] - one.box[1], other.box[3] - other.box[1])
    return least > 0 and (bottom - top) > 0.55 * least


def _row(group: Sequence[Line]) -> Row:
    ordered = tuple(sorted(group, key=lambda x: x.box[0]))
    return Row(ordered, _hull([line.box for line in ordered]))


def _hull(boxes: Sequence[Box]) -> Box:
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


def candidates(page: PageText) -> tuple[Candidate, ...]:
    """Everything in the title zone that may be the title, with its prominence."""
    lines = [line for line in page.lines if line.text.strip()]
    if not lines:
        return ()
    usual = median(line.box[3] - line.box[1] for line in lines) or 0.02
    found: list[Candidate] = []
    upper = [row for row in rows(page) if row.box[1] < _TITLE_ZONE][:_MOST_ROWS]
    for rank, row in enumerate(upper):
        for line in row.lines:
            _add(found, line.text, line.box, rank, usual)
        if len(row.lines) > 1:
            _add(found, "".join(line.text for line in row.lines), row.box, rank, usual)
            _add_spaced(found, row, rank, usual)
        if rank + 1 < len(upper) and _stacked(row, upper[rank + 1], usual):
            below = upper[rank + 1]
            joined = row.lines[0].text + below.lines[0].text
            _add(found, joined, _hull([row.box, below.box]), rank, usual, tall=row.box)
    return tuple(found)


def _add(
    found: list[Candidate], text: str, box: Box, rank: int, usual: float, tall: Box | None = None
) -> None:
    if not 2 <= len(fold(text)) <= _LONGEST:
        return
    measured = tall or box
    found.append(Candidate(text, _prominence(measured, rank, usual), box, rank))


def _add_spaced(found: list[Candidate], row: Row, rank: int, usual: float) -> None:
    """装 修 申 请 表 read as five lines of one character: the run of short, equally high cells."""
    run = [line for line in row.lines if len(fold(line.text)) <= 3]
    if len(run) >= 2 and len(run) < len(row.lines):
        box = _hull([line.box for line in run])
        _add(found, "".join(line.text for line in run), box, rank, usual)


def _stacked(upper: Row, lower: Row, usual: float) -> bool:
    """Two short rows of one line each, both centred or both large: a title over two lines."""
    if len(upper.lines) != 1 or len(lower.lines) != 1:
        return False
    if re.search(r"[:：。；;]", upper.text + lower.text):
        return False
    centred = all(abs(_middle(row.box) - 0.5) < 0.12 for row in (upper, lower))
    high = [row.box[3] - row.box[1] for row in (upper, lower)]
    alike = max(high) < 1.6 * min(high)
    return alike and (centred or min(high) > 1.25 * usual)


def _middle(box: Box) -> float:
    return (box[0] + box[2]) / 2


def _prominence(box: Box, rank: int, usual: float) -> float:
    order = 1.0 if rank < 3 else 0.92 if rank < 5 else 0.7 if rank < 8 else 0.4
    relative = (box[3] - box[1]) / usual
    size = 1.0 if relative >= 1.3 else 0.88 if relative >= 1.12 else 0.72
    centre = 1.0 if abs(_middle(box) - 0.5) < 0.13 else 0.82
    if relative >= 1.5:
        order, centre = max(order, 0.85), max(centre, 0.9)
    return order * size * centre

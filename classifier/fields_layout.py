"""Rows of a page: lines that stand side by side, joined, with the place of every character.

A form's label and its value are often separate lines for the reader; on the
same row they are one text again, with a tab where a cell ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from classifier.normalise import plain
from yihu.page import Box, Line, PageText
from yihu.spread import gutter

CELL = "\t"
_SAME_ROW = 0.5
_NOWHERE: Box = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Cell:
    """A line as read, its normalised text, and where it starts in the row's text."""

    text: str
    box: Box
    confidence: float
    start: int
    wide: bool = False

    @property
    def end(self) -> int:
        """Where it ends in the row's text."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Row:
    """Cells side by side, left to right; `text` joins them with a tab.

    `top` and `bottom` are shares of the page; without boxes they follow the
    order of the lines.
    """

    page: int
    number: int
    text: str
    cells: tuple[Cell, ...]
    top: float
    bottom: float

    def cell_at(self, position: int) -> Cell:
        """The cell that holds the character at `position`."""
        for cell in self.cells:
            if position <= cell.end:
                return cell
        return self.cells[-1]

    def box(self, start: int, end: int) -> Box | None:
        """The box around the characters `start`..`end`, cut from the cells' boxes by share."""
        boxes = [
            _share(cell, max(start, cell.start), min(end, cell.end))
            for cell in self.cells
            if cell.start < end and cell.end > start and cell.box != _NOWHERE
        ]
        if not boxes:
            return None
        return (
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        )

    def confidence(self, start: int, end: int) -> float:
        """The lowest confidence of the cells that hold these characters."""
        found = [c.confidence for c in self.cells if c.start < end and c.end > start]
        return min(found, default=1.0)


def _share(cell: Cell, start: int, end: int) -> Box:
    left, top, right, bottom = cell.box
    count = max(1, len(cell.text))
    width = right - left
    return (
        left + width * (start - cell.start) / count,
        top,
        left + width * (end - cell.start) / count,
        bottom,
    )


def rows_of(page: PageText) -> list[Row]:
    """The rows of a page from top to bottom; of two pages side by side first those of the left."""
    lines = [line for line in page.lines if line.text.strip()]
    if any(line.box == _NOWHERE or line.box[2] <= line.box[0] for line in lines):
        return [_row(page.number, index, [line], len(lines)) for index, line in enumerate(lines)]
    middle = gutter([line.box for line in lines], page.width, page.height)
    sides = [lines] if middle is None else _sides(lines, middle)
    groups = [group for side in sides for group in _grouped(side)]
    return [_row(page.number, index, group, 0) for index, group in enumerate(groups)]


def _sides(lines: Sequence[Line], middle: float) -> list[list[Line]]:
    left = [line for line in lines if line.box[0] < middle]
    return [left, [line for line in lines if line.box[0] >= middle]]


def _grouped(lines: Sequence[Line]) -> list[list[Line]]:
    groups: list[list[Line]] = []
    for line in sorted(lines, key=lambda item: (item.box[1] + item.box[3], item.box[0])):
        home = next((group for group in reversed(groups[-4:]) if _beside(group, line)), None)
        if home is None:
            groups.append([line])
        else:
            home.append(line)
    groups.sort(key=lambda group: min(line.box[1] for line in group))
    return groups


def _beside(group: Sequence[Line], line: Line) -> bool:
    nearest = min(group, key=lambda other: abs(other.box[0] - line.box[0]))
    top, bottom = max(nearest.box[1], line.box[1]), min(nearest.box[3], line.box[3])
    height = min(nearest.box[3] - nearest.box[1], line.box[3] - line.box[1])
    if bottom - top < _SAME_ROW * height:
        return False
    return all(_apart(other.box, line.box) for other in group)


def _apart(one: Box, other: Box) -> bool:
    overlap = min(one[2], other[2]) - max(one[0], other[0])
    return overlap < 0.2 * min(one[2] - one[0], other[2] - other[0])


def _row(page: int, number: int, lines: Sequence[Line], count: int) -> Row:
    cells: list[Cell] = []
    text = ""
    for line in sorted(lines, key=lambda item: item.box[0]):
        if cells:
            text += CELL
        words = plain(line.text).rstrip()
        cells.append(Cell(words, line.box, line.confidence, len(text)))
        text += words
    if count:
        return Row(page, number, text, tuple(cells), number / count, (number + 1) / count)
    top, bottom = min(c.box[1] for c in cells), max(c.box[3] for c in cells)
    return Row(page, number, text, tuple(cells), top, bottom)

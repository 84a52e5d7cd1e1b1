"""Labels with their values: beside, in the next cell, wrapped around, or below (domain 2.5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from classifier.fields_labels import Label, labels_in
from classifier.fields_layout import CELL, Cell, Row, rows_of
from yihu.page import Box, PageText

_TRIM = " \t:;_-—.…,，"
_WRAP = 1.6
_ALIGNED = 0.025
_CONTINUES = re.compile(
    r"[0-9A-Za-z〇零一二三四五六七八九十百廿栋幢座楼单元室房号层户期区#\-/ ]{1,14}"
)
_BELOW = 2.6
_NEAR = 0.12
"""Shares of the page's width: from a label to the value that stands beside it, at most."""
_MAY_WRAP = frozenset(
    {"id_no", "room", "owner", "contractor", "signer", "contact_address", "tenant"}
)

_LONGEST = 40
_COMPANY_END = re.compile(r"[\u4e00-\u9fff]{0,5}公?司")
_LONG_NUMBER = re.compile(r"\d{6}")
_BEGINS = re.compile(
    r".*(?:[0-9A-Za-z一二三四五六七八九十]\s*(?:栋|幢|座|号|#|单元|期|区|-)|花园|小区|苑|弄).{0,6}"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A label and the value that belongs to it; `row` is the row of the label on its page.

    `beside` is the part of the value in the label's own row, before what was
    wrapped around it.
    """

    role: str
    label: str
    value: str
    page: int
    row: int
    box: Box | None = None
    confidence: float = 1.0
    top: float = 0.0
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page in rows, with its entries in reading order."""

    number: int
    rows: tuple[Row, ...]
    entries: tuple[Entry, ...]


@lru_cache(maxsize=32)
def sheet_of(page: PageText) -> Sheet:
    """The rows and entries of a page; kept for a while, since rooms, fields and people ask."""
    rows = rows_of(page)
    labels = [labels_in(row.text) for row in rows]
    entries = [entry for index in range(len(rows)) for entry in _entries(rows, labels, index)]
    return Sheet(page.number, tuple(rows), tuple(entries))


def _entries(rows: Sequence[Row], labels: Sequence[Sequence[Label]], index: int) -> list[Entry]:
    row, own = rows[index], labels[index]
    found = []
    for place, label in enumerate(own):
        stop = own[place + 1].start if place + 1 < len(own) else len(row.text)
        value = row.text[label.end : stop]
        start = label.end + len(value) - len(value.lstrip(_TRIM))
        value = _own_cells(value.strip(_TRIM), label)
        box, confidence = row.box(start, start + len(value)), row.confidence(label.start, stop)
        beside = value
        if not value or label.role in _MAY_WRAP:
            around = _around(rows, labels, index, label, stop)
            if value:
                around = [c for c in around if _continues(label, c, value, row)]
            elif label.role == "room":
                around = _first_column(around)
            if around and (not value or len(value) < _LONGEST):
                value, box, confidence = _joined(value, around, box)
        if not value:
            below = _below(rows, labels, index, label)
            if below is not None:
                value, box, confidence = below.text.strip(_TRIM), below.box, below.confidence
        if value:
            found.append(
                Entry(
                    label.role, label.word, value, row.page, index, box, confidence, row.top, beside
                )
            )
    return found


def _own_cells(value: str, label: Label) -> str:
    """Only the next cell belongs to a label, unless it is an address in pieces."""
    if label.role in {"room", "file_no", "building", "unit", "date", "amount", "id_no", "phone"}:
        return value
    return value.split(CELL, maxsplit=1)[0].strip(_TRIM) if CELL in value else value


def _around(
    rows: Sequence[Row], labels: Sequence[Sequence[Label]], index: int, label: Label, stop: int
) -> list[Cell]:
    """Cells without labels just above and below, in the column right of the label."""
    row = rows[index]
    own = row.box(label.start, label.end)
    if own is None:
        return []
    value = row.text[label.end : stop]
    start = label.end + len(value) - len(value.lstrip(_TRIM))
    written = row.box(start, stop) if value.strip(_TRIM) else None
    after = row.box(stop, stop + 1) if stop < len(row.text) else None
    right = after[0] if after else 1.0
    middle, height = (own[1] + own[3]) / 2, own[3] - own[1]
    return sorted(
        (
            cell
            for near in (index - 2, index - 1, index + 1, index + 2)
            if 0 <= near < len(rows)
            for cell in rows[near].cells
            if abs((cell.box[1] + cell.box[3]) / 2 - middle) <= _WRAP * height
            and _in_column(cell.box, own, written, right)
            and cell.box[3] - cell.box[1] < 1.5 * height
            and not _is_labelled(rows[near], labels[near], cell)
        ),
        key=lambda cell: cell.box[1],
    )


def _first_column(cells: Sequence[Cell]) -> list[Cell]:
    """The cells that stand under each other directly beside the label, not those behind them."""
    first = min(cells, key=lambda cell: cell.box[0], default=None)
    return [cell for cell in cells if first and cell.box[0] < first.box[2]]


def _in_column(box: Box, own: Box, written: Box | None, right: float) -> bool:
    if box[2] > right + 0.01:
        return False
    if written is not None:
        return abs(box[0] - written[0]) < _ALIGNED
    return box[0] > own[2] - 0.015


def _is_labelled(row: Row, labels: Sequence[Label], cell: Cell) -> bool:
    """Whether a cell holds a label of its own or is what the label before it announces."""
    return any(
        (label.start < cell.end and label.end > cell.start)
        or (label.end <= cell.start and _announces(row, label, cell))
        for label in labels
    )


def _announces(row: Row, label: Label, cell: Cell) -> bool:
    """Whether nothing stands between a label and the cell, which is near."""
    own = row.box(label.start, label.end)
    between = row.text[label.end : cell.start].strip(_TRIM)
    return not between and (own is None or cell.box[0] - own[2] < _NEAR)


def _continues(label: Label, cell: Cell, value: str, row: Row) -> bool:
    """A cell that goes on with the value, or the beginning above of one that ends in this row."""
    text = cell.text.strip()
    above = cell.box[1] < row.top
    if label.role == "id_no":
        short = re.fullmatch(r"[0-9A-Za-z]{14,17}", value) is not None
        return short and not above and re.fullmatch(r"[0-9A-Za-z]{1,4}", text) is not None
    if label.role != "room":
        end = value if above else text
        return bool(_COMPANY_END.fullmatch(end)) or (not above and value.endswith("·"))
    if _CONTINUES.fullmatch(text) and not _LONG_NUMBER.search(text):
        return True
    return (
        above
        and bool(_CONTINUES.fullmatch(value))
        and len(value) < 8
        and bool(_BEGINS.fullmatch(text))
    )


def _joined(value: str, around: Sequence[Cell], box: Box | None) -> tuple[str, Box | None, float]:
    pieces = [(cell.box[1], cell.text.strip(_TRIM)) for cell in around]
    if value and box is not None:
        pieces.append((box[1], value))
    pieces.sort(key=lambda piece: piece[0])
    text = "".join(piece for _, piece in pieces)
    boxes = [cell.box for cell in around] + ([box] if box else [])
    whole: Box = (
        min(b[0] for b in boxes), min(b[1] for b in boxes),
        max(b[2] for b in boxes), max(b[3] for b in boxes),
    )  # fmt: skip
    return text, whole, min(cell.confidence for cell in around)


def _below(
    rows: Sequence[Row], labels: Sequence[Sequence[Label]], index: int, label: Label
) -> Cell | None:
    """The value under a label that has nothing beside it."""
    row = rows[index]
    own = row.box(label.start, label.end)
    if own is None or index + 1 >= len(rows) or label.colon:
        return None
    under = rows[index + 1]
    if under.top - row.bottom > _BELOW * (own[3] - own[1]) or _header(labels[index + 1], under):
        return None
    for cell in under.cells:
        overlap = min(cell.box[2], own[2]) - max(cell.box[0], own[0])
        if overlap > 0.3 * min(cell.box[2] - cell.box[0], own[2] - own[0]):
            return (
                cell if not re.fullmatch(r"\d{1,2}", cell.text) or label.role != "owner" else None
            )
    return None


def _header(labels: Sequence[Label], row: Row) -> bool:
    return bool(labels) and (labels[0].start == 0 or len(labels) >= len(row.cells))

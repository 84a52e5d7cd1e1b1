"""Lines of a PDF page that was born digital, from its own text.

Only text that makes sense is taken: fonts without a character map give
nonsense, and then the page is recognised like a scan.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import pypdfium2 as pdfium

from yihu.page import Line

LEAST_CHARACTERS = 30
_MOST_CHARACTERS = 100_000
_SAME_LINE = 0.5
_GAP = 1.2
"""Pieces on one line further apart than this many line heights stay apart (table cells)."""


@dataclass(slots=True)
class _Piece:
    left: float
    top: float
    right: float
    bottom: float
    text: str

    @property
    def height(self) -> float:
        return self.bottom - self.top


def born_digital_lines(page: pdfium.PdfPage) -> tuple[Line, ...]:
    """The page's lines in reading order, boxes as shares; empty when the text is no good."""
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        if not LEAST_CHARACTERS <= count <= _MOST_CHARACTERS:
            return ()
        if not makes_sense(text_page.get_text_range()):
            return ()
        pieces = _pieces(page, text_page)
    finally:
        text_page.close()
    if _sideways(pieces):
        return ()
    return tuple(
        Line(piece.text, (piece.left, piece.top, piece.right, piece.bottom))
        for row in _rows(pieces)
        for piece in _joined(row)
    )


def makes_sense(text: str) -> bool:
    """True for at least 30 visible characters, nearly all of them letters, digits or marks."""
    seen = [char for char in text if not char.isspace()]
    if len(seen) < LEAST_CHARACTERS:
        return False
    odd = sum(1 for char in seen if unicodedata.category(char) in {"Co", "Cn", "Cc", "Cs"})
    odd += seen.count("\ufffd")
    words = sum(1 for char in seen if unicodedata.category(char)[0] in "LN")
    return odd <= 0.03 * len(seen) and words >= 0.4 * len(seen)


def _pieces(page: pdfium.PdfPage, text_page: pdfium.PdfTextPage) -> list[_Piece]:
    """Runs of text with their boxes as shares of the page as it is shown, turned by /Rotate."""
    left, bottom, right, top = page.get_bbox()
    width, height = max(right - left, 1e-6), max(top - bottom, 1e-6)
    turn = page.get_rotation()
    found = []
    for index in range(text_page.count_rects()):
        x0, y0, x1, y1 = text_page.get_rect(index)
        text = text_page.get_text_bounded(x0, y0, x1, y1).strip()
        if not text:
            continue
        box = ((x0 - left) / width, (top - y1) / height, (x1 - left) / width, (top - y0) / height)
        u0, v0, u1, v1 = _turned(box, turn)
        kept = [min(max(value, 0.0), 1.0) for value in (u0, v0, u1, v1)]
        if kept[2] > kept[0] and kept[3] > kept[1]:
            found.append(_Piece(kept[0], kept[1], kept[2], kept[3], " ".join(text.split())))
    return found


def _turned(
    box: tuple[float, float, float, float], degrees: int
) -> tuple[float, float, float, float]:
    """The box after the page is turned clockwise."""
    left, top, right, bottom = box
    if degrees == 90:
        return 1 - bottom, left, 1 - top, right
    if degrees == 180:
        return 1 - right, 1 - bottom, 1 - left, 1 - top
    if degrees == 270:
        return top, 1 - right, bottom, 1 - left
    return box


def _sideways(pieces: list[_Piece]) -> bool:
    """True when most of the text runs down the page as it is shown: then it must be turned."""
    words = [piece for piece in pieces if len(piece.text) >= 3]
    return sum(piece.height > piece.right - piece.left for piece in words) * 2 > len(words)


def _rows(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Pieces grouped to rows from top to bottom, each from left to right."""
    rows: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda p: (p.top + p.bottom) / 2):
        middle = (piece.top + piece.bottom) / 2
        last = rows[-1] if rows else []
        if last and abs(middle - (last[0].top + last[0].bottom) / 2) < _SAME_LINE * min(
            piece.height, last[0].height
        ):
            last.append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda p: p.left) for row in rows]


def _joined(row: list[_Piece]) -> list[_Piece]:
    """Neighbours on a row joined to lines; wide gaps stay."""
    lines: list[_Piece] = []
    for piece in row:
        last = lines[-1] if lines else None
        if last is not None and piece.left - last.right < _GAP * max(last.height, piece.height):
            close = piece.left - last.right < 0.3 * piece.height or not (
                last.text[-1].isascii() and piece.text[0].isascii()
            )
            last.text += ("" if close else " ") + piece.text
            last.right = max(last.right, piece.right)
            last.top, last.bottom = min(last.top, piece.top), max(last.bottom, piece.bottom)
        else:
            lines.append(piece)
    return lines

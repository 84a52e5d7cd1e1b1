"""Where the words of a search stand on a page, as its reader may read it; never in what is covered.

Words are looked for as the search itself does: in the page's text without line
ends, so a word that runs over two lines is marked on both.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from catalog import search
from catalog.access import Covers, mask
from yihu.page import Box, PageText


def found_places(
    pages: Sequence[PageText], query: str, covers: Covers
) -> dict[int, dict[str, list[Box]]]:
    """By page and word of the query the boxes of the page as read; no page without any."""
    words = search.words_of(query)
    found: dict[int, dict[str, list[Box]]] = {}
    for page in pages:
        text = mask("\n".join(mask(line.text, covers) for line in page.lines), covers)
        for word in dict.fromkeys(words):
            boxes = [
                box
                for start, end in search.places(text, [word])
                for box in _boxes(page, start, end)
            ]
            if boxes:
                found.setdefault(page.number, {})[word] = boxes
    return found


def marks(found: Mapping[int, Mapping[str, list[Box]]]) -> dict[int, list[Box]]:
    """The boxes of each page, of all words together."""
    return {
        number: [box for boxes in words.values() for box in boxes]
        for number, words in found.items()
    }


def best_page(found: Mapping[int, Mapping[str, list[Box]]]) -> int | None:
    """The page that holds most of the words, the first of them; None where none holds any."""
    return min(found, key=lambda number: (-len(found[number]), number), default=None)


def _boxes(page: PageText, start: int, end: int) -> list[Box]:
    """The boxes of a stretch of the page's text: one for each line it runs over."""
    boxes: list[Box] = []
    begin = 0
    for line in page.lines:
        first, last = max(start - begin, 0), min(end - begin, len(line.text))
        if first < last:
            left, top, right, bottom = line.box
            whole = (right - left) / _width(line.text)
            begins = left + whole * _width(line.text[:first])
            boxes.append((begins, top, begins + whole * _width(line.text[first:last]), bottom))
        begin += len(line.text) + 1
    return boxes


def _width(text: str) -> int:
    """How wide a text is drawn, a Han character counting double."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)

"""Pages written as text, for tests that need no picture: what a reader would make of a form.

`#` begins a large centred line, ` | ` parts the cells of a row, `~` goes to the foot of the page.
"""

from __future__ import annotations

from collections.abc import Iterable

from yihu.page import Code, Line, PageText


def page_of(
    text: str, number: int = 1, codes: tuple[Code, ...] = (), flags: Iterable[str] = ()
) -> PageText:
    """The page that a text stands for."""
    lines: list[Line] = []
    top = 0.05
    for row in (row.strip() for row in text.strip().splitlines()):
        height = 0.03 if row.startswith("#") else 0.015
        if row == "~":
            top = 0.93
            continue
        cells = row.lstrip("#").split(" | ")
        for place, cell in enumerate(cells):
            width = min(0.85, len(cell) * height * 0.7)
            left = 0.5 - width / 2 if row.startswith("#") else 0.08 + place * 0.84 / len(cells)
            lines.append(Line(cell, (left, top, left + width, top + height)))
        top += height + 0.01
    ink = 0.05 if lines else 0.0
    return PageText(number, tuple(lines), 1000, 1400, ink=ink, codes=codes, flags=frozenset(flags))

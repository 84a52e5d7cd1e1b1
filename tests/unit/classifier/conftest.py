"""Pages written as text: `#` is a large centred line, ` | ` parts the cells of a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from catalog.template import load_template
from yihu.page import Code, Line, PageText
from yihu.template import Template


def _paper(
    text: str, number: int = 1, codes: tuple[Code, ...] = (), flags: Iterable[str] = ()
) -> PageText:
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


@pytest.fixture(scope="session")
def paper() -> Callable[..., PageText]:
    """Builds a page from text."""
    return _paper


@pytest.fixture(scope="session")
def template() -> Template:
    """The shipped template, loaded once."""
    return load_template()

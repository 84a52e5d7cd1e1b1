"""How the benchmarks show figures to people: columns, and what was met or missed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

Verdict = tuple[str, str, bool]
"""The bar in words, what was measured, whether it is met."""


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows of cells as lines, each column as wide as its widest cell; the first row heads them."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))


def verdicts(bars: Iterable[Verdict]) -> Iterator[str]:
    """One line a bar."""
    for bar, measured, met in bars:
        yield f"{'met ' if met else 'MISSED'}  {bar}: {measured}"

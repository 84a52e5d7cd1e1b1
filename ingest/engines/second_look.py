"""Where a page deserves a second look, and what of it to believe.

A region that could not be read, or ink that no region explains, may be lines
that a stamp joins; from near they come apart. Second readings replace first
ones only where they are worth more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ingest.engines.geometry import Quad, side_lengths
from ingest.engines.grey_seal import Disc
from ingest.engines.recogniser import Reading

if TYPE_CHECKING:
    from ingest.pages import Pixels

_BAND = 1.4
_NO_COLOUR, _HALF_TONES = 4.0, 0.004
_SAME_LINE, _AS_MANY, _BETTER = 0.4, 0.95, 1.02
NEARER = 2.0
"""How much larger the second look sees a place."""
_LINE, _AROUND, _MOST_PLACES = (36, 9), 14, 3
"""In pixels of the small copy: least width and height of a lost line, what is looked at around it;
and how many places."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A region and what was read in it."""

    quad: Quad
    reading: Reading


def worth(readings: list[Reading]) -> float:
    """Characters read, weighed by how sure they are."""
    return sum(len(reading.text) * reading.mean**4 for reading in readings)


def merged(found: list[Found], second: list[Found]) -> list[Found]:
    """The lines of both readings; where they overlap, those that are worth more.

    Lines that overlap one another are judged together, and never replaced by
    fewer characters: a look at a part of the page must not cut a line.
    """
    kept = list(found)
    for news, rivals in _groups(found, second):
        old, new = [item.reading for item in rivals], [item.reading for item in news]
        enough = _letters(new) >= _AS_MANY * _letters(old)
        if enough and worth(new) > _BETTER * worth(old):
            kept = [item for item in kept if item not in rivals] + news
    return kept


def _groups(found: list[Found], second: list[Found]) -> list[tuple[list[Found], list[Found]]]:
    """New lines with the old ones that they overlap, directly or through one another."""
    groups: list[tuple[list[Found], list[Found]]] = []
    for item in second:
        rivals = [other for other in found if _overlap(item.quad, other.quad) > _SAME_LINE]
        joined = [group for group in groups if any(other in group[1] for other in rivals)]
        groups = [group for group in groups if group not in joined]
        news = [item, *(new for group in joined for new in group[0])]
        olds = list(dict.fromkeys([*rivals, *(old for group in joined for old in group[1])]))
        groups.append((news, olds))
    return groups


def _letters(readings: list[Reading]) -> int:
    return sum(len(reading.text) for reading in readings)


def _overlap(one: Quad, two: Quad) -> float:
    """The shared area of two regions' boxes, as a share of the smaller one."""
    low, high = (
        np.maximum(one.min(axis=0), two.min(axis=0)),
        np.minimum(one.max(axis=0), two.max(axis=0)),
    )
    shared = float(np.prod(np.maximum(high - low, 0)))
    areas = [float(np.prod(quad.max(axis=0) - quad.min(axis=0))) for quad in (one, two)]
    return shared / max(min(areas), 1.0)


def places(
    quads: list[Quad], scale: float, shape: tuple[int, ...]
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Boxes (corners in pixels) around regions large enough for a line, joined where they touch."""
    boxes: list[tuple[float, float, float, float]] = []
    for quad in sorted(quads, key=lambda quad: -side_lengths(quad)[0] * side_lengths(quad)[1]):
        wide, tall = side_lengths(quad)
        if max(wide, tall) < _LINE[0] * scale or min(wide, tall) < _LINE[1] * scale:
            continue
        grow = _AROUND * scale
        (left, top), (right, bottom) = quad.min(axis=0) - grow, quad.max(axis=0) + grow
        near = [b for b in boxes if b[0] < right and left < b[2] and b[1] < bottom and top < b[3]]
        boxes = [b for b in boxes if b not in near]
        all_of = [*near, (left, top, right, bottom)]
        boxes.append(
            (
                min(b[0] for b in all_of),
                min(b[1] for b in all_of),
                max(b[2] for b in all_of),
                max(b[3] for b in all_of),
            )
        )
    height, width = shape
    return [
        ((max(0, int(b[0])), max(0, int(b[1]))), (min(width, int(b[2])), min(height, int(b[3]))))
        for b in boxes[:_MOST_PLACES]
    ]


def colourless(small: Pixels) -> bool:
    """True for a grey scan, but not for one of black and white only."""
    sample = small[::3, ::3].astype(np.int16)
    grey = float((sample.max(axis=2) - sample.min(axis=2)).mean()) < _NO_COLOUR
    return grey and bool(((sample > 40) & (sample < 215)).mean() > _HALF_TONES)


def bands(discs: list[Disc], height: int) -> list[tuple[int, int]]:
    """Rows of the page, first and last, in which these seals and the lines under them lie."""
    rows: list[tuple[int, int]] = []
    for _, down, radius in sorted(discs, key=lambda disc: disc[1] - disc[2]):
        top, bottom = int(down - _BAND * radius), int(down + _BAND * radius)
        if rows and top < rows[-1][1]:
            rows[-1] = (rows[-1][0], max(rows[-1][1], bottom))
        else:
            rows.append((top, bottom))
    return [(max(0, top), min(height, bottom)) for top, bottom in rows]


def touches(quad: Quad, disc: Disc) -> bool:
    """True when the region reaches into the disc."""
    across, down, radius = disc
    low, high = quad.min(axis=0), quad.max(axis=0)
    near_x, near_y = np.clip(across, low[0], high[0]), np.clip(down, low[1], high[1])
    return bool(np.hypot(near_x - across, near_y - down) < radius)

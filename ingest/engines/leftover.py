"""Marks on a page that no found region explains: short lines the detector passes over.

Page numbers, single characters in cells and the like are too small for the
detector at the size it works at. What is left of the ink once regions and
rules are taken away is looked at for figures of the size of writing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ingest.engines.geometry import Quad
    from ingest.pages import Pixels

_DEEP = 32
_RULE = 41
_JOIN = 21
_EDGE = 0.03
_MOST, _MOST_LARGER = 8, 2
_FIGURE = (50, 18)
_LEAST_HEIGHT, _MOST_HEIGHT = 6, 34


@dataclass(frozen=True, slots=True)
class Leftover:
    """Upright regions, in pixels of the small copy, that hold ink but no known region.

    `short`: of the size of a short line (the largest eight). `larger`: may hold
    lines that something is pressed over. `figure`: something broad and high
    stands there, as a seal does.
    """

    short: list[Quad]
    larger: list[Quad]
    figure: bool


def leftover(small: Pixels, quads: list[Quad]) -> Leftover:
    """What of the ink the regions `quads` and straight rules do not explain."""
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY) if small.ndim == 3 else small
    height, width = grey.shape
    deep = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((15, 15), np.uint8)) > _DEEP
    ink = deep.astype(np.uint8)
    for shape in ((1, _RULE), (_RULE, 1)):
        rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape, np.uint8))
        ink[cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0] = 0
    for quad in quads:
        cv2.fillPoly(ink, [np.round(quad).astype(np.int32)], (0,))
    edge_x, edge_y = round(width * _EDGE), round(height * _EDGE)
    ink[:edge_y], ink[height - edge_y :] = 0, 0
    ink[:, :edge_x], ink[:, width - edge_x :] = 0, 0
    return _writing(ink)


def _writing(ink: NDArray[np.uint8]) -> Leftover:
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, _JOIN), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    lines: list[tuple[int, Quad]] = []
    larger: list[tuple[int, Quad]] = []
    figure = False
    for left, top, wide, tall, _ in stats[1:].tolist():
        figure = figure or (max(wide, tall) >= _FIGURE[0] and min(wide, tall) >= _FIGURE[1])
        if tall < _LEAST_HEIGHT or wide < 0.4 * tall:
            continue
        marks = cv2.countNonZero(ink[top : top + tall, left : left + wide])
        if marks < max(8.0, 0.06 * wide * tall):
            continue
        corners = [
            (left - 3, top - 3),
            (left + wide + 3, top - 3),
            (left + wide + 3, top + tall + 3),
            (left - 3, top + tall + 3),
        ]
        kind = lines if tall <= _MOST_HEIGHT else larger
        kind.append((marks, np.asarray(corners, dtype=np.float32)))
        if tall > 0.8 * _MOST_HEIGHT and wide > 3 * tall:
            larger.append(kind[-1])
    return Leftover(_largest(lines, _MOST), _largest(larger, _MOST_LARGER), figure)


def _largest(found: list[tuple[int, Quad]], most: int) -> list[Quad]:
    return [quad for _, quad in sorted(found, key=lambda item: -item[0])[:most]]

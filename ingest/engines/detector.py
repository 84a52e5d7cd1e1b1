"""Where text stands on a page: the PP-OCR detector and its regions.

The network gives a map of text cores; each connected core becomes a slanted
rectangle, widened again by what the training shrank it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.engines.geometry import Quad, ordered
from ingest.engines.models import Floats, Network

if TYPE_CHECKING:
    from ingest.pages import Pixels

_MEAN = np.asarray([0.485, 0.456, 0.406], dtype=np.float32) * 255
_SCALE = 1 / (np.asarray([0.229, 0.224, 0.225], dtype=np.float32) * 255)
_TONES = ((np.arange(256, dtype=np.float32)[:, None] - _MEAN) * _SCALE).T.copy()
"""What each of the 256 tones is to the network, for each of the three channels."""
_CORE = 0.3
_LEAST_SIDE = 3.0
_MOST_REGIONS = 1500
_MULTIPLE = 32
_STEP, _LEAST_MARKS = 24, 2


class Detector:
    """Finds text regions on a page that is already small enough for the network."""

    def __init__(self, model: tuple[str, str], *, unclip: float = 1.6, sure: float = 0.5) -> None:
        self._network = Network(model)
        self._unclip = unclip
        self._sure = sure

    def __call__(self, small: Pixels) -> list[Quad]:
        """Text regions in pixels of the given image (blue-green-red).

        Margins without ink are left out: forms often fill half a sheet, and
        the work goes with the area.
        """
        left, top, right, bottom = inked(small)
        part = small[top:bottom, left:right]
        down, across = -part.shape[0] % _MULTIPLE, -part.shape[1] % _MULTIPLE
        padded = cv2.copyMakeBorder(part, 0, down, 0, across, cv2.BORDER_REPLICATE)
        chances = self._network(_batch(np.asarray(padded, dtype=np.uint8)))[0, 0]
        corner = np.asarray([left, top], dtype=np.float32)
        return [quad + corner for quad in self._regions(chances)]

    def _regions(self, chances: Floats) -> list[Quad]:
        cores = (chances > _CORE).astype(np.uint8)
        contours, _ = cv2.findContours(cores, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        found = []
        for contour in contours[:_MOST_REGIONS]:
            (middle, (wide, tall), angle) = cv2.minAreaRect(contour)
            if min(wide, tall) < _LEAST_SIDE:
                continue
            if _mean_inside(chances, cv2.boxPoints((middle, (wide, tall), angle))) < self._sure:
                continue
            grow = wide * tall * self._unclip / (2 * (wide + tall))
            points = cv2.boxPoints((middle, (wide + 2 * grow, tall + 2 * grow), angle))
            found.append(ordered(np.asarray(points, np.float32)))
        return found


def inked(small: Pixels, margin: int = 16) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is marked on the page; all of it when unsure."""
    height, width = small.shape[:2]
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY) if small.ndim == 3 else small
    marks = cv2.subtract(cv2.dilate(grey, np.ones((3, 3), np.uint8)), grey) > _STEP
    rows = np.flatnonzero(marks.sum(axis=1) >= _LEAST_MARKS)
    columns = np.flatnonzero(marks.sum(axis=0) >= _LEAST_MARKS)
    if not len(rows) or not len(columns):
        return 0, 0, min(width, _MULTIPLE), min(height, _MULTIPLE)
    return (
        max(0, int(columns[0]) - margin),
        max(0, int(rows[0]) - margin),
        min(width, int(columns[-1]) + margin),
        min(height, int(rows[-1]) + margin),
    )


def _batch(pixels: Pixels) -> Floats:
    """The picture as the network takes it: 1 x 3 x height x width, tones as in its training."""
    batch = np.empty((1, 3, *pixels.shape[:2]), dtype=np.float32)
    for channel, tones in enumerate(cv2.split(pixels)):
        cv2.LUT(tones, _TONES[channel], dst=batch[0, channel])
    return batch


def _mean_inside(chances: Floats, points: NDArray[np.integer | np.floating]) -> float:
    """The mean of the map inside the rectangle."""
    height, width = chances.shape
    left = max(0, math.floor(points[:, 0].min()))
    right = min(width - 1, math.ceil(points[:, 0].max()))
    top = max(0, math.floor(points[:, 1].min()))
    bottom = min(height - 1, math.ceil(points[:, 1].max()))
    mask = np.zeros((bottom - top + 1, right - left + 1), dtype=np.uint8)
    shifted = np.round(points - np.asarray([left, top])).astype(np.int32)
    cv2.fillPoly(mask, [shifted], (1,))
    return float(cv2.mean(chances[top : bottom + 1, left : right + 1], mask)[0])

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
_CORE = 0.3
_LEAST_SIDE = 3.0
_MOST_REGIONS = 1500


class Detector:
    """Finds text regions; `side` is the longer side the network sees, in pixels."""

    def __init__(
        self, model: tuple[str, str], *, side: int, unclip: float = 1.6, sure: float = 0.5
    ) -> None:
        self._network = Network(model)
        self._side = side
        self._unclip = unclip
        self._sure = sure

    def __call__(self, pixels: Pixels) -> list[Quad]:
        """Text regions in pixels of the given image (blue-green-red)."""
        height, width = pixels.shape[:2]
        scale = min(1.0, self._side / max(height, width))
        size = (_fit(width * scale), _fit(height * scale))
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else 1)
        chances = self._network(_batch(np.asarray(small)))[0, 0]
        return self._regions(chances, (width / size[0], height / size[1]))

    def _regions(self, chances: Floats, scale: tuple[float, float]) -> list[Quad]:
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
            found.append(ordered(np.asarray(points, np.float32) * np.asarray(scale, np.float32)))
        return found


def _fit(length: float) -> int:
    """The nearest length the network takes (multiples of 32)."""
    return max(32, round(length / 32) * 32)


def _batch(pixels: NDArray[np.integer | np.floating]) -> Floats:
    values = (pixels.astype(np.float32) - _MEAN) * _SCALE
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None], dtype=np.float32)


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

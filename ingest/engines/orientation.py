"""Which way up a page stands: a small network over the whole page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from ingest.engines.models import ORIENTATION, Network
from ingest.pages import shrink_to

if TYPE_CHECKING:
    from ingest.pages import Pixels

_SHORT, _VIEW = 256, 224
_MEAN = np.asarray([0.485, 0.456, 0.406], dtype=np.float32)
_SCALE = 1 / np.asarray([0.229, 0.224, 0.225], dtype=np.float32)


class Orientation:
    """Tells the clockwise turn that makes a page upright, and how sure that is."""

    def __init__(self) -> None:
        self._network = Network(ORIENTATION)

    def __call__(self, pixels: Pixels) -> tuple[int, float]:
        """(0, 90, 180 or 270; probability 0..1) for a blue-green-red image."""
        chances = self._network(_view(pixels)[None])[0]
        if chances.min() < 0 or abs(float(chances.sum()) - 1) > 1e-3:
            chances = np.exp(chances - chances.max())
            chances = chances / chances.sum()
        label = int(chances.argmax())
        return (360 - 90 * label) % 360, float(chances[label])


def _view(pixels: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The middle square of the page at the size the network was trained with."""
    height, width = pixels.shape[:2]
    scale = _SHORT / min(height, width)
    size = (max(_VIEW, round(width * scale)), max(_VIEW, round(height * scale)))
    near, _ = shrink_to(pixels, None, max(size))
    small = cv2.resize(near, size, interpolation=cv2.INTER_LINEAR)  # enlarged, or as it is
    top, left = (size[1] - _VIEW) // 2, (size[0] - _VIEW) // 2
    square = small[top : top + _VIEW, left : left + _VIEW].astype(np.float32) / 255
    return np.ascontiguousarray(((square - _MEAN) * _SCALE).transpose(2, 0, 1), dtype=np.float32)

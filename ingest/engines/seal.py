"""Red seals on a page: where they are, and the page without them.

Red must never be dropped from a whole page: letterheads and red forms would
vanish. Only the neighbourhood of a compact red figure is looked at again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ingest.pages import Pixels

Region = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""

_LOOK = 600
_MOST = 6
_LIGHTEN = 0.6


def red_mask(small: Pixels) -> NDArray[np.uint8]:
    """255 where the image is seal red."""
    blue, green, red = (small[:, :, channel].astype(np.int16) for channel in range(3))
    other = np.maximum(blue, green)
    seal = (red > 90) & (red - other > 40) & (np.abs(blue - green) < 90)
    return np.where(seal, 255, 0).astype(np.uint8)


def red_regions(pixels: Pixels, widen: float = 0.0) -> list[Region]:
    """Neighbourhoods of seal-like red figures: compact, 3-40 % of the page's width.

    Each is widened by `widen` times its size to every side.
    """
    if pixels.ndim == 2:
        return []
    height, width = pixels.shape[:2]
    scale = min(1.0, _LOOK / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    mask = red_mask(small)
    if cv2.countNonZero(mask) < 60:
        return []
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    found: list[tuple[int, Region]] = []
    for label in range(1, count):
        left, top, wide, tall, _ = (int(value) for value in stats[label])
        red = cv2.countNonZero(mask[top : top + tall, left : left + wide])
        if not _seal_like(wide, tall, red, size):
            continue
        grow_x, grow_y = round(wide * widen), round(tall * widen)
        region = (
            round(max(0, left - grow_x) / scale),
            round(max(0, top - grow_y) / scale),
            round(min(size[0], left + wide + grow_x) / scale),
            round(min(size[1], top + tall + grow_y) / scale),
        )
        found.append((red, region))
    return [region for _, region in sorted(found, reverse=True)[:_MOST]]


def _seal_like(wide: int, tall: int, red: int, page: tuple[int, int]) -> bool:
    share = max(wide, tall) / min(page)
    return 0.05 < share < 0.45 and 0.55 < wide / max(tall, 1) < 1.8 and red > 0.04 * wide * tall


def cleared(pixels: Pixels) -> Pixels:
    """The page with its seals taken off, so that the text under them can be read.

    In a seal's box the red channel stands for all three, in which red ink is
    nearly paper; what is left of the seal is lightened. The page itself is
    returned when it has no seal, else a copy.
    """
    regions = red_regions(pixels, widen=0.05)
    if not regions:
        return pixels
    page = pixels.copy()
    for left, top, right, bottom in regions:
        part = page[top:bottom, left:right]
        red = part[:, :, 2].astype(np.float32)
        spread = cv2.subtract(part[:, :, 2], part.min(axis=2)).astype(np.float32)
        paper = float(np.percentile(red, 80))
        light = np.clip(red + spread * _LIGHTEN, red, max(paper, 1.0))
        page[top:bottom, left:right] = np.maximum(light, red).astype(np.uint8)[:, :, None]
    return page

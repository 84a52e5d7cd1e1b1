"""Red seals on a page: where they are, and the page without them.

Red must never be dropped from a whole page: letterheads and red forms would
vanish. Only the neighbourhood of a compact red figure is looked at again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from yihu.page import Box

if TYPE_CHECKING:
    from ingest.pages import Pixels

Share = Box
"""Left, top, right, bottom as shares of the page."""

_LEAST_RED = 60
_WIDEN = 0.05
_MOST = 6
_LIGHTEN = 0.6


def red_mask(small: Pixels) -> NDArray[np.uint8]:
    """255 where the image is seal red."""
    blue, green, red = cv2.split(small)
    over = cv2.subtract(red, cv2.max(blue, green))
    apart = cv2.absdiff(blue, green)
    seal = (np.asarray(red) > 90) & (np.asarray(over) > 40) & (np.asarray(apart) < 90)
    return seal.astype(np.uint8) * np.uint8(255)


def find_seals(small: Pixels) -> tuple[Share, ...]:
    """Seal-like red figures on a small copy of a page: compact, 5-45 % of its shorter side."""
    if small.ndim == 2:
        return ()
    mask = red_mask(small)
    if cv2.countNonZero(mask) < _LEAST_RED:
        return ()
    height, width = mask.shape
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    found: list[tuple[int, Share]] = []
    for label in range(1, count):
        left, top, wide, tall, _ = (int(value) for value in stats[label])
        red = cv2.countNonZero(mask[top : top + tall, left : left + wide])
        if _seal_like(wide, tall, red, min(height, width)):
            share = (left / width, top / height, (left + wide) / width, (top + tall) / height)
            found.append((red, share))
    return tuple(share for _, share in sorted(found, reverse=True)[:_MOST])


def _seal_like(wide: int, tall: int, red: int, shorter: int) -> bool:
    share = max(wide, tall) / shorter
    return 0.05 < share < 0.45 and 0.55 < wide / max(tall, 1) < 1.8 and red > 0.04 * wide * tall


def cleared(pixels: Pixels, seals: tuple[Share, ...]) -> Pixels:
    """The page with these seals taken off, so that the text under them can be read.

    In a seal's box the red channel stands for all three, in which red ink is
    nearly paper; what is left of the seal is lightened. The page itself is
    returned when there is no seal, else a copy.
    """
    if not seals or pixels.ndim == 2:
        return pixels
    page = pixels.copy()
    height, width = page.shape[:2]
    for left, top, right, bottom in seals:
        dx, dy = (right - left) * _WIDEN, (bottom - top) * _WIDEN
        across = slice(max(0, int((left - dx) * width)), int((right + dx) * width) + 1)
        down = slice(max(0, int((top - dy) * height)), int((bottom + dy) * height) + 1)
        part = page[down, across]
        red = part[:, :, 2].astype(np.float32)
        spread = cv2.subtract(part[:, :, 2], part.min(axis=2)).astype(np.float32)
        paper = float(np.percentile(red, 80))
        light = np.clip(red + spread * _LIGHTEN, red, max(paper, 1.0))
        part[:] = np.maximum(light, red).astype(np.uint8)[:, :, None]
    return page

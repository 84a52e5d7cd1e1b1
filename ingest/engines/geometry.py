"""Text regions as slanted rectangles: order in reading, boxes, crops.

A region is four points (top left, top right, bottom right, bottom left in
reading direction) in pixels of the image that was read.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from yihu.page import Box
from yihu.spread import gutter

if TYPE_CHECKING:
    from ingest.pages import Pixels

Quad = NDArray[np.float32]

ROW_OVERLAP = 0.5


def turn(pixels: Pixels, degrees: int) -> Pixels:
    """The image turned clockwise by 0, 90, 180 or 270 degrees."""
    code = {
        90: cv2.ROTATE_90_CLOCKWISE,
        180: cv2.ROTATE_180,
        270: cv2.ROTATE_90_COUNTERCLOCKWISE,
    }.get(degrees)
    return pixels if code is None else np.asarray(cv2.rotate(pixels, code), dtype=np.uint8)


def in_colour(pixels: Pixels) -> Pixels:
    """The image as blue-green-red; a grey one with three channels alike."""
    if pixels.ndim == 3:
        return pixels
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def ordered(points: NDArray[np.floating]) -> Quad:
    """Four corners as top left, top right, bottom right, bottom left."""
    by_x = points[np.argsort(points[:, 0], kind="stable")]
    left, right = by_x[:2], by_x[2:]
    left = left[np.argsort(left[:, 1])]
    right = right[np.argsort(right[:, 1])]
    return np.asarray([left[0], right[0], right[1], left[1]], dtype=np.float32)


def side_lengths(quad: Quad) -> tuple[float, float]:
    """Width and height of the region."""
    width = max(math.dist(quad[0], quad[1]), math.dist(quad[3], quad[2]))
    height = max(math.dist(quad[0], quad[3]), math.dist(quad[1], quad[2]))
    return width, height


def box_of(quad: Quad, width: int, height: int) -> Box:
    """The region's bounding box as shares of an image of that size."""
    low, high = quad.min(axis=0), quad.max(axis=0)
    return (
        float(np.clip(low[0] / width, 0, 1)),
        float(np.clip(low[1] / height, 0, 1)),
        float(np.clip(high[0] / width, 0, 1)),
        float(np.clip(high[1] / height, 0, 1)),
    )


def slant(quads: list[Quad]) -> float:
    """The page's skew in radians: the median angle of its long lines."""
    angles, weights = [], []
    for quad in quads:
        width, height = side_lengths(quad)
        if width > 3 * height:
            across = (quad[1] + quad[2] - quad[0] - quad[3]) / 2
            angles.append(math.atan2(float(across[1]), float(across[0])))
            weights.append(width)
    if not angles:
        return 0.0
    by_angle = np.argsort(angles)
    half = np.cumsum(np.asarray(weights)[by_angle])
    middle = int(np.searchsorted(half, half[-1] / 2))
    found = float(np.asarray(angles)[by_angle][min(middle, len(angles) - 1)])
    return found if abs(found) < math.radians(20) else 0.0


def reading_order(quads: list[Quad], size: tuple[int, int] | None = None) -> list[int]:
    """Indices of the regions row by row, each row from left to right, on the straightened page.

    `size` is the picture's width and height: of two pages side by side the left is read first.
    """
    if not quads:
        return []
    straight = _straightened(quads, size or (0, 0))
    middle = _gutter(straight, size) if size else None
    if middle is None:
        return _by_rows(straight, list(range(len(quads))))
    left = [i for i, quad in enumerate(straight) if float(quad[:, 0].mean()) < middle]
    right = [i for i, quad in enumerate(straight) if float(quad[:, 0].mean()) >= middle]
    return [*_by_rows(straight, left), *_by_rows(straight, right)]


def _straightened(quads: list[Quad], size: tuple[int, int]) -> list[Quad]:
    """The regions turned about the picture's middle until their lines are level."""
    angle = -slant(quads)
    spin = np.asarray(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]], dtype=np.float32
    )
    middle = np.asarray([size[0] / 2, size[1] / 2], dtype=np.float32)
    return [np.asarray((quad - middle) @ spin.T + middle, dtype=np.float32) for quad in quads]


def _gutter(straight: list[Quad], size: tuple[int, int]) -> float | None:
    """Where two pages meet, in pixels."""
    found = gutter([box_of(quad, *size) for quad in straight], *size)
    return None if found is None else found * size[0]


def _by_rows(straight: list[Quad], chosen: list[int]) -> list[int]:
    tops = [float(q[:, 1].min()) for q in straight]
    bottoms = [float(q[:, 1].max()) for q in straight]
    lefts = [float(q[:, 0].min()) for q in straight]
    rows: list[list[int]] = []
    for index in sorted(chosen, key=lambda i: tops[i] + bottoms[i]):
        row = rows[-1] if rows else []
        if row and _same_row(index, row, tops, bottoms):
            row.append(index)
        else:
            rows.append([index])
    return [index for row in rows for index in sorted(row, key=lambda i: lefts[i])]


def _same_row(index: int, row: list[int], tops: list[float], bottoms: list[float]) -> bool:
    """True when the region overlaps the row's middle region by half the lower height."""
    other = row[len(row) // 2]
    shared = min(bottoms[index], bottoms[other]) - max(tops[index], tops[other])
    lower = min(bottoms[index] - tops[index], bottoms[other] - tops[other])
    return shared > ROW_OVERLAP * max(lower, 1.0)


def crop(pixels: Pixels, quad: Quad, height: int) -> Pixels:
    """The region straightened to a strip of this height, in blue-green-red.

    Upright text in columns is laid down.
    """
    wide, tall = side_lengths(quad)
    target = quad
    if tall > 1.6 * wide:
        target = np.roll(quad, 1, axis=0)
        wide, tall = tall, wide
    width = max(8, round(wide * height / max(tall, 1.0)))
    if tall > 2.2 * height:
        pixels, target = _reduced(pixels, target, tall / height)
    corners = np.asarray([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(np.ascontiguousarray(target, dtype=np.float32), corners)
    strip = cv2.warpPerspective(
        pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return in_colour(np.asarray(strip, dtype=np.uint8))


def _reduced(pixels: Pixels, quad: Quad, factor: float) -> tuple[Pixels, Quad]:
    """The neighbourhood of a tall region made smaller first, so that sampling skips no strokes."""
    low = np.floor(quad.min(axis=0)).astype(int).clip(0)
    high = np.ceil(quad.max(axis=0)).astype(int) + 1
    part = pixels[low[1] : high[1], low[0] : high[0]]
    if part.size == 0:
        return pixels, quad
    size = (max(1, round(part.shape[1] / factor)), max(1, round(part.shape[0] / factor)))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    scale = np.asarray([size[0] / part.shape[1], size[1] / part.shape[0]], dtype=np.float32)
    moved = (quad - low.astype(np.float32)) * scale
    return np.asarray(small, dtype=np.uint8), moved.astype(np.float32)

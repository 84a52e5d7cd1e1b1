"""Round seals on scans without colour: told by tone and shape, and lifted off the text.

In a grey scan a red seal is lighter than print, and its ring is wider than the
strokes of text. Only pixels of the seal itself are lightened, so whatever was
taken for a seal by mistake loses no writing darker than itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.pages import shrink_to

if TYPE_CHECKING:
    from ingest.pages import Pixels

Disc = tuple[float, float, float]
"""Middle and radius of a seal, in pixels of the page."""

_SIDE = 1700
_LIGHTEST, _DARKEST = 0.82, 0.28
"""Tones of a seal as shares of the paper's brightness."""
_APART = 30
"""How much lighter than the print a seal must be, of 255."""
_NEAR, _NEAR_PRINT, _ON_RING = 7, 0.4, 0.35
"""Print is what is darker than these shares of the way from its own tone to the seal's: inside,
with all within half of so many pixels around it; on the ring itself, where print is rare, alone."""
_RING = (0.88, 1.08)
"""The band in which the ring lies, as shares of its radius."""
_MOST = 4
_MOST_TRIED = 20
_LOOK = 600
_ROUND = 0.75
_CHARACTER, _RULE, _LEAST_RING = 45, 9, 600
"""In pixels of the copy that is looked at: longest character, widest rule, ink of a ring."""


def without_grey_seals(grey: Pixels) -> tuple[Pixels, list[Disc]]:
    """The grey page with its round seals lightened, and where they are; no discs: nothing done."""
    small, _ = shrink_to(grey, None, _SIDE)
    paper = float(np.percentile(small[::4, ::4], 90))
    tone = cv2.inRange(small, _DARKEST * paper, _LIGHTEST * paper)
    wide = cv2.morphologyEx(tone, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    page, discs = grey, list[Disc]()
    for across, down, radius in _rings(np.asarray(wide, np.uint8)):
        share = small.shape[1] / grey.shape[1]
        left, top = max(0, across - radius), max(0, down - radius)
        disc = np.zeros_like(wide)
        cv2.circle(disc, (across, down), radius, (255,), -1)
        seal = cv2.bitwise_and(wide, disc)[top : down + radius, left : across + radius]
        part = (
            slice(int(top / share), int((down + radius) / share)),
            slice(int(left / share), int((across + radius) / share)),
        )
        shape = grey[part].shape
        ring = _band(shape, ((across - left) / share, (down - top) / share), radius / 1.07 / share)
        lifted = _lifted(grey[part], _grown(np.asarray(seal, np.uint8), shape), ring, paper)
        if lifted is not None:
            page = page if discs else grey.copy()
            page[part] = lifted
            discs.append((across / share, down / share, radius / share))
    return page, discs


def _rings(wide: NDArray[np.uint8]) -> list[tuple[int, int, int]]:
    """Middle and outer radius of rings of seal size, in pixels of the mask."""
    long = _long_strokes(wide)
    if long is None:
        return []
    scale = _LOOK / max(wide.shape)
    size = (round(wide.shape[1] * scale), round(wide.shape[0] * scale))
    look = (cv2.resize(long, size, interpolation=cv2.INTER_AREA) > 50).astype(np.uint8) * 255
    shorter = min(size)
    circles = cv2.HoughCircles(
        look, cv2.HOUGH_GRADIENT, 1.5, 0.08 * shorter, param1=120, param2=26,
        minRadius=round(0.055 * shorter), maxRadius=round(0.22 * shorter),
    )  # fmt: skip
    if circles is None:
        return []
    found = []
    for across, down, radius in circles.reshape(-1, 3)[:_MOST_TRIED]:
        if _drawn(look, float(across), float(down), float(radius)) >= _ROUND:
            found.append(
                (round(across / scale), round(down / scale), round(1.07 * radius / scale) + 2)
            )
    return found[:_MOST]


def _long_strokes(wide: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """What is larger than a character and no straight rule; None when that is too little."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(wide, connectivity=4)
    across, down = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    kept = (np.maximum(across, down) > _CHARACTER) & (np.minimum(across, down) > _RULE)
    kept[0] = False
    if int(stats[kept, cv2.CC_STAT_AREA].sum()) < _LEAST_RING:
        return None
    return np.asarray(kept.astype(np.uint8)[labels] * np.uint8(255), dtype=np.uint8)


def _drawn(look: NDArray[np.uint8], across: float, down: float, radius: float) -> float:
    """The share of a circle's directions in which a line is drawn at about its radius."""
    turns = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    seen = np.zeros(72, dtype=bool)
    for reach in (-2, -1, 0, 1, 2):
        x = np.round(across + (radius + reach) * np.cos(turns)).astype(int)
        y = np.round(down + (radius + reach) * np.sin(turns)).astype(int)
        inside = (x >= 0) & (y >= 0) & (x < look.shape[1]) & (y < look.shape[0])
        seen[inside] |= look[y[inside], x[inside]] > 0
    return float(seen.mean())


def _grown(mask: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The mask with its soft edges, at the size of the full page."""
    soft = cv2.dilate(mask, np.ones((5, 5), np.uint8))
    return np.asarray(cv2.resize(soft, (shape[1], shape[0]))) > 60


def _lifted(
    part: Pixels, mask: NDArray[np.bool_], ring: NDArray[np.bool_], paper: float
) -> Pixels | None:
    """The part with the seal gone where no print is near; None where print is no darker."""
    if not mask.any():
        return None
    print_tone = float(np.percentile(part, 0.3))
    inside = part[mask & (part < _LIGHTEST * paper) & (part > print_tone + _APART)]
    if not inside.size:
        return None
    apart = float(np.median(inside)) - print_tone
    darkest_near = cv2.erode(part, np.ones((_NEAR, _NEAR), np.uint8))
    gone = mask & (darkest_near > print_tone + _NEAR_PRINT * apart)
    gone |= ring & (part > print_tone + _ON_RING * apart)
    return np.where(gone, np.uint8(paper), part).astype(np.uint8)


def _band(shape: tuple[int, ...], middle: tuple[float, float], radius: float) -> NDArray[np.bool_]:
    """True near the circle."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    away = np.hypot(x - middle[0], y - middle[1])
    return np.asarray((away > _RING[0] * radius) & (away < _RING[1] * radius))

"""What a page looks like before anything is read: ink, blankness, light, sharpness, seals.

Everything is measured on a small grey copy (long side 800 pixels), a few
milliseconds a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.engines.seal import find_seals
from ingest.pages import shrink_to
from yihu.page import Box

if TYPE_CHECKING:
    from ingest.pages import Pixels

SIDE = 800
Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Look:
    """Measures of a page.

    `ink`: share of pixels clearly darker than the paper around them. `paper`:
    brightness of the paper (0..255). `contrast`: how much darker the ink is.
    `edge`: sharpness of the ink's edges. `tones`: share of middle greys, high
    in photographs. `colour`: mean saturation (0..255). `spread`: standard
    deviation of the greys. `seals`: boxes of red
    seals as shares of the page as it was given.
    """

    ink: float
    paper: float
    contrast: float
    edge: float
    tones: float
    colour: float
    spread: float
    empty: bool
    seals: tuple[Box, ...]
    flags: frozenset[str]


def measure(pixels: Pixels, *, bilevel: bool = False) -> Look:
    """The measures of a page image; flags: seal, dark, blurred, faint, bilevel.

    `empty` is true when there is surely nothing to read. Whether a page is
    blank or a photo also depends on what was read: `judge`.
    """
    small, _ = shrink_to(pixels, None, SIDE)
    grey = small if small.ndim == 2 else np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))
    middle = _inside(np.asarray(grey, dtype=np.uint8))
    depth = cv2.subtract(_paper(middle), middle)
    paper = float(np.median(middle))
    mark = depth > max(30.0, 0.18 * paper)
    ink = float(mark.mean())
    contrast = float(np.percentile(depth[mark], 75)) if mark.any() else 0.0
    edge = _edge(middle, contrast)
    tones = float(((middle > 50) & (middle < 0.75 * max(paper, 80))).mean())
    colour = _saturation(small)
    spread = float(cv2.meanStdDev(middle)[1][0][0])
    flags = set(_flags(paper, contrast, edge, ink))
    if bilevel or _two_tones(pixels):
        flags.add("bilevel")
    seals = find_seals(small)
    if seals:
        flags.add("seal")
    empty = ink < 0.0004 and _largest_mark(mark) < 40 and "seal" not in flags
    return Look(ink, paper, contrast, edge, tones, colour, spread, empty, seals, frozenset(flags))


def judge(look: Look, characters: int, sure: float, codes: int) -> frozenset[str]:
    """All flags of a page, with blank or photo where what was read shows it.

    `characters` were read with a mean confidence of `sure`.
    """
    flags = set(look.flags)
    weight = characters * sure
    if codes:
        return frozenset(flags)
    if weight < 20 and look.spread > 25 and (look.tones > 0.25 or look.colour > 60):
        flags.add("photo")
        flags.discard("seal")
    elif weight < 8 and (look.ink < 0.004 or look.contrast < 55):
        flags.add("blank")
    return frozenset(flags)


def _paper(grey: Grey) -> Grey:
    """The paper's brightness at every pixel, with writing smoothed away."""
    height, width = grey.shape
    quarter = (max(1, width // 4), max(1, height // 4))
    small = cv2.resize(cv2.dilate(grey, np.ones((5, 5), np.uint8)), quarter)
    smooth = cv2.medianBlur(small, 9)
    return np.asarray(cv2.resize(smooth, (width, height)), dtype=np.uint8)


def _inside(grey: Grey) -> Grey:
    """The page without its outer 3 %, where black scan edges and staple holes lie."""
    height, width = grey.shape
    dy, dx = max(1, round(height * 0.03)), max(1, round(width * 0.03))
    part = grey[dy : height - dy, dx : width - dx]
    return np.ascontiguousarray(part if part.size else grey)


def _edge(grey: Grey, contrast: float) -> float:
    """The steepest tenth of a percent of slopes, as a share of the ink's contrast."""
    if contrast < 1:
        return 0.0
    slope = cv2.Laplacian(grey, cv2.CV_32F, ksize=3)
    return float(np.percentile(np.abs(slope), 99.5)) / contrast


def _saturation(small: Pixels) -> float:
    if small.ndim == 2:
        return 0.0
    sample = small[::3, ::3].astype(np.int16)
    return float(np.mean(sample.max(axis=2) - sample.min(axis=2)))


def _flags(paper: float, contrast: float, edge: float, ink: float) -> list[str]:
    found = []
    if paper < 110:
        found.append("dark")
    if ink > 0.001 and contrast < 60:
        found.append("faint")
    if ink > 0.003 and 0 < edge < 0.9:
        found.append("blurred")
    return found


def _two_tones(pixels: Pixels) -> bool:
    """True when nearly every pixel is full black or full white."""
    sample = pixels[::7, ::7]
    return bool(((sample < 8) | (sample > 247)).mean() > 0.995 and (sample < 8).any())


def _largest_mark(mark: NDArray[np.bool_]) -> int:
    """Pixels of the largest connected mark."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mark.astype(np.uint8))
    return int(stats[1:, cv2.CC_STAT_AREA].max()) if count > 1 else 0

"""What a page looks like before anything is read: ink, blankness, light, sharpness, seals.

Everything is measured on a small grey copy (long side 800 pixels), a few
milliseconds a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.engines.seal import find_seals
from ingest.pages import shrink_to
from yihu.page import Box, Line

if TYPE_CHECKING:
    from ingest.pages import Pixels

SIDE = 800
_FLAT, _DARK, _BLACK, _WEAKEST = 12, 110, 60, 6.0
_FEW, _READ_BADLY, _TOO_WEAK, _WEAK_AND_CAUSED, _MOST_INK = 20.0, 0.75, 0.45, 0.25, 0.3
_LONG, _EDGE_SHARE, _CUT_LINES = 3, 0.004, 2
_STEEPEST = 8 * 255  # what the Laplacian of 8-bit tones can be
_CAUSES = frozenset({"dark", "faint", "blurred", "turn_unsure"})
Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Look:
    """Measures of a page.

    `ink`: share of pixels clearly darker than the paper around them. `paper`:
    brightness of the paper (0..255). `contrast`: how much darker the ink is.
    `edge`: sharpness of the ink's edges. `tones`: share of middle greys, high
    in photographs. `flat`: share of pixels about as bright as the paper, low
    in photographs. `colour`: mean saturation (0..255). `spread`: standard
    deviation of the greys. `seals`: boxes of red seals as shares of the page
    as it was given. `hidden`: writing is there, too weak to count as ink.
    """

    ink: float
    paper: float
    contrast: float
    edge: float
    tones: float
    flat: float
    colour: float
    spread: float
    empty: bool
    hidden: bool
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
    depth = np.asarray(cv2.subtract(_paper(middle), middle), dtype=np.uint8)
    paper = _quantile(middle, 0.5)
    mark = depth > max(30.0, 0.18 * paper)
    ink = float(mark.mean())
    contrast = float(np.percentile(depth[mark], 75)) if mark.any() else 0.0
    edge = _edge(middle, contrast)
    tones = float(((middle > 50) & (middle < 0.75 * max(paper, 80))).mean())
    flat = float((np.abs(middle.astype(np.int16) - paper) < _FLAT).mean())
    colour = _saturation(small)
    spread = float(cv2.meanStdDev(middle)[1][0][0])
    flags = set(_flags(paper, contrast, edge, ink))
    if bilevel or _two_tones(pixels):
        flags.add("bilevel")
    seals = find_seals(small)
    if seals:
        flags.add("seal")
    empty = ink < 0.0004 and _largest_mark(mark) < 40 and "seal" not in flags
    hidden = (empty or paper < _DARK) and _hidden(depth)
    if hidden and paper >= _DARK:
        flags.add("faint")
    return Look(
        ink, paper, contrast, edge, tones, flat, colour, spread,
        empty and not hidden, hidden, seals, frozenset(flags),
    )  # fmt: skip


def brought_out(pixels: Pixels, look: Look) -> Pixels:
    """A dark page or one with very weak writing, its tones stretched; others as they are."""
    if not look.hidden and look.paper >= _DARK:
        return pixels
    grey = pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))
    sample = grey[::3, ::3]
    low, high = float(np.percentile(sample, 0.2)), float(np.percentile(sample, 60))
    table = np.clip((np.arange(256) - low) * (235.0 / max(high - low, 8.0)), 0, 255)
    return np.asarray(cv2.LUT(grey, table.astype(np.uint8)), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Text:
    """What was read: the lines, codes found, and whether the page's turn stayed open."""

    lines: Sequence[Line]
    codes: int = 0
    turn_unsure: bool = False

    @property
    def characters(self) -> int:
        """How many characters were read."""
        return sum(len(line.text) for line in self.lines)

    @property
    def weight(self) -> float:
        """Characters, weighed by how surely they were read."""
        return sum(len(line.text) * line.confidence for line in self.lines)

    @property
    def weak(self) -> float:
        """The share of characters in lines that were read badly."""
        poor = sum(len(line.text) for line in self.lines if line.confidence < _READ_BADLY)
        return poor / max(self.characters, 1)


def judge(look: Look, text: Text) -> frozenset[str]:
    """All flags of a page, with what reading it showed.

    Adds blank or photo; cut_off where lines run out of the picture;
    turn_unsure; and illegible where what was read cannot be relied on, for one
    of the reasons flagged.
    """
    flags = set(look.flags)
    if text.codes:
        return frozenset(flags)
    if text.weight < _FEW and _photograph(look):
        flags.add("photo")
        flags -= {"seal", "faint", "blurred", "dark"}
        return frozenset(flags)
    black = look.paper < _BLACK and "bilevel" not in flags
    bare = look.ink < 0.004 or look.contrast < 55
    if text.weight < 8 and bare and not black:  # also what shines through from the back
        flags.add("blank")
        return frozenset(flags - {"faint"})
    if _cut_off(text.lines):
        flags.add("cut_off")
    if text.turn_unsure:
        flags.add("turn_unsure")
    caused = bool(flags & _CAUSES)
    lacking = text.weight < _FEW and caused
    if lacking or (text.characters and text.weak > (_WEAK_AND_CAUSED if caused else _TOO_WEAK)):
        flags.add("illegible")
    return frozenset(flags)


def _photograph(look: Look) -> bool:
    """Many tones where a sheet has one, or as much black as no page of writing has."""
    toned = look.flat < 0.55 or look.tones > 0.25 or look.colour > 60
    return (look.spread > 25 and toned) or look.ink > _MOST_INK


def _hidden(depth: Grey) -> bool:
    """True when weak marks stand together as writing does, not scattered as grain."""
    soft = cv2.GaussianBlur(depth, (0, 0), 1.0)
    deepest = float(np.percentile(soft, 99.7))
    if deepest < _WEAKEST:
        return False
    marks = (soft > 0.5 * deepest).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(marks)
    sizes = stats[1:, cv2.CC_STAT_AREA]
    return int((sizes >= 8).sum()) >= 20 and float(marks.mean()) < 0.2


def _cut_off(lines: Sequence[Line]) -> bool:
    """True when several lines begin or end at the picture's very edge."""
    long = [line.box for line in lines if len(line.text) >= _LONG]
    at_left = sum(box[0] <= _EDGE_SHARE for box in long)
    at_right = sum(box[2] >= 1 - _EDGE_SHARE for box in long)
    return max(at_left, at_right) >= max(_CUT_LINES, 0.12 * len(long))


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
    slope = np.abs(cv2.Laplacian(grey, cv2.CV_16S, ksize=3)).astype(np.uint16)
    return _quantile(slope, 0.995) / contrast


def _quantile(values: NDArray[np.uint8 | np.uint16], share: float) -> float:
    """The value that this share of them does not exceed: by counting, faster than by sorting."""
    most = 256 if values.dtype == np.uint8 else _STEEPEST + 1
    counts = cv2.calcHist([values], [0], None, [most], [0, most]).ravel()
    return float(np.searchsorted(np.cumsum(counts, dtype=np.float64), share * values.size))


def _saturation(small: Pixels) -> float:
    if small.ndim == 2:
        return 0.0
    blue, green, red = cv2.split(np.ascontiguousarray(small[::3, ::3]))
    least, most = cv2.min(cv2.min(blue, green), red), cv2.max(cv2.max(blue, green), red)
    return float(cv2.mean(cv2.subtract(most, least))[0])


def _flags(paper: float, contrast: float, edge: float, ink: float) -> list[str]:
    found = []
    if paper < _DARK:
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

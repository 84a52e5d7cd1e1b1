"""The default reader: PP-OCRv6 on ONNX Runtime, one core, small model only where it pays.

The tiny models find and read every line; where a letter or digit is doubtful
the small model reads that stretch again (measured.md 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ingest.engines import models
from ingest.engines.detector import Detector
from ingest.engines.engine import EngineResult
from ingest.engines.geometry import Quad, box_of, crop, reading_order, side_lengths, turn
from ingest.engines.orientation import Orientation
from ingest.engines.recogniser import HEIGHT, Reading, Recogniser
from ingest.engines.rereading import read_again
from ingest.pages import shrink_to
from yihu.page import Line

if TYPE_CHECKING:
    from ingest.pages import Pixels


@dataclass(frozen=True, slots=True)
class Tuning:
    """What trades time for accuracy; the defaults were measured on the sample scans.

    `side`: longer side the detector sees. `reread_below`: a line whose weakest
    character is less sure is read by the small model. `drop_below`: mean
    probability under which a line is no text. `sure_turn`: probability from
    which the orientation network is believed without a second look.
    """

    side: int = 960
    reread_below: float = 0.80
    drop_below: float = 0.5
    sure_turn: float = 0.9
    unclip: float = 1.6
    small_detector: bool = False


_TICKS = {"V": "√", "v": "√", "Ｖ": "√"}
"""A letter V alone in a cell is a tick that was drawn by hand."""

FAST = Tuning()
CAREFUL = Tuning(side=1280, reread_below=0.95, small_detector=True)


@dataclass(frozen=True, slots=True)
class _Found:
    quad: Quad
    reading: Reading


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page image with the small copy the networks see; `scale` leads from small to full."""

    pixels: Pixels
    small: Pixels
    scale: float

    @staticmethod
    def of(pixels: Pixels, side: int) -> _Sheet:
        small, _ = shrink_to(pixels, None, side)
        return _Sheet(pixels, small, max(pixels.shape[:2]) / max(small.shape[:2]))

    def turned(self, degrees: int) -> _Sheet:
        if degrees == 0:
            return self
        return _Sheet(turn(self.pixels, degrees), turn(self.small, degrees), self.scale)


class RapidOcr:
    """Reads a page with the PP-OCR models; loads them once."""

    name = "rapidocr"

    def __init__(self, *, careful: bool = False, tuning: Tuning | None = None) -> None:
        self._tuning = tuning or (CAREFUL if careful else FAST)
        found = models.SMALL_DETECTOR if self._tuning.small_detector else models.TINY_DETECTOR
        self._detect = Detector(found, unclip=self._tuning.unclip)
        self._tiny = Recogniser(models.TINY_RECOGNISER, models.TINY_CHARACTERS)
        self._small: Recogniser | None = None
        self._orientation = Orientation()
        used = (found, models.TINY_RECOGNISER, models.SMALL_RECOGNISER, models.ORIENTATION)
        hashes = ".".join(models.short_hash(model)[:4] for model in used)
        self.version = f"ppocr6-{self._tuning.side}-{self._tuning.reread_below:g}-{hashes}"

    def read(self, image: Pixels) -> EngineResult:
        """Text lines of the page, whichever way up it stands."""
        colour = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) if image.ndim == 2 else image
        page = _Sheet.of(np.asarray(colour, dtype=np.uint8), self._tuning.side)
        rotation, sure = self._orientation(page.small)
        upright = page.turned(rotation)
        found = self._lines(upright)
        if found and (sure < self._tuning.sure_turn or _doubtful(found)):
            rotation, upright, found = self._second_look(page, rotation, upright, found)
        return EngineResult(_as_lines(found, upright.pixels), rotation)

    # --- lines ---------------------------------------------------------------------------

    def _lines(self, sheet: _Sheet) -> list[_Found]:
        quads = [quad * sheet.scale for quad in self._detect(sheet.small)]
        strips = [crop(sheet.pixels, quad, HEIGHT) for quad in quads]
        readings = read_again(strips, self._tiny(strips), self._careful, self._tuning.reread_below)
        return [
            _Found(quad, reading)
            for quad, reading in zip(quads, readings, strict=True)
            if reading.text.strip() and reading.mean >= self._tuning.drop_below
        ]

    def _careful(self, strips: list[Pixels]) -> list[Reading]:
        if self._small is None:
            self._small = Recogniser(models.SMALL_RECOGNISER, models.SMALL_CHARACTERS)
        return self._small(strips)

    # --- which way up --------------------------------------------------------------------

    def _second_look(
        self, page: _Sheet, rotation: int, upright: _Sheet, found: list[_Found]
    ) -> tuple[int, _Sheet, list[_Found]]:
        """Tries the other ways up on a sample of lines, and takes the one that reads best."""
        lying = sum(_taller(item.quad) for item in found) * 2 > len(found)
        turns = (90, 270) if lying else (0, 180)
        sample = sorted(found, key=lambda item: -side_lengths(item.quad)[0])[:12]
        votes = {
            extra: _worth(
                self._tiny([_turned_strip(upright.pixels, item.quad, extra) for item in sample])
            )
            for extra in turns
        }
        best = max(turns, key=lambda extra: votes[extra])
        if best == 0 or votes[best] <= votes.get(0, 0.0) * 1.1:
            return rotation, upright, found
        turned = (rotation + best) % 360
        upright = page.turned(turned)
        return turned, upright, self._lines(upright)


def _doubtful(found: list[_Found]) -> bool:
    worth = [item.reading.mean for item in found]
    return sum(worth) / len(worth) < 0.8


def _taller(quad: Quad) -> bool:
    width, height = side_lengths(quad)
    return height > 1.6 * width


def _turned_strip(upright: Pixels, quad: Quad, extra: int) -> Pixels:
    strip = crop(upright, quad, HEIGHT)
    return turn(strip, 180) if extra in {180, 90} else strip


def _worth(readings: list[Reading]) -> float:
    """Characters read, weighed by how sure they are."""
    return sum(len(reading.text) * reading.mean**4 for reading in readings)


def _tidy(text: str) -> str:
    text = text.strip()
    return _TICKS.get(text, text)


def _as_lines(found: list[_Found], upright: Pixels) -> tuple[Line, ...]:
    height, width = upright.shape[:2]
    order = reading_order([item.quad for item in found])
    return tuple(
        Line(
            _tidy(found[index].reading.text),
            box_of(found[index].quad, width, height),
            found[index].reading.mean,
        )
        for index in order
    )

"""The default reader: PP-OCRv6 on ONNX Runtime, one core, small model only where it pays.

The tiny models find and read every line; where a letter or digit is doubtful
the small model reads that stretch again (measured.md 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ingest.engines import models
from ingest.engines.detector import Detector
from ingest.engines.engine import EngineResult
from ingest.engines.geometry import (
    Quad,
    box_of,
    crop,
    in_colour,
    reading_order,
    side_lengths,
    turn,
)
from ingest.engines.grey_seal import without_grey_seals
from ingest.engines.leftover import leftover
from ingest.engines.orientation import Orientation
from ingest.engines.recogniser import HEIGHT, Reading, Recogniser
from ingest.engines.rereading import read_again, surer
from ingest.engines.second_look import (
    NEARER,
    Found,
    bands,
    colourless,
    merged,
    places,
    touches,
    worth,
)
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
    which the orientation network is believed without a second look. `certain`:
    least probability of a character outside the regions that were found.
    """

    side: int = 896
    reread_below: float = 0.80
    drop_below: float = 0.5
    sure_turn: float = 0.9
    unclip: float = 1.6
    certain: float = 0.85
    small_detector: bool = False


_TICKS = {"V": "√", "v": "√", "Ｖ": "√"}
"""A letter V alone in a cell is a tick that was drawn by hand."""

_TRADITIONAL = (
    "業戶號電話區樓單證開辦費車門書園陽東務請間產權"
    "變遷繳賬據發聯雙長鑰維護設備經紀關係時會國學實際與為"
)
_LEAST_TRADITIONAL = 4

_HOPE, _SURE = 0.4, 0.97

FAST = Tuning()
CAREFUL = Tuning(side=1280, reread_below=0.95, small_detector=True)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page image, grey or colour, with the small colour copy that is looked over.

    `scale` leads from small to full. A grey page stays grey: a third of the bytes.
    """

    pixels: Pixels
    small: Pixels
    scale: float

    @staticmethod
    def of(pixels: Pixels, side: int) -> _Sheet:
        small, _ = shrink_to(pixels, None, side)
        return _Sheet(pixels, in_colour(small), max(pixels.shape[:2]) / max(small.shape[:2]))

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
        self.version = f"ppocr6.2-{self._tuning.side}-{self._tuning.reread_below:g}-{hashes}"

    def read(self, image: Pixels) -> EngineResult:
        """Text lines of the page, whichever way up it stands."""
        page = _Sheet.of(image, self._tuning.side)
        rotation, sure = self._orientation(page.small)
        upright = page.turned(rotation)
        found = self._lines(upright)
        unsure = False
        if found and (sure < self._tuning.sure_turn or _doubtful(found)):
            rotation, upright, found, unsure = self._second_look(page, rotation, upright, found)
        return EngineResult(_as_lines(found, upright.pixels), rotation, unsure)

    # --- lines ---------------------------------------------------------------------------

    def _lines(self, sheet: _Sheet) -> list[Found]:
        quads = self._detect(sheet.small)
        read = self._read(sheet, quads)
        found = [item for item in read if self._kept(item)]
        lost = [item.quad for item in read if not self._kept(item)]
        left = leftover(sheet.small, quads)
        found = merged(found, self._passed_over(sheet, left.short))
        found = self._closer(sheet, found, lost + [quad * sheet.scale for quad in left.larger])
        return self._under_seals(sheet, found) if left.figure else found

    def _kept(self, item: Found) -> bool:
        return bool(item.reading.text.strip()) and item.reading.mean >= self._tuning.drop_below

    def _read(self, sheet: _Sheet, quads: list[Quad]) -> list[Found]:
        full = [quad * sheet.scale for quad in quads]
        strips = [crop(sheet.pixels, quad, HEIGHT) for quad in full]
        first = self._tiny(strips)
        below = self._tuning.reread_below
        if _traditional(first):
            readings = [surer(*pair) for pair in zip(first, self._careful(strips), strict=True)]
        else:
            readings = read_again(strips, first, self._careful, below)
        return list(map(Found, full, readings))

    def _closer(self, sheet: _Sheet, found: list[Found], lost: list[Quad]) -> list[Found]:
        """Looks again, from near, where a region of a line's size could not be read.

        Seals and stamps join lines to one region that is none; at twice the
        size they come apart.
        """
        for low, high in places(lost, sheet.scale, sheet.pixels.shape[:2]):
            part = sheet.pixels[low[1] : high[1], low[0] : high[0]]
            side = min(self._tuning.side, round(NEARER * max(part.shape[:2]) / sheet.scale))
            near = self._look(_Sheet.of(part, side), np.asarray(low, dtype=np.float32))
            found = merged(found, near)
        return found

    def _under_seals(self, sheet: _Sheet, found: list[Found]) -> list[Found]:
        """On a page without colour: lines under seals read again with the seal lifted off.

        What stands there is replaced only where the second reading is worth more.
        """
        if not colourless(sheet.small):
            return found
        page = sheet.pixels
        lifted, discs = without_grey_seals(
            page if page.ndim == 2 else np.ascontiguousarray(page[:, :, 1])
        )
        if not discs:
            return found
        for top, bottom in bands(discs, lifted.shape[0]):
            part = lifted[top:bottom]
            side = round(max(part.shape[:2]) / sheet.scale)
            again = self._look(_Sheet.of(part, side), np.asarray([0, top], np.float32))
            under = [i for i in again if any(touches(i.quad, disc) for disc in discs)]
            found = merged(found, under)
        return found

    def _look(self, sheet: _Sheet, corner: Quad) -> list[Found]:
        """The lines of a part of the page; `corner` is where the part begins."""
        read = self._read(sheet, self._detect(sheet.small))
        return [Found(item.quad + corner, item.reading) for item in read if self._kept(item)]

    def _passed_over(self, sheet: _Sheet, quads: list[Quad]) -> list[Found]:
        """Short lines that the detector did not see, where they read without doubt."""
        full = [quad * sheet.scale for quad in quads]
        strips = [crop(sheet.pixels, quad, HEIGHT) for quad in full]
        first = self._tiny(strips)
        readings = [
            surer(reading, self._careful([strip])[0]) if _worth_a_try(reading) else reading
            for strip, reading in zip(strips, first, strict=True)
        ]
        return [
            Found(quad, reading)
            for quad, reading in zip(full, readings, strict=True)
            if _certain(reading, self._tuning.certain)
        ]

    def _careful(self, strips: list[Pixels]) -> list[Reading]:
        if self._small is None:
            self._small = Recogniser(models.SMALL_RECOGNISER, models.SMALL_CHARACTERS)
        return self._small(strips)

    # --- which way up --------------------------------------------------------------------

    def _second_look(
        self, page: _Sheet, rotation: int, upright: _Sheet, found: list[Found]
    ) -> tuple[int, _Sheet, list[Found], bool]:
        """Tries the other ways up on a sample of lines, and takes the one that reads best.

        Gives turn, page, lines, and whether two ways up read nearly alike.
        """
        lying = sum(_taller(item.quad) for item in found) * 2 > len(found)
        turns = (90, 270) if lying else (0, 180)
        sample = sorted(found, key=lambda item: -side_lengths(item.quad)[0])[:12]
        votes = {
            extra: worth(
                self._tiny([_turned_strip(upright.pixels, item.quad, extra) for item in sample])
            )
            for extra in turns
        }
        best = max(turns, key=lambda extra: votes[extra])
        if best == 0 or votes[best] <= votes.get(0, 0.0) * 1.1:
            return rotation, upright, found, _alike(votes) and _doubtful(found)
        turned = (rotation + best) % 360
        upright = page.turned(turned)
        again = self._lines(upright)
        return turned, upright, again, _alike(votes) and (not again or _doubtful(again))


def _traditional(readings: list[Reading]) -> bool:
    """True for a page in traditional characters, which the tiny model half simplifies."""
    text = "".join(reading.text for reading in readings)
    return sum(text.count(char) for char in _TRADITIONAL) >= _LEAST_TRADITIONAL


def _worth_a_try(reading: Reading) -> bool:
    """True when the slower reader may make a short line certain."""
    return _HOPE < reading.mean < _SURE and len(reading.text) > 1


def _certain(reading: Reading, least: float) -> bool:
    """True when it holds a letter or digit and each of them is sure."""
    pairs = zip(reading.text, reading.chances, strict=True)
    sure = [chance for char, chance in pairs if char.isalnum()]
    if len(reading.text) == 1 and reading.text.isascii():  # a staple or hole looks like 0 or 1
        return False
    return bool(sure) and min(sure) >= least and reading.mean > 0.7


def _alike(votes: dict[int, float]) -> bool:
    """True when the best way up is no clear winner."""
    low, high = sorted(votes.values())[-2:]
    return low > 0.6 * high


def _doubtful(found: list[Found]) -> bool:
    means = [item.reading.mean for item in found]
    return sum(means) / len(means) < 0.8


def _taller(quad: Quad) -> bool:
    width, height = side_lengths(quad)
    return height > 1.6 * width


def _turned_strip(upright: Pixels, quad: Quad, extra: int) -> Pixels:
    strip = crop(upright, quad, HEIGHT)
    return turn(strip, 180) if extra in {180, 90} else strip


def _tidy(text: str) -> str:
    text = text.strip()
    return _TICKS.get(text, text)


def _as_lines(found: list[Found], upright: Pixels) -> tuple[Line, ...]:
    height, width = upright.shape[:2]
    order = reading_order([item.quad for item in found], (width, height))
    return tuple(
        Line(
            _tidy(found[index].reading.text),
            box_of(found[index].quad, width, height),
            found[index].reading.mean,
        )
        for index in order
    )

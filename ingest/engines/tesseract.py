"""The other reader: Tesseract through pytesseract.

Weaker on Chinese forms, but independent of the first: a second opinion, and
the fallback where ONNX Runtime cannot run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytesseract
from PIL import Image

from ingest.engines.engine import EngineResult
from ingest.engines.geometry import turn
from yihu.errors import Retryable
from yihu.page import Line

if TYPE_CHECKING:
    from ingest.pages import Pixels

_LANGUAGE = "chi_sim"
_CONFIG = "--psm 3"
_LEAST_CONFIDENCE = 0.3
_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
_BETWEEN = re.compile(rf"(?<=[{_CJK}])\s+|\s+(?=[{_CJK}])")


class Tesseract:
    """Reads a page with the installed tesseract and its chi_sim data."""

    name = "tesseract"

    def __init__(self) -> None:
        try:
            version = str(pytesseract.get_tesseract_version())
            languages = pytesseract.get_languages()
        except (pytesseract.TesseractNotFoundError, pytesseract.TesseractError) as error:
            raise Retryable("tesseract is not installed") from error
        if _LANGUAGE not in languages:
            raise Retryable(f"tesseract has no {_LANGUAGE} data")
        self.version = f"tesseract-{version}-{_LANGUAGE}-psm3"
        self._orientation = _orientation()

    def read(self, image: Pixels) -> EngineResult:
        """Text lines of the page, whichever way up it stands."""
        rotation = self._turn(image)
        upright = turn(image, rotation)
        picture = Image.fromarray(upright if upright.ndim == 2 else upright[:, :, ::-1])
        try:
            data = pytesseract.image_to_data(
                picture, lang=_LANGUAGE, config=_CONFIG, output_type=pytesseract.Output.DICT
            )
        except pytesseract.TesseractError as error:
            raise Retryable(f"tesseract failed: {error}") from error
        height, width = upright.shape[:2]
        return EngineResult(tuple(_lines(data, width, height)), rotation)

    def _turn(self, image: Pixels) -> int:
        if self._orientation is not None:
            colour = image if image.ndim == 3 else np.repeat(image[:, :, None], 3, axis=2)
            rotation, sure = self._orientation(np.asarray(colour, dtype=np.uint8))
            if sure > 0.6:
                return int(rotation)
        try:
            told = pytesseract.image_to_osd(
                Image.fromarray(image if image.ndim == 2 else image[:, :, ::-1]),
                output_type=pytesseract.Output.DICT,
            )
        except pytesseract.TesseractError:  # too few characters to tell
            return 0
        return int(told["rotate"]) % 360


def _orientation() -> Any:
    """The orientation network where ONNX Runtime runs; else Tesseract's own is used."""
    try:
        from ingest.engines.orientation import Orientation

        return Orientation()
    except (ImportError, Retryable):
        return None


def _lines(data: dict[str, list[Any]], width: int, height: int) -> Iterator[Line]:
    """Words grouped to lines, in Tesseract's order."""
    rows: dict[tuple[int, int, int], list[int]] = {}
    for index, text in enumerate(data["text"]):
        if str(text).strip() and float(data["conf"][index]) >= 0:
            key = (data["block_num"][index], data["par_num"][index], data["line_num"][index])
            rows.setdefault(key, []).append(index)
    for words in rows.values():
        text = _BETWEEN.sub("", " ".join(str(data["text"][i]) for i in words)).strip()
        weights = [len(str(data["text"][i])) for i in words]
        sure = sum(w * float(data["conf"][i]) for w, i in zip(weights, words, strict=True)) / (
            100 * sum(weights)
        )
        if text and sure >= _LEAST_CONFIDENCE:
            left = min(data["left"][i] for i in words)
            top = min(data["top"][i] for i in words)
            right = max(data["left"][i] + data["width"][i] for i in words)
            bottom = max(data["top"][i] + data["height"][i] for i in words)
            yield Line(text, (left / width, top / height, right / width, bottom / height), sure)

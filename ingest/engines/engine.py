"""What every reading engine offers, and how one is made by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from yihu.errors import Usage
from yihu.page import Line

if TYPE_CHECKING:
    from ingest.pages import Pixels

NAMES = ("rapidocr", "tesseract")


@dataclass(frozen=True, slots=True)
class EngineResult:
    """Lines in reading order, boxes as shares of the upright page.

    `rotation` is the clockwise turn (0, 90, 180, 270) that makes the given
    image upright; `turn_unsure` is true where two ways up read alike.
    """

    lines: tuple[Line, ...]
    rotation: int = 0
    turn_unsure: bool = False


class Engine(Protocol):
    """A loaded reader; `version` changes whenever it might read differently."""

    name: str
    version: str

    def read(self, image: Pixels) -> EngineResult:
        """The text of an 8-bit page image (grey, or blue-green-red) standing any way up."""
        ...


def make(name: str, *, careful: bool = False) -> Engine:
    """The engine of this name, loaded; `careful` reads slower and finer.

    Raises `Usage` for an unknown name, `Retryable` when it cannot be loaded.
    """
    if name == "rapidocr":
        from ingest.engines.rapidocr import RapidOcr

        return RapidOcr(careful=careful)
    if name == "tesseract":
        from ingest.engines.tesseract import Tesseract

        return Tesseract()
    raise Usage(f"unknown reader {name!r}; known: {', '.join(NAMES)}")

"""What runs in a child process: one page from original to text, and page pictures for screens.

Functions here take paths and plain values and give picklable values; the
engine stays loaded between calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.engines import Engine, make
from ingest.pages import Limits, PageImage, page_image, shrink_to
from yihu.page import Line, PageText

if TYPE_CHECKING:
    from ingest.quality import Look


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a page is read: engine by name, `careful` for a slower second try, limits."""

    engine: str = "rapidocr"
    careful: bool = False
    limits: Limits = field(default_factory=Limits)


@lru_cache(maxsize=1)
def _engine(name: str, careful: bool) -> Engine:
    """One engine at a time: reading again with another must not keep two in memory."""
    import cv2

    cv2.setNumThreads(1)
    return make(name, careful=careful)


def warm_up(options: ReadOptions | None = None) -> str:
    """Loads the engine and runs it once on an empty image; returns its version."""
    import numpy as np

    options = options or ReadOptions()
    engine = _engine(options.engine, options.careful)
    engine.read(np.full((320, 240), 255, dtype=np.uint8))
    return engine.version


def read_page(path: str, number: int, options: ReadOptions) -> PageText:
    """Page `number` (from 1) of the original at `path`, read.

    Raises `Rejected` when the page cannot be opened, `Retryable` when the
    engine cannot be loaded.
    """
    from ingest import quality

    page = page_image(Path(path), number, options.limits)
    look = quality.measure(page.pixels, bilevel=page.bilevel)
    if page.text:
        return _born_digital(page, number, look)
    engine = _engine(options.engine, options.careful)
    return _recognised(page, number, look, engine)


def _born_digital(page: PageImage, number: int, look: Look) -> PageText:
    from ingest.codes import read_codes

    height, width = page.pixels.shape[:2]
    return PageText(
        number=number,
        lines=page.text,
        width=width,
        height=height,
        engine="text",
        version="pdf-text-1",
        dpi=page.dpi,
        ink=look.ink,
        codes=read_codes(page.pixels),
        flags=(look.flags | {"born-digital"}) - {"bilevel", "blurred", "faint"},
    )


def _recognised(page: PageImage, number: int, look: Look, engine: Engine) -> PageText:
    from ingest import quality
    from ingest.codes import read_codes
    from ingest.engines.geometry import turn
    from ingest.engines.seal import cleared

    lines: tuple[Line, ...] = ()
    rotation, unsure = 0, False
    if not look.empty:
        pixels = quality.brought_out(page.pixels, look)
        result = engine.read(cleared(pixels, look.seals) if pixels is page.pixels else pixels)
        lines, rotation, unsure = result.lines, result.rotation, result.turn_unsure
    upright = turn(page.pixels, rotation)
    codes = read_codes(upright)
    height, width = upright.shape[:2]
    flags = quality.judge(look, quality.Text(lines, len(codes), unsure))
    return PageText(
        number=number,
        lines=() if flags & {"blank", "photo"} else lines,
        width=width,
        height=height,
        rotation=rotation,
        engine=engine.name,
        version=engine.version,
        dpi=page.dpi,
        ink=look.ink,
        codes=codes,
        flags=flags,
    )


def page_jpeg(
    path: str, number: int, max_side: int, rotation: int = 0, limits: Limits | None = None
) -> bytes:
    """The page as a JPEG at most `max_side` pixels long, turned clockwise by `rotation`."""
    return _picture(path, number, max_side, rotation, limits, ".jpg")


def page_png(
    path: str, number: int, max_side: int, rotation: int = 0, limits: Limits | None = None
) -> bytes:
    """The page as a PNG at most `max_side` pixels long, turned clockwise by `rotation`."""
    return _picture(path, number, max_side, rotation, limits, ".png")


def _picture(
    path: str, number: int, max_side: int, rotation: int, limits: Limits | None, kind: str
) -> bytes:
    import cv2

    from ingest.engines.geometry import turn

    page = page_image(Path(path), number, limits or Limits())
    small, _ = shrink_to(page.pixels, None, max_side)
    options = [cv2.IMWRITE_JPEG_QUALITY, 82] if kind == ".jpg" else []
    _, encoded = cv2.imencode(kind, turn(small, rotation), options)
    return bytes(encoded)

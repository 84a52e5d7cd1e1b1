"""From an original on disk to page images: what it holds, and one page of it.

Runs in a child process only (`ingest.sandbox`): everything here parses
foreign bytes. Limits are checked from headers and page boxes before any pixel
is decoded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.formats import Format, complete, is_stub, sniff
from yihu.errors import Rejected
from yihu.page import Line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an original may be: pages in a file, pixels in one page or image.

    `max_attachments` is the most files that may be embedded in a PDF; they are
    counted and never opened.
    """

    max_pages: int = 500
    max_pixels: int = 100_000_000
    max_attachments: int = 20


@dataclass(frozen=True, slots=True)
class PageSize:
    """A page as its header tells it: pixels, and dots per inch where known.

    A PDF page is given at the size it would be drawn at (200 dpi).
    """

    width: int
    height: int
    dpi: int | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """What an original holds. `encrypted` is true for an owner password only: it opens.

    `proved` is false for an image that was too large to be decoded at once: whether
    it is whole is not known yet.
    """

    format: Format
    pages: tuple[PageSize, ...]
    encrypted: bool = False
    proved: bool = True


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page as it stands in the original, turned as the file itself asks.

    `pixels` is height x width (grey) or height x width x 3 (blue, green, red),
    8 bits. `dpi` is that of `pixels`. `bilevel` is true where the original has
    one bit a pixel. `text` holds the lines of a page that was born digital;
    then nothing needs to be recognised.
    """

    pixels: Pixels
    dpi: int | None = None
    bilevel: bool = False
    text: tuple[Line, ...] = field(default=())


def inspect(path: Path, limits: Limits, decode_up_to: int | None = None) -> Inspection:
    """What the file holds.

    An image is decoded to prove that it is whole, with `decode_up_to` only when
    it has no more pixels than that.

    Raises `Rejected` with empty_file, unsupported, truncated, broken,
    encrypted, no_pages, too_many_pages, too_many_attachments or too_many_pixels.
    """
    kind = sniff(path)
    if kind is Format.EMPTY:
        raise Rejected("empty_file")
    if not kind.readable:
        if is_stub(path):
            raise Rejected("truncated", "only the first bytes are there")
        raise Rejected("unsupported", f"content is {kind}")
    if not complete(path, kind):
        raise Rejected("truncated", f"the end of the {kind} is missing")
    if kind is Format.PDF:
        from ingest import pages_pdf

        return pages_pdf.inspect(path, limits)
    from ingest import pages_image

    return pages_image.inspect(path, kind, limits, decode_up_to)


def page_image(path: Path, number: int, limits: Limits) -> PageImage:
    """Page `number` (from 1) of a file that `inspect` accepted.

    Raises `Rejected` with broken, truncated, too_many_pixels or no_pages (no
    such page).
    """
    kind = sniff(path)
    if kind is Format.PDF:
        from ingest import pages_pdf

        return pages_pdf.page_image(path, number, limits)
    if not kind.readable:
        raise Rejected("unsupported", f"content is {kind}")
    from ingest import pages_image

    return pages_image.page_image(path, kind, number, limits)


MAX_SIDE = 4200
"""Longest side, in pixels, that reading gains from: A4 at 360 dpi, A3 at 250 dpi."""


_CLOSE = 1.5
"""Up to this factor every pixel counts when the image is only interpolated, which is faster."""


def shrink_to(pixels: Pixels, dpi: int | None, side: int = MAX_SIDE) -> tuple[Pixels, int | None]:
    """The image with its longer side at most `side`, and its resolution to match."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    longest = max(height, width)
    if longest <= side:
        return pixels, dpi
    scale = side / longest
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    whole = longest // side
    if whole >= 2:  # averaged by a whole factor first, several times faster than the fraction
        rough = (max(1, width // whole), max(1, height // whole))
        even = pixels[: rough[1] * whole, : rough[0] * whole]  # undivided remainders are slow
        pixels = np.asarray(cv2.resize(even, rough, interpolation=cv2.INTER_AREA), np.uint8)
    close = max(pixels.shape[:2]) < _CLOSE * side
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR if close else cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False), round(dpi * scale) if dpi else dpi

"""The second opinion: poppler, through pdf2image, for PDF that pdfium refuses.

Runs with the limits of the child that starts it. poppler may report success
with nothing written (measured.md 5), so the output is checked.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pdf2image import convert_from_path, pdfinfo_from_path
from pdf2image.exceptions import (
    PDFInfoNotInstalledError,
    PDFPageCountError,
    PDFPopplerTimeoutError,
    PDFSyntaxError,
)

from ingest.pages import MAX_SIDE, Limits
from yihu.errors import Rejected

if TYPE_CHECKING:
    from ingest.pages import Pixels

SECONDS = 20
_REFUSED = (PDFPageCountError, PDFSyntaxError, PDFInfoNotInstalledError, OSError, ValueError)


def boxes(path: Path, limits: Limits, why: str) -> list[tuple[float, float]]:
    """Page sizes in points; `Rejected("broken")` with `why` when poppler refuses too."""
    try:
        told = pdfinfo_from_path(str(path), first_page=1, last_page=1, timeout=SECONDS)
        count = int(told["Pages"])
        if count > limits.max_pages:
            raise Rejected("too_many_pages", f"{count} pages")
        told = pdfinfo_from_path(str(path), first_page=1, last_page=count, timeout=SECONDS)
    except PDFPopplerTimeoutError as error:
        raise Rejected("parser_limit", "poppler took too long") from error
    except (*_REFUSED, KeyError) as error:
        raise Rejected(_reason(str(error)), why) from error
    sizes = [value for key, value in told.items() if key.startswith("Page") and "size" in key]
    return [_points(str(value)) for value in sizes] or [(595.0, 842.0)] * count


def _reason(told: str) -> str:
    """What poppler's words mean."""
    if "last page (0)" in told:
        return "no_pages"
    return "encrypted" if "Incorrect password" in told else "broken"


def _points(text: str) -> tuple[float, float]:
    """ "595.2 x 841.9 pts (A4)" as numbers."""
    parts = text.split()
    try:
        return float(parts[0]), float(parts[2])
    except (IndexError, ValueError):
        return 595.0, 842.0


def draw(path: Path, number: int, limits: Limits, why: str) -> tuple[Pixels, int]:
    """The page in colour, at most 200 dpi and `MAX_SIDE` pixels."""
    from ingest.pages_image import to_pixels

    everything = boxes(path, limits, why)
    if not 1 <= number <= len(everything):
        raise Rejected("no_pages", f"there is no page {number}")
    width, height = everything[number - 1]
    dpi = min(200.0, MAX_SIDE / max(width, height, 1.0) * 72)
    try:
        drawn = convert_from_path(
            str(path), dpi=int(dpi), first_page=number, last_page=number, timeout=SECONDS
        )
    except PDFPopplerTimeoutError as error:
        raise Rejected("parser_limit", "poppler took too long") from error
    except _REFUSED as error:
        raise Rejected("broken", why) from error
    if not drawn:
        raise Rejected("broken", f"{why}; poppler drew nothing")
    return to_pixels(drawn[0]), int(dpi)

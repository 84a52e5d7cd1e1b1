"""Photos of the pages of one document, bound into one PDF. Runs in a child process only.

A JPEG goes in as it is, turned as its camera says; every other format is
decoded and written as JPEG.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import pikepdf
from PIL import Image

from ingest.formats import Format, sniff
from ingest.pages import Limits, inspect, page_image
from yihu.errors import Rejected

PICTURES = {Format.JPEG, Format.PNG, Format.HEIC, Format.WEBP, Format.BMP}
_POINTS_LONG = 842.0  # the longer side of A4
_TURNS = {1: 0, 3: 180, 6: 90, 8: 270}
_ORIENTATION = 274


def bind(paths: Sequence[str], target: str, limits: Limits | None = None) -> int:
    """Write the photos, in order, as the pages of one PDF; gives the number of pages.

    Raises `Rejected` when one of them is no photo or cannot be opened.
    """
    limits = limits or Limits()
    document = pikepdf.new()
    for path in map(Path, paths):
        kind = sniff(path)
        if kind not in PICTURES:
            raise Rejected("unsupported", f"{path.name} is no photo")
        inspect(path, limits)
        _add(document, path, kind, limits)
    document.save(target)
    return len(document.pages)


def _add(document: pikepdf.Pdf, path: Path, kind: Format, limits: Limits) -> None:
    data, width, height, turn, grey = (
        _as_it_is(path) if kind is Format.JPEG else (None, 0, 0, 0, False)
    )
    if data is None:
        pixels = page_image(path, 1, limits).pixels
        _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
        data, (height, width), turn, grey = bytes(encoded), pixels.shape[:2], 0, pixels.ndim == 2
    scale = _POINTS_LONG / max(width, height)
    box = (width * scale, height * scale)
    image = pikepdf.Stream(document, data)
    image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    image.Width, image.Height, image.BitsPerComponent = width, height, 8
    image.ColorSpace = pikepdf.Name.DeviceGray if grey else pikepdf.Name.DeviceRGB
    image.Filter = pikepdf.Name.DCTDecode
    drawing = f"q {box[0]:.3f} 0 0 {box[1]:.3f} 0 0 cm /Photo Do Q".encode()
    page = pikepdf.Dictionary(
        Type=pikepdf.Name.Page,
        MediaBox=[0, 0, *(round(side, 3) for side in box)],
        Rotate=turn,
        Resources=pikepdf.Dictionary(
            XObject=pikepdf.Dictionary(Photo=document.make_indirect(image))
        ),
        Contents=document.make_indirect(pikepdf.Stream(document, drawing)),
    )
    document.pages.append(pikepdf.Page(document.make_indirect(page)))


def _as_it_is(path: Path) -> tuple[bytes | None, int, int, int, bool]:
    """A plain JPEG's own bytes, its size, turn and whether it is grey; None for a special one."""
    with Image.open(path) as image:
        turn = _TURNS.get(int(image.getexif().get(_ORIENTATION, 1) or 1))
        if image.mode not in {"L", "RGB"} or turn is None:
            return None, 0, 0, 0, False
        return path.read_bytes(), image.width, image.height, turn, image.mode == "L"

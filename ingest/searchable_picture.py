"""The picture of a page for its searchable copy, as near to the original's bytes as PDF allows."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from ingest import pages_image, pages_pdf
from ingest.formats import Format
from ingest.pages import Limits, page_image

if TYPE_CHECKING:
    from ingest.pages import Pixels

Matrix = tuple[float, float, float, float, float, float]
_POINTS = 72.0
_USUAL_DPI = 200
_MOST_POINTS = 14000.0
_LARGE = 3_000_000
"""Bytes from which a picture that no PDF can hold as it is becomes a JPEG of quality 95."""
_FILTERS = {"/DCTDecode", "/CCITTFaxDecode", "/JBIG2Decode", "/FlateDecode"}
_EXIF = 274
_UNFIT = ("/Metadata", "/OPI", "/Alternates", "/Interpolate", "/Intent", "/Name")
"""Entries of an image that PDF/A does not allow, or not as they are."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on its page: `size` in points and `rotation` as the page lies in the file.

    `matrix` leads the unit square to the page; `image` puts it into a PDF.
    """

    size: tuple[float, float]
    matrix: Matrix
    image: Callable[[pikepdf.Pdf], pikepdf.Object]
    rotation: int = 0


def picture_of(path: Path, kind: Format, number: int, limits: Limits) -> Picture:
    """The picture of page `number`; raises `Rejected` when it cannot be opened."""
    if kind is Format.PDF:
        return _of_pdf(path, number, limits)
    if kind is Format.JPEG:
        found = _of_jpeg(path)
        if found is not None:
            return found
    return _of_image(path, kind, number, limits)


# --- image files -----------------------------------------------------------------------------


def _points(width: int, height: int, dpi: int | None) -> tuple[float, float]:
    scale = _POINTS / (dpi or _USUAL_DPI)
    scale = min(scale, _MOST_POINTS / max(width, height))
    return width * scale, height * scale


def _of_jpeg(path: Path) -> Picture | None:
    """A JPEG file as it is; None for kinds that PDF/A has no plain colours for."""
    with Image.open(path, formats=["JPEG", "MPO"]) as image:
        if image.mode not in {"L", "RGB"}:
            return None
        width, height = image.size
        orientation = int(image.getexif().get(_EXIF, 1) or 1)
        dpi, space = pages_image.dpi_of(image), _space(image.mode)
    data = path.read_bytes()
    turned = orientation in {5, 6, 7, 8}
    size = _points(*((height, width) if turned else (width, height)), dpi)

    def put(pdf: pikepdf.Pdf) -> pikepdf.Object:
        return _image(pdf, data, (width, height), 8, space, Filter=Name.DCTDecode)

    return Picture(size, _by_exif(orientation, *size), put)


def _by_exif(orientation: int, width: float, height: float) -> Matrix:
    """Where the stored picture goes so that the page shows it as EXIF asks."""
    w, h = width, height
    return {
        2: (-w, 0, 0, h, w, 0),
        3: (-w, 0, 0, -h, w, h),
        4: (w, 0, 0, -h, 0, h),
        5: (0, -h, -w, 0, w, h),
        6: (0, -h, w, 0, 0, h),
        7: (0, h, w, 0, 0, 0),
        8: (0, h, -w, 0, w, 0),
    }.get(orientation, (w, 0, 0, h, 0, 0))


def _of_image(path: Path, kind: Format, number: int, limits: Limits) -> Picture:
    """Any other image file, every pixel as it is."""
    with pages_image.frame(path, kind, number, limits) as image:
        dpi = pages_image.dpi_of(image)
        orientation = int(image.getexif().get(_EXIF, 1) or 1)
        if image.mode == "1":
            fax, size = _fax(image), image.size
            turned = orientation in {5, 6, 7, 8}
            page = _points(*(size[::-1] if turned else size), dpi)
            return Picture(page, _by_exif(orientation, *page), fax)
        pixels = pages_image.turn_by_exif(pages_image.to_pixels(image), orientation)
    return _of_pixels(pixels, dpi)


def _of_pixels(pixels: Pixels, dpi: int | None) -> Picture:
    height, width = pixels.shape[:2]
    size = _points(width, height, dpi)
    return Picture(size, (size[0], 0, 0, size[1], 0, 0), lambda pdf: _lossless(pdf, pixels))


def _space(mode: str) -> Name:
    return Name.DeviceGray if mode == "L" else Name.DeviceRGB


def _image(
    pdf: pikepdf.Pdf, data: bytes, size: tuple[int, int], bits: int, space: Any, **more: Any
) -> pikepdf.Object:
    stream = pikepdf.Stream(pdf, data)
    stream.Type, stream.Subtype = Name.XObject, Name.Image
    stream.Width, stream.Height = size
    stream.BitsPerComponent, stream.ColorSpace = bits, space
    for key, value in more.items():
        stream[f"/{key}"] = value
    return pdf.make_indirect(stream)


def _fax(image: Image.Image) -> Callable[[pikepdf.Pdf], pikepdf.Object]:
    """A page of black and white as fax group 4, which loses nothing."""
    body, size = io.BytesIO(), image.size
    image.save(body, "TIFF", compression="group4", tiffinfo={278: image.height})
    with Image.open(io.BytesIO(body.getvalue())) as written:
        tags: Any = written.tag_v2  # type: ignore[attr-defined]
        start, length, white_zero = int(tags[273][0]), int(tags[279][0]), int(tags[262]) == 0
    data = body.getvalue()[start : start + length]
    how = Dictionary(K=-1, Columns=size[0], Rows=size[1], BlackIs1=not white_zero)

    def put(pdf: pikepdf.Pdf) -> pikepdf.Object:
        return _image(
            pdf, data, size, 1, Name.DeviceGray, Filter=Name.CCITTFaxDecode, DecodeParms=how
        )

    return put


def _lossless(pdf: pikepdf.Pdf, pixels: Pixels) -> pikepdf.Object:
    """Pixels row by row with the differences that PNG takes; JPEG where that grows too large."""
    height, width = pixels.shape[:2]
    colours = 1 if pixels.ndim == 2 else 3
    rows = pixels.reshape(height, -1) if colours == 1 else pixels[:, :, ::-1].reshape(height, -1)
    up = np.empty((height, rows.shape[1] + 1), dtype=np.uint8)
    up[:, 0] = 2
    up[0, 1:] = rows[0]
    up[1:, 1:] = rows[1:] - rows[:-1]
    data = zlib.compress(up.tobytes(), 6)
    space = Name.DeviceGray if colours == 1 else Name.DeviceRGB
    if len(data) > _LARGE:
        _, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])
        return _image(pdf, bytes(jpeg), (width, height), 8, space, Filter=Name.DCTDecode)
    how = Dictionary(Predictor=15, Colors=colours, Columns=width, BitsPerComponent=8)
    return _image(pdf, data, (width, height), 8, space, Filter=Name.FlateDecode, DecodeParms=how)


# --- PDF -------------------------------------------------------------------------------------


def _of_pdf(path: Path, number: int, limits: Limits) -> Picture:
    placed = pages_pdf.only_scan(path, number, limits)
    if placed is not None:
        size, matrix, rotation = placed
        stream = _only_image(path, number)
        if stream is not None:
            return Picture(size, matrix, stream, rotation)
    page = page_image(path, number, limits)
    return _of_pixels(page.pixels, page.dpi)


def _only_image(path: Path, number: int) -> Callable[[pikepdf.Pdf], pikepdf.Object] | None:
    """The page's one image, to be copied as it is; None where PDF/A could not hold it so."""
    with pikepdf.open(path) as source:
        images = _images(source, number)
        if len(images) != 1 or not _fit(images[0]):
            return None

    def put(pdf: pikepdf.Pdf) -> pikepdf.Object:
        with pikepdf.open(path) as source:
            (image,) = _images(source, number)
            copy = pdf.copy_foreign(image)
            for unfit in _UNFIT:
                if unfit in copy:
                    del copy[unfit]
            # the bytes must be there after the source is closed
            kept = pikepdf.Stream(pdf, copy.read_raw_bytes())
            for name, value in copy.items():
                if name != "/Length":
                    kept[name] = value
        return pdf.make_indirect(kept)

    return put


def _images(source: pikepdf.Pdf, number: int) -> list[pikepdf.Object]:
    """The images that the page itself names."""
    named = source.pages[number - 1].resources.get("/XObject", Dictionary())
    return [item for item in named.values() if item.get("/Subtype") == Name.Image]


def _fit(image: pikepdf.Object) -> bool:
    filters = image.get("/Filter")
    named = [filters] if isinstance(filters, Name) else list(filters or [])
    if any(str(name) not in _FILTERS for name in named) or len(named) != 1:
        return False
    if any(key in image for key in ("/SMask", "/Mask", "/Decode", "/F")):
        return False
    if bool(image.get("/ImageMask", False)):
        return False
    return _plain_colours(image.get("/ColorSpace"))


def _plain_colours(space: Any) -> bool:
    if space in (Name.DeviceGray, Name.DeviceRGB):
        return True
    return (
        isinstance(space, Array)
        and len(space) > 1
        and space[0] == Name.Indexed
        and space[1] in (Name.DeviceGray, Name.DeviceRGB)
    )

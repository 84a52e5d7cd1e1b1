"""Page images from image files: every mode to 8-bit grey or colour, upright by EXIF.

JPEG is decoded by OpenCV, which tells when data ends early and can decode at a
half or a quarter; all else, and CMYK JPEG, by Pillow. Of an animation the
first frame is read. A truncated image is never read as whole.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from ingest.formats import Format
from ingest.pages import MAX_SIDE, Inspection, Limits, PageImage, PageSize, shrink_to
from yihu.errors import Rejected

if TYPE_CHECKING:
    from ingest.pages import Pixels

Image.MAX_IMAGE_PIXELS = None  # our own limit is checked from the header, before decoding
ImageFile.LOAD_TRUNCATED_IMAGES = False

_ORIENTATION, _REDUCED = 274, 254
_REDUCIBLE = {"L", "RGB", "RGBA", "CMYK", "YCbCr"}
_PIL_FORMATS = {
    Format.JPEG: ("JPEG", "MPO"),
    Format.PNG: ("PNG",),
    Format.TIFF: ("TIFF",),
    Format.BMP: ("BMP", "DIB"),
    Format.WEBP: ("WEBP",),
    Format.HEIC: ("HEIF",),
    Format.GIF: ("GIF",),
    Format.JPEG2000: ("JPEG2000",),
}
_DECODE_ERRORS = (OSError, SyntaxError, ValueError, EOFError, KeyError, TypeError, IndexError)
"""What Pillow's decoders raise on broken files; struct.error is a ValueError's sibling, below."""


def inspect(
    path: Path, kind: Format, limits: Limits, decode_up_to: int | None = None
) -> Inspection:
    """Frames with their sizes; the first frame is decoded to prove that it is whole.

    Not, however, when it has more than `decode_up_to` pixels.
    """
    if kind is Format.WEBP:
        _check_pixels(*_webp_size(path), limits)
    with _opened(path, kind) as image:
        pages = tuple(_sizes(image, kind, limits))
        if not pages:
            raise Rejected("no_pages")
        image.seek(0)
        if decode_up_to is not None and pages[0].width * pages[0].height > decode_up_to:
            return Inspection(kind, pages, proved=False)
        if kind is Format.JPEG:
            _verify_jpeg(path)
        else:
            image.load()
    return Inspection(kind, pages)


def _webp_size(path: Path) -> tuple[int, int]:
    """Width and height from the header: Pillow makes room for them before it tells them."""
    with path.open("rb") as file:
        head = file.read(30)
    kind = head[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    sides = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    return next(sides), next(sides)


def _sizes(image: Image.Image, kind: Format, limits: Limits) -> Iterator[PageSize]:
    for count, _ in enumerate(_frames(image, kind), start=1):
        if count > limits.max_pages:
            raise Rejected("too_many_pages", f"more than {limits.max_pages} pages")
        _check_pixels(image.width, image.height, limits)
        yield PageSize(image.width, image.height, dpi_of(image))


def _frames(image: Image.Image, kind: Format) -> Iterator[int]:
    """Positions of the page frames of the open image, which stands at each in turn.

    Reduced copies in a TIFF (thumbnails) are no pages; only TIFF has more than one.
    """
    position = 0
    while True:
        try:
            image.seek(position)
        except EOFError:
            return
        if kind is not Format.TIFF:
            yield position
            return
        kind_of_frame = getattr(image, "tag_v2", {}).get(_REDUCED, 0)
        if position == 0 or not int(kind_of_frame or 0) & 1:
            yield position
        position += 1


@contextmanager
def frame(path: Path, kind: Format, number: int, limits: Limits) -> Iterator[Image.Image]:
    """The open image standing at frame `number` (from 1), its size within the limits."""
    with _opened(path, kind) as image:
        for count, _ in enumerate(_frames(image, kind), start=1):
            if count == number:
                break
        else:
            raise Rejected("no_pages", f"there is no page {number}")
        _check_pixels(image.width, image.height, limits)
        yield image


def page_image(path: Path, kind: Format, number: int, limits: Limits) -> PageImage:
    """Frame `number` (from 1) as 8-bit pixels, upright by its own EXIF orientation."""
    with frame(path, kind, number, limits) as image:
        dpi, bilevel = dpi_of(image), image.mode == "1"
        if kind is Format.JPEG and image.mode in {"L", "RGB"}:
            return _jpeg_page(path, image, dpi)
        return _pillow_page(image, dpi, bilevel)


def _jpeg_page(path: Path, image: Image.Image, dpi: int | None) -> PageImage:
    scale = _decode_scale(max(image.size))
    pixels = decode_jpeg(path.read_bytes(), grey=image.mode == "L", scale=scale)
    turned = turn_by_exif(pixels, int(image.getexif().get(_ORIENTATION, 1) or 1))
    turned, dpi = shrink_to(turned, dpi // scale if dpi else dpi)
    return PageImage(turned, dpi)


def _pillow_page(image: Image.Image, dpi: int | None, bilevel: bool) -> PageImage:
    image.load()
    orientation = int(image.getexif().get(_ORIENTATION, 1) or 1)
    factor = max(image.size) // MAX_SIDE
    if factor >= 2 and image.mode in _REDUCIBLE:  # before any copy: a copy may be 400 MB
        image, dpi = image.reduce(factor), dpi // factor if dpi else dpi
    pixels, dpi = shrink_to(to_pixels(image), dpi)
    return PageImage(turn_by_exif(pixels, orientation), dpi, bilevel)


# --- decoding --------------------------------------------------------------------------------


def _decode_scale(longest: int) -> int:
    """By how much a JPEG may be decoded smaller: 1, 2, 4 or 8."""
    scale = 1
    while scale < 8 and longest / (scale * 2) >= MAX_SIDE * 0.8:
        scale *= 2
    return scale


_FLAGS = {
    (False, 1): cv2.IMREAD_COLOR,
    (False, 2): cv2.IMREAD_REDUCED_COLOR_2,
    (False, 4): cv2.IMREAD_REDUCED_COLOR_4,
    (False, 8): cv2.IMREAD_REDUCED_COLOR_8,
    (True, 1): cv2.IMREAD_GRAYSCALE,
    (True, 2): cv2.IMREAD_REDUCED_GRAYSCALE_2,
    (True, 4): cv2.IMREAD_REDUCED_GRAYSCALE_4,
    (True, 8): cv2.IMREAD_REDUCED_GRAYSCALE_8,
}


def decode_jpeg(data: bytes, *, grey: bool = False, scale: int = 1) -> Pixels:
    """The JPEG as pixels, 1/`scale` in size, its EXIF orientation not applied.

    Raises `Rejected("truncated")` when the data ends before the image does:
    the decoder would fill the rest with grey.
    """
    flag = _FLAGS[grey, scale] | cv2.IMREAD_IGNORE_ORIENTATION
    with _error_text() as told:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    warning = told()
    if decoded is None:
        raise Rejected("truncated", warning.strip() or "the JPEG cannot be decoded")
    if "premature end" in warning.lower():
        raise Rejected("truncated", warning.strip())
    return np.asarray(decoded, dtype=np.uint8)


def _verify_jpeg(path: Path) -> None:
    decode_jpeg(path.read_bytes(), grey=True, scale=8)


@contextmanager
def _error_text() -> Iterator[Any]:
    """Catches what native code prints to standard error; yields a function that returns it.

    libjpeg's warnings go there and nowhere else. Children have one thread that
    writes, so exchanging the descriptor for a moment is safe.
    """
    sys.stderr.flush()
    kept, caught = os.dup(2), os.memfd_create("stderr")
    os.dup2(caught, 2)
    text = ""
    try:
        yield lambda: text
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        text = os.pread(caught, 4096, 0).decode(errors="replace")
        os.close(caught)


def turn_by_exif(pixels: Pixels, orientation: int) -> Pixels:
    """The image turned and mirrored as EXIF orientation 1-8 says."""
    if orientation in {5, 6, 7, 8}:
        pixels = np.swapaxes(pixels, 0, 1)
    if orientation in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    if orientation in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def to_pixels(image: Image.Image) -> Pixels:
    """A loaded Pillow image of any mode as 8-bit grey or blue-green-red; alpha on white."""
    if image.mode in {"1", "L"}:
        return np.array(image.convert("L"), dtype=np.uint8)
    if image.mode.startswith(("I", "F")):
        return _deep(np.asarray(image))
    if image.mode == "LAB":
        return np.array(image.getchannel(0), dtype=np.uint8)
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        image = _on_white(image)
    if image.mode != "RGB":
        image = image.convert("RGB")
    colour = cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2BGR)
    return np.asarray(colour, dtype=np.uint8)


def _on_white(image: Image.Image) -> Image.Image:
    whole = image.convert("RGBA")
    paper = Image.new("RGB", whole.size, "white")
    paper.paste(whole, mask=whole.getchannel("A"))
    return paper


def _deep(values: Any) -> Pixels:
    """16- and 32-bit grey scaled to 8 bits, by the range its depth suggests."""
    top = float(values.max(initial=0))
    low = float(values.min(initial=0))
    if values.dtype.kind == "f" and top <= 1.0 and low >= 0:
        ceiling = 1.0
    else:
        ceiling = next((c for c in (255.0, 4095.0, 65535.0) if top <= c), max(top, 1.0))
    scaled = np.clip(values.astype(np.float32) * (255.0 / ceiling), 0, 255)
    return np.asarray(scaled, dtype=np.uint8)


# --- headers ---------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path, kind: Format) -> Iterator[Image.Image]:
    """The image, opened as the format its bytes show; what goes wrong becomes `Rejected`."""
    import struct
    import warnings
    import zlib

    if kind is Format.HEIC:
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=_PIL_FORMATS[kind]) as image:
                yield image
    except UnidentifiedImageError as error:
        raise Rejected("broken", str(error)) from error
    except (*_DECODE_ERRORS, struct.error, zlib.error) as error:
        text = str(error)
        reason = "truncated" if "truncat" in text.lower() else "broken"
        raise Rejected(reason, text) from error


def _check_pixels(width: int, height: int, limits: Limits) -> None:
    if width * height > limits.max_pixels:
        raise Rejected("too_many_pixels", f"{width} x {height} pixels")
    if width < 1 or height < 1:
        raise Rejected("broken", "an image without pixels")


def dpi_of(image: Image.Image) -> int | None:
    """Dots per inch from the header where they can be true for paper."""
    told = image.info.get("dpi")
    try:
        value = round(float(told[0])) if told else 0
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return value if 50 <= value <= 2400 and value not in {72, 96} else None

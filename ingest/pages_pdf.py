"""Page images from PDF: the embedded scan as it is, else drawn; text where it was born digital.

pdfium first; poppler (pdf2image) is the second opinion for files and pages
that pdfium refuses. A drawn page is at most 200 dpi (300 for a finer scan)
and never larger than reading gains from.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingest import pages_poppler
from ingest.formats import Format
from ingest.pages import MAX_SIDE, Inspection, Limits, PageImage, PageSize, shrink_to
from ingest.pages_text import born_digital_lines
from yihu.errors import Rejected
from yihu.page import Line

if TYPE_CHECKING:
    from ingest.pages import Pixels

DRAW_DPI, FINE_DPI = 200, 300
_POINTS = 72.0
_MOST_OBJECTS = 50_000
_WHOLE = 0.95
"""Share of the page an image must cover to be the scan of it."""
_LARGE = 0.4
"""Share of the page from which images may hold text that the text layer lacks."""
_LOCKED = {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}
"""A password is asked for, or a certificate, or a lock nobody knows."""
_DRAWN_ANNOTATIONS = {
    raw.FPDF_ANNOT_WIDGET,
    raw.FPDF_ANNOT_FREETEXT,
    raw.FPDF_ANNOT_STAMP,
    raw.FPDF_ANNOT_INK,
}


def inspect(path: Path, limits: Limits) -> Inspection:
    """Pages with the size they would be drawn at; nothing of a page's content is parsed."""
    try:
        with _opened(path) as document:
            count = len(document)
            _check_count(count, limits)
            _check_attachments(document, limits)
            boxes = [document.get_page_size(index) for index in range(count)]
            encrypted = raw.FPDF_GetSecurityHandlerRevision(document) != -1
    except pdfium.PdfiumError as error:
        boxes, encrypted = pages_poppler.boxes(path, limits, str(error)), False
        _check_count(len(boxes), limits)
    pages = tuple(_drawn_size(width, height, limits) for width, height in boxes)
    return Inspection(Format.PDF, pages, encrypted)


def _check_count(count: int, limits: Limits) -> None:
    if count < 1:
        raise Rejected("no_pages")
    if count > limits.max_pages:
        raise Rejected("too_many_pages", f"{count} pages")


def _check_attachments(document: pdfium.PdfDocument, limits: Limits) -> None:
    """Attached files are counted, never opened: too many make it a parcel, not a paper."""
    count = document.count_attachments()
    if count > limits.max_attachments:
        raise Rejected("too_many_attachments", f"{count} attached files")


def _drawn_size(width: float, height: float, limits: Limits) -> PageSize:
    """The page at 200 dpi; `Rejected` when even 72 dpi would exceed the limit."""
    if width * height > limits.max_pixels:
        raise Rejected("too_many_pixels", f"a page of {width:.0f} x {height:.0f} points")
    scale = DRAW_DPI / _POINTS
    return PageSize(max(1, round(width * scale)), max(1, round(height * scale)), DRAW_DPI)


def page_image(path: Path, number: int, limits: Limits) -> PageImage:
    """Page `number` (from 1), turned as its /Rotate says."""
    try:
        with _opened(path) as document:
            if not 1 <= number <= len(document):
                raise Rejected("no_pages", f"there is no page {number}")
            if document.get_formtype() != raw.FORMTYPE_NONE:
                document.init_forms()
            page = document[number - 1]
            try:
                return _page(page, limits)
            finally:
                page.close()
    except pdfium.PdfiumError as error:
        pixels, dpi = pages_poppler.draw(path, number, limits, str(error))
        return PageImage(pixels, dpi)


Placed = tuple[tuple[float, float], tuple[float, float, float, float, float, float], int]


def only_scan(path: Path, number: int, limits: Limits) -> Placed | None:
    """Size in points, the scan's matrix and /Rotate of a page that is one scan; else None.

    The matrix is relative to the lower left of the box that is shown.
    """
    try:
        with _opened(path) as document:
            if not 1 <= number <= len(document):
                raise Rejected("no_pages", f"there is no page {number}")
            page = document[number - 1]
            content = _content(page, limits)
            image = content.scan
            if image is None or content.drawn or image.level or _annotated(page):
                return None
            clips = raw.FPDFClipPath_CountPaths(raw.FPDFPageObj_GetClipPath(image))
            if raw.FPDFPageObj_HasTransparency(image) or clips > 0:
                return None
            left, bottom, right, top = page.get_bbox()
            a, b, c, d, e, f = image.get_matrix().get()
            size = (right - left, top - bottom)
            return size, (a, b, c, d, e - left, f - bottom), page.get_rotation()
    except pdfium.PdfiumError:
        return None


@contextmanager
def _opened(path: Path) -> Iterator[pdfium.PdfDocument]:
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in _LOCKED and _says_encrypted(path):
            raise Rejected("encrypted", str(error)) from error
        raise
    try:
        yield document
    finally:
        document.close()


def _says_encrypted(path: Path) -> bool:
    """Whether the file itself speaks of encryption: pdfium may tell an earlier file's error."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(b"/Encrypt") >= 0


# --- one page --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Content:
    """What a page is made of: its only picture when it covers the page, and shares of the rest."""

    scan: pdfium.PdfImage | None
    size: tuple[int, int]
    pictures: float
    drawn: int


def _page(page: pdfium.PdfPage, limits: Limits) -> PageImage:
    content = _content(page, limits)
    annotated = _annotated(page)
    if content.scan is not None and content.drawn == 0 and not annotated:
        taken = _embedded(page, content)
        if taken is not None:
            return taken
    lines: tuple[Line, ...] = ()
    if content.scan is None and content.pictures < _LARGE and not annotated:
        lines = born_digital_lines(page)
    pixels, dpi = _draw(page, content)
    bilevel = content.scan is not None and _bits(content.scan) == 1
    return PageImage(pixels, dpi, bilevel, lines)


def _content(page: pdfium.PdfPage, limits: Limits) -> _Content:
    width, height = page.get_size()
    area = max(width * height, 1e-6)
    scan, size, pictures, drawn = None, (0, 0), 0.0, 0
    turned = page.get_rotation() in {90, 270}
    for item in islice(page.get_objects(max_depth=3), _MOST_OBJECTS):
        if item.type == raw.FPDF_PAGEOBJ_IMAGE:
            pixels = item.get_px_size()
            if pixels[0] * pixels[1] > limits.max_pixels:
                raise Rejected("too_many_pixels", f"{pixels[0]} x {pixels[1]} pixels in a page")
            left, bottom, right, top = item.get_bounds()
            share = abs((right - left) * (top - bottom)) / area
            pictures += share
            if share >= _WHOLE and scan is None:
                scan, size = item, (pixels[1], pixels[0]) if turned else pixels
            else:
                drawn += 1
        elif item.type == raw.FPDF_PAGEOBJ_TEXT:
            drawn += _visible_text(item)
        elif item.type != raw.FPDF_PAGEOBJ_FORM:
            drawn += 1
    return _Content(scan, size, pictures, drawn)


def _visible_text(item: Any) -> int:
    """1 unless the text is the invisible layer of an earlier recognition."""
    mode = raw.FPDFTextObj_GetTextRenderMode(item)
    return int(mode not in {raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP})


def _annotated(page: pdfium.PdfPage) -> bool:
    """True when form fields, stamps or notes are drawn over the page."""
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), 1000)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        kind = raw.FPDFAnnot_GetSubtype(annotation)
        raw.FPDFPage_CloseAnnot(annotation)
        if kind in _DRAWN_ANNOTATIONS:
            return True
    return False


def _bits(image: pdfium.PdfImage) -> int:
    return int(image.get_metadata().bits_per_pixel)


_PLAIN = {raw.FPDF_COLORSPACE_DEVICEGRAY: 1, raw.FPDF_COLORSPACE_DEVICERGB: 3}


def _embedded(page: pdfium.PdfPage, content: _Content) -> PageImage | None:
    """The scan's own JPEG; None when it is another format or is not drawn plainly."""
    from ingest.pages_image import _decode_scale, decode_jpeg

    image = content.scan
    assert image is not None
    if list(image.get_filters(skip_simple=True)) != ["DCTDecode"] or not _plainly_placed(
        page, image
    ):
        return None
    told = image.get_metadata()
    plain = _PLAIN.get(told.colorspace)
    icc = told.colorspace == raw.FPDF_COLORSPACE_ICCBASED and told.bits_per_pixel in {8, 24}
    if (plain is None and not icc) or raw.FPDFPageObj_HasTransparency(image):
        return None
    data = bytes(image.get_data(decode_simple=True))
    scale = _decode_scale(max(image.get_px_size()))
    pixels = decode_jpeg(data, grey=told.bits_per_pixel == 8, scale=scale)
    pixels = np.ascontiguousarray(np.rot90(pixels, -(page.get_rotation() // 90)))
    dpi = round(pixels.shape[1] / max(page.get_width(), 1.0) * _POINTS)
    pixels, small = shrink_to(pixels, dpi)
    return PageImage(pixels, small)


def _plainly_placed(page: pdfium.PdfPage, image: pdfium.PdfImage) -> bool:
    """True when the image fills the page box upright, without crop, mirror or stretch."""
    a, b, c, d, e, f = image.get_matrix().get()
    if a <= 0 or d <= 0 or abs(b) > 1e-3 * a or abs(c) > 1e-3 * d:
        return False
    left, bottom, right, top = page.get_bbox()
    slack_x, slack_y = 0.02 * (right - left), 0.02 * (top - bottom)
    inside = (
        abs(e - left) <= slack_x
        and abs(f - bottom) <= slack_y
        and abs(e + a - right) <= slack_x
        and abs(f + d - top) <= slack_y
    )
    width, height = image.get_px_size()
    return bool(inside and abs((width / a) / (height / d) - 1) < 0.03)


def _draw(page: pdfium.PdfPage, content: _Content) -> tuple[Pixels, int]:
    width, height = page.get_size()
    dpi = float(DRAW_DPI)
    if content.scan is not None and content.size[0]:
        native = content.size[0] / max(width, 1.0) * _POINTS
        dpi = min(max(native, 150.0), float(FINE_DPI))
    dpi = min(dpi, MAX_SIDE / max(width, height, 1.0) * _POINTS)
    bitmap = page.render(scale=dpi / _POINTS, rev_byteorder=False, no_smoothpath=False)
    pixels = np.array(bitmap.to_numpy(), dtype=np.uint8, copy=True)
    bitmap.close()
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        pixels = np.ascontiguousarray(pixels[:, :, :3])
    elif pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    return pixels, round(dpi)

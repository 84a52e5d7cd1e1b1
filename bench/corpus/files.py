"""Writes page images as the files that scanners, phones and programs produce."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pikepdf
from PIL import Image

FORMATS = ("jpg", "png", "tif", "pdf")


def write_images(path: Path, images: Sequence[Image.Image], dpi: int, quality: int) -> None:
    """Write one file; only tif and pdf hold several pages."""
    kind = path.suffix.removeprefix(".")
    if kind == "pdf":
        path.write_bytes(image_pdf(images, dpi, quality))
    elif kind == "tif":
        _tiff(path, images, dpi)
    elif kind == "png":
        images[0].save(path, dpi=(dpi, dpi), compress_level=3)
    else:
        _as_grey(images[0]).save(path, quality=quality, dpi=(dpi, dpi))


def _as_grey(image: Image.Image) -> Image.Image:
    return image.convert("L") if image.mode == "1" else image


def _tiff(path: Path, images: Sequence[Image.Image], dpi: int) -> None:
    first = images[0]
    packing = "group4" if first.mode == "1" else "jpeg"
    first.save(
        path, save_all=True, append_images=list(images[1:]), compression=packing, dpi=(dpi, dpi)
    )


def image_pdf(images: Sequence[Image.Image], dpi: int, quality: int) -> bytes:
    """A PDF in which each page is one scanned image."""
    pdf = pikepdf.new()
    for image in images:
        width, height = (side * 72 / dpi for side in image.size)
        picture = _picture(pdf, image, quality)
        content = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Im0 Do Q".encode()
        page = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=pikepdf.Array([0, 0, round(width, 3), round(height, 3)]),
            Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture)),
            Contents=pdf.make_stream(content),
        )
        pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _fax(pdf: pikepdf.Pdf, image: Image.Image) -> pikepdf.Object:
    """A bilevel image with CCITT group 4, as office scanners write it."""
    body = io.BytesIO()
    image.save(body, "TIFF", compression="group4", tiffinfo={278: image.height})
    with Image.open(io.BytesIO(body.getvalue())) as written:
        tags = written.tag_v2  # type: ignore[attr-defined]
        start, length = int(tags[273][0]), int(tags[279][0])
        white_is_zero = int(tags[262]) == 0
    stream = pdf.make_stream(body.getvalue()[start : start + length])
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    stream.Width, stream.Height = image.size
    stream.BitsPerComponent, stream.ColorSpace = 1, pikepdf.Name.DeviceGray
    stream.Filter = pikepdf.Name.CCITTFaxDecode
    stream.DecodeParms = pikepdf.Dictionary(
        K=-1, Columns=image.width, Rows=image.height, BlackIs1=not white_is_zero
    )
    return pdf.make_indirect(stream)


def _picture(pdf: pikepdf.Pdf, image: Image.Image, quality: int) -> pikepdf.Object:
    if image.mode == "1":
        return _fax(pdf, image)
    grey = _as_grey(image)
    body = io.BytesIO()
    grey.save(body, "JPEG", quality=quality)
    stream = pdf.make_stream(body.getvalue())
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    stream.Width, stream.Height = image.size
    stream.BitsPerComponent = 8
    stream.ColorSpace = pikepdf.Name.DeviceGray if grey.mode == "L" else pikepdf.Name.DeviceRGB
    stream.Filter = pikepdf.Name.DCTDecode
    return pdf.make_indirect(stream)

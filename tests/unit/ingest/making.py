"""Small originals the tests of formats and pages are made of."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
import pikepdf
from PIL import Image, ImageDraw


def drawing(width: int = 300, height: int = 400, mode: str = "RGB") -> Image.Image:
    """A picture with its top left corner black, so that its orientation can be told."""
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, width // 4, height // 4), fill="black")
    pen.line((0, height - 1, width - 1, height // 2), fill=(200, 30, 30), width=3)
    return image.convert(mode)


def noisy(width: int = 300, height: int = 400) -> Image.Image:
    """A picture that does not compress, so that cutting it cuts pixels."""
    values = np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """The image's file bytes."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def written(folder: Path, name: str, data: bytes) -> Path:
    """The path of a new file with these bytes."""
    path = folder / name
    path.write_bytes(data)
    return path


def scan_pdf(path: Path, images: list[Image.Image], rotate: int = 0, dpi: int = 100) -> Path:
    """A PDF with one full-page JPEG a page, as scanners write."""
    pdf = pikepdf.new()
    for image in images:
        width, height = image.width * 72 / dpi, image.height * 72 / dpi
        page = pdf.add_blank_page(page_size=(width, height))
        picture = pdf.make_stream(encoded(image, "JPEG", quality=95))
        picture.Type, picture.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        picture.Width, picture.Height, picture.BitsPerComponent = image.width, image.height, 8
        grey = image.mode == "L"
        picture.ColorSpace = pikepdf.Name.DeviceGray if grey else pikepdf.Name.DeviceRGB
        picture.Filter = pikepdf.Name.DCTDecode
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture))
        page.Contents = pdf.make_stream(f"q {width} 0 0 {height} 0 0 cm /Im0 Do Q".encode())
        if rotate:
            page.Rotate = rotate
    pdf.save(path)
    return path


def raw_pdf(objects: list[bytes], root: int = 1) -> bytes:
    """PDF bytes with these objects, numbered from 1, and a right cross-reference table."""
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root %d 0 R >>\n" % (len(objects) + 1, root)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def stream(data: bytes, extra: bytes = b"") -> bytes:
    """A Flate stream object's body."""
    packed = zlib.compress(data, 9)
    head = b"<< /Length %d /Filter /FlateDecode %b >>" % (len(packed), extra)
    return head + b"\nstream\n" + packed + b"\nendstream"


def one_page_pdf(content: bytes, resources: bytes = b"", box: bytes = b"0 0 595 842") -> bytes:
    """A PDF of one page with this content stream."""
    return raw_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [%b] /Contents 4 0 R /Resources << %b >> >>"
            % (box, resources),
            stream(content),
        ]
    )


def bomb_png(side: int) -> bytes:
    """A tiny 1-bit PNG that unpacks to side x side pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + b"\x01\x00\x00\x00\x00"
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bomb_jpeg(side: int) -> bytes:
    """A small JPEG whose header claims side x side pixels."""
    data = bytearray(encoded(drawing(64, 64), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = side.to_bytes(2, "big") * 2
    return bytes(data)


def bomb_tiff(side: int) -> bytes:
    """A TIFF whose directory claims side x side pixels in one tiny strip."""
    entries = [
        (256, 4, side),
        (257, 4, side),
        (258, 3, 1),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, side),
        (279, 4, 4),
    ]
    body = b"".join(
        tag.to_bytes(2, "little")
        + kind.to_bytes(2, "little")
        + (1).to_bytes(4, "little")
        + value.to_bytes(4, "little")
        for tag, kind, value in entries
    )
    directory = len(entries).to_bytes(2, "little") + body + bytes(4)
    return b"II*\x00" + (12).to_bytes(4, "little") + bytes(4) + directory

"""PDF written object by object, so that every part of it can be wrong."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
_STROKES = b"0.8 g 40 40 300 200 re f 2 w 60 60 m 320 %d l S"


def strokes(seed: int) -> bytes:
    """Page content without text, different for every seed."""
    return _STROKES % (60 + seed % 700)


def stream(data: bytes, extra: bytes = b"", *, packed: bool = False) -> bytes:
    """A stream object's body."""
    if packed:
        data, extra = zlib.compress(data, 9), extra + b"/Filter/FlateDecode"
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), extra, data)


def assembled(objects: Mapping[int, bytes], trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A file with a true cross-reference table."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    for number, body in sorted(objects.items()):
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        used = number in offsets
        out += b"%010d %05d %c \n" % (
            (offsets[number], 0, ord("n")) if used else (0, 65535, ord("f"))
        )
    return bytes(out + b"trailer<</Size %d%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start))


def simple(
    seed: int,
    *,
    content: bytes | None = None,
    root: bytes = b"",
    page: bytes = b"",
    resources: bytes = b"",
    box: bytes = b"0 0 595 842",
    more: Mapping[int, bytes] | None = None,
) -> bytes:
    """One page; objects from 10 on are free for `more`, object 4 is the content."""
    return assembled(
        {
            1: b"<</Type/Catalog/Pages 2 0 R%s>>" % root,
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R"
            b"/Resources<</Font<</F 5 0 R>>%s>>%s>>" % (box, resources, page),
            4: content if content is not None else stream(strokes(seed)),
            5: FONT,
            **(more or {}),
        }
    )


def with_image(seed: int, image: bytes, *, more: Mapping[int, bytes] | None = None) -> bytes:
    """A page that shows image object 10 and nothing else."""
    return simple(
        seed,
        content=stream(b"595 0 0 842 0 0 cm /I Do"),
        resources=b"/XObject<</I 10 0 R>>",
        more={10: image, **(more or {})},
    )


def image(width: int, height: int, data: bytes, extra: bytes) -> bytes:
    """An image object of this size; `extra` names colour space, bits and filter."""
    return stream(
        data, b"/Type/XObject/Subtype/Image/Width %d/Height %d%s" % (width, height, extra)
    )


def zeros(length: int) -> bytes:
    """So many zero bytes, deflated, without ever holding them."""
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    out = [packer.compress(block) for _ in range(length >> 20)]
    out += [packer.compress(bytes(length & 0xFFFFF)), packer.flush()]
    return b"".join(out)

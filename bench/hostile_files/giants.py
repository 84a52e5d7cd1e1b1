"""Images of 50,000 x 50,000 pixels in every format, and others that promise more than they hold."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from functools import partial

from PIL import Image

from bench.hostile_files.case import Case
from bench.hostile_files.drawing import encoded, photo, picture, scrap
from bench.hostile_files.pdf_writing import zeros
from bench.hostile_files.pictures import frames

SIDE = 50_000
_TOO_LARGE = ("rejected:too_many_pixels",)
_COST = ("review", "rejected:parser_limit")
_BROKEN = ("rejected:broken", "rejected:truncated")


def giants() -> Iterator[Case]:
    """Every format with 50,000 x 50,000 pixels in its header, the file whole otherwise."""
    kind = "giant-image"
    yield Case(kind, "bilevel.png", lambda: png(SIDE, SIDE, 1, 0, zeros(SIDE * 6251)), _TOO_LARGE)
    yield Case(kind, "colour.png", png(SIDE, SIDE, 8, 2, zeros(1 << 20)), _TOO_LARGE)
    yield Case(kind, "strips.tif", tiff([(SIDE, SIDE)]), _TOO_LARGE)
    yield Case(kind, "second-page.tif", tiff([(40, 30), (SIDE, SIDE)]), _TOO_LARGE)
    jpeg = bytearray(encoded(photo("giant"), "JPEG"))
    start = jpeg.index(b"\xff\xc0") + 5
    jpeg[start : start + 4] = struct.pack(">HH", SIDE, SIDE)
    yield Case(kind, "baseline.jpg", bytes(jpeg), _TOO_LARGE)
    head = struct.pack("<IiiHHIIiiII", 40, SIDE, SIDE, 1, 8, 1, 0, 0, 0, 256, 0)
    body = bytes(1024) + b"\xff\x00" * 500 + b"\x00\x01"
    size = 14 + len(head) + len(body)
    packed = b"BM" + struct.pack("<IHHI", size, 0, 0, 14 + len(head) + 1024) + head + body
    yield Case(kind, "packed.bmp", packed, _TOO_LARGE)
    gif = bytearray(encoded(scrap("giant"), "GIF"))
    gif[6:10] = struct.pack("<HH", SIDE, SIDE)
    yield Case(kind, "screen.gif", bytes(gif), _TOO_LARGE)
    gif = bytearray(encoded(scrap("frame"), "GIF"))
    frame = gif.index(b",", 13 + 768)
    gif[frame + 5 : frame + 9] = struct.pack("<HH", SIDE, SIDE)
    yield Case(kind, "frame-over-screen.gif", bytes(gif), (*_TOO_LARGE, *_BROKEN))
    yield Case(kind, "limit.webp", lambda: encoded(Image.new("L", (16383, 16383)), "WEBP"),
               _TOO_LARGE)  # fmt: skip
    jp2 = bytearray(picture("jp2", "giant"))
    box, siz = jp2.index(b"ihdr") + 4, jp2.index(b"\xff\x51") + 6
    jp2[box : box + 8] = struct.pack(">II", SIDE, SIDE)
    jp2[siz : siz + 8] = struct.pack(">II", SIDE, SIDE)
    yield Case(kind, "header.jp2", bytes(jp2), _TOO_LARGE)
    heic = bytearray(picture("heic", "giant"))
    place = heic.index(b"ispe") + 8
    heic[place : place + 8] = struct.pack(">II", SIDE, SIDE)
    yield Case(kind, "header.heic", bytes(heic), (*_TOO_LARGE, *_BROKEN))


def near_the_limit() -> Iterator[Case]:
    """Just under the limit of pixels: allowed, and costs what it costs."""
    kind = "large-image"
    side = 9_990
    yield Case(kind, "short-data.png", png(side, side, 8, 2, zeros(1 << 20)), (*_BROKEN, *_COST))
    yield Case(kind, "rgba-16.png", lambda: png(side, side, 16, 6, zeros(side * (side * 8 + 1))),
               _COST)  # fmt: skip
    yield Case(kind, "rgb.png", lambda: png(side, side, 8, 2, zeros(side * (side * 3 + 1))), _COST)
    yield Case(kind, "rgb.tif", lambda: tiff([(side, side)], zeros(side * side * 3)), _COST)
    yield Case(kind, "progressive.jpg", lambda: encoded(Image.new("RGB", (side, side), "white"),
               "JPEG", progressive=True), _COST)  # fmt: skip
    yield Case(kind, "colour.jp2", lambda: encoded(Image.new("RGB", (6000, 6000)), "JPEG2000"),
               _COST)  # fmt: skip


def loops() -> Iterator[Case]:
    """Chains that never end, counts that no file can hold, text that unpacks to gigabytes."""
    kind = "image-structure"
    either = ("review", *_BROKEN, "rejected:parser_limit")
    one = tiff([(40, 30)])
    yield Case(kind, "next-is-itself.tif", _chained(one, [8]), either)
    two = tiff([(40, 30), (41, 31)])
    yield Case(kind, "two-in-a-ring.tif", _ringed(two), either)
    pages = tiff([(20 + n % 7, 20) for n in range(501)])
    yield Case(kind, "501-pages.tif", pages, ("rejected:too_many_pages",))
    lie = one.replace(struct.pack("<HHI", 273, 4, 1), struct.pack("<HHI", 273, 4, 0xFFFFFFFF))
    yield Case(kind, "4e9-strips.tif", lie, either)
    yield Case(kind, "same-strips.tif", lambda: _shared_strips(3000, 400_000),
               (*either, "rejected:too_many_pages"))  # fmt: skip
    yield Case(kind, "20000-frames.gif", frames(20_000), either)
    yield Case(kind, "tiny-blocks.gif", lambda: _tiny_blocks(2_000_000), either)
    yield Case(kind, "million-chunks.png", lambda: _chunky(1_200_000), either)
    for name in (b"zTXt", b"iCCP"):
        yield Case(kind, f"{name.decode()}-bomb.png", partial(_text_bomb, name), either)
    empty_boxes = picture("heic", "boxes") + struct.pack(">I4s", 8, b"free") * 1_000_000
    yield Case(kind, "million-boxes.heic", empty_boxes, either)
    jpeg = picture("jpg", "fill")
    yield Case(kind, "filled.jpg", jpeg[:2] + b"\xff" * 1_500_000 + jpeg[2:], either)


def png(width: int, height: int, depth: int, colour: int, data: bytes) -> bytes:
    """A PNG of this header and this deflated data."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _text_bomb(name: bytes) -> bytes:
    """A PNG whose text or colour profile unpacks to 200 MB."""
    whole = picture("png", name.decode())
    return whole[:33] + _chunk(name, b"x\x00\x00" + zeros(200 << 20)) + whole[33:]


def _chunky(count: int) -> bytes:
    whole = picture("png", "chunky")
    return whole[:33] + _chunk(b"teXt", b"") * count + whole[33:]


def tiff(sizes: list[tuple[int, int]], data: bytes = zlib.compress(bytes(40 * 40 * 3))) -> bytes:
    """A TIFF of RGB pages in deflate that share one strip of data."""
    out = bytearray(b"II*\x00" + struct.pack("<I", 8))
    tags = 10
    span = 2 + 12 * tags + 4
    place = 8 + span * len(sizes)
    for number, (width, height) in enumerate(sizes):
        entries = (
            (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 8),
            (262, 3, 1, 2), (273, 4, 1, place), (277, 3, 1, 3), (278, 4, 1, height),
            (279, 4, 1, len(data)), (284, 3, 1, 1),
        )  # fmt: skip
        out += struct.pack("<H", tags)
        for entry in entries:
            out += struct.pack("<HHII", *entry)
        last = number == len(sizes) - 1
        out += struct.pack("<I", 0 if last else 8 + span * (number + 1))
    return bytes(out) + data


def _chained(whole: bytes, offsets: list[int]) -> bytes:
    """The first directory's successor is at the offset given."""
    return whole[:130] + struct.pack("<I", offsets[0]) + whole[134:]


def _ringed(whole: bytes) -> bytes:
    return whole[:256] + struct.pack("<I", 8) + whole[260:]


def _shared_strips(directories: int, strips: int) -> bytes:
    """Many directories that all name the same long tables: small file, endless checking."""
    out = bytearray(b"II*\x00" + struct.pack("<I", 8))
    span = 2 + 12 * 4 + 4
    tables = 8 + span * directories
    for number in range(directories):
        out += struct.pack("<H", 4)
        for entry in ((256, 4, 1, 40), (257, 4, 1, 30), (273, 4, strips, tables),
                      (279, 4, strips, tables + 4 * strips)):  # fmt: skip
            out += struct.pack("<HHII", *entry)
        out += struct.pack("<I", 0 if number == directories - 1 else 8 + span * (number + 1))
    return bytes(out) + struct.pack("<I", 8) * strips + struct.pack("<I", 1) * strips


def _tiny_blocks(count: int) -> bytes:
    """A GIF with a comment in blocks of one byte."""
    whole = picture("gif", "blocks")
    start = whole.index(b",", 13 + 768) if b"!" not in whole[781:783] else 13 + 768
    return whole[:start] + b"!\xfe" + b"\x01x" * count + b"\x00" + whole[start:]

"""Cheap tests whether a file is whole, one a format: they follow length fields, decode nothing.

Each takes the open file and its size in bytes. They are made for uploads that
stopped or still run (the end is missing, or reserved space is zero); bytes
after the true end are tolerated, since scanners and phones add some. The watcher runs them, so no
chain is followed without end: beyond `_MOST_STEPS` a file counts as whole, and
the parser in its child process judges it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import BinaryIO

from ingest.formats import Format

_PDF_TAIL = 16384
_CHUNK = 1 << 20
_MOST_STEPS = 100_000
_MOST_OFFSETS = 1_000_000
"""Offsets of image data that are looked at in one TIFF, over all its directories."""


def _read_at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)


def pdf(file: BinaryIO, size: int) -> bool:
    """The tail holds startxref and %%EOF, and nothing of a further revision after it."""
    head = _read_at(file, 0, 1024)
    linear = re.search(rb"/Linearized.{0,200}?/L\s+(\d+)", head, re.DOTALL)
    if linear and int(linear.group(1)) > size:
        return False
    start = max(0, size - _PDF_TAIL)
    tail = _read_at(file, start, _PDF_TAIL)
    end = tail.rfind(b"%%EOF")
    if end < 0:
        return False
    if re.search(rb"\d\s+obj\b|\bxref\b", tail[end + 5 :]):
        return False
    offsets = re.findall(rb"startxref\s+(\d+)", tail[:end])
    return not offsets or 0 < int(offsets[-1]) < size


def jpeg(file: BinaryIO, size: int) -> bool:
    """The first image runs from its start-of-scan to an end marker."""
    offset = 2
    for _ in range(_MOST_STEPS):
        head = _read_at(file, offset, 4)
        if len(head) < 4 or head[0] != 0xFF:
            return False
        marker, length = head[1], struct.unpack(">H", head[2:])[0]
        if marker == 0xFF:
            offset += 1
        elif marker == 0xD9:
            return True
        elif marker == 0xDA:
            return _find(file, offset + 2 + length, b"\xff\xd9")
        elif 0xD0 <= marker <= 0xD7 or marker == 0x01:
            offset += 2
        else:
            offset += 2 + length
        if offset >= size:
            return False
    return True


def _find(file: BinaryIO, offset: int, wanted: bytes) -> bool:
    """True when `wanted` stands at or after `offset`."""
    file.seek(offset)
    kept = b""
    while chunk := file.read(_CHUNK):
        if wanted in kept + chunk:
            return True
        kept = chunk[-(len(wanted) - 1) :]
    return False


def png(file: BinaryIO, size: int) -> bool:
    """The chain of chunks ends with IEND inside the file."""
    offset = 8
    for _ in range(_MOST_STEPS):
        head = _read_at(file, offset, 8)
        if len(head) < 8:
            return False
        length = struct.unpack(">I", head[:4])[0]
        offset += 12 + length
        if offset > size:
            return False
        if head[4:] == b"IEND":
            return True
    return True


def bmp(file: BinaryIO, size: int) -> bool:
    """The file is as long as its header says (headers that say 0 count the pixels)."""
    head = _read_at(file, 0, 38)
    if len(head) < 30:
        return False
    told, _, _, start, header = struct.unpack("<IHHII", head[2:18])
    if header == 12:
        width, height, _, bits = struct.unpack("<HHHH", head[18:26])
        packed = 0
    else:
        width, height, _, bits, packed = struct.unpack("<iiHHI", head[18:34])
    pixels = ((abs(width) * bits + 31) // 32 * 4) * abs(height) if packed in {0, 3} else 0
    return bool(size >= max(start + pixels, told if told <= start + pixels or packed else 0))


def riff(file: BinaryIO, size: int) -> bool:
    """The length field of the outer chunk lies inside the file."""
    head = _read_at(file, 0, 12)
    whole = len(head) == 12 and size >= 8 + int.from_bytes(head[4:8], "little")
    return whole and not _hollow(file, size)


def _hollow(file: BinaryIO, size: int) -> bool:
    """True when the last sixteenth is all zeros, as compressed data never is: space reserved."""
    length = min(max(1024, size // 16), 65536)
    return size >= 4096 and not _read_at(file, size - length, length).strip(b"\x00")


def gif(file: BinaryIO, size: int) -> bool:
    """The chain of blocks ends with a trailer."""
    head = _read_at(file, 0, 13)
    if len(head) < 13:
        return False
    offset, steps = 13 + _table(head[10]), _MOST_STEPS
    for _ in range(_MOST_STEPS):
        kind = _read_at(file, offset, 1)
        if kind == b";":
            return True
        if kind == b"!":
            offset += 2
        elif kind == b",":
            frame = _read_at(file, offset, 10)
            if len(frame) < 10:
                return False
            offset += 11 + _table(frame[9])
        else:
            return False
        offset, steps = _sub_blocks(file, offset, steps)
        if steps < 0:
            return True
        if offset >= size:
            return False
    return True


def _table(flags: int) -> int:
    """Bytes of the colour table these flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _sub_blocks(file: BinaryIO, offset: int, steps: int) -> tuple[int, int]:
    """The offset after a chain of sub-blocks, and how many steps are left (below 0: none)."""
    while steps >= 0:
        steps -= 1
        length = _read_at(file, offset, 1)
        if not length:
            break
        offset += 1 + length[0]
        if length[0] == 0:
            break
    return offset, steps


def boxes(file: BinaryIO, size: int) -> bool:
    """Every box (ISO media: HEIC, MP4, JP2) ends inside the file, and there is a body."""
    if _read_at(file, 0, 4) == b"\xff\x4f\xff\x51":
        return b"\xff\xd9" in _read_at(file, max(0, size - 64), 64)
    offset = 0
    seen: set[bytes] = set()
    for _ in range(_MOST_STEPS):
        if offset >= size:
            break
        head = _read_at(file, offset, 16)
        if len(head) < 8:
            break
        length, kind = struct.unpack(">I4s", head[:8])
        if length == 1 and len(head) == 16:
            length = struct.unpack(">Q", head[8:])[0]
        if length == 0:
            length = size - offset
        if length < 8:
            break
        offset += length
        if offset > size:
            return False
        seen.add(kind)
    body = {b"mdat", b"idat", b"jp2c"} & seen
    index = {b"meta", b"moov", b"jp2h", b"moof"} & seen
    whole = bool(body and index) or (b"meta" in seen and offset == size)
    return whole and not _hollow(file, size)


def zipped(file: BinaryIO, size: int) -> bool:
    """The tail holds the end record of the directory."""
    return b"PK\x05\x06" in _read_at(file, max(0, size - 66000), 66000)


_WIDTH = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
_BIG = {b"+\x00", b"\x00+"}
_OFFSETS, _COUNTS = {273: 279, 324: 325, 513: 514}, {279, 325, 514}


def tiff(file: BinaryIO, size: int) -> bool:
    """Every directory of the chain and all image data it points to lie inside the file."""
    head = _read_at(file, 0, 16)
    if len(head) < 8:
        return False
    order = "<" if head[:2] == b"II" else ">"
    big = head[2:4] in _BIG
    word = "Q" if big else "I"
    start = 8 if big else 4
    (offset,) = struct.unpack(order + word, head[start : start + struct.calcsize(order + word)])
    visited: set[int] = set()
    budget = [_MOST_OFFSETS]
    while offset:
        if offset in visited or len(visited) > _MOST_STEPS or budget[0] < 0:
            return True  # a loop is a broken file, not an unfinished one
        visited.add(offset)
        following = _directory(file, size, offset, order, budget)
        if following is None:
            return False
        offset = following
    return bool(visited)


def _directory(file: BinaryIO, size: int, offset: int, order: str, budget: list[int]) -> int | None:
    """The offset of the next directory (0: none); None when anything lies outside the file.

    `budget` holds how many offsets may still be looked at, and is used up here.
    """
    big = _read_at(file, 2, 2) in _BIG
    count_form, word, entry = ("Q", "Q", 20) if big else ("H", "I", 12)
    count_size, word_size = struct.calcsize(order + count_form), struct.calcsize(order + word)
    raw = _read_at(file, offset, count_size)
    if len(raw) < count_size:
        return None
    (count,) = struct.unpack(order + count_form, raw)
    body = _read_at(file, offset + count_size, min(count, 65535) * entry + word_size)
    if len(body) < count * entry + word_size:
        return None
    values: dict[int, tuple[int, ...]] = {}
    for position in range(0, count * entry, entry):
        tag, kind = struct.unpack(order + "HH", body[position : position + 4])
        if tag in _OFFSETS or tag in _COUNTS:
            (number,) = struct.unpack(order + word, body[position + 4 : position + 4 + word_size])
            inline = body[position + 4 + word_size : position + entry]
            budget[0] -= number
            if budget[0] < 0:
                return 0
            found = _values(file, size, order, kind, number, inline)
            if found is None:
                return None
            values[tag] = found
    for where, length in _OFFSETS.items():
        starts, lengths = values.get(where, ()), values.get(length, ())
        if any(a + b > size for a, b in zip(starts, lengths, strict=False)):
            return None
    return int(struct.unpack(order + word, body[count * entry :])[0])


def _values(
    file: BinaryIO, size: int, order: str, kind: int, number: int, inline: bytes
) -> tuple[int, ...] | None:
    """The whole numbers of a directory entry; None when they lie outside the file."""
    form = {3: "H", 4: "I", 13: "I", 16: "Q"}.get(kind)
    if form is None:
        return ()
    length = number * _WIDTH[kind]
    if length <= len(inline):
        raw = inline[:length]
    else:
        (where,) = struct.unpack(order + ("Q" if len(inline) == 8 else "I"), inline)
        if where + length > size:
            return None
        raw = _read_at(file, where, length)
    return struct.unpack(f"{order}{number}{form}", raw)


CHECKS: dict[Format, Callable[[BinaryIO, int], bool]] = {
    Format.PDF: pdf,
    Format.JPEG: jpeg,
    Format.PNG: png,
    Format.TIFF: tiff,
    Format.BMP: bmp,
    Format.WEBP: riff,
    Format.HEIC: boxes,
    Format.GIF: gif,
    Format.JPEG2000: boxes,
    Format.OFFICE: lambda file, size: _read_at(file, 0, 2) != b"PK" or zipped(file, size),
    Format.OFD: zipped,
    Format.ZIP: zipped,
}

"""Just enough of the TrueType format: character maps, and subsets to embed in a PDF."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

_KEPT = ("cvt ", "fpgm", "prep", "head", "hhea", "maxp", "hmtx")


class Sfnt:
    """The tables of one font in a .ttf or .ttc file."""

    def __init__(self, path: Path, index: int = 0) -> None:
        self._data = path.read_bytes()
        start = (
            struct.unpack_from(">I", self._data, 12 + 4 * index)[0]
            if self._data[:4] == b"ttcf"
            else 0
        )
        count = struct.unpack_from(">H", self._data, start + 4)[0]
        self._tables: dict[str, tuple[int, int]] = {}
        for number in range(count):
            tag, _, offset, length = struct.unpack_from(
                ">4sIII", self._data, start + 12 + 16 * number
            )
            self._tables[tag.decode("latin-1")] = (offset, length)

    def table(self, tag: str) -> bytes:
        """The bytes of a table; empty when the font has none of that name."""
        offset, length = self._tables.get(tag, (0, 0))
        return self._data[offset : offset + length]

    def characters(self) -> dict[int, int]:
        """Glyph numbers by code point, from the widest Unicode subtable."""
        cmap = self.table("cmap")
        best: dict[int, int] = {}
        for number in range(struct.unpack_from(">H", cmap, 2)[0]):
            platform, _, offset = struct.unpack_from(">HHI", cmap, 4 + 8 * number)
            if platform not in (0, 3):
                continue
            form = struct.unpack_from(">H", cmap, offset)[0]
            found = (
                _format4(cmap, offset)
                if form == 4
                else _format12(cmap, offset)
                if form == 12
                else {}
            )
            best = found if len(found) > len(best) else best
        return best

    @property
    def units(self) -> int:
        """Font units per em."""
        return int(struct.unpack_from(">H", self.table("head"), 18)[0])

    def advance(self, glyph: int) -> float:
        """The advance width of a glyph in thousandths of an em."""
        metrics = struct.unpack_from(">H", self.table("hhea"), 34)[0]
        place = 4 * min(glyph, metrics - 1)
        return float(struct.unpack_from(">H", self.table("hmtx"), place)[0]) * 1000 / self.units

    def subset(self, wanted: Iterable[int]) -> bytes:
        """A font file with the same glyph numbers that holds only the wanted outlines."""
        loca, glyf = self._loca(), self.table("glyf")
        keep = self._with_parts(set(wanted) | {0}, loca, glyf)
        body, places = bytearray(), [0]
        for glyph in range(len(loca) - 1):
            if glyph in keep:
                body += glyf[loca[glyph] : loca[glyph + 1]]
                body += b"\0" * (-len(body) % 4)
            places.append(len(body))
        head = bytearray(self.table("head"))
        struct.pack_into(">h", head, 50, 1)
        tables = {tag: self.table(tag) for tag in _KEPT if self.table(tag)}
        tables |= {
            "head": bytes(head),
            "glyf": bytes(body),
            "loca": struct.pack(f">{len(places)}I", *places),
        }
        return _file(tables)

    def _loca(self) -> list[int]:
        raw = self.table("loca")
        if struct.unpack_from(">h", self.table("head"), 50)[0]:
            return list(struct.unpack(f">{len(raw) // 4}I", raw[: len(raw) // 4 * 4]))
        return [2 * place for place in struct.unpack(f">{len(raw) // 2}H", raw)]

    @staticmethod
    def _with_parts(wanted: set[int], loca: list[int], glyf: bytes) -> set[int]:
        keep, todo = set(wanted), list(wanted)
        while todo:
            glyph = todo.pop()
            outline = glyf[loca[glyph] : loca[glyph + 1]] if glyph + 1 < len(loca) else b""
            for part in _parts(outline):
                if part not in keep:
                    keep.add(part)
                    todo.append(part)
        return keep


def character_map(path: Path, index: int = 0) -> dict[int, int]:
    """Glyph numbers by code point of a font file."""
    return Sfnt(path, index).characters()


def _format4(cmap: bytes, start: int) -> dict[int, int]:
    segments = struct.unpack_from(">H", cmap, start + 6)[0] // 2
    ends = struct.unpack_from(f">{segments}H", cmap, start + 14)
    at = start + 16 + 2 * segments
    starts = struct.unpack_from(f">{segments}H", cmap, at)
    deltas = struct.unpack_from(f">{segments}h", cmap, at + 2 * segments)
    ranges = struct.unpack_from(f">{segments}H", cmap, at + 4 * segments)
    out: dict[int, int] = {}
    for number, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if ranges[number]:
                place = at + 4 * segments + 2 * number + ranges[number] + 2 * (code - first)
                glyph = struct.unpack_from(">H", cmap, place)[0] if place + 2 <= len(cmap) else 0
                if not glyph:
                    continue
            out[code] = (glyph + deltas[number]) & 0xFFFF
    return out


def _format12(cmap: bytes, start: int) -> dict[int, int]:
    out: dict[int, int] = {}
    for number in range(struct.unpack_from(">I", cmap, start + 12)[0]):
        first, last, glyph = struct.unpack_from(">III", cmap, start + 16 + 12 * number)
        out.update(zip(range(first, last + 1), range(glyph, glyph + last - first + 1), strict=True))
    return out


def _parts(outline: bytes) -> list[int]:
    """The glyphs a composite outline is put together from."""
    if len(outline) < 10 or struct.unpack_from(">h", outline, 0)[0] >= 0:
        return []
    out, place, more = [], 10, True
    while more:
        flags, glyph = struct.unpack_from(">HH", outline, place)
        out.append(int(glyph))
        place += 8 if flags & 1 else 6
        place += 8 if flags & 0x80 else 4 if flags & 0x40 else 2 if flags & 8 else 0
        more = bool(flags & 0x20)
    return out


def _file(tables: dict[str, bytes]) -> bytes:
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    out = bytearray(
        struct.pack(
            ">IHHHH", 0x00010000, count, power * 16, power.bit_length() - 1, (count - power) * 16
        )
    )
    offset = 12 + 16 * count
    for tag, body in sorted(tables.items()):
        padded = body + b"\0" * (-len(body) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        out += struct.pack(">4sIII", tag.encode("latin-1"), total, offset, len(body))
        offset += len(padded)
    for _, body in sorted(tables.items()):
        out += body + b"\0" * (-len(body) % 4)
    return bytes(out)

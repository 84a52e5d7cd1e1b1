"""The font of the invisible text: every character is one square, which is never drawn.

Made here byte by byte, so it carries nobody's licence: an empty .notdef and
the square, both one em wide. Character identifiers are given out
as characters come; ToUnicode leads back to the text, also for characters
beyond the basic plane.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name

_EM = 1000
_MOST_RANGES = 100


@dataclass
class Blank:
    """Gives identifiers to characters, and at last the font object that explains them."""

    known: dict[str, int] = field(default_factory=dict)

    def code(self, text: str) -> bytes:
        """The text as two-byte identifiers."""
        return b"".join(
            struct.pack(">H", self.known.setdefault(char, len(self.known) + 1)) for char in text
        )

    def font(self, pdf: pikepdf.Pdf) -> pikepdf.Object:
        """The font with what was given out so far."""
        program = pdf.make_stream(_program())
        program.Length1 = len(_program())
        descriptor = Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name("/YIHUAA+Blank"),
            Flags=4,
            FontBBox=Array([0, -120, _EM, 880]),
            ItalicAngle=0,
            Ascent=880,
            Descent=-120,
            CapHeight=880,
            StemV=80,
            FontFile2=program,
        )
        count = len(self.known) + 1
        descendant = Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType2,
            BaseFont=Name("/YIHUAA+Blank"),
            CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
            FontDescriptor=pdf.make_indirect(descriptor),
            DW=_EM,
            CIDToGIDMap=pdf.make_stream(b"\0\0" + b"\0\1" * (count - 1)),
        )
        return pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type0,
                BaseFont=Name("/YIHUAA+Blank"),
                Encoding=Name("/Identity-H"),
                DescendantFonts=Array([pdf.make_indirect(descendant)]),
                ToUnicode=pdf.make_stream(self._to_unicode()),
            )
        )

    def _to_unicode(self) -> bytes:
        pairs = [
            f"<{code:04X}> <{char.encode('utf-16-be').hex().upper()}>"
            for char, code in self.known.items()
        ]
        blocks = []
        for start in range(0, len(pairs), _MOST_RANGES):
            part = pairs[start : start + _MOST_RANGES]
            blocks.append(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar")
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
            + "\n".join(blocks)
            + "\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        ).encode()


def _program() -> bytes:
    """A TrueType font of two glyphs."""
    tables = {
        b"glyf": _square(),
        b"head": struct.pack(">IIIIHHqqhhhhHHhhh", 0x00010000, 0x00010000, 0, 0x5F0F3CF5, 0, _EM,
                             0, 0, 0, -120, _EM, 880, 0, 8, 2, 0, 0),
        b"hhea": struct.pack(">IhhhHhhhhhhhhhhhH", 0x00010000, 880, -120, 0, _EM, 0, 0, _EM,
                             1, 0, 0, 0, 0, 0, 0, 0, 2),
        b"hmtx": struct.pack(">HhHh", _EM, 0, _EM, 0),
        b"loca": struct.pack(">HHH", 0, 0, len(_square()) // 2),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x00010000, 2, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0,
                             0, 0),
        b"post": struct.pack(">IIhhIIIII", 0x00030000, 0, 0, 0, 1, 0, 0, 0, 0),
    }  # fmt: skip
    offset = 12 + 16 * len(tables)
    directory, body = b"", b""
    for tag, data in sorted(tables.items()):
        padded = data + b"\0" * (-len(data) % 4)
        directory += tag + struct.pack(">III", _sum(padded), offset + len(body), len(data))
        body += padded
    head = struct.pack(">IHHHH", 0x00010000, len(tables), 64, 2, 16 * len(tables) - 64)
    whole = head + directory + body
    place = whole.index(b"head", 12)
    start = struct.unpack(">I", whole[place + 8 : place + 12])[0]
    adjust = (0xB1B0AFBA - _sum(whole)) & 0xFFFFFFFF
    return whole[: start + 8] + struct.pack(">I", adjust) + whole[start + 12 :]


def _square() -> bytes:
    """A filled square: text without any extent is passed over by pdfium when it is turned."""
    corners = ((0, -120), (0, 880), (_EM, 880), (_EM, -120))
    moves = [
        (x - before_x, y - before_y)
        for (x, y), (before_x, before_y) in zip(corners, ((0, 0), *corners), strict=False)
    ]
    return (
        struct.pack(">hhhhhHH", 1, 0, -120, _EM, 880, 3, 0)
        + b"\x01" * 4
        + b"".join(struct.pack(">h", x) for x, _ in moves)
        + b"".join(struct.pack(">h", y) for _, y in moves)
        + b"\0\0"
    )


def _sum(data: bytes) -> int:
    """The checksum of a table: the sum of its long words."""
    longs: tuple[int, ...] = struct.unpack(f">{len(data) // 4}I", data)
    return sum(longs) & 0xFFFFFFFF

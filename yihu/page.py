"""What was read on a page: lines with boxes, codes, and what the page looks like.

Boxes are shares of the upright page (0..1, left, top, right, bottom), so they
stay true whatever size the page is later drawn at.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from typing import Any

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text as read, with its box and the reader's confidence (0..1)."""

    text: str
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Code:
    """A machine-readable code on the page: `format` is "QRCode" or "Code128"."""

    format: str
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class PageText:
    """The result of reading one page.

    `width` and `height` are pixels of the upright page image that was read,
    `rotation` is the clockwise turn (0, 90, 180, 270) that made it upright,
    `ink` the share of dark pixels, `flags` names what the page looks like:
    "blank", "photo", "seal", "dark", "blurred", "faint", "bilevel", "born-digital",
    "cut_off" (lines run out of the picture), "turn_unsure" (which way up stayed
    open), "illegible" (what was read cannot be relied on).
    `lines` stand in reading order.
    """

    number: int
    lines: tuple[Line, ...]
    width: int
    height: int
    rotation: int = 0
    engine: str = ""
    version: str = ""
    dpi: int | None = None
    ink: float = 0.0
    codes: tuple[Code, ...] = ()
    flags: frozenset[str] = field(default_factory=frozenset)

    @property
    def text(self) -> str:
        """All lines in reading order, one a line."""
        return "\n".join(line.text for line in self.lines)

    @property
    def sureness(self) -> float:
        """The mean confidence over all characters; 0 without any."""
        total = sum(len(line.text) for line in self.lines)
        return sum(len(line.text) * line.confidence for line in self.lines) / max(total, 1)

    @property
    def blank(self) -> bool:
        """True for a page without content, such as the back of a sheet."""
        return "blank" in self.flags

    def pack(self) -> bytes:
        """The page as compressed JSON, small enough for a database row."""
        return zlib.compress(json.dumps(self._as_dict(), ensure_ascii=False).encode())

    @staticmethod
    def unpack(packed: bytes) -> PageText:
        """The page that `pack` wrote."""
        data = json.loads(zlib.decompress(packed))
        data["lines"] = tuple(Line(text, tuple(box), conf) for text, box, conf in data["lines"])
        data["codes"] = tuple(Code(kind, text, tuple(box)) for kind, text, box in data["codes"])
        data["flags"] = frozenset(data["flags"])
        return PageText(**data)

    def _as_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "lines": [
                [line.text, [round(v, 4) for v in line.box], round(line.confidence, 3)]
                for line in self.lines
            ],
            "width": self.width,
            "height": self.height,
            "rotation": self.rotation,
            "engine": self.engine,
            "version": self.version,
            "dpi": self.dpi,
            "ink": round(self.ink, 5),
            "codes": [[c.format, c.text, [round(v, 4) for v in c.box]] for c in self.codes],
            "flags": sorted(self.flags),
        }

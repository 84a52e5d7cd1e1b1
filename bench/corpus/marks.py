"""A laid-out page: marks with places in millimetres, ready for a raster or a PDF."""

from __future__ import annotations

from dataclasses import dataclass, field

PT = 25.4 / 72
A4 = (210.0, 297.0)

Colour = tuple[int, int, int]
BLACK: Colour = (28, 28, 30)
RED: Colour = (196, 30, 36)


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Text on one baseline; (x, y) is the top left of its em box, `size` the em in mm."""

    x: float
    y: float
    text: str
    face: str
    size: float
    hand: bool = False
    colour: Colour = BLACK
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line; `dotted` for the blanks that people write on."""

    x0: float
    y0: float
    x1: float
    y1: float
    weight: float = 0.25
    dotted: bool = False
    colour: Colour = BLACK


@dataclass(frozen=True, slots=True)
class Area:
    """A filled or framed rectangle; `kind` "photo" draws a passport photo's shape."""

    x0: float
    y0: float
    x1: float
    y1: float
    fill: Colour | None = None
    weight: float = 0.0
    kind: str = ""
    colour: Colour = BLACK


@dataclass(frozen=True, slots=True)
class Box:
    """A tick box drawn as a square, ticked by hand or filled."""

    x: float
    y: float
    size: float
    ticked: bool
    style: str = "tick"


@dataclass(frozen=True, slots=True)
class Seal:
    """A red seal with its centre; `kind` is "round", "oval", "box" or "finger"."""

    x: float
    y: float
    kind: str
    text: str
    size: float = 41.0
    angle: float = 0.0


Mark = Glyphs | Rule | Area | Box | Seal


@dataclass(slots=True)
class Page:
    """One page of marks."""

    width: float = A4[0]
    height: float = A4[1]
    marks: list[Mark] = field(default_factory=list)
    blank: bool = False
    kind: str = "form"

    def lines(self) -> list[str]:
        """The text in reading order: what stands at one height is one line."""
        items = [_reading(mark) for mark in self.marks if isinstance(mark, Glyphs | Box)]
        items.sort()
        rows: list[list[tuple[float, float, float, str]]] = []
        for item in items:
            if rows and item[0] - rows[-1][0][0] < 0.45 * max(item[2], rows[-1][0][2]):
                rows[-1].append(item)
            else:
                rows.append([item])
        return [text for row in rows if (text := _joined(row))]

    def seals(self) -> int:
        """How many seals stand on the page."""
        return sum(isinstance(mark, Seal) for mark in self.marks)

    def handwritten(self) -> bool:
        """Whether anything on the page was written by hand."""
        return any(isinstance(mark, Glyphs) and mark.hand for mark in self.marks)


def _reading(mark: Glyphs | Box) -> tuple[float, float, float, str]:
    if isinstance(mark, Box):
        return mark.y + mark.size / 2, mark.x, mark.size, "☑" if mark.ticked else "□"
    return mark.y + mark.size / 2, mark.x, mark.size, mark.text


def _joined(row: list[tuple[float, float, float, str]]) -> str:
    return " ".join(text for _, _, _, text in sorted(row, key=lambda item: item[1]) if text.strip())

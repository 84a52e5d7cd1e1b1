"""Born-digital PDFs: the same marks as real text in embedded subset fonts, not as an image."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pikepdf
from PIL import Image, ImageChops

from bench.corpus import faces
from bench.corpus.marks import Area, Box, Colour, Glyphs, Page, Rule, Seal
from bench.corpus.seals import stamp
from bench.corpus.sfnt import Sfnt

_MM = 72 / 25.4
_BASELINE = 0.88
_OUTLINES = {
    "noto-serif": "uming",
    "noto-serif-bold": "zenhei",
    "noto-sans": "zenhei",
    "noto-sans-bold": "zenhei",
}
_FALLBACK = ("uming", "ukai", "zenhei")


@lru_cache(maxsize=8)
def _sfnt(face: str) -> Sfnt:
    return Sfnt(*faces.face_file(face))


def _usable(face: str, char: str) -> str:
    """A face with TrueType outlines that has the character."""
    face = _OUTLINES.get(face, face)
    if faces.has(face, char):
        return face
    return next((other for other in _FALLBACK if faces.has(other, char)), face)


class _Writer:
    """Collects the operators of the pages and the glyphs they use."""

    def __init__(self, rng: random.Random) -> None:
        self.pdf = pikepdf.new()
        self.rng = rng
        self.used: dict[str, dict[int, str]] = {}
        self.images: list[pikepdf.Object] = []

    def page(self, page: Page) -> None:
        """Append one page of marks."""
        high = page.height * _MM
        ops: list[str] = []
        pictures: dict[str, pikepdf.Object] = {}
        for mark in page.marks:
            if isinstance(mark, Glyphs):
                ops += self._text(mark, high)
            elif isinstance(mark, Rule):
                ops.append(_line(mark, high))
            elif isinstance(mark, Area):
                ops.append(_area(mark, high))
            elif isinstance(mark, Box):
                ops.append(_tick(mark, high))
            else:
                name = f"Seal{len(pictures)}"
                pictures[f"/{name}"] = self._seal(mark)
                ops.append(_place(mark, name, high))
        body = self.pdf.make_stream("\n".join(ops).encode())
        box = pikepdf.Array([0, 0, round(page.width * _MM, 2), round(high, 2)])
        resources = pikepdf.Dictionary({"/XObject": pikepdf.Dictionary(pictures)})
        made = pikepdf.Dictionary(
            Type=pikepdf.Name.Page, MediaBox=box, Resources=resources, Contents=body
        )
        self.pdf.pages.append(pikepdf.Page(self.pdf.make_indirect(made)))

    def finish(self) -> bytes:
        """Embed the fonts and give the bytes of the file."""
        fonts = pikepdf.Dictionary({f"/{face}": self._font(face) for face in self.used})
        for page in self.pdf.pages:
            page.obj.Resources.Font = fonts
        out = io.BytesIO()
        self.pdf.save(out, deterministic_id=True)
        return out.getvalue()

    def _text(self, mark: Glyphs, high: float) -> list[str]:
        size = mark.size * _MM
        x, y = mark.x * _MM, high - (mark.y + mark.size * _BASELINE) * _MM
        ops, run, run_face = [f"BT {_rgb(mark.colour)} rg 1 0 0 1 {x:.2f} {y:.2f} Tm"], "", ""
        own = sum(
            _sfnt(_usable(mark.face, c)).advance(faces.glyphs(_usable(mark.face, c)).get(ord(c), 0))
            for c in mark.text
        )
        if own and mark.width:
            ops.append(
                f"{min(120.0, max(80.0, mark.width * _MM / (own * size / 1000) * 100)):.1f} Tz"
            )
        for char in mark.text:
            face = _usable(mark.face, char)
            if face != run_face and run:
                ops.append(f"/{run_face} {size:.2f} Tf <{run}> Tj")
                run = ""
            run_face = face
            glyph = faces.glyphs(face).get(ord(char), 0)
            self.used.setdefault(face, {})[glyph] = char
            run += f"{glyph:04X}"
        if run:
            ops.append(f"/{run_face} {size:.2f} Tf <{run}> Tj")
        return [*ops, "ET"]

    def _font(self, face: str) -> pikepdf.Object:
        pdf, source, glyphs = self.pdf, _sfnt(face), self.used[face]
        name = pikepdf.Name(f"/YIHUAA+{face}")
        data = source.subset(glyphs)
        program = pdf.make_stream(data, Length1=len(data))
        descriptor = pikepdf.Dictionary(
            Type=pikepdf.Name.FontDescriptor,
            FontName=name,
            Flags=4,
            FontBBox=pikepdf.Array([0, -200, 1000, 900]),
            ItalicAngle=0,
            Ascent=880,
            Descent=-120,
            CapHeight=700,
            StemV=80,
            FontFile2=pdf.make_indirect(program),
        )
        widths = pikepdf.Array()
        for glyph in sorted(glyphs):
            widths.append(glyph)
            widths.append(pikepdf.Array([round(source.advance(glyph))]))
        child = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.CIDFontType2,
            BaseFont=name,
            CIDToGIDMap=pikepdf.Name.Identity,
            CIDSystemInfo=pikepdf.Dictionary(
                Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
            ),
            FontDescriptor=pdf.make_indirect(descriptor),
            DW=1000,
            W=widths,
        )
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=name,
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=pikepdf.Array([pdf.make_indirect(child)]),
            ToUnicode=pdf.make_indirect(pdf.make_stream(_to_unicode(glyphs))),
        )
        return pdf.make_indirect(font)

    def _seal(self, mark: Seal) -> pikepdf.Object:
        scale = 150 / 25.4
        side = round(mark.size * 1.4 * scale)
        image = Image.new("RGB", (side, side), (255, 255, 255))
        centre = Seal(
            side / scale / 2, side / scale / 2, mark.kind, mark.text, mark.size, mark.angle
        )
        stamp(image, centre, scale, self.rng)
        ink = ImageChops.invert(image.getchannel("G"))
        mask = self._picture(ink.tobytes(), ink.size, pikepdf.Name.DeviceGray)
        flat = np.full((side, side, 3), (208, 36, 44), dtype=np.uint8)
        picture = self._picture(flat.tobytes(), image.size, pikepdf.Name.DeviceRGB)
        picture.SMask = mask
        return picture

    def _picture(self, data: bytes, size: tuple[int, int], space: pikepdf.Object) -> pikepdf.Object:
        stream = self.pdf.make_stream(data, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
        stream.Width, stream.Height = size
        stream.BitsPerComponent, stream.ColorSpace = 8, space
        return self.pdf.make_indirect(stream)


def _to_unicode(glyphs: dict[int, str]) -> bytes:
    pairs = [
        f"<{glyph:04X}> <{char.encode('utf-16-be').hex().upper()}>"
        for glyph, char in sorted(glyphs.items())
    ]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    chars = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CMapType 2 def /CMapName /Yihu def\n"
        f"1 begincodespacerange <0000> <FFFF> endcodespacerange\n{chars}\nendcmap end end"
    ).encode()


def _rgb(colour: Colour) -> str:
    return " ".join(f"{channel / 255:.3f}" for channel in colour)


def _line(mark: Rule, high: float) -> str:
    dash = "[1.2 1.2] 0 d" if mark.dotted else "[] 0 d"
    start = f"{mark.x0 * _MM:.2f} {high - mark.y0 * _MM:.2f} m"
    end = f"{mark.x1 * _MM:.2f} {high - mark.y1 * _MM:.2f} l"
    return f"q {_rgb(mark.colour)} RG {mark.weight * _MM:.2f} w {dash} {start} {end} S Q"


def _area(mark: Area, high: float) -> str:
    width, height = (mark.x1 - mark.x0) * _MM, (mark.y1 - mark.y0) * _MM
    box = f"{mark.x0 * _MM:.2f} {high - mark.y1 * _MM:.2f} {width:.2f} {height:.2f} re"
    fill = mark.fill or ((200, 208, 220) if mark.kind == "photo" else None)
    paint = f"{_rgb(fill)} rg {box} f " if fill else ""
    frame = f"{_rgb(mark.colour)} RG {mark.weight * _MM:.2f} w {box} S" if mark.weight else ""
    return f"q {paint}{frame} Q"


def _tick(mark: Box, high: float) -> str:
    x, y, side = mark.x * _MM, high - (mark.y + mark.size) * _MM, mark.size * _MM
    out = f"q 0.1 0.1 0.1 RG 0.6 w {x:.2f} {y:.2f} {side:.2f} {side:.2f} re S "
    if mark.ticked:
        points = ((0.15, 0.5), (0.42, 0.15), (0.9, 0.9))
        first, *rest = (f"{x + side * right:.2f} {y + side * up:.2f}" for right, up in points)
        out += f"1 w {first} m " + " ".join(f"{point} l" for point in rest) + " S "
    return out + "Q"


def _place(mark: Seal, name: str, high: float) -> str:
    side = mark.size * 1.4 * _MM
    x, y = mark.x * _MM - side / 2, high - mark.y * _MM - side / 2
    return f"q {side:.2f} 0 0 {side:.2f} {x:.2f} {y:.2f} cm /{name} Do Q"


def text_pdf(pages: Sequence[Page], rng: random.Random) -> bytes:
    """A PDF with a text layer of the pages; handwriting becomes type."""
    writer = _Writer(rng)
    for page in pages:
        writer.page(page)
    return writer.finish()

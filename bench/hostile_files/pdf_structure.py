"""PDF whose skeleton is wrong: cycles, false counts, lost tables, depths, odd boxes, polyglots."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from bench.hostile_files.case import Case
from bench.hostile_files.drawing import encoded, scrap
from bench.hostile_files.pdf_writing import assembled, simple, stream, strokes

_LOOK = ("review",)
_NO = ("rejected:broken", "rejected:no_pages", "rejected:too_many_pages", "rejected:parser_limit")
_ANY = (*_LOOK, *_NO)
_CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>"


def page_trees() -> Iterator[Case]:
    """Cycles, false counts, no pages."""
    leaf = {1: _CATALOG, 3: _PAGE, 4: stream(strokes(60))}

    def tree(name: str, ends: tuple[str, ...], **nodes: bytes) -> Case:
        objects = leaf | {int(key[1:]): body for key, body in nodes.items()}
        return Case("pdf-page-tree", name, assembled(objects), ends)

    yield tree("own-child.pdf", _ANY, n2=b"<</Type/Pages/Kids[2 0 R]/Count 1>>")
    yield tree(
        "cycle-of-two.pdf",
        _ANY,
        n2=b"<</Type/Pages/Kids[6 0 R 3 0 R]/Count 3>>",
        n6=b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 2>>",
    )
    for count in (1_000_000_000, 2_147_483_647, 9_999_999_999_999):
        yield tree(f"claims-{count}.pdf", _ANY, n2=b"<</Type/Pages/Kids[3 0 R]/Count %d>>" % count)
    yield tree("claims-minus.pdf", _ANY, n2=b"<</Type/Pages/Kids[3 0 R]/Count -5>>")
    yield tree("zero-pages.pdf", ("rejected:no_pages",), n2=b"<</Type/Pages/Kids[]/Count 0>>")
    yield tree("kids-missing.pdf", _ANY, n2=b"<</Type/Pages/Kids[77 0 R 78 0 R]/Count 2>>")
    same = b"3 0 R " * 60
    yield tree("same-page-60.pdf", _ANY, n2=b"<</Type/Pages/Kids[%s]/Count 60>>" % same)
    many = dict.fromkeys(range(10, 511), _PAGE)
    kids = b"".join(b"%d 0 R " % n for n in many)
    yield tree(
        "501-pages.pdf",
        ("rejected:too_many_pages",),
        n2=b"<</Type/Pages/Kids[%s]/Count 501>>" % kids,
        **{f"n{n}": body for n, body in many.items()},
    )
    deep = {f"n{n}": b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (n + 1) for n in range(10, 3010)}
    deep |= {"n3010": _PAGE, "n2": b"<</Type/Pages/Kids[10 0 R]/Count 1>>"}
    yield tree("3000-levels.pdf", _ANY, **deep)


def tables() -> Iterator[Case]:
    """Cross-reference tables and trailers that lie."""
    kind = "pdf-xref"
    whole = simple(70)
    at = whole.rindex(b"startxref")
    yield Case(kind, "points-nowhere.pdf", whole[:at] + b"startxref\n7\n%%EOF\n", _ANY)
    start = whole.rindex(b"\nxref") + 1
    yield Case(kind, "no-table.pdf", simple(71)[:start] + b"\nstartxref\n0\n%%EOF\n",
               (*_ANY, "rejected:truncated"))  # fmt: skip
    looped = simple(72)
    place = int(looped[looped.rindex(b"startxref") :].split()[1])
    looped = looped.replace(b"trailer<<", b"trailer<</Prev %d" % place)
    yield Case(kind, "prev-to-itself.pdf", looped, _ANY)
    yield Case(kind, "no-root.pdf", simple(73).replace(b"/Root 1 0 R", b"/Rook 1 0 R"), _ANY)
    yield Case(kind, "root-is-a-page.pdf", simple(74).replace(b"/Root 1 0", b"/Root 3 0"), _ANY)
    zeroed = simple(75)
    begin = zeroed.index(b"0000000000 65535")
    zeroed = zeroed[:begin] + zeroed[begin:].replace(b" 00000 n", b" 65535 n")
    yield Case(kind, "wrong-generations.pdf", zeroed, _ANY)
    huge = simple(76).replace(b"/Size 6", b"/Size 2147483647")
    yield Case(kind, "size-2e9.pdf", huge, _ANY)
    section = simple(77).replace(b"xref\n0 6", b"xref\n0 999999999")
    yield Case(kind, "section-1e9.pdf", section, _ANY)
    yield Case(kind, "only-a-head.pdf", b"%PDF-1.7\n%%EOF\n", _ANY)
    yield Case(kind, "head-and-noise.pdf", b"%PDF-1.7\n" + b"\x9c\x01obj<<" * 3000 + b"%%EOF", _ANY)
    own = b"<</Type/ObjStm/N 1/First 4/Extends 10 0 R/Length 8>>stream\n10 0 <<>>\nendstream"
    yield Case(kind, "object-stream-loop.pdf", simple(78, more={10: own}), _ANY)
    length = simple(79, content=b"<</Length 4 0 R>>stream\n0 g\nendstream")
    yield Case(kind, "length-of-itself.pdf", length, _ANY)


def depths() -> Iterator[Case]:
    """Nesting without end."""
    kind = "pdf-nesting"
    arrays = b"[" * 100_000 + b"]" * 100_000
    yield Case(kind, "arrays.pdf", simple(80, more={10: arrays}, root=b"/X 10 0 R"), _ANY)
    boxes = simple(81).replace(b"/MediaBox[0", b"/MediaBox[" + b"[" * 50_000 + b"0")
    yield Case(kind, "box-of-arrays.pdf", boxes, _ANY)
    saves = stream(b"q " * 500_000 + strokes(82), packed=True)
    yield Case(kind, "saved-states.pdf", simple(82, content=saves), _ANY)
    own = stream(b"/X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]"
                           b"/Resources<</XObject<</X 10 0 R>>>>")  # fmt: skip
    drawn = stream(b"/X Do " + strokes(83))
    looped = simple(83, content=drawn, resources=b"/XObject<</X 10 0 R>>", more={10: own})
    yield Case(kind, "form-in-itself.pdf", looped, _ANY)
    glyph = stream(b"100 0 d0 BT /T 9 Tf (a) Tj ET")
    type3 = (b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/FirstChar 97"
             b"/LastChar 97/Widths[9]/Encoding<</Differences[97/a]>>/CharProcs<</a 11 0 R>>"
             b"/Resources<</Font<</T 10 0 R>>>>>>")  # fmt: skip
    font = simple(84, content=stream(b"BT /T 9 Tf (aaa) Tj ET"),
                  page=b"", more={10: type3, 11: glyph})  # fmt: skip
    font = font.replace(b"/Font<</F 5 0 R>>", b"/Font<</T 10 0 R>>", 1)
    yield Case(kind, "glyph-in-itself.pdf", font, _ANY)
    marks = {n: b"<</Title(x)/Parent 10 0 R/Next %d 0 R>>" % (n + 1) for n in range(11, 2011)}
    marks |= {2011: b"<</Title(x)/Next 11 0 R>>", 10: b"<</First 11 0 R/Last 11 0 R>>"}
    yield Case(kind, "outline-loop.pdf", simple(85, root=b"/Outlines 10 0 R", more=marks), _ANY)


def page_boxes() -> Iterator[Case]:
    """Pages far too large, too small, or of no size at all."""
    kind = "pdf-page-box"
    too_large = ("rejected:too_many_pixels",)
    for number, (name, box, ends) in enumerate((
        ("200-inch", b"0 0 14400 14400", too_large),
        ("football-field", b"0 0 1000000 1000000", too_large),
        ("1e30", b"0 0 1000000000000000000000000000000 1000000000000000000000000000000",
         (*too_large, *_ANY)),
        ("strip", b"0 0 14400 1", _ANY),
        ("no-size", b"0 0 0 0", _ANY),
        ("reversed", b"595 842 0 0", _ANY),
        ("far-away", b"2000000 2000000 2000595 2000842", _ANY),
        ("words", b"(a) (b) (c) (d)", _ANY),
        ("user-unit", b"0 0 595 842]/UserUnit 75000/Y[0", (*too_large, *_ANY)),
    )):  # fmt: skip
        yield Case(kind, f"{name}.pdf", simple(90 + number, box=box), ends)


def polyglots() -> Iterator[Case]:
    """Files that are two things at once."""
    kind = "polyglot"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("evil.exe"), b"MZ" + bytes(100))
    yield Case(kind, "pdf-then-zip.pdf", simple(110) + packed.getvalue(), _ANY)
    yield Case(kind, "zip-then-pdf.zip", packed.getvalue() + simple(111), _ANY)
    jpeg = encoded(scrap("polyglot"), "JPEG", comment=b"%PDF-1.4 is what I am not")
    yield Case(kind, "jpeg-that-says-pdf.jpg", jpeg, _ANY)
    yield Case(kind, "html-then-pdf.html", b"<html><body>x</body></html>\n" + simple(112), _ANY)
    yield Case(kind, "gif-then-pdf.gif", encoded(scrap("g"), "GIF") + simple(113), _ANY)
    yield Case(kind, "jpeg-then-exe.jpg", encoded(scrap("j"), "JPEG") + b"MZ" + bytes(3000), _ANY)
    yield Case(kind, "script-then-pdf.sh", b"#!/bin/sh\nexit 0\n" + simple(114), _ANY)

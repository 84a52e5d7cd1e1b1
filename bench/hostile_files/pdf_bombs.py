"""PDF that is small on disk and enormous when opened."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import cache

from bench.hostile_files.case import Case
from bench.hostile_files.pdf_content import jbig2
from bench.hostile_files.pdf_writing import (
    assembled,
    image,
    simple,
    stream,
    strokes,
    with_image,
    zeros,
)

_COST = ("review", "rejected:parser_limit")
_TOO_LARGE = ("rejected:too_many_pixels",)
_GREY1 = b"/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/FlateDecode"
_RGB = b"/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode"


def bombs(size: int) -> Iterator[Case]:
    """Bombs that unpack to about `size` bytes, made only when they are asked for."""
    for name, make, ends in (
        ("flate.pdf", lambda: simple(120, content=_packed(size)), _COST),
        ("300-bombs.pdf", lambda: _many(127, 300, size), _COST),
        ("forms.pdf", lambda: _forms(122, 8, 12), _COST),
        ("image-50000.pdf", lambda: with_image(123, _wide()), _TOO_LARGE),
        ("flate-twice.pdf", lambda: simple(121, content=_packed(size, twice=True)), _COST),
        ("mask-50000.pdf", lambda: _masked(124), (*_COST, *_TOO_LARGE)),
        ("image-98-megapixels.pdf", lambda: with_image(125, _heavy()), _COST),
        ("operators.pdf", lambda: simple(126, content=_work(size // 200)), _COST),
        ("jbig2-claims-65000.pdf", lambda: _claimed(128), (*_COST, *_TOO_LARGE)),
        ("pattern.pdf", lambda: _tiled(129), _COST),
        ("text.pdf", lambda: simple(130, content=_words(size // 2000)), _COST),
        ("annotations.pdf", lambda: _annotated(131), _COST),
    ):
        yield Case("pdf-bomb", name, make, ends)


@cache
def _packed(size: int, *, twice: bool = False) -> bytes:
    """A content stream of `size` blanks."""
    if twice:
        packed = zlib.compress(_blanks(size), 9)
        return stream(packed, b"/Filter[/FlateDecode/FlateDecode]")
    return stream(_blanks(size), b"/Filter/FlateDecode")


def _wide() -> bytes:
    return image(50_000, 50_000, zeros(6250 * 50_000), _GREY1)


def _heavy() -> bytes:
    return image(9_900, 9_900, zeros(9_900 * 9_900 * 3), _RGB)


def _masked(seed: int) -> bytes:
    hidden = image(64, 64, zlib.compress(bytes(64 * 64 * 3)), _RGB + b"/SMask 11 0 R")
    mask = image(50_000, 50_000, zeros(1 << 20), _GREY1.replace(b"t 1/F", b"t 8/F"))
    return with_image(seed, hidden, more={11: mask})


def _work(count: int) -> bytes:
    return stream(b"0 0 m 595 842 l S " * count, packed=True)


def _words(count: int) -> bytes:
    words = b"(abcdefghij klmnopqrst) Tj " * count
    return stream(b"BT /F 1 Tf 10 400 Td " + words + b"ET", packed=True)


def _claimed(seed: int) -> bytes:
    kind = b"/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode"
    data = jbig2(800, 1100, b"", (65_000, 65_000))
    return with_image(seed, image(800, 1100, data, kind))


def _tiled(seed: int) -> bytes:
    head = b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep 0.001/YStep 0.001"
    tile = stream(b"0 0 1 1 re f", head + b"/Resources<<>>")
    content = stream(b"/Pattern cs /P scn 0 0 595 842 re f")
    return simple(seed, content=content, more={10: tile}, resources=b"/Pattern<</P 10 0 R>>")


def _annotated(seed: int) -> bytes:
    notes = b"<</Type/Annot/Subtype/Square/Rect[10 10 90 90]/C[1 0 0]>>" * 20_000
    return simple(seed, page=b"/Annots[%s]" % notes)


@cache
def _blanks(size: int) -> bytes:
    """`size` bytes of content, all blanks, deflated."""
    packer = zlib.compressobj(9)
    block = b" " * (1 << 20)
    return b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()


def _forms(seed: int, fan: int, depth: int) -> bytes:
    """Forms that draw forms that draw forms: fan ** depth drawings."""
    drawn = stream(b"/X Do " * fan)
    head = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]"
    more = {
        number: stream(
            b"/X Do " * fan, head + b"/Resources<</XObject<</X %d 0 R>>>>" % (number + 1)
        )
        for number in range(10, 10 + depth)
    }
    more[10 + depth] = stream(strokes(seed), head)
    return simple(seed, content=drawn, resources=b"/XObject<</X 10 0 R>>", more=more)


def _many(seed: int, pages: int, size: int) -> bytes:
    """Every page a bomb: the line must not stand still for hours."""
    kids = b"".join(b"%d 0 R " % (10 + n) for n in range(pages))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>"
    return assembled(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages),
            4: _packed(size),
            5: b"(%d)" % seed,
            **{10 + n: page for n in range(pages)},
        }
    )

"""Images in every mode and codec, whole and harmless: none may be refused, none filed."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image

from bench.hostile_files.case import Case
from bench.hostile_files.drawing import FORMS, encoded, photo, picture, scrap

_LOOK = ("review",)


def modes() -> Iterator[Case]:
    """CMYK, 16 bits, 1 bit, palette, alpha and rarer ones."""
    kind = "image-mode"
    for name, form, mode in (
        ("cmyk.jpg", "JPEG", "CMYK"),
        ("grey.jpg", "JPEG", "L"),
        ("cmyk.tif", "TIFF", "CMYK"),
        ("lab.tif", "TIFF", "LAB"),
        ("ycbcr.tif", "TIFF", "YCbCr"),
        ("1-bit.png", "PNG", "1"),
        ("1-bit.tif", "TIFF", "1"),
        ("1-bit.bmp", "BMP", "1"),
        ("palette.png", "PNG", "P"),
        ("palette.bmp", "BMP", "P"),
        ("palette.gif", "GIF", "P"),
        ("alpha.png", "PNG", "RGBA"),
        ("alpha.webp", "WEBP", "RGBA"),
        ("alpha.tif", "TIFF", "RGBA"),
        ("grey-alpha.png", "PNG", "LA"),
        ("float.tif", "TIFF", "F"),
        ("32-bit.tif", "TIFF", "I"),
    ):
        yield Case(kind, name, encoded(scrap(name, mode=mode), form), _LOOK)
    deep = Image.fromarray(np.asarray(scrap("16").convert("L")).astype(np.uint16) * 257)
    yield Case(kind, "16-bit.png", encoded(deep, "PNG"), _LOOK)
    yield Case(kind, "16-bit.tif", encoded(deep, "TIFF"), _LOOK)
    clear = scrap("clear", mode="RGBA")
    clear.putalpha(0)
    yield Case(kind, "all-transparent.png", encoded(clear, "PNG"), _LOOK)
    yield Case(kind, "progressive.jpg", encoded(scrap("p"), "JPEG", progressive=True), _LOOK)
    yield Case(kind, "one-pixel.png", encoded(scrap("1", (1, 1)), "PNG"), _LOOK)
    yield Case(kind, "thin.png", encoded(scrap("t", (60_000, 1), "L"), "PNG"), _LOOK)
    yield Case(kind, "tall.png", encoded(scrap("h", (1, 60_000), "L"), "PNG"), _LOOK)


def codecs() -> Iterator[Case]:
    """JPEG 2000, fax and the other codecs of TIFF."""
    kind = "image-codec"
    yield Case(kind, "lossy.jp2", picture("jp2", "lossy"), _LOOK)
    yield Case(kind, "raw.j2k", encoded(photo("j2k"), "JPEG2000", no_jp2=True), _LOOK)
    yield Case(kind, "grey.jp2", encoded(photo("g").convert("L"), "JPEG2000"), _LOOK)
    for name in ("group3", "group4"):
        yield Case(kind, f"{name}.tif", encoded(scrap(name, mode="1"), "TIFF", compression=name),
                   _LOOK)  # fmt: skip
    for name in ("packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg"):
        yield Case(kind, f"{name}.tif", encoded(scrap(name), "TIFF", compression=name), _LOOK)
    yield Case(kind, "photo.heic", picture("heic", "heic"), _LOOK)
    yield Case(kind, "photo.webp", encoded(photo("webp"), "WEBP", quality=70), _LOOK)
    big = encoded(scrap("big"), "TIFF", big_tiff=True)
    yield Case(kind, "big.tif", big, _LOOK)
    frames = [scrap(f"frame {n}", (80, 60)) for n in range(5)]
    for form, name in (("WEBP", "moving.webp"), ("PNG", "moving.png"), ("TIFF", "five-pages.tif")):
        data = encoded(frames[0], form, save_all=True, append_images=frames[1:])
        yield Case(kind, name, data, _LOOK)


def turned() -> Iterator[Case]:
    """The eight orientations of EXIF, and one that does not exist."""
    for number in (*range(1, 9), 77):
        exif = Image.Exif()
        exif[274] = number
        image = scrap(f"exif {number}", (300, 200))
        data = encoded(image, "JPEG", exif=exif)
        yield Case("exif-rotation", f"{number}.jpg", data, _LOOK)
    exif = Image.Exif()
    exif[274] = 6
    for extension in ("png", "webp", "tif"):
        data = encoded(scrap(f"exif {extension}"), FORMS[extension][0], exif=exif)
        yield Case("exif-rotation", f"6.{extension}", data, _LOOK)
    data = encoded(scrap("bad exif"), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")
    yield Case("exif-rotation", "exif-outside.jpg", data, _LOOK)


def photos() -> Iterator[Case]:
    """Photographs without a word: kept for a person to file as media."""
    ends = ("review:photo", "review:media_file", "review:no_text", "review:not_household_paper")
    for number in range(4):
        data = encoded(photo(f"wall {number}", (1200, 900)), "JPEG", quality=85)
        yield Case("photo", f"IMG_{number:04}.jpg", data, ends)
    yield Case("photo", "IMG_0009.heic", encoded(photo("wall 9", (800, 600)), "HEIF"), ends)
    black = Image.new("L", (800, 600), 0)
    yield Case("photo", "lens-cap.jpg", encoded(black, "JPEG"), _LOOK)
    yield Case("photo", "white-wall.png", encoded(Image.new("L", (800, 600), 255), "PNG"), _LOOK)


def cut() -> Iterator[Case]:
    """Files that end too soon, at many places."""
    from bench.hostile_files.pdf_writing import simple, stream

    noise = stream(np.random.default_rng(3).bytes(9000))
    files = {name: picture(name, f"cut {name}") for name in FORMS}
    files["pdf"] = simple(140, more={10: noise})
    truth = ("rejected:truncated",)
    short = (*truth, "rejected:unsupported", "rejected:broken")
    for share in (0.5, 0.01, 0.9, 0.25, 0.99, 0.1, 0.75):
        for name, data in files.items():
            yield Case("truncated", f"{share * 100:02.0f}-percent.{name}",
                       data[: int(len(data) * share)], short if share < 0.1 else truth)  # fmt: skip
    for missing in (1, 2, 8, 100):
        for name, data in files.items():
            if (name, missing) == ("pdf", 1):  # the line end after %%EOF: still whole
                continue
            yield Case("truncated", f"minus-{missing}.{name}", data[:-missing], truth)
    for kept in (1, 2, 4, 9, 20):
        for name, data in files.items():
            yield Case("truncated-head", f"{kept}-bytes.{name}", data[:kept] + b"", short)
    for name, data in files.items():
        half = len(data) // 2
        black = ("review",) if name == "bmp" else ()  # zeros are black pixels there
        yield Case("truncated", f"zeroed-tail.{name}", data[:half] + bytes(len(data) - half),
                   (*truth, *black, "rejected:broken"))  # fmt: skip
        middle = data[: half - 40] + bytes(80) + data[half + 40 :]
        yield Case("damaged", f"hole.{name}", middle, ("review", *short))
        flipped = bytearray(data)
        for place in np.random.default_rng(len(data)).integers(20, len(data), 40):
            flipped[place] ^= 0x55
        yield Case("damaged", f"flipped.{name}", bytes(flipped),
                   ("review", *short, "rejected:too_many_pixels", "rejected:encrypted",
                    "rejected:parser_limit", "rejected:no_pages"))  # fmt: skip


def frames(count: int) -> bytes:
    """A GIF of `count` frames of one pixel."""
    one = Image.new("P", (1, 1))
    out = io.BytesIO()
    one.save(out, "GIF")
    head = out.getvalue()[:-1]
    start = head.index(b",", 13)
    return head[:start] + head[start:] * count + b";"

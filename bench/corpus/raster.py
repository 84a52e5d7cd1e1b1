"""Draws a laid-out page as an image: print, pens, ticks and seals."""

from __future__ import annotations

import random
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from bench.corpus import faces
from bench.corpus.marks import Area, Box, Colour, Glyphs, Page, Rule, Seal
from bench.corpus.scenery import photograph
from bench.corpus.seals import stamp

_BASELINE = 0.88


def draw(page: Page, dpi: int, rng: random.Random, paper: Colour = (255, 255, 255)) -> Image.Image:
    """The page as an RGB image at a resolution."""
    scale = dpi / 25.4
    size = (round(page.width * scale), round(page.height * scale))
    if page.kind == "photo":
        return photograph(size[0], size[1], rng)
    image = Image.new("RGB", size, paper)
    pen = ImageDraw.Draw(image)
    for mark in page.marks:
        if isinstance(mark, Glyphs):
            if mark.hand:
                _handwrite(image, mark, scale, rng)
            else:
                _print(pen, mark, scale)
        elif isinstance(mark, Rule):
            _rule(pen, mark, scale)
        elif isinstance(mark, Area):
            _area(pen, mark, scale)
        elif isinstance(mark, Box):
            _box(pen, mark, scale, rng)
    for mark in page.marks:
        if isinstance(mark, Seal):
            stamp(image, mark, scale, rng)
    return image


def _print(pen: ImageDraw.ImageDraw, mark: Glyphs, scale: float) -> None:
    size = max(6, round(mark.size * scale))
    x, y = mark.x * scale, (mark.y + mark.size * _BASELINE) * scale
    for face, text in faces.pieces(mark.face, mark.text):
        font = faces.font(face, size)
        pen.text((x, y), text, font=font, fill=mark.colour, anchor="ls")
        x += font.getlength(text)


def _rule(pen: ImageDraw.ImageDraw, mark: Rule, scale: float) -> None:
    width = max(1, round(mark.weight * scale))
    x0, y0, x1, y1 = (round(v * scale) for v in (mark.x0, mark.y0, mark.x1, mark.y1))
    if not mark.dotted:
        pen.line((x0, y0, x1, y1), fill=mark.colour, width=width)
        return
    gap = max(3, round(0.9 * scale))
    for x in range(x0, x1, gap):
        pen.line((x, y0, min(x + gap // 2, x1), y0), fill=mark.colour, width=width)


def _area(pen: ImageDraw.ImageDraw, mark: Area, scale: float) -> None:
    box = tuple(round(v * scale) for v in (mark.x0, mark.y0, mark.x1, mark.y1))
    if mark.kind == "photo":
        _portrait(pen, box)
        return
    width = max(1, round(mark.weight * scale)) if mark.weight else 0
    pen.rectangle(box, fill=mark.fill, outline=mark.colour if width else None, width=max(1, width))


def _portrait(pen: ImageDraw.ImageDraw, box: tuple[int, ...]) -> None:
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    pen.rectangle(box, fill=(206, 214, 224), outline=(120, 120, 120))
    pen.pieslice(
        (x0 + width * 0.1, y0 + height * 0.68, x1 - width * 0.1, y1 + height * 0.32),
        180,
        360,
        fill=(58, 62, 78),
    )
    pen.ellipse(
        (x0 + width * 0.28, y0 + height * 0.16, x1 - width * 0.28, y0 + height * 0.7),
        fill=(222, 188, 164),
    )
    pen.pieslice(
        (x0 + width * 0.25, y0 + height * 0.1, x1 - width * 0.25, y0 + height * 0.6),
        180,
        360,
        fill=(38, 34, 34),
    )


def _box(pen: ImageDraw.ImageDraw, mark: Box, scale: float, rng: random.Random) -> None:
    x, y, size = mark.x * scale, mark.y * scale, mark.size * scale
    ink = (28, 28, 30)
    pen.rectangle((x, y, x + size, y + size), outline=ink, width=max(1, round(0.22 * scale)))
    if not mark.ticked:
        return
    wide = max(2, round(0.4 * scale))
    jitter = [rng.uniform(-0.12, 0.12) * size for _ in range(6)]
    if mark.style == "fill":
        pen.rectangle(
            (x + size * 0.15, y + size * 0.15, x + size * 0.85, y + size * 0.85), fill=ink
        )
    elif mark.style == "cross":
        pen.line((x, y, x + size, y + size), fill=ink, width=wide)
        pen.line((x + size, y, x, y + size), fill=ink, width=wide)
    else:
        points = (
            x + jitter[0],
            y + size * 0.5 + jitter[1],
            x + size * 0.42,
            y + size + jitter[2],
            x + size * 1.25 + jitter[3],
            y - size * 0.3 + jitter[4],
        )
        pen.line(points, fill=(24, 34, 88), width=wide, joint="curve")


@lru_cache(maxsize=4096)
def _glyph(face: str, char: str, size: int) -> npt.NDArray[np.uint8]:
    """One character's coverage, with a margin of half an em for turning."""
    edge = size // 2
    tile = Image.new("L", (size + 2 * edge, size + 2 * edge), 0)
    font = faces.font(faces.face_for(face, char), size)
    ImageDraw.Draw(tile).text(
        (edge, edge + size * _BASELINE), char, font=font, fill=255, anchor="ls"
    )
    return np.asarray(tile, dtype=np.uint8)


def _handwrite(image: Image.Image, mark: Glyphs, scale: float, rng: random.Random) -> None:
    """Write each character with its own size, lean, turn and height."""
    base = mark.size * scale
    slant, x = rng.uniform(-0.05, 0.16), mark.x * scale
    drift = rng.uniform(-0.02, 0.03)
    for char in mark.text:
        size = max(8, round(base))
        step = faces.width(mark.face, char) * base
        if char.strip():
            tile = _turned(_glyph(mark.face, char, size), slant, rng)
            top = mark.y * scale + rng.gauss(0, 0.035) * base - drift * (x - mark.x * scale)
            shade = tuple(
                min(255, max(0, channel + rng.randint(-8, 22))) for channel in mark.colour
            )
            place = (round(x - size // 2 + rng.gauss(0, 0.02) * base), round(top - size // 2))
            image.paste(shade, place, Image.fromarray(tile))
        x += step


def _turned(tile: npt.NDArray[np.uint8], slant: float, rng: random.Random) -> npt.NDArray[np.uint8]:
    height, width = tile.shape
    middle = (width / 2, height / 2)
    turn = cv2.getRotationMatrix2D(middle, rng.gauss(0, 2.6), 1 + rng.gauss(0, 0.055))
    lean = slant + rng.gauss(0, 0.03)
    shear = np.array([[1, -lean, lean * middle[1]], [0, rng.uniform(0.93, 1.05), 0], [0, 0, 1]])
    matrix = np.vstack([turn, [0, 0, 1]]) @ shear
    out = cv2.warpAffine(tile, matrix[:2], (width, height), flags=cv2.INTER_LINEAR)
    return np.asarray(out, dtype=np.uint8)

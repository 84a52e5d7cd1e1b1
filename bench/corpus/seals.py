"""Red seals: round ones with a star, boxed ones, fingerprints, with the gaps that ink leaves."""

from __future__ import annotations

import math
import random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from bench.corpus import faces
from bench.corpus.marks import Seal

_FACE = "noto-serif-bold"


def stamp(image: Image.Image, seal: Seal, scale: float, rng: random.Random) -> None:
    """Press a seal on the page: where it falls on ink both stay visible."""
    size = max(24, round(seal.size * scale))
    mask = {"round": _round, "box": _boxed, "finger": _finger}[seal.kind](seal.text, size)
    mask = mask.rotate(seal.angle, resample=Image.Resampling.BILINEAR, expand=True)
    cover = np.asarray(mask, dtype=np.float32) / 255 * _patches(mask.size, rng)
    x, y = round(seal.x * scale - mask.width / 2), round(seal.y * scale - mask.height / 2)
    area = (
        max(0, x),
        max(0, y),
        min(image.width, x + mask.width),
        min(image.height, y + mask.height),
    )
    if area[2] <= area[0] or area[3] <= area[1]:
        return
    cover = cover[area[1] - y : area[3] - y, area[0] - x : area[2] - x, None]
    under = np.asarray(image.crop(area), dtype=np.float32)
    ink = np.array(
        [rng.uniform(200, 226), rng.uniform(28, 62), rng.uniform(36, 66)], dtype=np.float32
    )
    pressed = under * (1 - cover) + under * (ink / 255) * cover
    image.paste(Image.fromarray(pressed.astype(np.uint8)), area[:2])


def _patches(size: tuple[int, int], rng: random.Random) -> npt.NDArray[np.float32]:
    """Uneven ink: soft patches with some spots that did not print."""
    noise = np.random.default_rng(rng.randrange(2**32))
    coarse = noise.uniform(0.45, 1.15, (12, 12)).astype(np.float32)
    soft = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    fine = noise.random((size[1], size[0]), dtype=np.float32)
    spots = np.where(fine < 0.08, 0.35, 1.0)
    return np.asarray(np.clip(np.asarray(soft) * spots, 0, 0.92), dtype=np.float32)


def _round(text: str, size: int) -> Image.Image:
    mask = Image.new("L", (size, size), 0)
    pen = ImageDraw.Draw(mask)
    pen.ellipse((1, 1, size - 2, size - 2), outline=255, width=max(2, size // 36))
    ring, _, below = text.partition("|")
    _ring(mask, ring, size)
    points = []
    for corner in range(10):
        radius = size * (0.15 if corner % 2 == 0 else 0.06)
        turn = math.pi * corner / 5 - math.pi / 2
        points.append((size / 2 + radius * math.cos(turn), size / 2 + radius * math.sin(turn)))
    pen.polygon(points, fill=255)
    if below:
        font = faces.font(_FACE, max(8, size // 10))
        pen.text((size / 2, size * 0.78), below, font=font, fill=255, anchor="mm")
    return mask


def _ring(mask: Image.Image, text: str, size: int) -> None:
    spread = min(250.0, 17.0 * len(text))
    letter = max(9, min(size // 8, round(size * 0.36 * math.radians(spread) / max(1, len(text)))))
    font = faces.font(_FACE, letter)
    for place, char in enumerate(text):
        angle = -spread / 2 + spread * (place + 0.5) / len(text)
        tile = Image.new("L", (letter * 2, letter * 2), 0)
        ImageDraw.Draw(tile).text((letter, letter), char, font=font, fill=255, anchor="mm")
        tile = tile.rotate(-angle, resample=Image.Resampling.BILINEAR)
        radius = size * 0.5 - letter * 0.95
        x = size / 2 + radius * math.sin(math.radians(angle)) - letter
        y = size / 2 - radius * math.cos(math.radians(angle)) - letter
        mask.paste(255, (round(x), round(y)), tile)


def _boxed(text: str, size: int) -> Image.Image:
    height = round(size * 0.42)
    mask = Image.new("L", (size, height), 0)
    pen = ImageDraw.Draw(mask)
    pen.rectangle((1, 1, size - 2, height - 2), outline=255, width=max(2, size // 50))
    first, _, second = text.partition("|")
    for place, line in enumerate((first, second or "收讫")):
        letter = max(8, min(height // 3, round(size * 0.92 / max(1, len(line)))))
        pen.text(
            (size / 2, height * (0.3 + 0.4 * place)),
            line,
            font=faces.font(_FACE, letter),
            fill=255,
            anchor="mm",
        )
    return mask


def _finger(_: str, size: int) -> Image.Image:
    mask = Image.new("L", (size, round(size * 1.3)), 0)
    pen = ImageDraw.Draw(mask)
    for ring in range(1, 7):
        inset = size * 0.075 * ring
        box = (inset, inset * 1.3, size - inset, size * 1.3 - inset * 1.1)
        pen.ellipse(box, outline=235, width=max(1, size // 26))
    return mask

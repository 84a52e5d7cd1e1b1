"""What happens to a page between the printer and the inbox: copying, scanning, photographing."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Wear:
    """The condition of a scan; the defaults are a clean one.

    `skew` in degrees, `rotation` the clockwise turn of the whole page, `noise`
    the standard deviation of pixel values, `faint` the share of ink lost,
    `mode` "colour", "grey" or "bilevel", `photo` a page photographed by phone,
    from a `slant` (share by which a corner may move) and lit down to `gloom`
    (share of light in the darkest corner). `dim` is the share of light lost by
    the whole page.
    """

    dpi: int = 200
    mode: str = "grey"
    skew: float = 0.0
    rotation: int = 0
    noise: float = 0.0
    blur: float = 0.0
    faint: float = 0.0
    quality: int = 85
    photo: bool = False
    border: bool = False
    holes: bool = False
    tint: bool = False
    streak: bool = False
    slant: float = 0.028
    gloom: float = 0.68
    dim: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """The conditions as the truth file states them."""
        return {name: getattr(self, name) for name in self.__slots__}


def random_wear(rng: random.Random, hard: float = 0.5) -> Wear:
    """A usual office scan, now and then a bad one; `hard` (0..1) is the share of wear."""
    mode = rng.choices(("grey", "colour", "bilevel"), (45, 40, 15))[0]
    photo = mode == "colour" and rng.random() < 0.3
    rotated = rng.random() < 0.12
    skewed = rng.random() < 0.6
    return Wear(
        dpi=rng.choices((150, 200, 240, 300), (0 if mode == "bilevel" else 18, 47, 15, 20))[0],
        mode=mode,
        skew=round(rng.uniform(-3, 3) if rng.random() < 0.25 else rng.gauss(0, 0.6), 2)
        if skewed
        else 0.0,
        rotation=rng.choice((90, 180, 270)) if rotated else 0,
        noise=round(rng.uniform(2, 11), 1) if rng.random() < hard else 1.5,
        blur=round(rng.uniform(0.3, 0.8), 2) if rng.random() < hard * 0.5 else 0.0,
        faint=round(rng.uniform(0.25, 0.55), 2)
        if mode != "bilevel" and rng.random() < hard * 0.2
        else 0.0,
        quality=rng.choice((55, 65, 75, 85, 92)),
        photo=photo,
        border=not photo and rng.random() < hard * 0.25,
        holes=rng.random() < hard * 0.25,
        tint=mode == "colour" and rng.random() < 0.3,
        streak=not photo and rng.random() < hard * 0.08,
    )


def age(image: Image.Image, wear: Wear, rng: random.Random) -> Image.Image:
    """The page image as it comes from the scanner or the phone."""
    colour = wear.mode == "colour"
    pixels: Pixels = np.asarray(image if colour else image.convert("L"), dtype=np.uint8)
    if wear.tint:
        pixels = _tinted(pixels, rng)
    if wear.faint:
        pixels = _faded(pixels, wear.faint)
    if wear.holes:
        pixels = _pierced(pixels, wear.dpi, rng)
    if wear.photo:
        pixels = _photographed(pixels, wear, rng)
    elif wear.skew or wear.border:
        pixels = _skewed(pixels, wear, rng)
    if wear.dim:
        pixels = (pixels * (1 - wear.dim)).astype(np.uint8)
    if wear.streak:
        pixels = _streaked(pixels, rng)
    if wear.blur:
        pixels = np.asarray(
            cv2.GaussianBlur(pixels, (0, 0), wear.blur * wear.dpi / 150), dtype=np.uint8
        )
    if wear.noise > 1.5:
        pixels = _noisy(pixels, wear.noise, rng)
    if wear.rotation:
        pixels = np.ascontiguousarray(np.rot90(pixels, -wear.rotation // 90))
    if wear.mode == "bilevel":
        return _bilevel(pixels)
    return Image.fromarray(pixels)


def _tinted(pixels: Pixels, rng: random.Random) -> Pixels:
    """Yellowed or coloured paper (second and third copies are red or yellow)."""
    paper = rng.choice(((252, 246, 226), (250, 226, 224), (253, 240, 190), (228, 240, 226)))
    table = np.stack([np.arange(256) * tone / 255 for tone in paper], axis=-1).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, table.reshape(1, 256, 3)), dtype=np.uint8)


def _faded(pixels: Pixels, share: float) -> Pixels:
    table = (255 - (255 - np.arange(256)) * (1 - share)).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, table), dtype=np.uint8)


def _pierced(pixels: Pixels, dpi: int, rng: random.Random) -> Pixels:
    """Staple marks in a corner or two punched holes at the edge."""
    out = pixels.copy()
    mm = dpi / 25.4
    dark: Any = 45 if out.ndim == 2 else (45, 42, 40)
    if rng.random() < 0.5:
        x, y = rng.uniform(5, 11) * mm, rng.uniform(5, 11) * mm
        cv2.line(
            out,
            (round(x), round(y)),
            (round(x + 8 * mm), round(y - 3 * mm)),
            dark,
            max(2, round(0.5 * mm)),
        )
    else:
        for share in (0.36, 0.63):
            centre = (round(rng.uniform(6, 8) * mm), round(out.shape[0] * share))
            cv2.circle(out, centre, round(2.8 * mm), dark, -1)
    return out


def _skewed(pixels: Pixels, wear: Wear, rng: random.Random) -> Pixels:
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D(
        (width / 2, height / 2), wear.skew, 0.985 if wear.border else 1.0
    )
    if wear.border:
        matrix[:, 2] += (rng.uniform(-0.012, 0.012) * width, rng.uniform(-0.01, 0.01) * height)
    paper: Any = (
        int(pixels[2, 2].max()) if pixels.ndim == 2 else tuple(int(v) for v in pixels[2, 2])
    )
    edge: Any = (18 if pixels.ndim == 2 else (18, 18, 20)) if wear.border else paper
    out = cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=edge)
    return np.asarray(out, dtype=np.uint8)


def _photographed(pixels: Pixels, wear: Wear, rng: random.Random) -> Pixels:
    """Seen from a slant, on a desk, lit from one side."""
    height, width = pixels.shape[:2]
    off = wear.slant

    def corner(x: float, y: float) -> tuple[float, float]:
        return (
            x + rng.uniform(0.2, 1) * off * width * (1 if x == 0 else -1),
            y + rng.uniform(0.2, 1) * off * height * (1 if y == 0 else -1),
        )

    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    target = np.array(
        [corner(0, 0), corner(width, 0), corner(width, height), corner(0, height)], dtype=np.float32
    )
    desk = rng.choice(((92, 74, 58), (60, 62, 66), (128, 120, 110)))
    matrix = cv2.getPerspectiveTransform(source, target)
    out = cv2.warpPerspective(
        pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=desk
    )
    corners = np.array(
        [
            [rng.uniform(wear.gloom, 1.0), rng.uniform(wear.gloom, 1.0)],
            [rng.uniform(wear.gloom, 1.0), rng.uniform(wear.gloom, 1.0)],
        ],
        dtype=np.float32,
    )
    light = cv2.resize(
        cv2.resize(corners, (32, 32), interpolation=cv2.INTER_LINEAR), (width, height)
    )
    shade = (light * 255).astype(np.uint8)
    return np.asarray(cv2.multiply(out, cv2.merge([shade] * 3), scale=1 / 255), dtype=np.uint8)


def _streaked(pixels: Pixels, rng: random.Random) -> Pixels:
    """The vertical line that a dirty sheet feeder draws."""
    out = pixels.copy()
    x = rng.randrange(out.shape[1])
    out[:, x : x + rng.randint(1, 3)] = rng.randint(70, 170)
    return out


@lru_cache(maxsize=2)
def _noise_tile(channels: int) -> npt.NDArray[np.int16]:
    shape = (512, 512) if channels == 1 else (512, 512, channels)
    drawn = np.random.default_rng(7).normal(0, 64, shape)
    return np.asarray(drawn, dtype=np.int16)


def _noisy(pixels: Pixels, sigma: float, rng: random.Random) -> Pixels:
    tile = _noise_tile(1 if pixels.ndim == 2 else 3)
    tile = (np.roll(tile, (rng.randrange(512), rng.randrange(512)), (0, 1)) * (sigma / 64)).astype(
        np.int16
    )
    repeats = [-(-pixels.shape[0] // 512), -(-pixels.shape[1] // 512)] + [1] * (pixels.ndim - 2)
    field = np.tile(tile, repeats)[: pixels.shape[0], : pixels.shape[1]]
    return np.asarray(cv2.add(pixels, field, dtype=cv2.CV_8U), dtype=np.uint8)


def _bilevel(pixels: Pixels) -> Image.Image:
    smooth = cv2.GaussianBlur(pixels, (0, 0), 0.6)
    _, out = cv2.threshold(smooth, 196, 255, cv2.THRESH_BINARY)
    return Image.fromarray(np.asarray(out, dtype=np.uint8)).convert("1", dither=Image.Dither.NONE)

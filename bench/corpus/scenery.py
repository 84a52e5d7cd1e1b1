"""A photograph without text: a room with a wall, a window and a floor."""

from __future__ import annotations

import random

import cv2
import numpy as np
from PIL import Image, ImageDraw


def photograph(width: int, height: int, rng: random.Random) -> Image.Image:
    """A picture of a corner of a flat, with soft light and grain."""
    noise = np.random.default_rng(rng.randrange(2**32))
    light = cv2.resize(
        noise.uniform(90, 220, (4, 3, 3)).astype(np.float32),
        (width, height),
        interpolation=cv2.INTER_CUBIC,
    )
    image = Image.fromarray(np.clip(light, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    floor = height * rng.uniform(0.6, 0.75)
    pen.polygon(
        [(0, floor), (width, floor * 0.96), (width, height), (0, height)], fill=(120, 92, 66)
    )
    for board in range(0, width, max(20, width // 12)):
        pen.line((board, floor, board * 1.3 - width * 0.15, height), fill=(92, 70, 50), width=3)
    x, y = width * rng.uniform(0.15, 0.5), height * rng.uniform(0.12, 0.25)
    pen.rectangle(
        (x, y, x + width * 0.3, y + height * 0.26),
        fill=(214, 230, 242),
        outline=(240, 240, 240),
        width=12,
    )
    pen.line(
        (x + width * 0.15, y, x + width * 0.15, y + height * 0.26), fill=(240, 240, 240), width=10
    )
    crack = [(width * 0.8 + rng.uniform(-20, 20), height * 0.05 * step) for step in range(10)]
    pen.line(crack, fill=(60, 56, 52), width=3)
    coarse = noise.normal(0, 7, (height // 2, width // 2, 1)).astype(np.float32)
    grain = np.asarray(cv2.resize(coarse, (width, height)), dtype=np.float32)[..., None]
    out = np.clip(np.asarray(image, dtype=np.float32) + grain, 0, 255).astype(np.uint8)
    return Image.fromarray(np.asarray(cv2.GaussianBlur(out, (0, 0), 1.6), dtype=np.uint8))

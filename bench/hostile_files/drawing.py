"""Pictures without a word on them: the innocent content of files that are hostile otherwise."""

from __future__ import annotations

import io
import random
from typing import Any

import numpy as np
from PIL import Image, ImageDraw


def scrap(seed: str, size: tuple[int, int] = (240, 320), mode: str = "RGB") -> Image.Image:
    """A few strokes on paper, different for every seed, in any Pillow mode."""
    rng = random.Random(seed)
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    for _ in range(8):
        ends = [rng.randrange(side) for side in (*size, *size)]
        pen.line(ends, fill=tuple(rng.randrange(200) for _ in range(3)), width=rng.randrange(1, 6))
    return image.convert(mode)


def photo(seed: str, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Soft colours and grain, as of a wall in a stairwell: no text, no paper."""
    rng = np.random.default_rng(list(seed.encode()))
    coarse = rng.integers(20, 235, (6, 8, 3), dtype=np.uint8)
    soft = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    grain = rng.normal(0, 5, (size[1], size[0], 3))
    return Image.fromarray(np.clip(np.asarray(soft) + grain, 0, 255).astype(np.uint8))


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    """The image in a Pillow format."""
    if form == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "jpg": ("JPEG", {"quality": 90}),
    "png": ("PNG", {}),
    "tif": ("TIFF", {"compression": "tiff_lzw"}),
    "bmp": ("BMP", {}),
    "webp": ("WEBP", {"lossless": True}),
    "heic": ("HEIF", {}),
    "gif": ("GIF", {}),
    "jp2": ("JPEG2000", {}),
}


def picture(extension: str, seed: str) -> bytes:
    """A small photo in the format of the extension."""
    form, options = FORMS[extension]
    return encoded(photo(seed, (320, 240)), form, **options)
